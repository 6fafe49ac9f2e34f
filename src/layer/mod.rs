//! The layer: what a user configures.

mod from_fn;
mod from_names;
mod settings;

use tower_layer::Layer;

pub(crate) use self::from_fn::Choose;
use crate::{
    credentials::Credentials, policy::Policy, service::SubprotocolService,
    subprotocol::Subprotocol, supported::Supported,
};

/// Negotiates the WebSocket subprotocol for everything behind it.
///
/// On a WebSocket handshake the layer reads the client's offers, selects one of
/// the names that it supports, hands the request on with just that name, and
/// writes it into the reply that completes the handshake. A handler learns it
/// with [`SelectedSubprotocol`](crate::SelectedSubprotocol). Any other request
/// passes through untouched.
///
/// Unless told otherwise, the client's order decides, a client with no
/// supported offer is let through without a subprotocol, and a malformed offer
/// is rejected with a 400.
///
/// A clone costs no allocation, and a layer can be shared by many routes. The
/// [crate documentation](crate) has the rules, and where in a stack a layer goes.
///
/// # Example
///
/// ```
/// use axum::{Router, extract::ws::WebSocketUpgrade, response::Response, routing::any};
/// use axum_subprotocol::{Preference, Require, SelectedSubprotocol, SubprotocolLayer};
///
/// async fn rpc(SelectedSubprotocol(name): SelectedSubprotocol, ws: WebSocketUpgrade) -> Response {
///     ws.on_upgrade(move |socket| async move { println!("speaking {name}") })
/// }
///
/// let layer = SubprotocolLayer::new(["wamp", "soap"])
///     .prefer(Preference::Server)
///     .require(Require::Always);
/// let app: Router = Router::new().route("/rpc", any(rpc).layer(layer));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is added to a route, a router or a service"]
pub struct SubprotocolLayer {
    /// No names, if the choice is by code.
    pub(crate) supported: Supported,
    pub(crate) choose: Option<Choose>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) policy: Policy,
}

impl SubprotocolLayer {
    const fn with(supported: Supported, choose: Option<Choose>) -> Self {
        Self {
            supported,
            choose,
            credentials: None,
            policy: Policy::DEFAULT,
        }
    }

    /// The supported names, in the server's order. There are none if the layer was
    /// made with [`from_fn`](Self::from_fn).
    ///
    /// ```
    /// # use axum_subprotocol::SubprotocolLayer;
    /// let layer = SubprotocolLayer::new(["wamp", "soap"]);
    /// assert_eq!(layer.supported(), ["wamp", "soap"]);
    /// ```
    #[must_use]
    pub fn supported(&self) -> &[Subprotocol] {
        self.supported.names()
    }
}

impl<S> Layer<S> for SubprotocolLayer {
    type Service = SubprotocolService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SubprotocolService::new(inner, self.clone())
    }
}
