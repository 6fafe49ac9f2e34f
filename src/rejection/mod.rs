//! Why a handshake or an extraction is rejected.
//!
//! | Rejection | Made by |
//! | --- | --- |
//! | [`SubprotocolRejection`] | [`SubprotocolLayer`](crate::SubprotocolLayer), and the extractor [`SelectedSubprotocol`](crate::SelectedSubprotocol) |
//! | [`CredentialRejection`] | [`OfferedCredentialLayer`](crate::OfferedCredentialLayer) |
//!
//! Each has a `status()` and a `body_text()`, which tells the author of the client
//! what to do. None contains what a client sent, except a name that the program
//! configured or that its function selected.
//!
//! # Changing the response
//!
//! Each response that this crate makes carries its rejection as an extension, so
//! middleware outside the layers can replace the body, or count the rejections. Keep
//! the rest of the response: a 426 must have its headers, and other middleware may
//! look for the extension too. `WebSocketUpgrade` has rejections of its own, such as the 400
//! for another version, which carry none.
//!
#![cfg_attr(feature = "axum", doc = "```")]
#![cfg_attr(not(feature = "axum"), doc = "```ignore")]
//! use axum::{
//!     Json, Router,
//!     http::header::{CONTENT_LENGTH, CONTENT_TYPE},
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
//! async fn in_json(mut response: Response) -> Response {
//!     let extensions = response.extensions();
//!     let error = if let Some(rejection) = extensions.get::<SubprotocolRejection>() {
//!         rejection.body_text()
//!     } else if let Some(rejection) = extensions.get::<CredentialRejection>() {
//!         rejection.body_text()
//!     } else {
//!         return response;
//!     };
//!     let (json, body) = Json(json!({ "error": error })).into_response().into_parts();
//!     let headers = response.headers_mut();
//!     headers.remove(CONTENT_LENGTH);
//!     headers.insert(CONTENT_TYPE, json.headers[CONTENT_TYPE].clone());
//!     *response.body_mut() = body;
//!     response
//! }
//!
//! # async fn chat() {}
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let app: Router = Router::new()
//!     .route("/", any(chat))
//!     .route_layer(SubprotocolLayer::new(["mqtt"]))
//!     .route_layer(OfferedCredentialLayer::after_prefix("bearer."))
//!     .route_layer(map_response(in_json));
//! # let handshake = |offers| {
//! #     let request = http::Request::get("/").header("upgrade", "websocket");
//! #     request.header("sec-websocket-protocol", offers).body(axum::body::Body::empty()).unwrap()
//! # };
//! # let reply = tower::ServiceExt::oneshot(app.clone(), handshake("a b")).await.unwrap();
//! # assert_eq!((reply.status().as_u16(), &reply.headers()[CONTENT_TYPE]), (400, &"application/json".parse().unwrap()));
//! # assert!(reply.extensions().get::<SubprotocolRejection>().is_some());
//! # let reply = tower::ServiceExt::oneshot(app, handshake("bearer.")).await.unwrap();
//! # assert!(reply.extensions().get::<CredentialRejection>().is_some());
//! # }
//! ```
//!
//! The example needs `serde_json`.
//!
//! A handler sees the rejection of the extractor in a `Result`, as everywhere in
//! axum. To change its look, start from `into_response()`: a 426 must keep its
//! headers.
//!
#![cfg_attr(feature = "axum", doc = "```")]
#![cfg_attr(not(feature = "axum"), doc = "```ignore")]
//! use axum::{extract::ws::WebSocketUpgrade, response::{Html, IntoResponse, Response}};
//! use axum_subprotocol::{SelectedSubprotocol, rejection::SubprotocolRejection};
//!
//! async fn chat(
//!     selected: Result<SelectedSubprotocol, SubprotocolRejection>,
//!     ws: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
//! ) -> Result<Response, Response> {
//!     let SelectedSubprotocol(name) = selected.map_err(|rejection| match rejection {
//!         SubprotocolRejection::NotAHandshake(_) => {
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
mod subprotocol;

use http::{
    HeaderValue, Response, StatusCode,
    header::{CONNECTION, CONTENT_TYPE, UPGRADE},
};

pub use self::{
    credential::CredentialRejection,
    subprotocol::{NoSuchVariant, NotAHandshake, NothingSelected, SubprotocolRejection},
};

/// A response body that can be made of the text of a rejection: every type that is
/// `From<String>`, such as `axum::body::Body` and `http_body_util::Full<Bytes>`.
///
/// The services of this crate need one of the service that they are put around. Another
/// body becomes one with `tower_http::map_response_body::MapResponseBodyLayer`, added
/// inside the layer of this crate.
///
/// ```
/// use axum_subprotocol::SubprotocolLayer;
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::{BodyExt, Empty, Full, combinators::BoxBody};
/// use std::convert::Infallible;
/// use tower::{ServiceBuilder, service_fn};
/// use tower_http::map_response_body::MapResponseBodyLayer;
///
/// /// A body of your own that can be made of a text.
/// struct Body(BoxBody<Bytes, Infallible>);
///
/// impl From<String> for Body {
///     fn from(text: String) -> Self {
///         Self(Full::from(text).boxed())
///     }
/// }
///
/// async fn handler(_: Request<()>) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
///     Ok(Response::new(Empty::new().boxed()))
/// }
///
/// let service = ServiceBuilder::new()
///     .layer(SubprotocolLayer::new(["mqtt"]))
///     .layer(MapResponseBodyLayer::new(Body))
///     .service(service_fn(handler));
/// # fn is_service<S: tower::Service<Request<()>>>(_: S) {}
/// # is_service(service);
/// ```
#[diagnostic::on_unimplemented(
    message = "the body `{Self}` can't be made of the text of a rejection",
    label = "a response body that is `From<String>` is needed here",
    note = "convert the body with `tower_http::map_response_body::MapResponseBodyLayer`, inside the layer of axum-subprotocol",
    note = "the documentation of `axum_subprotocol::rejection::RejectionBody` has an example"
)]
pub trait RejectionBody: From<String> {}

#[diagnostic::do_not_recommend]
impl<B: From<String>> RejectionBody for B {}

/// A response with the `rejection` as an extension, and the headers that a 426 needs. It gets
/// its body type in the service, so that this is compiled once.
#[cold]
fn response(
    status: StatusCode,
    text: String,
    rejection: impl Clone + Send + Sync + 'static,
) -> Response<String> {
    const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

    let mut response = Response::new(text);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, TEXT);
    // Not in the caller: each codegen unit that inserts a header has a copy of that code, which
    // is 2.7 KB.
    if status == StatusCode::UPGRADE_REQUIRED {
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    }
    response.extensions_mut().insert(rejection);
    response
}
