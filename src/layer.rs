//! The layer: what a user configures.

use serde_core::de::DeserializeOwned;
use tower_layer::Layer;

use crate::{
    policy::{Malformed, Policy, Preference, Require},
    service::SubprotocolService,
    subprotocol::Subprotocol,
    supported::{ConfigError, Supported},
    variants,
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
    pub(crate) supported: Supported,
    pub(crate) policy: Policy,
}

impl SubprotocolLayer {
    /// A layer that supports `names`, listed in the server's order of
    /// preference.
    ///
    /// # Panics
    ///
    /// If a name is not a token (RFC 6455 §4.1, RFC 9110 §5.6.2), if one is
    /// repeated, or if there is none: a mistake in the program shows when the
    /// app starts. For names that come from outside there is
    /// [`try_new`](Self::try_new).
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::{Subprotocol, SubprotocolLayer};
    ///
    /// let literals = SubprotocolLayer::new(["graphql-transport-ws", "graphql-ws"]);
    ///
    /// const MQTT: Subprotocol = Subprotocol::from_static("mqtt");
    /// let checked_by_the_compiler = SubprotocolLayer::new([MQTT]);
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "a mistake in the program, found at startup")]
    pub fn new<I>(names: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        // A closure would hide the caller's location.
        match Self::try_new(names) {
            Ok(layer) => layer,
            Err(error) => panic!("SubprotocolLayer::new: {error}"),
        }
    }

    /// The same as [`new`](Self::new), for names that come from outside the
    /// program.
    ///
    /// A layer can also be read whole, with serde:
    /// [see there](#impl-Deserialize%3C'de%3E-for-SubprotocolLayer).
    ///
    /// # Errors
    ///
    /// [`ConfigError`], which tells the faulty entry, where `new` panics.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::SubprotocolLayer;
    ///
    /// let from_the_command_line = "mqtt,mqttv3.1";
    /// let layer = SubprotocolLayer::try_new(from_the_command_line.split(','))?;
    /// # Ok::<(), axum_subprotocol::ConfigError>(())
    /// ```
    pub fn try_new<I>(names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        Supported::try_new(names).map(Self::supporting)
    }

    /// A layer that supports the variants of the enum `T`, in their order, by
    /// the names that serde knows them by.
    ///
    /// A handler behind it extracts
    /// [`SelectedSubprotocol<T>`](crate::SelectedSubprotocol). All names are
    /// tried here, once, so this extraction can't fail later for want of a
    /// variant.
    ///
    /// `rename`, `rename_all` and `skip` count as everywhere in serde. An
    /// `alias` is a supported name like the others. Serde lists the names of
    /// one variant alphabetically, which matters only with
    /// [`Preference::Server`].
    ///
    /// # Panics
    ///
    /// Where [`new`](Self::new) does, if a variant carries data, if one is a
    /// `#[serde(other)]` catch-all, and if serde doesn't know the names of the
    /// variants: `T` is read with `from` or `try_from`, tagged, untagged, or not
    /// an enum. A type that is read from a string can be extracted all the same,
    /// behind a layer whose names are listed with `new`. A tagged one can't be.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::SubprotocolLayer;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// enum GraphQl {
    ///     #[serde(rename = "graphql-transport-ws")]
    ///     Current,
    ///     #[serde(rename = "graphql-ws")]
    ///     Legacy,
    /// }
    ///
    /// let layer = SubprotocolLayer::of::<GraphQl>();
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "a mistake in the program, found at startup")]
    pub fn of<T: DeserializeOwned>() -> Self {
        match variants::supported::<T>() {
            Ok(supported) => Self::supporting(supported),
            Err(error) => panic!(
                "SubprotocolLayer::of::<{}>: {error}",
                std::any::type_name::<T>()
            ),
        }
    }

    /// The supported names, in the server's order.
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

    const fn supporting(supported: Supported) -> Self {
        let policy = Policy::DEFAULT;
        Self { supported, policy }
    }

    /// When a handshake for which nothing is selected is rejected;
    /// [`Require::Never`] unless set.
    ///
    /// The rejection is a 400 that lists the supported names. A layer that
    /// requires something belongs on a route or in `Router::route_layer`: over a
    /// fallback it would answer 400 where a 404 is due.
    ///
    /// A browser that offered names closes the socket by itself when none is
    /// selected, so `IfOffered` takes nothing away from it. Other clients may go
    /// on without a subprotocol, and lose that.
    ///
    /// ```
    /// # use axum_subprotocol::{Require, SubprotocolLayer};
    /// let layer = SubprotocolLayer::new(["ocpp2.0.1", "ocpp1.6"]).require(Require::IfOffered);
    /// ```
    pub const fn require(mut self, require: Require) -> Self {
        self.policy.require = require;
        self
    }

    /// Whose order decides; [`Preference::Client`] unless set.
    ///
    /// ```
    /// # use axum_subprotocol::{Preference, SubprotocolLayer};
    /// let newest_first = SubprotocolLayer::new(["chat.v2", "chat.v1"]).prefer(Preference::Server);
    /// ```
    pub const fn prefer(mut self, preference: Preference) -> Self {
        self.policy.preference = preference;
        self
    }

    /// What becomes of an offer that is not a token; [`Malformed::Reject`] unless
    /// set.
    ///
    /// ```
    /// # use axum_subprotocol::{Malformed, SubprotocolLayer};
    /// let tolerant = SubprotocolLayer::new(["mqtt"]).malformed(Malformed::Ignore);
    /// ```
    pub const fn malformed(mut self, malformed: Malformed) -> Self {
        self.policy.malformed = malformed;
        self
    }

    /// How many elements a client's list may have; 64 unless set.
    ///
    /// One more is a 400, whatever [`malformed`](Self::malformed) says, and
    /// nothing after it is read. Empty elements count, and a header line with a
    /// blank value counts as one. With 0 even a blank header is too long.
    ///
    /// ```
    /// # use axum_subprotocol::SubprotocolLayer;
    /// let strict = SubprotocolLayer::new(["mqtt"]).max_offers(8);
    /// ```
    pub const fn max_offers(mut self, max_offers: usize) -> Self {
        self.policy.max_offers = max_offers;
        self
    }
}

impl<S> Layer<S> for SubprotocolLayer {
    type Service = SubprotocolService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SubprotocolService::new(inner, self.clone())
    }
}
