//! The names that a layer supports, in the server's order.

use std::{cmp::Ordering, error, fmt, sync::Arc};

use crate::subprotocol::{InvalidSubprotocol, Subprotocol};

/// One name or more, each once. A clone is a pointer.
#[derive(Clone)]
pub(crate) struct Supported(Arc<Names>);

struct Names {
    in_order: Box<[Subprotocol]>,
    /// The same names with their ranks, in an order to search in.
    by_name: Box<[(Box<str>, usize)]>,
}

impl Supported {
    pub(crate) fn try_new<I>(names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let in_order = names
            .into_iter()
            .enumerate()
            .map(|(rank, name)| {
                let name = name.as_ref();
                name.parse()
                    .map_err(|source| ConfigError::invalid(rank, name, source))
            })
            .collect::<Result<Box<[Subprotocol]>, _>>()?;
        if in_order.is_empty() {
            return Err(ConfigError(Fault::NoNames));
        }

        let names = in_order.iter().map(|name| Box::from(name.as_str()));
        let mut by_name: Box<[(Box<str>, _)]> = names.zip(0..).collect();
        by_name.sort_by(|(one, _), (other, _)| order(one.as_bytes(), other.as_bytes()));
        let repeated = by_name.windows(2).filter_map(|pair| match pair {
            [(name, first), (again, rank)] if name == again => Some((*rank, *first, name)),
            _ => None,
        });
        if let Some((rank, first, name)) = repeated.min() {
            return Err(ConfigError::repeated(rank, first, name));
        }
        Ok(Self(Arc::new(Names { in_order, by_name })))
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

/// A list of names can't be supported: it is empty, an entry is not a
/// subprotocol name, or an entry is repeated.
///
/// The message names the entry, counted from 1, and says why. Where the entry is
/// not a subprotocol name, the [source](std::error::Error::source) is an
/// [`InvalidSubprotocol`].
///
/// ```
/// use axum_subprotocol::SubprotocolLayer;
///
/// let error = SubprotocolLayer::try_new(["chat.v2", "chat v1"]).unwrap_err();
/// assert!(error.to_string().starts_with(r#"subprotocol 2, "chat v1": "#));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError(Fault);

#[derive(Clone, PartialEq, Eq)]
enum Fault {
    NoNames,
    Invalid {
        rank: usize,
        name: String,
        source: InvalidSubprotocol,
    },
    Repeated {
        rank: usize,
        first: usize,
        name: String,
    },
}

impl ConfigError {
    fn invalid(rank: usize, name: &str, source: InvalidSubprotocol) -> Self {
        let name = name.to_owned();
        Self(Fault::Invalid { rank, name, source })
    }

    fn repeated(rank: usize, first: usize, name: &str) -> Self {
        let name = name.to_owned();
        Self(Fault::Repeated { rank, first, name })
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Fault::NoNames => {
                f.write_str("the list of supported subprotocols is empty: name at least one")
            }
            Fault::Invalid { rank, name, source } => {
                write!(f, "subprotocol {}, {name:?}: {source}", rank + 1)
            }
            Fault::Repeated { rank, first, name } => write!(
                f,
                "subprotocol {}, {name:?}: it is in the list already, as number {}; name each once",
                rank + 1,
                first + 1
            ),
        }
    }
}

/// The message, for a `main` that returns the error.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConfigError({:?})", self.to_string())
    }
}

impl error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.0 {
            Fault::Invalid { source, .. } => Some(source),
            Fault::NoNames | Fault::Repeated { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn a_name_is_found_byte_for_byte_with_its_rank() {
        let supported = Supported::try_new(["wamp", "soap", "WAMP", "wam"]).unwrap();
        for (rank, name) in supported.names().iter().enumerate() {
            assert_eq!(supported.find(name.as_bytes()), Some(rank));
        }
        for unknown in ["", "wa", "Wamp", "wamp ", "wampx", "zzz"] {
            assert_eq!(supported.find(unknown.as_bytes()), None, "{unknown:?}");
        }
    }

    #[test]
    fn an_unusable_list_is_described_by_its_first_faulty_entry() {
        let cases: [(&[&str], &str); 5] = [
            (&[], "the list of supported subprotocols is empty"),
            (
                &["soap", ""],
                "subprotocol 2, \"\": a subprotocol name can't be empty",
            ),
            (
                &["a b", "c d"],
                "subprotocol 1, \"a b\": byte 2 is not allowed",
            ),
            (
                &["b", "a", "b", "a", "a"],
                "subprotocol 3, \"b\": it is in the list already, as number 1",
            ),
            (
                &["ok", "bad\n"],
                "subprotocol 2, \"bad\\n\": byte 4 is not allowed",
            ),
        ];
        for (names, message) in cases {
            let error = Supported::try_new(names).unwrap_err();
            let debug = format!("ConfigError({:?})", error.to_string());
            assert_eq!(format!("{error:?}"), debug);
            assert!(error.to_string().starts_with(message), "{error}");
            let has_source = matches!(error.0, Fault::Invalid { .. });
            assert_eq!(error.source().is_some(), has_source);
        }
    }
}
