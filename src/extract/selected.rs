//! The extractor for the result.

use std::ops::{Deref, DerefMut};

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde_core::de::DeserializeOwned;

use super::rejection::{MissingLayer, NoSuchVariant, NotAHandshake, SelectedSubprotocolRejection};
use crate::{
    handshake::Handshake, name_deserializer, negotiation::Negotiation, rejection::NothingSelected,
    subprotocol::Subprotocol,
};

/// The subprotocol that was selected, as a type of yours.
///
/// `T` is anything that serde can make of a name: an enum (see
/// [`SubprotocolLayer::of`](crate::SubprotocolLayer::of)), a `String`, or,
/// unless you say otherwise, a [`Subprotocol`].
///
/// The route must be behind a [`SubprotocolLayer`](crate::SubprotocolLayer). The
/// value owns its data: a socket can keep it, for it holds on to nothing of the
/// request.
///
/// | What you write | Where nothing is selected | Where the request is not a handshake |
/// | --- | --- | --- |
/// | `SelectedSubprotocol<T>` | rejects: 400 | rejects: 426, or 400 from HTTP/2 on |
/// | `Option<SelectedSubprotocol<T>>` | `None` | `None` |
/// | `Result<SelectedSubprotocol<T>, SelectedSubprotocolRejection>` | `Err` | `Err` |
///
/// # Errors
///
/// [`SelectedSubprotocolRejection`]. Two of its causes are mistakes of the
/// program, and reject an `Option` too: a handshake on a route without a layer,
/// and a name that `T` has no variant for.
///
/// axum runs extractors in the order of a handler's arguments: with this one
/// before `WebSocketUpgrade`, its rejections come first. In an `Option` or a
/// `Result` it rejects nothing by itself, and a request that is not a handshake
/// gets the answer of `WebSocketUpgrade`.
///
/// What the layer rejects doesn't get here: to restyle all rejections, see
/// [`rejection`](crate::rejection).
///
/// # Example
///
/// ```
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
/// /// Speaks the old version with clients from before there were names.
/// async fn chat(version: Option<SelectedSubprotocol<Chat>>, ws: WebSocketUpgrade) -> Response {
///     let version = version.map_or(Chat::V1, |SelectedSubprotocol(version)| version);
///     ws.on_upgrade(move |socket| async move { println!("speaking {version:?}") })
/// }
///
/// // Clients that do offer names, and only unsupported ones, don't get to the handler.
/// let layer = SubprotocolLayer::of::<Chat>().require(Require::IfOffered);
/// let app: Router = Router::new().route("/chat", any(chat).layer(layer));
/// ```
///
/// A handler that needs the name beside the variant extracts both, a
/// `SelectedSubprotocol<Chat>` and a plain `SelectedSubprotocol`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
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

impl<T, S> FromRequestParts<S> for SelectedSubprotocol<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = SelectedSubprotocolRejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let negotiation = negotiation(parts)?.ok_or(NotAHandshake::new(parts.version))?;
        let selected = negotiation.selected().ok_or_else(|| {
            let offered = !negotiation.offered().is_empty();
            NothingSelected::new(negotiation.supported(), offered)
        })?;
        Ok(Self(read(selected)?))
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
        let selected = negotiation(parts)?.and_then(Negotiation::selected);
        Ok(selected.map(read).transpose()?.map(Self))
    }
}

/// What the innermost layer left; `None` if the request is not a handshake.
fn negotiation(parts: &Parts) -> Result<Option<&Negotiation>, MissingLayer> {
    match parts.extensions.get::<Negotiation>() {
        None if Handshake::of_parts(parts).is_some() => Err(MissingLayer::new()),
        negotiation => Ok(negotiation),
    }
}

fn read<T: DeserializeOwned>(name: &Subprotocol) -> Result<T, NoSuchVariant> {
    name_deserializer::deserialize(name).map_err(|error| NoSuchVariant::new::<T>(name, error))
}
