//! `Subprotocol`: one name, and how it is made.

mod compare;
mod grammar;
pub(crate) mod serde;
mod supported;

use std::{borrow::Cow, fmt, str::FromStr, sync::Arc};

use http::HeaderValue;

pub(crate) use self::{grammar::Grammar, supported::Supported};
use crate::error::InvalidSubprotocol;

/// The name of one WebSocket subprotocol, such as `graphql-transport-ws`.
///
/// A name is an RFC 9110 `token` (RFC 6455 §4.1): letters, digits and
/// ``!#$%&'*+-.^_`|~``, and not empty. The one exception is
/// [`non_token_from_static`](Self::non_token_from_static). Names compare byte for
/// byte, including case (RFC 7936 §2). IANA registers names, but any name that both
/// sides know will do.
///
/// A `Subprotocol` owns its name and never borrows from a request. A clone
/// allocates nothing, however long the name is. It dereferences to [`str`], whose methods
/// it has.
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
    /// A token, as the value of a header: a value can be cloned for every reply, while
    /// text would have to be copied and checked.
    ///
    /// It is behind a pointer because a `HeaderValue` isn't `Freeze`, which
    /// `const NAMES: &[Subprotocol]` needs.
    Shared(Arc<HeaderValue>),
}

impl Subprotocol {
    /// A name that is written in the program.
    ///
    /// # Panics
    ///
    /// If `name` is not an RFC 9110 `token`. In a `const` or `static` that is a
    /// compile error.
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
            "a WebSocket subprotocol name must be an RFC 9110 token: letters, digits and \
             !#$%&'*+-.^_`|~"
        );
        Self(Name::Static(name))
    }

    /// A name that is written in the program and that RFC 6455 forbids, because it
    /// is not an RFC 9110 `token`.
    ///
    /// Such names exist: `kubectl port-forward` offers
    /// `SPDY/3.1+portforward.k8s.io`. A layer that is given one supports it. All
    /// other offers must still be RFC 9110 tokens. Browsers refuse to offer a name that is
    /// not one.
    ///
    /// # Panics
    ///
    /// If `name` is empty, or contains a comma or anything but visible ASCII. In a
    /// `const` or `static` that is a compile error.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::{Subprotocol, SubprotocolLayer};
    ///
    /// const COMPACT: Subprotocol = Subprotocol::non_token_from_static("ogmios.v1:compact");
    /// let layer = SubprotocolLayer::new([Subprotocol::from_static("ogmios.v1"), COMPACT]);
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn non_token_from_static(name: &'static str) -> Self {
        assert!(
            Grammar::Visible.accepts(name.as_bytes()),
            "a WebSocket subprotocol name must be visible ASCII without commas"
        );
        Self(Name::Static(name))
    }

    /// The header value of a name that was parsed. A literal has none.
    pub(crate) fn shared_value(&self) -> Option<&HeaderValue> {
        match &self.0 {
            Name::Static(_) => None,
            Name::Shared(value) => Some(value),
        }
    }

    /// The same as [`from_static`](Self::from_static), as a `Result`.
    pub(crate) fn try_from_static(name: &'static str) -> Result<Self, InvalidSubprotocol> {
        Grammar::Token.check(name.as_bytes())?;
        Ok(Self(Name::Static(name)))
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
            // A token is visible ASCII, so this is never the default.
            Name::Shared(value) => std::str::from_utf8(value.as_bytes()).unwrap_or_default(),
        }
    }
}

/// Reads a name that the program learns at run time.
///
/// # Errors
///
/// [`InvalidSubprotocol`], if the text is not an RFC 9110 `token`. The text is not
/// trimmed first.
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

    fn from_str(name: &str) -> Result<Self, InvalidSubprotocol> {
        let bytes = name.as_bytes();
        Grammar::Token.check(bytes)?;
        // The characters of a token are all allowed in a header.
        let invalid = |_| InvalidSubprotocol::new(bytes, 0);
        let value = HeaderValue::from_bytes(bytes).map_err(invalid)?;
        // The first clone of a fresh value allocates what all clones share. It is made here, so
        // that a conversion to a `HeaderValue` allocates nothing.
        drop(value.clone());
        Ok(Self(Name::Shared(Arc::new(value))))
    }
}

/// Clones the name, so that a list can be given by reference.
impl From<&Self> for Subprotocol {
    fn from(name: &Self) -> Self {
        name.clone()
    }
}

macro_rules! from_text {
    ($($text:ty),*) => {
        $(
            /// The same as [`str::parse`].
            impl TryFrom<$text> for Subprotocol {
                type Error = InvalidSubprotocol;

                fn try_from(name: $text) -> Result<Self, InvalidSubprotocol> {
                    let name: &str = name.as_ref();
                    name.parse()
                }
            }
        )*
    };
}

from_text!(&str, &&str, String, &String, Cow<'_, str>, Box<str>);

/// The value of a `Sec-WebSocket-Protocol` header that names just this
/// subprotocol. The conversion allocates nothing.
///
/// ```
/// use axum_subprotocol::Subprotocol;
/// use http::HeaderValue;
///
/// let name = Subprotocol::from_static("mqtt");
/// assert_eq!(HeaderValue::from(&name), "mqtt");
/// ```
impl From<&Subprotocol> for HeaderValue {
    fn from(subprotocol: &Subprotocol) -> Self {
        match &subprotocol.0 {
            Name::Static(name) => Self::from_static(name),
            Name::Shared(value) => Self::clone(value),
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_shares_the_name() {
        let parsed: Subprotocol = "soap".parse().unwrap();
        assert_eq!(parsed.clone().as_str().as_ptr(), parsed.as_str().as_ptr());
    }
}
