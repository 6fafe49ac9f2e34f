//! What is wrong with a layer's configuration.

use std::{error, fmt};

use crate::subprotocol::InvalidSubprotocol;

/// A layer can't be configured like this: its list of names is empty, an entry is
/// not a subprotocol name or is repeated, or a
/// [credential](crate::OfferedCredential) doesn't go with the names or with
/// another one.
///
/// The message names the entry, counted from 1, and says why. Where an entry or a
/// prefix is not what it should be, the [source](std::error::Error::source) is an
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
    InvalidPrefix {
        prefix: String,
        source: InvalidSubprotocol,
    },
    OverlappingPrefixes {
        longer: String,
        shorter: String,
    },
    NameWithPrefix {
        name: String,
        prefix: String,
    },
    UnsupportedName {
        name: String,
        /// Why no function can select it either.
        source: Option<InvalidSubprotocol>,
    },
    RepeatedAnnouncement {
        name: String,
    },
    InvalidScheme {
        scheme: String,
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
            Fault::InvalidPrefix { prefix, source } => {
                write!(f, "credential prefix {prefix:?}: {source}")
            }
            Fault::OverlappingPrefixes { longer, shorter } => write!(
                f,
                "credential prefix {longer:?}: it begins with {shorter:?}, which is another; what \
                 has both would be ambiguous"
            ),
            Fault::NameWithPrefix { name, prefix } => write!(
                f,
                "credential prefix {prefix:?}: the subprotocol {name:?} begins with it, and would \
                 never be selected"
            ),
            Fault::UnsupportedName {
                name,
                source: Some(source),
            } => write!(f, "the credential is to follow {name:?}: {source}"),
            Fault::UnsupportedName { name, source: None } => write!(
                f,
                "the credential is to follow {name:?}, which is not supported; list it among the \
                 subprotocols, so that it can be selected"
            ),
            Fault::RepeatedAnnouncement { name } => {
                write!(f, "there is a credential that follows {name:?} already")
            }
            Fault::InvalidScheme { scheme } => write!(
                f,
                "authentication scheme {scheme:?}: it must be a token, as in `Bearer` (RFC 9110 \
                 section 11.1)"
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
            Fault::InvalidName { source, .. } | Fault::InvalidPrefix { source, .. } => Some(source),
            Fault::UnsupportedName { source, .. } => source.as_ref().map(|source| source as _),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;
    use crate::{OfferedCredential, SubprotocolLayer};

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

    #[test]
    fn a_credential_that_does_not_go_with_the_rest_is_described() {
        let after_prefix = |text: &str| OfferedCredential::after_prefix(text);
        let base64url = |text: &str| OfferedCredential::base64url_after_prefix(text);
        let after_name = |text: &str| OfferedCredential::after_name(text);
        let cases: [(Vec<OfferedCredential>, &str); 11] = [
            (
                vec![after_prefix("")],
                "credential prefix \"\": a subprotocol name can't",
            ),
            (
                vec![base64url("a b")],
                "credential prefix \"a b\": byte 2 is not allowed",
            ),
            (
                vec![after_prefix("b"), after_prefix("b")],
                "credential prefix \"b\": it begins",
            ),
            (
                vec![
                    after_prefix("bearer."),
                    after_prefix("x."),
                    base64url("bear"),
                ],
                "credential prefix \"bearer.\": it begins with \"bear\"",
            ),
            (
                vec![base64url("bear"), after_prefix("bearer.")],
                "credential prefix \"bearer.\": it begins with \"bear\"",
            ),
            (
                vec![after_prefix("so")],
                "credential prefix \"so\": the subprotocol \"soap\"",
            ),
            (
                vec![after_prefix("soap")],
                "credential prefix \"soap\": the subprotocol \"soap\"",
            ),
            (
                vec![after_name("mqtt")],
                "the credential is to follow \"mqtt\"",
            ),
            (
                vec![after_name("soap"), after_name("soap")],
                "there is a credential that follows",
            ),
            (
                vec![after_prefix("b").scheme("Be arer")],
                "authentication scheme \"Be arer\"",
            ),
            (
                vec![after_prefix("b").scheme("")],
                "authentication scheme \"\"",
            ),
        ];
        for (credentials, message) in cases {
            let layer = SubprotocolLayer::new(["soap", "wamp"]);
            let mut credentials = credentials.into_iter();
            let error = credentials
                .try_fold(layer, SubprotocolLayer::try_credential)
                .unwrap_err();
            assert!(error.to_string().starts_with(message), "{error}");
            let has_source = matches!(error.0, Fault::InvalidPrefix { .. });
            assert_eq!(error.source().is_some(), has_source);
        }
    }

    #[test]
    fn a_function_s_names_are_not_known() {
        for name in ["", "a b", "a,b", "a:b"] {
            let layer = SubprotocolLayer::from_fn(|_, _| None);
            let credential = OfferedCredential::after_name(name);
            let error = layer.try_credential(credential).unwrap_err();
            let message = format!("the credential is to follow {name:?}: ");
            assert!(error.to_string().starts_with(&message), "{error}");
            assert!(error.source().is_some());
        }

        let layer = SubprotocolLayer::from_fn(|_, _| None);
        let layer = layer.credential(OfferedCredential::after_name("bearer"));
        let error = layer
            .try_credential(OfferedCredential::after_prefix("bear"))
            .unwrap_err();
        let message = "credential prefix \"bear\": the subprotocol \"bearer\" begins with it";
        assert!(error.to_string().starts_with(message), "{error}");
    }
}
