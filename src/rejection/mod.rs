//! Why a handshake or an extraction is rejected.
//!
//! | Rejection | Made by |
//! | --- | --- |
//! | [`SubprotocolRejection`] | [`SubprotocolLayer`](crate::SubprotocolLayer) |
//! | [`CredentialRejection`] | [`OfferedCredentialLayer`](crate::OfferedCredentialLayer) |
//! | [`SelectedSubprotocolRejection`] | [`SelectedSubprotocol`](crate::SelectedSubprotocol) |
//!
//! Each has a `status()` and a `body_text()`, which tells the author of the client
//! what to do. None contains what a client sent, except a name that the program
//! configured or that its function selected.
//!
//! # Changing the response
//!
//! Each response that a layer makes carries its rejection as an extension, so
//! middleware outside the layer can replace the body, or count the rejections. The
//! response of the extractor to a client for which nothing was selected carries a
//! [`SubprotocolRejection`] too. Its other responses carry none.
//!
#![cfg_attr(feature = "axum", doc = "```")]
#![cfg_attr(not(feature = "axum"), doc = "```ignore")]
//! use axum::{
//!     Json, Router,
//!     middleware::map_response,
//!     response::{IntoResponse, Response},
//!     routing::any,
//! };
//! use axum_subprotocol::{
//!     OfferedCredentialLayer, SubprotocolLayer,
//!     rejection::{CredentialRejection, SubprotocolRejection},
//! };
//! use serde_json::json;
//!
//! async fn in_json(response: Response) -> Response {
//!     let extensions = response.extensions();
//!     let error = if let Some(rejection) = extensions.get::<SubprotocolRejection>() {
//!         rejection.body_text()
//!     } else if let Some(rejection) = extensions.get::<CredentialRejection>() {
//!         rejection.body_text()
//!     } else {
//!         return response;
//!     };
//!     (response.status(), Json(json!({ "error": error }))).into_response()
//! }
//!
//! # async fn chat() {}
//! let app: Router = Router::new()
//!     .route("/", any(chat))
//!     .route_layer(SubprotocolLayer::new(["mqtt"]))
//!     .route_layer(OfferedCredentialLayer::after_prefix("bearer."))
//!     .route_layer(map_response(in_json));
//! ```
//!
//! A handler sees the rejection of the extractor in a `Result`, as everywhere in
//! axum. To change its look, start from `into_response()`: a 426 must keep its
//! headers.
//!
#![cfg_attr(feature = "axum", doc = "```")]
#![cfg_attr(not(feature = "axum"), doc = "```ignore")]
//! use axum::{extract::ws::WebSocketUpgrade, response::{Html, IntoResponse, Response}};
//! use axum_subprotocol::{SelectedSubprotocol, rejection::SelectedSubprotocolRejection};
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

mod credential;
mod selected;
mod subprotocol;

use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};

pub use self::{
    credential::{CredentialFault, CredentialRejection},
    selected::{MissingLayer, NoSuchVariant, NotAHandshake, SelectedSubprotocolRejection},
    subprotocol::{
        MalformedOffer, NothingSelected, SubprotocolRejection, TooManyOffers, UnofferedSelection,
    },
};

/// The response of a layer, with its `rejection` as an extension.
fn response<B, R>(status: StatusCode, rejection: R) -> Response<B>
where
    B: From<String>,
    R: ToString + Clone + Send + Sync + 'static,
{
    const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

    let mut response = Response::new(B::from(rejection.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, TEXT);
    response.extensions_mut().insert(rejection);
    response
}

/// Makes an enum of causes: it shows its cause, and each cause converts into it.
macro_rules! causes {
    ($rejection:ident: $($cause:ident),*) => {
        impl std::fmt::Display for $rejection {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$cause(cause) => cause.fmt(f),)*
                }
            }
        }

        /// The message is that of the cause, so the source is that of the cause too.
        impl std::error::Error for $rejection {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                match self {
                    $(Self::$cause(cause) => cause.source(),)*
                }
            }
        }

        $(impl From<$cause> for $rejection {
            fn from(cause: $cause) -> Self {
                Self::$cause(cause)
            }
        })*
    };
}

use causes;
