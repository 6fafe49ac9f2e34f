//! `SubprotocolLayer`: constructors and settings.

use std::{
    any::type_name,
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
};

use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::{
    error::{ConfigError, InvalidSubprotocol},
    selection::{
        offered::OfferedSubprotocols,
        policy::{Malformed, Preference, Require},
    },
    subprotocol::{self, Subprotocol, Supported},
};

/// Negotiates the WebSocket subprotocol for everything behind it.
///
/// On a handshake the layer reads the client's offers, selects one of the names
/// that it supports, passes the request on with just that name, and writes the name
/// into the reply that completes the handshake. A handler gets it with
/// [`SelectedSubprotocol`](crate::SelectedSubprotocol). Every other request passes
/// through untouched.
///
/// By default the client's order decides, a client without a supported offer
/// continues without a subprotocol, and a malformed offer is rejected with a 400.
/// The [crate documentation](crate::guide::rules) has the rules, and says
/// [where a layer goes](crate::guide::layers). A layer can also be read
/// [from a file or the environment](crate::guide::configuration).
///
/// A clone allocates nothing, so many routes can share a layer.
///
/// # Example
///
#[cfg_attr(feature = "axum", doc = "```")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
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
    /// Empty if a function selects.
    pub(crate) supported: Arc<Supported>,
    pub(crate) function: Option<Function>,
    pub(crate) prefer: Preference,
    pub(crate) require: Require,
    pub(crate) malformed: Malformed,
    pub(crate) max_offers: usize,
}

/// The function of a layer that was made with `from_fn`.
#[derive(Clone)]
pub(crate) struct Function(pub(crate) Arc<FunctionType>);

type FunctionType =
    dyn for<'a> Fn(&'a OfferedSubprotocols, &'a Parts) -> Option<&'a str> + Send + Sync;

impl SubprotocolLayer {
    /// The default of [`max_offers`](Self::max_offers).
    pub(crate) const MAX_OFFERS: usize = 64;

    /// A layer that supports `names`, in the server's order of preference.
    ///
    /// The items can be `&str`, `&&str`, `String`, `&String`, `Cow<str>`, `Box<str>`,
    /// [`Subprotocol`] and `&Subprotocol`. A `Subprotocol` that is not an RFC 9110
    /// token is accepted, because the program made it
    /// [on purpose](Subprotocol::non_token_from_static).
    ///
    /// # Panics
    ///
    /// At the caller's location, if a name is not an RFC 9110 `token`
    /// (RFC 6455 §4.1), if one is repeated, or if there is none. For names from
    /// outside the program use [`try_new`](Self::try_new).
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::{Subprotocol, SubprotocolLayer};
    ///
    /// let layer = SubprotocolLayer::new(["graphql-transport-ws", "graphql-ws"]);
    ///
    /// // `kubectl port-forward` offers a name that is not a token.
    /// const PORT_FORWARD: Subprotocol =
    ///     Subprotocol::non_token_from_static("SPDY/3.1+portforward.k8s.io");
    /// let layer = SubprotocolLayer::new([PORT_FORWARD]);
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "a mistake of the program, found at startup")]
    pub fn new<I>(names: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str> + TryInto<Subprotocol>,
        <I::Item as TryInto<Subprotocol>>::Error: Into<InvalidSubprotocol>,
    {
        // A closure would hide the caller's location.
        match Self::try_new(names) {
            Ok(layer) => layer,
            Err(error) => panic!("SubprotocolLayer::new: {error}"),
        }
    }

    /// The same as [`new`](Self::new), for names from outside the program.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], which names the first faulty entry, where `new` panics.
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
        I::Item: AsRef<str> + TryInto<Subprotocol>,
        <I::Item as TryInto<Subprotocol>>::Error: Into<InvalidSubprotocol>,
    {
        Supported::try_new(names).map(Self::with)
    }

    /// A layer that supports the variants of the enum `T`, in their order, under the
    /// names that serde gives them.
    ///
    /// A handler behind it extracts
    /// [`SelectedSubprotocol<T>`](crate::SelectedSubprotocol). All names are
    /// deserialized here, once, so extracting the same type can't fail later.
    ///
    /// `rename`, `rename_all` and `skip` count as everywhere in serde. A variant that none
    /// of them names is supported as it is written: `V2`. An `alias` is a supported name
    /// like the others, for example for
    /// [another spelling](crate::guide::functions#other-spellings). In the server's order,
    /// the name of a variant and its aliases stand together. Their order among themselves
    /// is not specified.
    ///
    /// # Panics
    ///
    /// At the caller's location:
    ///
    /// - where [`new`](Self::new) panics;
    /// - if a variant carries data, or is a `#[serde(other)]` catch-all;
    /// - if serde doesn't list the names of the variants: `T` is not an enum, or is
    ///   tagged, untagged, or read with `from` or `try_from`. List the names with
    ///   `new` for such a type.
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
    /// assert_eq!(layer.supported(), ["graphql-transport-ws", "graphql-ws"]);
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "a mistake of the program, found at startup")]
    pub fn of<T: DeserializeOwned>() -> Self {
        match subprotocol::serde::variants::<T>().and_then(Self::try_new) {
            Ok(layer) => layer,
            Err(error) => panic!("SubprotocolLayer::of::<{}>: {error}", type_name::<T>()),
        }
    }

    /// A layer whose selection is made by a function, for what a list of names can't
    /// express: ranges of versions, tenants, feature flags.
    ///
    /// The function gets the client's offers and the head of the request, and
    /// returns the offer that it selects, or `None`. It is called on each handshake
    /// that passes R3, also when nothing is offered. The [`Parts`] have
    /// no `Sec-WebSocket-Protocol`, and the extensions of the layers outside.
    ///
    /// The function returns one of the offers.
    /// [`OfferedSubprotocols::get`] turns a name of the program's own into one. A
    /// name that was not offered is a mistake of the program: the client gets a 500
    /// (an [`UnofferedSelection`](crate::rejection::SubprotocolRejection::UnofferedSelection)), and the
    /// name is never sent. A name that is not an RFC 9110 token can't be selected.
    ///
    /// The selected name is sent and can be logged, as if it were configured. If a
    /// function selects any name that looks right, the server sends and logs text that
    /// the client chose. Select known names only.
    ///
    /// The function must not block, because it is called while the request passes. A
    /// panic ends the task that calls the layer. With hyper on HTTP/1.1 that is the
    /// task of the connection, so the client sees a closed connection.
    ///
    /// Write a closure in the call itself, or a `fn` with
    /// [the right lifetimes](crate::guide::functions#lifetimes).
    ///
    /// Everything else works as with a list of names, with these exceptions: a
    /// rejection lists no names, [`prefer`](Self::prefer) panics, and an enum that is
    /// extracted may lack a variant for a name that the function selects, which is a
    /// 500.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::{OfferedSubprotocols, SubprotocolLayer};
    ///
    /// /// The newest version that both sides speak.
    /// fn newest(offered: &OfferedSubprotocols) -> Option<&str> {
    ///     (5..=9).rev().find_map(|version| offered.get(&format!("chat.v{version}")))
    /// }
    ///
    /// let layer = SubprotocolLayer::from_fn(|offered, _head| newest(offered));
    /// ```
    ///
    /// The extensions have what middleware outside the layer left there:
    ///
    /// ```
    /// use axum_subprotocol::SubprotocolLayer;
    ///
    /// #[derive(Clone)]
    /// struct Tenant {
    ///     protocol: String,
    /// }
    ///
    /// let layer = SubprotocolLayer::from_fn(|offered, head| {
    ///     let tenant = head.extensions.get::<Tenant>()?;
    ///     offered.get(&tenant.protocol)
    /// });
    /// ```
    pub fn from_fn<F>(function: F) -> Self
    where
        F: for<'a> Fn(&'a OfferedSubprotocols, &'a Parts) -> Option<&'a str>,
        F: Send + Sync + 'static,
    {
        Self {
            function: Some(Function(Arc::new(function))),
            ..Self::with(Supported::default())
        }
    }

    /// A layer with the default settings.
    fn with(supported: Supported) -> Self {
        Self {
            supported: Arc::new(supported),
            function: None,
            prefer: Preference::default(),
            require: Require::default(),
            malformed: Malformed::default(),
            max_offers: Self::MAX_OFFERS,
        }
    }

    /// When a handshake for which nothing is selected is rejected (R6). The default
    /// is [`Require::Never`].
    ///
    /// The rejection is a 400 that lists the supported names. Add a layer that
    /// requires something to a route, or with `Router::route_layer`: over a fallback,
    /// an unknown path gets a 400 instead of a 404.
    ///
    /// ```
    /// # use axum_subprotocol::{Require, SubprotocolLayer};
    /// let layer = SubprotocolLayer::new(["ocpp2.0.1", "ocpp1.6"]).require(Require::IfOffered);
    /// ```
    pub fn require(mut self, require: Require) -> Self {
        self.require = require;
        self
    }

    /// Whose order decides (R5). The default is [`Preference::Client`].
    ///
    /// # Panics
    ///
    /// At the caller's location, if the layer was made with
    /// [`from_fn`](Self::from_fn), where the function decides the order.
    ///
    /// # Example
    ///
    /// ```
    /// # use axum_subprotocol::{Preference, SubprotocolLayer};
    /// let newest_first = SubprotocolLayer::new(["chat.v2", "chat.v1"]).prefer(Preference::Server);
    /// ```
    #[track_caller]
    pub fn prefer(mut self, prefer: Preference) -> Self {
        assert!(
            self.function.is_none(),
            "SubprotocolLayer::prefer: the function that is passed to `from_fn` decides the \
             order; change the function instead"
        );
        self.prefer = prefer;
        self
    }

    /// What the layer does with an offer that is neither an RFC 9110 token nor a
    /// supported name (R3). The default is [`Malformed::Reject`].
    ///
    /// ```
    /// # use axum_subprotocol::{Malformed, SubprotocolLayer};
    /// let tolerant = SubprotocolLayer::new(["mqtt"]).malformed(Malformed::Ignore);
    /// ```
    pub fn malformed(mut self, malformed: Malformed) -> Self {
        self.malformed = malformed;
        self
    }

    /// How many elements a client's list can have (R3). The default is 64.
    ///
    /// A longer list is a 400, whatever [`malformed`](Self::malformed) says, and
    /// nothing beyond the limit is read. Empty elements count, and a blank header
    /// line counts as one. With 0, even a blank header is too long.
    ///
    /// ```
    /// # use axum_subprotocol::SubprotocolLayer;
    /// let strict = SubprotocolLayer::new(["mqtt"]).max_offers(8);
    /// ```
    pub fn max_offers(mut self, max_offers: usize) -> Self {
        self.max_offers = max_offers;
        self
    }

    /// The supported names, in the server's order. Empty if the layer was made with
    /// [`from_fn`](Self::from_fn).
    ///
    /// ```
    /// # use axum_subprotocol::SubprotocolLayer;
    /// let layer = SubprotocolLayer::new(["wamp", "soap"]);
    /// assert_eq!(layer.supported(), ["wamp", "soap"]);
    /// ```
    #[must_use]
    pub fn supported(&self) -> &[Subprotocol] {
        &self.supported.names
    }

    /// Whether [`SelectedSubprotocol<T>`](crate::SelectedSubprotocol) has a value for each
    /// name that this layer can select: for names from a file and an enum in the program.
    ///
    /// Call it when the program starts. If it is `Ok`, the extractor behind this layer never
    /// fails with
    /// [`NoSuchVariant`](crate::rejection::SubprotocolRejection::NoSuchVariant), which is a
    /// 500. A layer that is made with [`of`](Self::of) needs no check. Values of `T` that no
    /// name selects are not reported.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], which names the first entry for which `T` has no value. Always, if
    /// the layer was made with [`from_fn`](Self::from_fn), which may select any name.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::SubprotocolLayer;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// enum Ocpp {
    ///     #[serde(rename = "ocpp2.0.1")]
    ///     V2,
    ///     #[serde(rename = "ocpp1.6")]
    ///     V1,
    /// }
    ///
    /// let from_a_file = SubprotocolLayer::try_new(["ocpp1.6", "ocpp1.5"])?;
    /// let error = from_a_file.check::<Ocpp>().unwrap_err();
    /// assert!(error.to_string().starts_with(r#"subprotocol 2, "ocpp1.5": "#));
    /// # Ok::<(), axum_subprotocol::ConfigError>(())
    /// ```
    pub fn check<T: DeserializeOwned>(&self) -> Result<(), ConfigError> {
        let wanted = type_name::<T>();
        if self.function.is_some() {
            return Err(ConfigError::new(format!(
                "the function that is passed to `from_fn` may select a name that can't be read as \
                 `{wanted}`"
            )));
        }
        for (number, name) in (1..).zip(&self.supported.names) {
            if let Err(error) = subprotocol::serde::deserialize::<T>(name) {
                return Err(ConfigError::new(format!(
                    "subprotocol {number}, {name:?}: it can't be read as `{wanted}`: {error}"
                )));
            }
        }
        Ok(())
    }
}

/// A panic in a function leaves the layer as it was: the layer never changes.
impl UnwindSafe for SubprotocolLayer {}
impl RefUnwindSafe for SubprotocolLayer {}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("from_fn")
    }
}
