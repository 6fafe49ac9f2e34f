//! The selected subprotocol, as the program's own type.

use std::ops::{Deref, DerefMut};

use http::Extensions;
use serde::de::DeserializeOwned;

use super::outcome::Outcome;
use crate::{
    rejection::{NoSuchVariant, SubprotocolRejection},
    subprotocol::{Subprotocol, serde::deserialize},
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
/// | `Result<SelectedSubprotocol<T>, SubprotocolRejection>` | `Err` | `Err` |
///
/// # Errors
///
/// [`SubprotocolRejection`]: `NothingSelected`, `NotAHandshake`, `MissingLayer` or
/// `NoSuchVariant`. The last two are mistakes of the program, and reject an `Option` too,
/// with a 500: a handshake on a route without a layer, and a name for which `T` has no
/// value ([`SubprotocolLayer::check`](crate::SubprotocolLayer::check) finds that when the
/// program starts).
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
    /// [`NoSuchVariant`](SubprotocolRejection::NoSuchVariant), if `T` has no value for the
    /// selected name.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::{SelectedSubprotocol, rejection::SubprotocolRejection};
    /// use http::Request;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// enum Chat {
    ///     #[serde(rename = "chat.v2")]
    ///     V2,
    /// }
    ///
    /// fn speaks_v2<B>(request: &Request<B>) -> Result<bool, SubprotocolRejection> {
    ///     let selected = SelectedSubprotocol::<Chat>::from_extensions(request.extensions())?;
    ///     Ok(matches!(selected, Some(SelectedSubprotocol(Chat::V2))))
    /// }
    /// ```
    ///
    /// The name itself needs brackets around the type. Without them the compiler can't infer
    /// `T` (E0283):
    ///
    /// ```
    /// use axum_subprotocol::SelectedSubprotocol;
    ///
    /// # let extensions = http::Extensions::new();
    /// let selected = <SelectedSubprotocol>::from_extensions(&extensions)?;
    /// # assert_eq!(selected, None);
    /// # Ok::<(), axum_subprotocol::rejection::SubprotocolRejection>(())
    /// ```
    pub fn from_extensions(extensions: &Extensions) -> Result<Option<Self>, SubprotocolRejection> {
        match Outcome::of(extensions) {
            Some(outcome) => Self::from_outcome(outcome),
            None => Ok(None),
        }
    }

    pub(crate) fn from_outcome(outcome: &Outcome) -> Result<Option<Self>, SubprotocolRejection> {
        let Some(name) = outcome.selected() else {
            return Ok(None);
        };
        match deserialize(name) {
            Ok(value) => Ok(Some(Self(value))),
            Err(error) => Err(SubprotocolRejection::NoSuchVariant(NoSuchVariant {
                name: name.clone(),
                wanted: std::any::type_name::<T>(),
                reason: error.to_string(),
            })),
        }
    }
}
