//! One name, and its grammar.

mod compare;
mod construct;
mod grammar;

use std::{fmt, sync::Arc};

use http::HeaderValue;

pub(crate) use self::grammar::Grammar;

/// The name of one WebSocket subprotocol, such as `graphql-transport-ws`.
///
/// A name is an RFC 9110 `token` (RFC 6455 §4.1): letters, digits and
/// ``!#$%&'*+-.^_`|~``, and not empty. The one exception is
/// [`non_token_from_static`](Self::non_token_from_static). Names compare byte for
/// byte, including case (RFC 7936 §2). IANA registers names, but any name that both
/// sides know will do.
///
/// A `Subprotocol` owns its name and never borrows from a request. A clone
/// allocates nothing, however long the name is.
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

/// A name that is not a literal, with its header value: a value can be cloned for
/// every reply, while text would have to be copied and checked.
///
/// It is behind a pointer because a `HeaderValue` isn't `Freeze`, which
/// `const NAMES: &[Subprotocol]` needs.
struct Shared {
    text: Box<str>,
    header: HeaderValue,
}

impl Subprotocol {
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
            Name::Shared(shared) => shared.header.clone(),
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
