//! Why a handshake, or an extraction, is turned down.
//!
//! [`SubprotocolRejection`] is the layer's. It is also an extension of the
//! response, so that a middleware outside the layer can restyle it. The
//! extractor's answer to a client for which nothing was selected carries it too.
//!
//! ```
//! use axum::{
//!     Json, Router,
//!     middleware::map_response,
//!     response::{IntoResponse, Response},
//!     routing::any,
//! };
//! use axum_subprotocol::{SubprotocolLayer, SubprotocolRejection};
//! use serde_json::json;
//!
//! async fn in_json(response: Response) -> Response {
//!     match response.extensions().get::<SubprotocolRejection>() {
//!         Some(rejection) => {
//!             let body = Json(json!({ "error": rejection.body_text() }));
//!             (rejection.status(), body).into_response()
//!         }
//!         None => response,
//!     }
//! }
//!
//! # async fn chat() {}
//! let app: Router = Router::new()
//!     .route("/", any(chat))
//!     .route_layer(SubprotocolLayer::new(["mqtt"]))
//!     .route_layer(map_response(in_json));
//! ```
//!
//! [`SelectedSubprotocolRejection`] is the extractor's. A handler sees it in a
//! `Result`, as everywhere in axum. Who restyles it had better start from its
//! response, since a 426 needs the headers that it has:
//!
//! ```
//! use axum::{extract::ws::WebSocketUpgrade, response::{Html, IntoResponse, Response}};
//! use axum_subprotocol::{SelectedSubprotocol, SelectedSubprotocolRejection};
//!
//! async fn chat(
//!     selected: Result<SelectedSubprotocol, SelectedSubprotocolRejection>,
//!     ws: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
//! ) -> Result<Response, Response> {
//!     let SelectedSubprotocol(name) = selected.map_err(|rejection| match rejection {
//!         SelectedSubprotocolRejection::NotAHandshake(_) => {
//!             let (head, _) = rejection.into_response().into_parts();
//!             let page = Html("<p>Open this with a chat client.</p>").into_response();
//!             Response::from_parts(head, page.into_body())
//!         }
//!         rejection => rejection.into_response(),
//!     })?;
//!     let ws = ws.map_err(IntoResponse::into_response)?;
//!     Ok(ws.on_upgrade(move |socket| async move { println!("speaking {name}") }))
//! }
//! ```
//!
//! None of these types shows, or even contains, what a client sent, unless it is a
//! name that the program configured, or selected by code.

mod causes;
mod credential;

use std::{error, fmt};

use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};

pub use self::{
    causes::{MalformedOffer, NothingSelected, TooManyOffers, UnofferedSelection},
    credential::{CredentialFault, FaultyCredential},
};
pub use crate::extract::rejection::{
    MissingLayer, NoSuchVariant, NotAHandshake, SelectedSubprotocolRejection,
};
use crate::offers::Taken;

/// Why [`SubprotocolLayer`](crate::SubprotocolLayer) rejected a handshake.
///
/// Every response that the layer makes by itself has one among its extensions:
/// see the [module](self) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SubprotocolRejection {
    /// An element of the header is not a token.
    MalformedOffer(MalformedOffer),
    /// The header has more elements than the layer reads.
    TooManyOffers(TooManyOffers),
    /// A subprotocol is required, and none was selected.
    NothingSelected(NothingSelected),
    /// There is a credential among the offers, and something is wrong with it.
    FaultyCredential(FaultyCredential),
    /// The program selected a subprotocol that the client didn't offer.
    UnofferedSelection(UnofferedSelection),
}

impl SubprotocolRejection {
    /// The status of the response: 500 for an
    /// [`UnofferedSelection`](Self::UnofferedSelection), which is a bug of the
    /// program, and 400 for all others.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::UnofferedSelection(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The text of the response, made for the person who wrote the client.
    #[must_use]
    pub fn body_text(&self) -> String {
        self.to_string()
    }

    /// Counts the element that a layer outside has taken out of the list.
    pub(crate) fn counting(mut self, taken: Option<Taken>) -> Self {
        if let (Self::MalformedOffer(offer), Some(taken)) = (&mut self, taken) {
            offer.index += usize::from(taken.index <= offer.index);
        }
        self
    }

    /// The response, with `self` among its extensions.
    pub(crate) fn into_response<B: From<String>>(self) -> Response<B> {
        const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

        let mut response = Response::new(B::from(self.body_text()));
        *response.status_mut() = self.status();
        response.headers_mut().insert(CONTENT_TYPE, TEXT);
        response.extensions_mut().insert(self);
        response
    }
}

impl fmt::Display for SubprotocolRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MalformedOffer(cause) => cause.fmt(f),
            Self::TooManyOffers(cause) => cause.fmt(f),
            Self::NothingSelected(cause) => cause.fmt(f),
            Self::FaultyCredential(cause) => cause.fmt(f),
            Self::UnofferedSelection(cause) => cause.fmt(f),
        }
    }
}

impl error::Error for SubprotocolRejection {}

macro_rules! causes {
    ($($cause:ident),*) => {
        $(impl From<$cause> for SubprotocolRejection {
            fn from(cause: $cause) -> Self {
                Self::$cause(cause)
            }
        })*
    };
}

causes!(
    MalformedOffer,
    TooManyOffers,
    NothingSelected,
    FaultyCredential,
    UnofferedSelection
);
