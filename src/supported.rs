//! The names that a layer supports, in the server's order.

use std::{cmp::Ordering, fmt, sync::Arc};

use crate::{
    config_error::{ConfigError, Fault},
    grammar::Grammar,
    subprotocol::Subprotocol,
};

/// Names, each once. A clone is a pointer.
#[derive(Clone)]
pub(crate) struct Supported(Arc<Names>);

struct Names {
    in_order: Box<[Subprotocol]>,
    /// The same names with their ranks, in an order to search in.
    by_name: Box<[(Box<str>, usize)]>,
    all_tokens: bool,
}

impl Supported {
    /// One name or more, in the server's order.
    pub(crate) fn try_new<I>(names: I, grammar: Grammar) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let in_order = names
            .into_iter()
            .enumerate()
            .map(|(rank, name)| {
                let name = name.as_ref();
                Subprotocol::read(name, grammar).map_err(|source| {
                    let name = name.to_owned();
                    Fault::InvalidName { rank, name, source }.into()
                })
            })
            .collect::<Result<Box<[Subprotocol]>, ConfigError>>()?;
        if in_order.is_empty() {
            return Err(Fault::NoNames.into());
        }

        let names = in_order.iter().map(|name| Box::from(name.as_str()));
        let mut by_name: Box<[(Box<str>, _)]> = names.zip(0..).collect();
        by_name.sort_by(|(one, _), (other, _)| order(one.as_bytes(), other.as_bytes()));
        let repeated = by_name.windows(2).filter_map(|pair| match pair {
            [(name, first), (again, rank)] if name == again => Some((*rank, *first, name)),
            _ => None,
        });
        if let Some((rank, first, name)) = repeated.min() {
            let name = name.to_string();
            return Err(Fault::RepeatedName { rank, first, name }.into());
        }
        let all_tokens = in_order.iter().all(Subprotocol::is_token);
        Ok(Self(Arc::new(Names {
            in_order,
            by_name,
            all_tokens,
        })))
    }

    /// No names, where another rule decides.
    pub(crate) fn none() -> Self {
        Self(Arc::new(Names {
            in_order: Box::default(),
            by_name: Box::default(),
            all_tokens: true,
        }))
    }

    /// Whether no name needs to be asked for that the grammar refuses.
    pub(crate) fn are_tokens(&self) -> bool {
        self.0.all_tokens
    }

    /// All names, in the server's order.
    pub(crate) fn names(&self) -> &[Subprotocol] {
        &self.0.in_order
    }

    /// The rank, in the server's order, of the name that `offer` is byte for byte
    /// (R4).
    pub(crate) fn find(&self, offer: &[u8]) -> Option<usize> {
        let by_name = &self.0.by_name;
        let at = by_name.binary_search_by(|(name, _)| order(name.as_bytes(), offer));
        by_name.get(at.ok()?).map(|(_, rank)| *rank)
    }
}

/// An order of names that is quickly told: most differ in length.
fn order(one: &[u8], other: &[u8]) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

impl fmt::Debug for Supported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_byte_for_byte_with_its_rank() {
        let supported =
            Supported::try_new(["wamp", "soap", "WAMP", "wam"], Grammar::Token).unwrap();
        for (rank, name) in supported.names().iter().enumerate() {
            assert_eq!(supported.find(name.as_bytes()), Some(rank));
        }
        for unknown in ["", "wa", "Wamp", "wamp ", "wampx", "zzz"] {
            assert_eq!(supported.find(unknown.as_bytes()), None, "{unknown:?}");
        }
    }
}
