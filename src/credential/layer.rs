//! `OfferedCredentialLayer`: constructors and settings.

use std::sync::Arc;

use super::{find::Shape, settings::Settings, target::Target};
use crate::{error::ConfigError, negotiate::Malformed};

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
/// | `new WebSocket(url, ["v5.channel.k8s.io", "base64url.bearer.authorization.k8s.io." + encoded])` | `after_prefix("base64url.bearer.authorization.k8s.io.").base64url()` |
/// | `new WebSocket(url, ["bearer", token])` | `after_name("bearer")` |
/// | `new WebSocket(url, ["token", key])` | `after_name("token").scheme("Token")` |
/// | `new WebSocket(url, ["chat", "tenant." + id])` | `after_prefix("tenant.").header("x-tenant")` |
///
/// One layer handles one shape. Layers for different shapes can be stacked. The layer
/// stands outside the [`SubprotocolLayer`](crate::SubprotocolLayer), and all
/// authentication stands inside this layer. It also works without a
/// `SubprotocolLayer`. The crate documentation has the
/// [rules C1 to C8](crate#the-rules-for-credentials), and
/// [what to know about security](crate#credentials). A layer can also be read
/// [from a file](crate#configuration).
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
    pub(super) settings: Arc<Settings>,
}

impl From<Settings> for OfferedCredentialLayer {
    fn from(settings: Settings) -> Self {
        let settings = Arc::new(settings);
        Self { settings }
    }
}

impl OfferedCredentialLayer {
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
    pub fn after_prefix(prefix: impl Into<String>) -> Self {
        let shape = Shape::after_prefix(prefix.into());
        Self::from(Settings::new(or_panic("after_prefix", shape)))
    }

    /// The token is the next element that is not empty, after an element equal to
    /// `name`: `["bearer", token]` (C2).
    ///
    /// The name itself stays an offer. Support it in the
    /// [`SubprotocolLayer`](crate::SubprotocolLayer), because a browser needs an
    /// offer that can be selected. Whatever follows the name is the token, so a name
    /// that clients also offer without a token can't be used.
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
    pub fn after_name(name: impl Into<String>) -> Self {
        let shape = Shape::after_name(name.into());
        Self::from(Settings::new(or_panic("after_name", shape)))
    }

    /// Decodes the token from base64url without padding (RFC 4648 §5), as clients of
    /// the Kubernetes API server encode it (C3). Only the canonical form is accepted.
    ///
    /// ```
    /// # use axum_subprotocol::OfferedCredentialLayer;
    /// let layer = OfferedCredentialLayer::after_prefix("base64url.bearer.authorization.k8s.io.")
    ///     .base64url();
    /// ```
    pub fn base64url(mut self) -> Self {
        self.settings_mut().base64url = true;
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
    pub fn scheme(mut self, scheme: impl Into<String>) -> Self {
        let target = Target::scheme(scheme.into());
        let set = target.and_then(|target| self.settings_mut().set_target(target));
        or_panic("scheme", set);
        self
    }

    /// Adds the bare token under the header `name`, instead of `Authorization`, unless
    /// the request has that header (C5).
    ///
    /// Don't use a header that your proxy removes from client requests: the server
    /// trusts that header, and this layer lets a client set it.
    ///
    /// # Panics
    ///
    /// At the caller's location, if `name` is not a header name, together with
    /// [`scheme`](Self::scheme), and for headers to which servers and proxies give a
    /// meaning: `Authorization`, `Cookie`, `Host`, `Connection`, `Upgrade`,
    /// `Content-Length`, `Transfer-Encoding`, `TE`, `Trailer`, `Expect`, `Keep-Alive`,
    /// `Proxy-*` and `Sec-*`.
    ///
    /// # Example
    ///
    /// ```
    /// # use axum_subprotocol::OfferedCredentialLayer;
    /// let layer = OfferedCredentialLayer::after_prefix("tenant.").header("x-tenant");
    /// ```
    #[track_caller]
    pub fn header(mut self, name: impl AsRef<str>) -> Self {
        let target = Target::header(name.as_ref());
        let set = target.and_then(|target| self.settings_mut().set_target(target));
        or_panic("header", set);
        self
    }

    /// How many bytes the token can have, once it is decoded (C3). The default is
    /// 8192. With 0, every token is too long.
    ///
    /// ```
    /// # use axum_subprotocol::OfferedCredentialLayer;
    /// let short = OfferedCredentialLayer::after_prefix("bearer.").max_len(256);
    /// ```
    pub fn max_len(mut self, bytes: usize) -> Self {
        self.settings_mut().max_len = bytes;
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
        self.settings_mut().malformed = malformed;
        self
    }

    /// Sends the credential back, if the client offered nothing else (C7): for
    /// existing clients that offer the token alone. A browser closes the socket if no
    /// offer is selected.
    ///
    /// If the reply completes the handshake and names no subprotocol, it gets the
    /// element as it was sent. The value is not decoded. It is marked as sensitive.
    /// The element must be the only one that this layer saw, and an RFC 9110 token. If
    /// layers are stacked, set it on the innermost one.
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
        let set = self.settings_mut().set_echo();
        or_panic("echo_if_alone", set);
        self
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }
}

#[track_caller]
#[expect(clippy::panic, reason = "a mistake of the program, found at startup")]
fn or_panic<T>(method: &str, result: Result<T, ConfigError>) -> T {
    // A closure would hide the caller's location.
    match result {
        Ok(value) => value,
        Err(error) => panic!("OfferedCredentialLayer::{method}: {error}"),
    }
}
