//! One subprotocol name.

use std::{
    borrow::Borrow,
    cmp::Ordering,
    error, fmt,
    hash::{Hash, Hasher},
    ops::Deref,
    str::FromStr,
    sync::Arc,
};

use http::HeaderValue;
use serde_core::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::grammar::Grammar;

/// The name of one WebSocket subprotocol, such as `graphql-transport-ws`.
///
/// It is an RFC 9110 `token`: visible ASCII without delimiters, and not empty
/// (RFC 6455 §4.1), unless you
/// [ask for another name](Self::non_token_from_static) on purpose. Names compare byte for byte, case included (RFC 7936 §2).
/// Registered ones are listed by IANA, and any name that both sides know will do.
///
/// A `Subprotocol` owns its name: it never borrows from a request. A clone costs
/// no allocation, however long the name is.
///
/// # Example
///
/// ```
/// use axum_subprotocol::{Subprotocol, SubprotocolLayer};
///
/// const CHAT_V2: Subprotocol = Subprotocol::from_static("chat.v2");
/// const NAMES: &[Subprotocol] = &[CHAT_V2, Subprotocol::from_static("chat.v1")];
///
/// let layer = SubprotocolLayer::new(NAMES);
/// assert_eq!(CHAT_V2, "chat.v2");
///
/// fn speaks_json(name: &Subprotocol) -> bool {
///     match name.as_str() {
///         "chat.v2" => true,
///         _ => false,
///     }
/// }
/// # assert!(speaks_json(&CHAT_V2));
/// ```
///
/// In a constant, a bad literal doesn't compile:
///
/// ```compile_fail
/// use axum_subprotocol::Subprotocol;
///
/// const CHAT_V2: Subprotocol = Subprotocol::from_static("chat v2");
/// ```
#[derive(Clone)]
pub struct Subprotocol(Name);

#[derive(Clone)]
enum Name {
    Static(&'static str),
    Shared(Arc<Shared>),
}

/// A name from run time, with the header value that it becomes: a value can be
/// cloned for every reply, text would have to be copied and checked.
///
/// It is behind a pointer because a `HeaderValue` isn't `Freeze`, and
/// `const NAMES: &[Subprotocol]` must be possible.
struct Shared {
    text: Box<str>,
    header: HeaderValue,
}

impl Subprotocol {
    /// A name that is written in the program.
    ///
    /// # Panics
    ///
    /// If `name` is not a token. In a `const` or `static` that is a compile error.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::Subprotocol;
    ///
    /// static SOAP: Subprotocol = Subprotocol::from_static("soap");
    /// assert_eq!(SOAP.as_str(), "soap");
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn from_static(name: &'static str) -> Self {
        assert!(
            Grammar::Token.accepts(name.as_bytes()),
            "a WebSocket subprotocol name must be a token (RFC 9110 section 5.6.2): \
             letters, digits and !#$%&'*+-.^_`|~"
        );
        Self(Name::Static(name))
    }

    /// A name that is written in the program, and that RFC 6455 forbids, as it is
    /// no token: `kubectl port-forward` offers `SPDY/3.1+portforward.k8s.io`.
    ///
    /// Only a layer that is told so supports such a name:
    /// [`SubprotocolLayer::new_with_non_tokens`](crate::SubprotocolLayer::new_with_non_tokens).
    /// Browsers refuse to offer one.
    ///
    /// # Panics
    ///
    /// If `name` is empty, or contains anything but visible ASCII, or a comma, which
    /// would end it. In a `const` or `static` that is a compile error.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::{Subprotocol, SubprotocolLayer};
    ///
    /// const COMPACT: Subprotocol = Subprotocol::non_token_from_static("ogmios.v1:compact");
    /// let layer = SubprotocolLayer::new_with_non_tokens([COMPACT]);
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn non_token_from_static(name: &'static str) -> Self {
        assert!(
            Grammar::NonToken.accepts(name.as_bytes()),
            "a WebSocket subprotocol name must be visible ASCII without commas"
        );
        Self(Name::Static(name))
    }

    /// A name from run time.
    pub(crate) fn read(name: &str, grammar: Grammar) -> Result<Self, InvalidSubprotocol> {
        let valid = grammar.prefix(name.as_bytes());
        let at = (!name.is_empty()).then_some(valid);
        let invalid = InvalidSubprotocol { at, grammar };
        if name.is_empty() || valid < name.len() {
            return Err(invalid);
        }
        let header = HeaderValue::from_str(name).map_err(|_| invalid)?;
        // The first clone of a fresh value allocates what all clones share. It
        // is made here, once, and not in the first handshake.
        drop(header.clone());
        let text = name.into();
        Ok(Self(Name::Shared(Arc::new(Shared { text, header }))))
    }

    pub(crate) fn is_token(&self) -> bool {
        Grammar::Token.accepts(self.as_bytes())
    }

    /// The name as text.
    ///
    /// ```
    /// # use axum_subprotocol::Subprotocol;
    /// assert_eq!(Subprotocol::from_static("mqtt").as_str(), "mqtt");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::Static(name) => name,
            Name::Shared(shared) => &shared.text,
        }
    }
}

/// Reads a name that the program learns when it runs.
///
/// # Errors
///
/// [`InvalidSubprotocol`], if the text is not a token. It is not trimmed first.
///
/// ```
/// use axum_subprotocol::Subprotocol;
///
/// let name: Subprotocol = "v12.stomp".parse()?;
/// assert_eq!(name, "v12.stomp");
/// assert!("v12 stomp".parse::<Subprotocol>().is_err());
/// # Ok::<(), axum_subprotocol::InvalidSubprotocol>(())
/// ```
impl FromStr for Subprotocol {
    type Err = InvalidSubprotocol;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::read(name, Grammar::Token)
    }
}

/// The value of a `Sec-WebSocket-Protocol` header that carries just this name.
/// It costs no allocation.
impl From<&Subprotocol> for HeaderValue {
    fn from(subprotocol: &Subprotocol) -> Self {
        match &subprotocol.0 {
            Name::Static(name) => Self::from_static(name),
            Name::Shared(shared) => shared.header.clone(),
        }
    }
}

impl Deref for Subprotocol {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Subprotocol {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Subprotocol {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Subprotocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Subprotocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl PartialEq for Subprotocol {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Subprotocol {}

impl PartialEq<str> for Subprotocol {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Subprotocol {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<Subprotocol> for str {
    fn eq(&self, other: &Subprotocol) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<Subprotocol> for &str {
    fn eq(&self, other: &Subprotocol) -> bool {
        *self == other.as_str()
    }
}

impl PartialOrd for Subprotocol {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Subprotocol {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Subprotocol {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl Serialize for Subprotocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Subprotocol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor(Grammar::Token))
    }
}

struct NameVisitor(Grammar);

impl<'de> de::Visitor<'de> for NameVisitor {
    type Value = Subprotocol;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a WebSocket subprotocol")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Subprotocol, E> {
        Subprotocol::read(name, self.0).map_err(E::custom)
    }

    /// What an extractor answers with a name that was configured, and that is no
    /// token. No data format answers so where a string is asked for.
    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        configured: D,
    ) -> Result<Subprotocol, D::Error> {
        configured.deserialize_str(Self(Grammar::NonToken))
    }
}

/// A text is not the name of a subprotocol: it is empty, or contains a byte
/// that RFC 9110 §5.6.2 doesn't allow in a token.
///
/// The message says where, and doesn't repeat the text: it may be a client's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct InvalidSubprotocol {
    /// The first byte that is at fault, counted from 0; `None` in an empty text.
    at: Option<usize>,
    grammar: Grammar,
}

impl fmt::Display for InvalidSubprotocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(at) = self.at else {
            return f.write_str("a subprotocol name can't be empty");
        };
        let allowed = match self.grammar {
            Grammar::Token => "letters, digits and !#$%&'*+-.^_`|~ (RFC 9110 section 5.6.2)",
            Grammar::NonToken => "visible ASCII without commas",
        };
        let at = at + 1;
        write!(
            f,
            "byte {at} is not allowed in a subprotocol name, which is made of {allowed}"
        )
    }
}

/// The message, for a `main` that returns the error.
impl fmt::Debug for InvalidSubprotocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InvalidSubprotocol({:?})", self.to_string())
    }
}

impl error::Error for InvalidSubprotocol {}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::*;

    const NAMES: &[Subprotocol] = &[
        Subprotocol::from_static("soap"),
        Subprotocol::from_static("wamp"),
    ];

    #[test]
    fn names_from_both_origins_are_one_and_the_same_value() {
        let parsed: Subprotocol = "soap".parse().unwrap();
        assert_eq!(parsed, NAMES[0]);
        assert_eq!(HeaderValue::from(&parsed), HeaderValue::from(&NAMES[0]));
        assert!(HashSet::from([parsed.clone()]).contains("soap"));
        assert!(BTreeSet::from([parsed.clone()]).contains("soap"));
        assert_eq!(parsed.to_string(), "soap");
        assert_eq!(format!("{parsed:?}"), "\"soap\"");
        assert!(parsed < NAMES[1]);
    }

    #[test]
    fn a_name_compares_with_text_on_both_sides() {
        let name = &NAMES[0];
        for (text, same) in [("soap", true), ("SOAP", false), ("wamp", false)] {
            assert_eq!(*name == *text, same, "{text}");
            assert_eq!(*name == text, same, "{text}");
            assert_eq!(*text == *name, same, "{text}");
            assert_eq!(text == *name, same, "{text}");
            assert_eq!(AsRef::<str>::as_ref(name) == text, same, "{text}");
        }
    }

    #[test]
    fn a_clone_shares_the_name() {
        let parsed: Subprotocol = "soap".parse().unwrap();
        assert_eq!(parsed.clone().as_str().as_ptr(), parsed.as_str().as_ptr());
    }

    #[test]
    fn an_invalid_name_is_described_without_being_shown() {
        for (name, message) in [
            ("", "a subprotocol name can't be empty"),
            (
                "secret token",
                "byte 7 is not allowed in a subprotocol name",
            ),
            (" secret", "byte 1 is not allowed in a subprotocol name"),
            ("secrét", "byte 5 is not allowed in a subprotocol name"),
        ] {
            let error = name.parse::<Subprotocol>().unwrap_err();
            assert!(error.to_string().starts_with(message), "{error}");
            let debug = format!("{error:?}");
            assert!(debug.contains(&error.to_string()), "{debug}");
            assert!(!debug.contains("secr"), "{debug}");
        }
    }

    #[test]
    #[should_panic(expected = "must be a token")]
    fn from_static_panics_where_it_runs_late() {
        let _ = Subprotocol::from_static("chat/v2");
    }

    #[test]
    fn serde_reads_and_writes_it_as_a_string() {
        let name: Subprotocol = serde_json::from_str("\"soap\"").unwrap();
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"soap\"");
        let error = serde_json::from_str::<Subprotocol>("\"so ap\"").unwrap_err();
        assert!(
            error.to_string().starts_with("byte 3 is not allowed"),
            "{error}"
        );
        let error = serde_json::from_str::<Subprotocol>("1").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("expected the name of a WebSocket subprotocol"),
            "{error}"
        );
    }
}
