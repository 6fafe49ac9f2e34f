//! `OfferedCredentialLayer`: constructors and settings.

use std::sync::Arc;

use http::HeaderName;

use super::shape::{Shape, rfc9110_token};
use crate::{
    encoding::Encoding,
    error::{ConfigError, InvalidSubprotocol},
    selection::policy::Malformed,
    subprotocol::{Subprotocol, Supported},
};

/// Moves a credential from the offers into an ordinary request header.
///
/// A browser script can't set `Authorization` on a WebSocket, so clients put their
/// token into the one list that they control. This layer takes it out of
/// `Sec-WebSocket-Protocol`, and the request continues with
/// `Authorization: Bearer <token>`, marked as sensitive, for any authentication that
/// reads this header. A request that is not a handshake passes through untouched.
///
/// | Clients that say | Need |
/// | --- | --- |
/// | `new WebSocket(url, ["chat", "bearer." + token])` | `after_prefix("bearer.")` |
/// | `new WebSocket(url, ["chat", "bearer." + encodeURIComponent(token)])` | `after_prefix("bearer.").encoding(Encoding::Percent)` |
/// | `new WebSocket(url, ["v5.channel.k8s.io", "base64url.bearer.authorization.k8s.io." + encoded])` | `after_prefix("base64url.bearer.authorization.k8s.io.").encoding(Encoding::Base64)` |
/// | `new WebSocket(url, ["bearer", token])` | `after_name("bearer")` |
/// | `new WebSocket(url, ["token", key])` | `after_name("token").scheme("Token")` |
/// | `new WebSocket(url, token)` | `bare().echo_if_alone()` |
/// | `new WebSocket(url, ["chat", "tenant." + id])` | `after_prefix("tenant.").header("x-tenant")` |
///
/// One layer handles one shape. Layers for different shapes can be stacked. The layer
/// stands outside the [`SubprotocolLayer`](crate::SubprotocolLayer), and all
/// authentication stands inside this layer. It also works without a
/// `SubprotocolLayer`. The crate documentation has the
/// [rules C1 to C8](crate::guide::rules#the-rules-for-credentials), and
/// [what to know about security](crate::guide::credentials). A layer can also be read
/// [from a file](crate::guide::configuration).
///
/// A clone allocates nothing.
///
/// # Example
///
#[cfg_attr(feature = "axum", doc = "```")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
/// use axum::{Router, routing::any};
/// use axum_subprotocol::{OfferedCredentialLayer, SubprotocolLayer};
///
/// # async fn chat() {}
/// // new WebSocket(url, ["chat.v2", "bearer." + token])
/// let app: Router = Router::new()
///     .route("/chat", any(chat))
///     .route_layer(SubprotocolLayer::new(["chat.v2"]))
///     .route_layer(OfferedCredentialLayer::after_prefix("bearer."));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is added to a route, a router or a service"]
pub struct OfferedCredentialLayer {
    pub(crate) shape: Shape,
    pub(crate) encoding: Encoding,
    pub(crate) scheme: Option<Arc<str>>,
    pub(crate) header: Option<HeaderName>,
    pub(crate) max_len: usize,
    pub(crate) malformed: Malformed,
    pub(crate) echo_if_alone: bool,
}

impl OfferedCredentialLayer {
    /// The default of [`max_len`](Self::max_len).
    pub(crate) const MAX_LEN: usize = 8 * 1024;

    /// The token follows `prefix`, in the same element: `bearer.<token>` (C2).
    ///
    /// An element that begins with the prefix, byte for byte, is a credential and
    /// never an offer, whatever a layer inside supports.
    ///
    /// # Panics
    ///
    /// At the caller's location, if `prefix` is not an RFC 9110 token.
    ///
    /// # Example
    ///
    /// ```
    /// # use axum_subprotocol::OfferedCredentialLayer;
    /// let layer = OfferedCredentialLayer::after_prefix("bearer.");
    /// ```
    #[track_caller]
    pub fn after_prefix(prefix: impl AsRef<str>) -> Self {
        let shape = Shape::after_prefix(prefix.as_ref());
        Self::with(or_panic("after_prefix", shape))
    }

    /// The token is the next element that is not empty, after an element equal to
    /// `name`: `["bearer", token]` (C2).
    ///
    /// The name itself stays an offer. Support it in the
    /// [`SubprotocolLayer`](crate::SubprotocolLayer), because
    /// [some clients refuse a socket](crate::guide::pages) whose offers are all unanswered.
    /// Whatever follows the name is the token, so a name that clients also offer without a
    /// token can't be used. Another spelling, such as `Bearer`, takes another layer.
    ///
    /// # Panics
    ///
    /// At the caller's location, if `name` is not an RFC 9110 token.
    ///
    /// # Example
    ///
    /// ```
    /// # use axum_subprotocol::OfferedCredentialLayer;
    /// let layer = OfferedCredentialLayer::after_name("bearer");
    /// ```
    #[track_caller]
    pub fn after_name(name: impl AsRef<str>) -> Self {
        Self::with(or_panic("after_name", Shape::after_name(name.as_ref())))
    }

    /// Each element that is not empty is a token: `new WebSocket(url, token)` (C2).
    ///
    /// The layer takes every unknown element for a secret. The names that clients offer
    /// beside the token go into [`except`](Self::except): two elements that are not excepted
    /// are a fault. Of stacked layers this one is the innermost.
    ///
    /// ```
    /// # use axum_subprotocol::OfferedCredentialLayer;
    /// // new WebSocket(url, token)
    /// let layer = OfferedCredentialLayer::bare().echo_if_alone();
    /// ```
    pub fn bare() -> Self {
        Self::with(Shape::Bare(Arc::default()))
    }

    /// The names that are offers, not tokens, for [`bare`](Self::bare) (C2).
    ///
    /// The names are given as to [`SubprotocolLayer::new`](crate::SubprotocolLayer::new).
    ///
    /// # Panics
    ///
    /// At the caller's location, if `SubprotocolLayer::new` panics with these names, and
    /// together with [`after_prefix`](Self::after_prefix) or
    /// [`after_name`](Self::after_name).
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::{OfferedCredentialLayer, SubprotocolLayer};
    ///
    /// // new WebSocket(url, ["chat.v2", token])
    /// let chat = SubprotocolLayer::new(["chat.v2", "chat.v1"]);
    /// let layer = OfferedCredentialLayer::bare().except(chat.supported());
    /// ```
    #[track_caller]
    pub fn except<I>(mut self, names: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str> + TryInto<Subprotocol>,
        <I::Item as TryInto<Subprotocol>>::Error: Into<InvalidSubprotocol>,
    {
        let names = or_panic("except", Supported::try_new(names));
        or_panic("except", self.shape.except(names.into()));
        self
    }

    /// How clients encode the token (C3). The default is [`Encoding::Plain`].
    ///
    /// ```
    /// # use axum_subprotocol::{Encoding, OfferedCredentialLayer};
    /// let layer = OfferedCredentialLayer::after_prefix("base64url.bearer.authorization.k8s.io.")
    ///     .encoding(Encoding::Base64);
    /// ```
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// The authentication scheme in `Authorization` (C5, RFC 9110 §11.1). The default
    /// is `Bearer`.
    ///
    /// # Panics
    ///
    /// At the caller's location, if `scheme` is not an RFC 9110 token, or together
    /// with [`header`](Self::header).
    ///
    /// # Example
    ///
    /// ```
    /// # use axum_subprotocol::OfferedCredentialLayer;
    /// let layer = OfferedCredentialLayer::after_name("token").scheme("Token");
    /// ```
    #[track_caller]
    pub fn scheme(mut self, scheme: impl AsRef<str>) -> Self {
        self.scheme = Some(or_panic("scheme", valid_scheme(scheme.as_ref())));
        or_panic("scheme", self.check())
    }

    /// Adds the token under the header `name`, instead of `Authorization`, unless the
    /// request has that header (C5).
    ///
    /// The token may then be any field value that is UTF-8 (C3, RFC 9110 §5.5), such as a
    /// tenant's name or JSON. Read it as bytes: `HeaderValue::to_str` refuses what is not
    /// ASCII.
    ///
    /// Any web page can set this header. Don't use one that your proxy removes from
    /// client requests: the server trusts that header, and this layer lets a client set it.
    ///
    /// # Panics
    ///
    /// At the caller's location, if `name` is not a header name, together with
    /// [`scheme`](Self::scheme), and for these headers:
    ///
    /// - `Authorization`, which [`scheme`](Self::scheme) is for;
    /// - those that the Fetch standard forbids a page to set: `Accept-Charset`,
    ///   `Accept-Encoding`, `Access-Control-Request-*`, `Connection`, `Content-Length`,
    ///   `Cookie`, `Cookie2`, `Date`, `DNT`, `Expect`, `Host`, `Keep-Alive`, `Origin`,
    ///   `Referer`, `Set-Cookie`, `TE`, `Trailer`, `Transfer-Encoding`, `Upgrade`, `Via`,
    ///   `Proxy-*`, `Sec-*`, `X-HTTP-Method`, `X-HTTP-Method-Override` and
    ///   `X-Method-Override`;
    /// - those that proxies vouch for: `Forwarded`, `X-Forwarded-*` and `X-Real-IP`.
    ///
    /// # Example
    ///
    /// ```
    /// # use axum_subprotocol::OfferedCredentialLayer;
    /// let layer = OfferedCredentialLayer::after_prefix("tenant.").header("x-tenant");
    /// ```
    #[track_caller]
    pub fn header(mut self, name: impl AsRef<str>) -> Self {
        self.header = Some(or_panic("header", valid_header(name.as_ref())));
        or_panic("header", self.check())
    }

    /// How many bytes the token can have, once it is decoded (C3). The default is
    /// 8192. With 0, every token is too long.
    ///
    /// ```
    /// # use axum_subprotocol::OfferedCredentialLayer;
    /// let short = OfferedCredentialLayer::after_prefix("bearer.").max_len(256);
    /// ```
    pub fn max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }

    /// What the layer does with a credential that has a fault (C3). The default is
    /// [`Malformed::Reject`], a 400 that names the fault.
    ///
    /// With [`Malformed::Ignore`] the layer removes every credential of the shape and
    /// uses none. The authentication behind the layer decides whether to reject the
    /// request.
    ///
    /// ```
    /// # use axum_subprotocol::{Malformed, OfferedCredentialLayer};
    /// // Clients without a token send `bearer.`, and pass `?token=` instead.
    /// let layer = OfferedCredentialLayer::after_prefix("bearer.").malformed(Malformed::Ignore);
    /// ```
    pub fn malformed(mut self, malformed: Malformed) -> Self {
        self.malformed = malformed;
        self
    }

    /// Sends the credential back, if the client offered nothing else: for existing
    /// clients that offer the token alone and, as Chromium does,
    /// [close a socket](crate::guide::pages) whose offers are all unanswered.
    ///
    /// [C7](crate::guide::rules#c7-echoing) says exactly when. Set it on each of several
    /// stacked layers whose shape clients offer alone. Where C2 leaves the order free, put
    /// the shape that is not a secret innermost.
    ///
    /// **The token is then in the reply and in reply logs.** New clients should offer a
    /// subprotocol beside the token.
    ///
    /// # Panics
    ///
    /// At the caller's location, with [`after_name`](Self::after_name). Support the
    /// name in a [`SubprotocolLayer`](crate::SubprotocolLayer) instead.
    ///
    /// # Example
    ///
    /// ```
    /// # use axum_subprotocol::OfferedCredentialLayer;
    /// // new WebSocket(url, "bearer." + token)
    /// let layer = OfferedCredentialLayer::after_prefix("bearer.").echo_if_alone();
    /// ```
    #[track_caller]
    pub fn echo_if_alone(mut self) -> Self {
        self.echo_if_alone = true;
        or_panic("echo_if_alone", self.check())
    }

    /// A layer with the default settings.
    fn with(shape: Shape) -> Self {
        Self {
            shape,
            encoding: Encoding::default(),
            scheme: None,
            header: None,
            max_len: Self::MAX_LEN,
            malformed: Malformed::default(),
            echo_if_alone: false,
        }
    }

    /// The layer, unless two of its settings exclude each other.
    pub(crate) fn check(self) -> Result<Self, ConfigError> {
        if self.scheme.is_some() && self.header.is_some() {
            return Err(ConfigError::new(
                "`scheme` and `header` exclude each other: a scheme belongs to `authorization`",
            ));
        }
        if self.echo_if_alone && matches!(self.shape, Shape::AfterName(_)) {
            return Err(ConfigError::new(
                "`echo_if_alone` needs `after_prefix` or `bare`; with `after_name`, support the \
                 name in a `SubprotocolLayer` instead",
            ));
        }
        Ok(self)
    }

    pub(super) fn scheme_or_bearer(&self) -> &str {
        self.scheme.as_deref().unwrap_or("Bearer")
    }
}

// Part of the public API, whatever the fields are.
impl std::panic::UnwindSafe for OfferedCredentialLayer {}
impl std::panic::RefUnwindSafe for OfferedCredentialLayer {}

pub(crate) fn valid_scheme(scheme: &str) -> Result<Arc<str>, ConfigError> {
    rfc9110_token("authentication scheme", scheme)
}

/// The header with this name, unless a page must not set it, or proxies vouch for it.
pub(crate) fn valid_header(name: &str) -> Result<HeaderName, ConfigError> {
    let Ok(header) = HeaderName::try_from(name) else {
        return Err(ConfigError::new(format!(
            "header {name:?}: it is not the name of a header (RFC 9110 section 5.1)"
        )));
    };
    // In lower case.
    let name = header.as_str();
    let is_forbidden = FORBIDDEN
        .split(' ')
        .any(|forbidden| match forbidden.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == forbidden,
        });
    if is_forbidden {
        return Err(ConfigError::new(format!(
            "header {name:?}: browsers, servers and proxies give it a meaning of their own; use \
             `scheme` for `authorization`, and a header such as `x-api-key` otherwise"
        )));
    }
    // The first clone of a fresh name allocates what all clones share. This is done here,
    // once, so that a clone of the layer allocates nothing.
    drop(header.clone());
    Ok(header)
}

/// `Authorization`, what the Fetch standard forbids a page to set, and what proxies vouch
/// for.
const FORBIDDEN: &str = "authorization \
    accept-charset accept-encoding access-control-request-* connection content-length cookie \
    cookie2 date dnt expect host keep-alive origin referer set-cookie te trailer \
    transfer-encoding upgrade via proxy-* sec-* x-http-method x-http-method-override \
    x-method-override \
    forwarded x-forwarded-* x-real-ip";

#[track_caller]
#[expect(clippy::panic, reason = "a mistake of the program, found at startup")]
fn or_panic<T>(method: &str, result: Result<T, ConfigError>) -> T {
    // A closure would hide the caller's location.
    match result {
        Ok(value) => value,
        Err(error) => panic!("OfferedCredentialLayer::{method}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c5_a_header_with_a_meaning_is_refused() {
        for name in [
            "authorization",
            "accept-charset",
            "accept-encoding",
            "access-control-request-headers",
            "access-control-request-x",
            "connection",
            "content-length",
            "cookie",
            "cookie2",
            "date",
            "dnt",
            "expect",
            "host",
            "keep-alive",
            "origin",
            "referer",
            "set-cookie",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "via",
            "proxy-authorization",
            "proxy-x",
            "sec-websocket-key",
            "sec-x",
            "x-http-method",
            "x-http-method-override",
            "x-method-override",
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-x",
            "x-real-ip",
        ] {
            for written in [name.to_owned(), name.to_uppercase()] {
                let message = valid_header(&written).unwrap_err().to_string();
                let beginning = format!("header {name:?}: browsers");
                assert!(message.starts_with(&beginning), "{message}");
            }
        }
        for name in ["", "x tenant", "x:"] {
            let message = valid_header(name).unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("header {name:?}: it is not")),
                "{message}"
            );
        }
        for name in [
            "x-tenant",
            "x-api-key",
            "section",
            "te-x",
            "proxies",
            "x-forwarded",
        ] {
            assert!(valid_header(name).is_ok(), "{name}");
        }
    }
}
