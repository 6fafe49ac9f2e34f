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
//! None of these types shows, or even contains, what a client sent.

use std::{error, fmt};

use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};

pub use crate::extract::rejection::{
    MissingLayer, NoSuchVariant, NotAHandshake, SelectedSubprotocolRejection,
};
use crate::{subprotocol::Subprotocol, supported::Supported};

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
}

impl SubprotocolRejection {
    /// The status of the response: always 400.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        StatusCode::BAD_REQUEST
    }

    /// The text of the response, made for the person who wrote the client.
    #[must_use]
    pub fn body_text(&self) -> String {
        self.to_string()
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
        }
    }
}

impl error::Error for SubprotocolRejection {}

/// An element of `Sec-WebSocket-Protocol` is not an RFC 9110 `token`
/// (RFC 6455 §4.2.1).
#[derive(Clone, Debug)]
pub struct MalformedOffer {
    pub(crate) index: usize,
}

impl MalformedOffer {
    /// Which element it is, counted from 0 over all instances of the header,
    /// empty elements included.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }
}

impl fmt::Display for MalformedOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Element {} of Sec-WebSocket-Protocol is not a subprotocol name. Send names that are \
             tokens (RFC 9110 section 5.6.2), separated by commas.",
            self.index + 1
        )
    }
}

impl error::Error for MalformedOffer {}

impl From<MalformedOffer> for SubprotocolRejection {
    fn from(cause: MalformedOffer) -> Self {
        Self::MalformedOffer(cause)
    }
}

/// `Sec-WebSocket-Protocol` has more elements than
/// [`max_offers`](crate::SubprotocolLayer::max_offers) allows.
#[derive(Clone, Debug)]
pub struct TooManyOffers {
    pub(crate) limit: usize,
}

impl TooManyOffers {
    /// How many elements would have been read.
    #[must_use]
    pub const fn limit(&self) -> usize {
        self.limit
    }
}

impl fmt::Display for TooManyOffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Sec-WebSocket-Protocol has more elements than the {} that are read here. Offer fewer \
             subprotocols.",
            self.limit
        )
    }
}

impl error::Error for TooManyOffers {}

impl From<TooManyOffers> for SubprotocolRejection {
    fn from(cause: TooManyOffers) -> Self {
        Self::TooManyOffers(cause)
    }
}

/// No subprotocol was selected where one is needed: by a layer with
/// [`Require`](crate::Require), or by a handler that extracts a plain
/// [`SelectedSubprotocol`](crate::SelectedSubprotocol).
#[derive(Clone, Debug)]
pub struct NothingSelected {
    supported: Supported,
    offered: bool,
}

impl NothingSelected {
    pub(crate) fn new(supported: &Supported, offered: bool) -> Self {
        let supported = supported.clone();
        Self { supported, offered }
    }

    /// The names that could have been selected, in the server's order.
    #[must_use]
    pub fn supported(&self) -> &[Subprotocol] {
        self.supported.names()
    }

    /// Whether the client offered a name at all.
    #[must_use]
    pub const fn offered(&self) -> bool {
        self.offered
    }
}

impl fmt::Display for NothingSelected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.offered {
            "None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported here."
        } else {
            "A WebSocket subprotocol is required here, and Sec-WebSocket-Protocol offers none."
        })?;
        f.write_str(match self.supported() {
            [_] => " Offer this one: ",
            _ => " Offer one of these: ",
        })?;
        for (rank, name) in self.supported().iter().enumerate() {
            f.write_str(if rank == 0 { "" } else { ", " })?;
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl error::Error for NothingSelected {}

impl From<NothingSelected> for SubprotocolRejection {
    fn from(cause: NothingSelected) -> Self {
        Self::NothingSelected(cause)
    }
}
