//! What is wrong with a layer's configuration.

use std::{error, fmt};

use crate::subprotocol::InvalidSubprotocol;

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
pub(crate) enum Fault {
    NoNames,
    InvalidName {
        rank: usize,
        name: String,
        source: InvalidSubprotocol,
    },
    RepeatedName {
        rank: usize,
        first: usize,
        name: String,
    },
}

impl From<Fault> for ConfigError {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Fault::NoNames => {
                f.write_str("the list of supported subprotocols is empty: name at least one")
            }
            Fault::InvalidName { rank, name, source } => {
                write!(f, "subprotocol {}, {name:?}: {source}", rank + 1)
            }
            Fault::RepeatedName { rank, first, name } => write!(
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
            Fault::InvalidName { source, .. } => Some(source),
            Fault::NoNames | Fault::RepeatedName { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::SubprotocolLayer;

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
            let error = SubprotocolLayer::try_new(names).unwrap_err();
            let debug = format!("ConfigError({:?})", error.to_string());
            assert_eq!(format!("{error:?}"), debug);
            assert!(error.to_string().starts_with(message), "{error}");
            let has_source = matches!(error.0, Fault::InvalidName { .. });
            assert_eq!(error.source().is_some(), has_source);
        }
    }
}
