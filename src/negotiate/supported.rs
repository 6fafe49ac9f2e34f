//! The configured names, and looking one up (R4).

use std::{cmp::Ordering, fmt, sync::Arc};

use crate::{
    error::{ConfigError, Fault, InvalidSubprotocol},
    subprotocol::Subprotocol,
};

/// Names in the server's order: one or more, and each once. A clone copies a pointer.
#[derive(Clone)]
pub(crate) struct Supported(Arc<Names>);

struct Names {
    in_order: Arc<[Subprotocol]>,
    /// The same names with their ranks, sorted for searching.
    sorted: Box<[(Box<[u8]>, usize)]>,
}

impl Supported {
    pub(crate) fn try_new<I>(names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str> + TryInto<Subprotocol>,
        <I::Item as TryInto<Subprotocol>>::Error: Into<InvalidSubprotocol>,
    {
        let mut in_order: Vec<Subprotocol> = Vec::new();
        for (rank, name) in names.into_iter().enumerate() {
            let text = name.as_ref().to_owned();
            let name = match name.try_into() {
                Ok(name) => name,
                Err(error) => {
                    let (name, source) = (text, error.into());
                    return Err(Fault::InvalidName { rank, name, source }.into());
                }
            };
            if let Some(first) = in_order.iter().position(|known| *known == name) {
                let name = text;
                return Err(Fault::RepeatedName { rank, first, name }.into());
            }
            in_order.push(name);
        }
        if in_order.is_empty() {
            return Err(Fault::NoNames.into());
        }

        let names = in_order.iter().map(|name| Box::from(name.as_bytes()));
        let mut sorted: Box<[(Box<[u8]>, _)]> = names.zip(0..).collect();
        sorted.sort_by(|(one, _), (other, _)| order(one, other));
        let in_order = in_order.into();
        Ok(Self(Arc::new(Names { in_order, sorted })))
    }

    /// All names, in the server's order.
    pub(crate) fn names(&self) -> &Arc<[Subprotocol]> {
        &self.0.in_order
    }

    /// The rank, in the server's order, of the name that is equal to `offer`.
    pub(crate) fn find(&self, offer: &[u8]) -> Option<usize> {
        let sorted = &self.0.sorted;
        let at = sorted.binary_search_by(|(name, _)| order(name, offer));
        sorted.get(at.ok()?).map(|(_, rank)| *rank)
    }
}

/// Compares lengths first: most names differ in length.
fn order(one: &[u8], other: &[u8]) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

impl fmt::Debug for Supported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names().iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r4_finds_a_name_byte_for_byte_with_its_rank() {
        let supported = Supported::try_new(["wamp", "soap", "WAMP", "wam"]).unwrap();
        for (rank, name) in supported.names().iter().enumerate() {
            assert_eq!(supported.find(name.as_bytes()), Some(rank));
        }
        for unknown in ["", "wa", "Wamp", "wamp ", "wampx", "zzz"] {
            assert_eq!(supported.find(unknown.as_bytes()), None, "{unknown:?}");
        }
    }

    #[test]
    fn debug_shows_the_names_in_order() {
        let supported = Supported::try_new(["wamp", "soap"]).unwrap();
        assert_eq!(format!("{supported:?}"), r#"["wamp", "soap"]"#);
    }
}
