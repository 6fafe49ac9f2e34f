//! The names that a layer is given, and looking one up (R4).

use std::{collections::BTreeMap, fmt};

use super::{Grammar, Subprotocol};
use crate::error::{ConfigError, InvalidSubprotocol};

/// Names in the server's order, each once.
#[derive(Default)]
pub(crate) struct Supported {
    pub(crate) names: Vec<Subprotocol>,
    /// The place of each name in this order.
    ranks: BTreeMap<Box<[u8]>, usize>,
    pub(crate) has_non_tokens: bool,
}

impl Supported {
    /// At least one name. The error is about the first faulty one.
    pub(crate) fn try_new<I>(names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str> + TryInto<Subprotocol>,
        <I::Item as TryInto<Subprotocol>>::Error: Into<InvalidSubprotocol>,
    {
        let mut supported = Self::default();
        for (rank, name) in names.into_iter().enumerate() {
            let (number, text) = (rank + 1, name.as_ref().to_owned());
            let about =
                |what: String| ConfigError::new(format!("subprotocol {number}, {text:?}: {what}"));
            let name = name.try_into();
            let name: Subprotocol = name.map_err(|error| about(error.into().to_string()))?;
            supported.has_non_tokens |= !Grammar::Token.accepts(name.as_bytes());
            if let Some(first) = supported.ranks.insert(name.as_bytes().into(), rank) {
                let listed = format!("already listed as number {}; name each once", first + 1);
                return Err(about(listed));
            }
            supported.names.push(name);
        }
        if supported.names.is_empty() {
            return Err(ConfigError::new(
                "the list of subprotocols is empty: name at least one",
            ));
        }
        Ok(supported)
    }

    /// The rank, in the server's order, of the name that is equal to `element`.
    pub(crate) fn rank(&self, element: &[u8]) -> Option<usize> {
        self.ranks.get(element).copied()
    }
}

impl fmt::Debug for Supported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r4_finds_a_name_byte_for_byte_with_its_rank() {
        let supported = Supported::try_new(["wamp", "soap", "WAMP", "wam"]).unwrap();
        for (rank, name) in supported.names.iter().enumerate() {
            assert_eq!(supported.rank(name.as_bytes()), Some(rank));
        }
        for unknown in ["", "wa", "Wamp", "wamp ", "wampx", "zzz"] {
            assert_eq!(supported.rank(unknown.as_bytes()), None, "{unknown:?}");
        }
    }

    #[test]
    fn debug_shows_the_names_in_order() {
        let supported = Supported::try_new(["wamp", "soap"]).unwrap();
        assert_eq!(format!("{supported:?}"), r#"["wamp", "soap"]"#);
    }
}
