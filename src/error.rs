//! Mistakes in a configuration.

use std::{convert::Infallible, error, fmt};

/// A layer can't be configured like this.
///
/// The message names the entry or the setting, quotes it, and says what is wrong
/// with it. Entries and bytes are counted from 1. Where a subprotocol name, a prefix, a
/// credential's name or a scheme is not an RFC 9110 `token`, the
/// [source](error::Error::source) is an [`InvalidSubprotocol`].
///
/// # Example
///
/// ```
/// use axum_subprotocol::SubprotocolLayer;
///
/// let error = SubprotocolLayer::try_new(["chat.v2", "chat v1"]).unwrap_err();
/// assert!(error.to_string().starts_with(r#"subprotocol 2, "chat v1": a space at byte 5"#));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError(Fault);

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// The named setting of a credential layer must be an RFC 9110 token.
    NotAToken {
        setting: &'static str,
        text: String,
        source: InvalidSubprotocol,
    },
    InvalidHeader {
        name: String,
    },
    ForbiddenHeader {
        name: String,
    },
    SchemeAndHeader,
    EchoAfterName,
    NoShape,
    TwoShapes,
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
                "subprotocol {}, {name:?}: already listed as number {}; name each once",
                rank + 1,
                first + 1
            ),
            Fault::NotAToken {
                setting,
                text,
                source,
            } => write!(f, "{setting} {text:?}: {source}"),
            Fault::InvalidHeader { name } => {
                write!(
                    f,
                    "header {name:?}: it is not the name of a header (RFC 9110 section 5.1)"
                )
            }
            Fault::ForbiddenHeader { name } => write!(
                f,
                "header {name:?}: servers and proxies give it a meaning of their own; use `scheme` for \
                 `authorization`, and a header such as `x-api-key` otherwise"
            ),
            Fault::SchemeAndHeader => f.write_str(
                "`scheme` and `header` exclude each other: a scheme belongs to `authorization`",
            ),
            Fault::EchoAfterName => f.write_str(
                "`echo_if_alone` needs `after_prefix`; with `after_name`, support the name in a \
                 `SubprotocolLayer` instead",
            ),
            Fault::NoShape => f.write_str("a credential needs `after-prefix` or `after-name`"),
            Fault::TwoShapes => f.write_str(
                "`after-prefix` and `after-name` exclude each other: use a layer for each",
            ),
        }
    }
}

/// Shows the message, for a `main` that returns the error.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConfigError({:?})", self.to_string())
    }
}

impl error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.0 {
            Fault::InvalidName { source, .. } | Fault::NotAToken { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// A text is not the name of a subprotocol: it is empty, or contains a byte that is
/// not allowed in an RFC 9110 `token` (§5.6.2).
///
/// The message says what kind of byte it is and where, counted from 1. It doesn't
/// repeat the text, which a client may have sent.
///
/// # Example
///
/// ```
/// use axum_subprotocol::Subprotocol;
///
/// let error = " mqtt".parse::<Subprotocol>().unwrap_err();
/// assert!(error.to_string().starts_with("a space at byte 1"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InvalidSubprotocol(Option<BadByte>);

#[derive(Clone, Copy, PartialEq, Eq)]
struct BadByte {
    kind: &'static str,
    /// Counted from 0.
    at: usize,
}

impl InvalidSubprotocol {
    /// For a `text` of which only the first `valid` bytes are allowed.
    pub(crate) fn new(text: &[u8], valid: usize) -> Self {
        Self(text.get(valid).map(|byte| BadByte {
            kind: match byte {
                b' ' => "a space",
                b'\t' => "a tab",
                b',' => "a comma",
                0x80.. => "a byte outside ASCII",
                byte if byte.is_ascii_control() => "a control character",
                _ => "a delimiter",
            },
            at: valid,
        }))
    }
}

impl fmt::Display for InvalidSubprotocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("it is empty"),
            Some(BadByte { kind, at }) => write!(
                f,
                "{kind} at byte {}, where only letters, digits and !#$%&'*+-.^_`|~ are allowed",
                at + 1
            ),
        }
    }
}

/// Shows the message, for a `main` that returns the error.
impl fmt::Debug for InvalidSubprotocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InvalidSubprotocol({:?})", self.to_string())
    }
}

impl error::Error for InvalidSubprotocol {}

/// For a name that can't be invalid, such as a `Subprotocol`.
impl From<Infallible> for InvalidSubprotocol {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::{Subprotocol, SubprotocolLayer};

    #[test]
    fn an_invalid_name_is_described_without_being_shown() {
        for (name, message) in [
            ("", "it is empty"),
            ("secret token", "a space at byte 7, where only letters"),
            ("\tsecret", "a tab at byte 1,"),
            ("secret\0", "a control character at byte 7,"),
            ("secret,token", "a comma at byte 7,"),
            ("secret/token", "a delimiter at byte 7,"),
            ("secrét", "a byte outside ASCII at byte 5,"),
        ] {
            let error = name.parse::<Subprotocol>().unwrap_err();
            assert!(error.to_string().starts_with(message), "{error}");
            let debug = format!("{error:?}");
            assert!(debug.contains(&error.to_string()), "{debug}");
            assert!(!debug.contains("secr"), "{debug}");
        }
    }

    #[test]
    fn an_unusable_list_is_described_by_its_first_faulty_entry() {
        let cases: [(&[&str], &str); 6] = [
            (&[], "the list of supported subprotocols is empty"),
            (&["soap", ""], "subprotocol 2, \"\": it is empty"),
            (&["a b", "c d"], "subprotocol 1, \"a b\": a space at byte 2"),
            (
                &["b", "a", "b", "a", "a"],
                "subprotocol 3, \"b\": already listed as number 1",
            ),
            (&["b", "b", "a b"], "subprotocol 2, \"b\": already listed"),
            (
                &["ok", "bad\n"],
                "subprotocol 2, \"bad\\n\": a control character at byte 4",
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
