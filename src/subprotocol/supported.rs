//! The names that a layer is given, and looking one up (R4).

use std::{collections::BTreeMap, fmt};

use http::HeaderValue;

use super::{Grammar, Name, Subprotocol};
use crate::error::{ConfigError, InvalidSubprotocol};

/// Names in the server's order, each once.
#[derive(Default)]
pub(crate) struct Supported {
    pub(crate) names: Vec<Subprotocol>,
    /// The place of each name in this order.
    ranks: BTreeMap<Box<[u8]>, (usize, Selectable)>,
    pub(crate) has_non_tokens: bool,
}

/// A name that can be selected, and written into a header without a check of its bytes.
#[derive(Clone)]
pub(crate) struct Selectable {
    pub(crate) name: Subprotocol,
    /// `http` checks a literal byte by byte each time, so its value is made once. A clone of
    /// it is not counted.
    literal: Option<HeaderValue>,
}

impl Selectable {
    pub(crate) fn value(&self) -> HeaderValue {
        self.literal
            .clone()
            .unwrap_or_else(|| HeaderValue::from(&self.name))
    }
}

impl From<Subprotocol> for Selectable {
    fn from(name: Subprotocol) -> Self {
        let literal = match name.0 {
            Name::Static(name) => Some(HeaderValue::from_static(name)),
            Name::Shared(_) => None,
        };
        Self { name, literal }
    }
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
            let ranked = (rank, name.clone().into());
            if let Some((first, _)) = supported.ranks.insert(name.as_bytes().into(), ranked) {
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
    pub(crate) fn rank(&self, element: &[u8]) -> Option<&(usize, Selectable)> {
        self.ranks.get(element)
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
            let (found, selectable) = supported.rank(name.as_bytes()).unwrap();
            assert_eq!((found, &selectable.name), (&rank, name));
        }
        for unknown in ["", "wa", "Wamp", "wamp ", "wampx", "zzz"] {
            assert!(supported.rank(unknown.as_bytes()).is_none(), "{unknown:?}");
        }
    }

    #[test]
    fn debug_shows_the_names_in_order() {
        let supported = Supported::try_new(["wamp", "soap"]).unwrap();
        assert_eq!(format!("{supported:?}"), r#"["wamp", "soap"]"#);
    }
}
