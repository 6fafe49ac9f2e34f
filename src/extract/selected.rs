//! The selected subprotocol, as the program's own type.

use std::ops::{Deref, DerefMut};

use http::Extensions;
use serde::de::DeserializeOwned;

use crate::{
    config::name,
    negotiate::Outcome,
    rejection::{NoSuchVariant, SelectedSubprotocolRejection},
    subprotocol::Subprotocol,
};

/// The subprotocol that was selected, as a type of your own.
///
/// `T` is anything that serde can make of a name: an enum (see
/// [`SubprotocolLayer::of`](crate::SubprotocolLayer::of)), a `String`, or a
/// [`Subprotocol`], which is the default. The value owns its data and doesn't keep
/// the request in memory, so a socket can keep it.
///
/// As an axum extractor it needs a [`SubprotocolLayer`](crate::SubprotocolLayer) on
/// the route:
///
/// | What you write | Nothing selected | Not a handshake |
/// | --- | --- | --- |
/// | `SelectedSubprotocol<T>` | rejects: 400 | rejects: 426 on HTTP/1.1, 400 otherwise |
/// | `Option<SelectedSubprotocol<T>>` | `None` | `None` |
/// | `Result<SelectedSubprotocol<T>, SelectedSubprotocolRejection>` | `Err` | `Err` |
///
/// # Errors
///
/// [`SelectedSubprotocolRejection`]. Two of its causes are mistakes of the program,
/// and reject an `Option` too, with a 500: a handshake on a route without a layer,
/// and a name for which `T` has no value.
///
/// axum runs extractors in the order of a handler's arguments. Put this one before
/// `WebSocketUpgrade`, so that its rejections come first. In an `Option` or a
/// `Result`, a request that is not a handshake gets the rejection of
/// `WebSocketUpgrade`.
///
/// A handshake that the layer rejects doesn't reach the extractor:
/// [`rejection`](crate::rejection) shows how to change both kinds of response.
///
/// # Example
///
#[cfg_attr(feature = "axum", doc = "```")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
/// use axum::{Router, extract::ws::WebSocketUpgrade, response::Response, routing::any};
/// use axum_subprotocol::{Require, SelectedSubprotocol, SubprotocolLayer};
/// use serde::Deserialize;
///
/// #[derive(Clone, Copy, Debug, Deserialize)]
/// enum Chat {
///     #[serde(rename = "chat.v2")]
///     V2,
///     #[serde(rename = "chat.v1")]
///     V1,
/// }
///
/// /// Speaks the old version with clients that predate subprotocol names.
/// async fn chat(version: Option<SelectedSubprotocol<Chat>>, ws: WebSocketUpgrade) -> Response {
///     let version = version.map_or(Chat::V1, |SelectedSubprotocol(version)| version);
///     ws.on_upgrade(move |socket| async move { println!("speaking {version:?}") })
/// }
///
/// // Rejects clients that offer unsupported names only.
/// let layer = SubprotocolLayer::of::<Chat>().require(Require::IfOffered);
/// let app: Router = Router::new().route("/chat", any(chat).layer(layer));
/// ```
///
/// A handler that needs the name and the variant extracts both: a
/// `SelectedSubprotocol<Chat>` and a plain `SelectedSubprotocol`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct SelectedSubprotocol<T = Subprotocol>(pub T);

impl<T> Deref for SelectedSubprotocol<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for SelectedSubprotocol<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: DeserializeOwned> SelectedSubprotocol<T> {
    /// The selected subprotocol, from the extensions of a request behind a
    /// [`SubprotocolLayer`](crate::SubprotocolLayer): for plain hyper, older versions
    /// of axum, and handlers that take the whole request.
    ///
    /// `None` if nothing was selected, if the request is not a handshake, and
    /// without a layer.
    ///
    /// # Errors
    ///
    /// [`NoSuchVariant`], if `T` has no value for the selected name.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::{SelectedSubprotocol, rejection::SelectedSubprotocolRejection};
    /// use http::Request;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// enum Chat {
    ///     #[serde(rename = "chat.v2")]
    ///     V2,
    /// }
    ///
    /// fn speaks_v2<B>(request: &Request<B>) -> Result<bool, SelectedSubprotocolRejection> {
    ///     let selected = SelectedSubprotocol::<Chat>::from_extensions(request.extensions())?;
    ///     Ok(matches!(selected, Some(SelectedSubprotocol(Chat::V2))))
    /// }
    /// ```
    pub fn from_extensions(
        extensions: &Extensions,
    ) -> Result<Option<Self>, SelectedSubprotocolRejection> {
        match Outcome::of(extensions).and_then(Outcome::selected) {
            Some(name) => Self::read(name).map(Some),
            None => Ok(None),
        }
    }

    fn read(name: &Subprotocol) -> Result<Self, SelectedSubprotocolRejection> {
        match name::deserialize(name) {
            Ok(value) => Ok(Self(value)),
            Err(source) => Err(NoSuchVariant::new::<T>(name, source).into()),
        }
    }
}

#[cfg(feature = "axum")]
mod axum {
    use axum_core::{
        extract::{FromRequestParts, OptionalFromRequestParts},
        response::{IntoResponse, Response},
    };
    use http::{
        HeaderName, HeaderValue, Version,
        header::{CONNECTION, UPGRADE},
        request::Parts,
    };
    use serde::de::DeserializeOwned;

    use super::SelectedSubprotocol;
    use crate::{
        handshake::Handshake,
        negotiate::{Outcome, Supported},
        rejection::{
            MissingLayer, NotAHandshake, NothingSelected, SelectedSubprotocolRejection,
            SubprotocolRejection,
        },
    };

    impl<T, S> FromRequestParts<S> for SelectedSubprotocol<T>
    where
        T: DeserializeOwned,
        S: Send + Sync,
    {
        type Rejection = SelectedSubprotocolRejection;

        async fn from_request_parts(
            parts: &mut Parts,
            _state: &S,
        ) -> Result<Self, Self::Rejection> {
            let Some(outcome) = outcome(parts)? else {
                let can_upgrade = parts.version == Version::HTTP_11;
                return Err(NotAHandshake { can_upgrade }.into());
            };
            match outcome.selected() {
                Some(name) => Self::read(name),
                None => Err(nothing_selected(outcome).into()),
            }
        }
    }

    impl<T, S> OptionalFromRequestParts<S> for SelectedSubprotocol<T>
    where
        T: DeserializeOwned,
        S: Send + Sync,
    {
        type Rejection = SelectedSubprotocolRejection;

        async fn from_request_parts(
            parts: &mut Parts,
            _state: &S,
        ) -> Result<Option<Self>, Self::Rejection> {
            outcome(parts)?;
            Self::from_extensions(&parts.extensions)
        }
    }

    /// What the innermost layer left; `None` if the request is not a handshake.
    fn outcome(parts: &Parts) -> Result<Option<&Outcome>, MissingLayer> {
        match Outcome::of(&parts.extensions) {
            None if Handshake::begun_by_parts(parts).is_some() => Err(MissingLayer::new()),
            outcome => Ok(outcome),
        }
    }

    fn nothing_selected(outcome: &Outcome) -> NothingSelected {
        let offered = outcome.offered();
        let supported = offered.supported().map(Supported::names);
        NothingSelected::new(supported, !offered.is_empty())
    }

    impl IntoResponse for SelectedSubprotocolRejection {
        fn into_response(self) -> Response {
            const TO_WEBSOCKET: [(HeaderName, HeaderValue); 2] = [
                (UPGRADE, HeaderValue::from_static("websocket")),
                (CONNECTION, HeaderValue::from_static("upgrade")),
            ];

            #[cfg(feature = "tracing")]
            crate::trace::extraction(&self);
            let text = (self.status(), self.body_text());
            match self {
                Self::NothingSelected(cause) => SubprotocolRejection::from(cause).into_response(),
                Self::NotAHandshake(NotAHandshake { can_upgrade: true }) => {
                    (TO_WEBSOCKET, text).into_response()
                }
                _ => text.into_response(),
            }
        }
    }
}
