//! Mistakes in a configuration.

use std::{convert::Infallible, error, fmt};

/// A layer can't be configured like this.
///
/// The message names what is wrong: an entry, which it quotes, a setting or a type. Entries
/// and bytes are counted from 1. The message is complete: there is no
/// [source](error::Error::source).
///
/// # Example
///
/// ```
/// use axum_subprotocol::SubprotocolLayer;
///
/// let error = SubprotocolLayer::try_new(["chat.v2", "chat v1"]).unwrap_err();
/// assert!(error.to_string().starts_with(r#"subprotocol 2, "chat v1": a space at byte 5"#));
/// ```
#[derive(Clone, Debug)]
pub struct ConfigError(String);

impl ConfigError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for ConfigError {}

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
#[derive(Clone, PartialEq, Eq)]
pub struct InvalidSubprotocol {
    /// What kind of byte is not allowed. None in an empty text.
    kind: Option<&'static str>,
    /// Where it is, counted from 0.
    at: usize,
}

impl InvalidSubprotocol {
    /// For a `text` of which only the first bytes are allowed, up to `at`.
    pub(crate) fn new(text: &[u8], at: usize) -> Self {
        let kind = text.get(at).map(|byte| match byte {
            b' ' => "a space",
            b'\t' => "a tab",
            b',' => "a comma",
            0x80.. => "a byte outside ASCII",
            byte if byte.is_ascii_control() => "a control character",
            _ => "a delimiter",
        });
        Self { kind, at }
    }
}

impl fmt::Display for InvalidSubprotocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(kind) = self.kind else {
            return f.write_str("it is empty");
        };
        write!(
            f,
            "{kind} at byte {}, where only letters, digits and !#$%&'*+-.^_`|~ are allowed",
            self.at + 1
        )
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
        let cases: [(&[&str], &str); 7] = [
            (&[], "the list of subprotocols is empty"),
            (&["soap", ""], "subprotocol 2, \"\": it is empty"),
            (&["a b", "c d"], "subprotocol 1, \"a b\": a space at byte 2"),
            (
                &["b", "a", "b", "a", "a"],
                "subprotocol 3, \"b\": already listed as number 1",
            ),
            (
                &["a", "b", "b", "a"],
                "subprotocol 3, \"b\": already listed as number 2",
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
            assert!(error.source().is_none());
        }
    }
}
