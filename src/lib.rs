//! WebSocket subprotocol negotiation for [axum] and [Tower]: one layer, one
//! typed extractor.
//!
//! A client opens a WebSocket with a list of subprotocols in
//! `Sec-WebSocket-Protocol`, and the server answers with the one that both will
//! speak (RFC 6455 §1.9, §4, §11.3.4). [`SubprotocolLayer`] does this for
//! everything behind it, and [`SelectedSubprotocol`] tells a handler the result,
//! as an enum of yours:
//!
//! ```
//! use axum::{Router, extract::ws::WebSocketUpgrade, response::Response, routing::any};
//! use axum_subprotocol::{SelectedSubprotocol, SubprotocolLayer};
//! use serde::Deserialize;
//!
//! /// What `/chat` speaks, by the names a client offers.
//! #[derive(Clone, Copy, Debug, Deserialize)]
//! enum Chat {
//!     #[serde(rename = "chat.v2")]
//!     V2,
//!     #[serde(rename = "chat.v1")]
//!     V1,
//! }
//!
//! async fn chat(SelectedSubprotocol(version): SelectedSubprotocol<Chat>, ws: WebSocketUpgrade) -> Response {
//!     ws.on_upgrade(move |socket| async move {
//!         match version {
//!             Chat::V2 => { /* … */ }
//!             Chat::V1 => { /* … */ }
//!         }
//!     })
//! }
//!
//! let app: Router = Router::new().route("/chat", any(chat).layer(SubprotocolLayer::of::<Chat>()));
//! ```
//!
//! Use `any`, not `get`: a handshake on HTTP/2 is a `CONNECT`.
//!
//! [axum]: https://github.com/tokio-rs/axum
//! [Tower]: https://github.com/tower-rs/tower
//!
//! # What you configure
//!
//! | Question | Method | Unless set |
//! | --- | --- | --- |
//! | Which names are supported? | [`of`], [`new`], [`try_new`], or [from a file](SubprotocolLayer#impl-Deserialize%3C'de%3E-for-SubprotocolLayer); [`new_with_non_tokens`] for names that are none | |
//! | Whose order decides? | [`prefer`] | the client's |
//! | Is a handshake without a subprotocol rejected? | [`require`] | never |
//! | And one with an offer that is not a token? | [`malformed`] | yes, with a 400 |
//! | How long may a client's list be? | [`max_offers`] | 64 elements |
//! | Where among the offers is a credential? | [`credential`] | nowhere |
//!
//! If a list of names can't say what you support, a function can: [`from_fn`]. Each
//! route can have a layer of its own. A mistake in a list of names shows
//! when the app starts.
//!
//! [`of`]: SubprotocolLayer::of
//! [`new`]: SubprotocolLayer::new
//! [`try_new`]: SubprotocolLayer::try_new
//! [`new_with_non_tokens`]: SubprotocolLayer::new_with_non_tokens
//! [`prefer`]: SubprotocolLayer::prefer
//! [`require`]: SubprotocolLayer::require
//! [`malformed`]: SubprotocolLayer::malformed
//! [`max_offers`]: SubprotocolLayer::max_offers
//! [`credential`]: SubprotocolLayer::credential
//! [`from_fn`]: SubprotocolLayer::from_fn
//!
//! # The rules
//!
//! - **R1, what counts.** A handshake is, on HTTP/1.1, a `GET` whose `Upgrade`
//!   lists `websocket`; on HTTP/2 and 3, an extended `CONNECT` (one with a path)
//!   that carries `Sec-WebSocket-Version` or `Sec-WebSocket-Protocol` (RFC 8441,
//!   RFC 9220). Everything else passes through untouched. Version, key and
//!   `Connection` are left to the WebSocket implementation.
//! - **R2, reading.** All instances of the header are one list. Elements are
//!   separated by commas, white space around them is taken off, empty ones are
//!   ignored (RFC 9110 §5.6.1.2).
//! - **R3, malformed.** An element that is not a token is a 400, or is skipped with
//!   [`Malformed::Ignore`]. A list longer than `max_offers` is a 400 always. The
//!   first fault is the one reported.
//! - **R4, comparing.** Names match byte for byte, case included (RFC 7936 §2).
//!   An offer that is repeated counts at its first place.
//! - **R5, selecting.** The first offered name that is supported is selected, or
//!   with [`Preference::Server`] the first supported name that was offered.
//! - **R6, nothing selected.** The handshake goes on without a subprotocol
//!   (RFC 6455 §4.2.2), or is rejected with a 400 as [`Require`] says.
//! - **R7, inwards.** The request that goes on carries the selected name in one
//!   `Sec-WebSocket-Protocol` header, or has none.
//! - **R8, outwards.** So does the reply that completes the handshake, whatever
//!   the inner service wrote: on HTTP/1.1 a 101 with `Upgrade: websocket`, on
//!   HTTP/2 and 3 any 2xx. Any other reply to a handshake has none.
//! - **R9, nested layers.** The innermost layer decides, from the client's own
//!   list. Rejections of outer layers come first.
//! - **R10, secrets.** What a client sent is never echoed or shown, neither by
//!   an error nor by `Debug`, unless it is a name that you configured, or that a
//!   function of yours selected.
//!
//! # Where the layer goes
//!
//! With `MethodRouter::layer`, as above, with `Router::layer` and
//! `Router::route_layer`, and on routers that are nested or merged, it goes
//! anywhere. Some places are better than others:
//!
//! - A layer with [`Require`] belongs on its route or in `Router::route_layer`.
//!   `Router::layer` covers the fallback too, and a client that asks for a path
//!   that isn't there would get a 400, not a 404.
//! - A middleware that filters what clients offer belongs outside the layer,
//!   which is the last to read the header: a nested layer is given the client's
//!   own list.
//! - A logger outside the layer sees the header as the client sent it, with
//!   whatever secret may be in it. tower-http's `SetSensitiveRequestHeadersLayer`,
//!   outside of both, marks it.
//!
//!   ```
//!   use axum::{Router, http::header::SEC_WEBSOCKET_PROTOCOL};
//!   use axum_subprotocol::SubprotocolLayer;
//!   use tower_http::{sensitive_headers::SetSensitiveRequestHeadersLayer, trace::TraceLayer};
//!
//!   let app: Router = Router::new()
//!       // … routes …
//!       .layer(SubprotocolLayer::new(["mqtt"]))
//!       .layer(TraceLayer::new_for_http())
//!       .layer(SetSensitiveRequestHeadersLayer::new([SEC_WEBSOCKET_PROTOCOL]));
//!   ```
//! - A layer that is a default for many routes should keep [`Require::Never`],
//!   and tolerate whatever a route beneath it tolerates: a client that it rejects
//!   doesn't get to the route's own layer.
//! - A middleware between two layers may make the reply anew, but must let the
//!   request's extensions through: there the inner layer finds the client's list.
//! - Two layers on one method router that both work with any type of error, as
//!   this one does and most of tower-http's, need a hint (`cannot infer type of
//!   the type parameter NewError`). Use `Router::route_layer` for one of them,
//!   a `ServiceBuilder` for both, or `layer::<_, Infallible>(…)` for the first.
//!
//! In a `ServiceBuilder`, and before Tower services that know nothing of axum,
//! the type of the response body matters. It must be `From<String>`, for the text
//! of a rejection, as `axum::body::Body` and `http_body_util::Full<Bytes>` are.
//! A layer beneath that changes it, as those for tracing and compression do,
//! needs a `MapResponseBodyLayer` of tower-http in between:
//!
//! ```
//! use axum::{Router, body::Body};
//! use axum_subprotocol::SubprotocolLayer;
//! use tower::ServiceBuilder;
//! use tower_http::{map_response_body::MapResponseBodyLayer, trace::TraceLayer};
//!
//! let app: Router = Router::new()
//!     // … routes …
//!     .layer(
//!         ServiceBuilder::new()
//!             .layer(SubprotocolLayer::new(["soap", "wamp"]))
//!             .layer(MapResponseBodyLayer::new(Body::new))
//!             .layer(TraceLayer::new_for_http()),
//!     );
//! ```
//!
//! `Body::new` takes any body, hyper's `BoxBody` among them; without axum it is
//! `axum_core::body::Body`. A service that knows nothing of axum finds the
//! selected name in the header of the handshake. (In a request that is not a
//! handshake by R1, the header is the client's.)
//!
//! # What may surprise you
//!
//! - Behind the layer, `WebSocketUpgrade::requested_protocols` of axum has the
//!   selected name only, and `set_selected_protocol` is overruled. The client's
//!   list is in [`OfferedSubprotocols`].
//! - `WebSocket::protocol` of axum has what the handler told axum, and nothing
//!   of layers. Use the extracted value. If other code relies on that method,
//!   tell axum: `ws.set_selected_protocol((&name).into())`, with the name of a
//!   plain [`SelectedSubprotocol`].
//! - A browser that offered names drops the socket when none is selected, and so
//!   does Node's `ws`; Python's `websockets` goes on without. A page sees an `error`
//!   and a `close` with the code 1006, and never `open`, whether the server completed
//!   the handshake or refused it. Choose [`Require::IfOffered`] where browsers are
//!   served: no handler starts for a socket that is lost already, and the browser's
//!   console has a 400, not a riddle. Keep [`Require::Never`] for clients that
//!   offer names and can do without.
//! - A proxy may pass on the client's header lines one by one or as one line: the
//!   selection is the same. One that is told to set the header by name may lose all
//!   lines but the first, as nginx 1.22 does with `proxy_set_header
//!   Sec-WebSocket-Protocol $http_sec_websocket_protocol`. Leave that out: proxies
//!   pass the header on by themselves.
//! - A handler that extracts a plain `SelectedSubprotocol<T>` rejects clients
//!   for which nothing was selected. Extract an `Option` to serve them.
//! - A route with the extractor and without a layer answers 500, and says so.
//! - With `get` instead of `any`, HTTP/2 clients get a 405.
//!
//! # Credentials among the offers
//!
//! A browser can't set `Authorization` on a WebSocket, so clients put their token
//! among the offers. A layer that is told where hands it on as the header that any
//! authentication reads:
//!
//! ```
//! use axum::{Router, extract::ws::WebSocketUpgrade, response::Response, routing::any};
//! use axum_extra::{TypedHeader, headers::{Authorization, authorization::Bearer}};
//! use axum_subprotocol::{OfferedCredential, SubprotocolLayer};
//!
//! async fn chat(TypedHeader(Authorization(bearer)): TypedHeader<Authorization<Bearer>>, ws: WebSocketUpgrade) -> Response {
//!     println!("a token of {} bytes", bearer.token().len());
//!     ws.on_upgrade(|socket| async move { /* … */ })
//! }
//!
//! // new WebSocket(url, ["chat.v2", "bearer." + token])
//! let layer = SubprotocolLayer::new(["chat.v2"])
//!     .credential(OfferedCredential::after_prefix("bearer."));
//! let app: Router = Router::new().route("/chat", any(chat).layer(layer));
//! ```
//!
//! [`OfferedCredential`] has the shapes that are in use. The rules:
//!
//! - A credential is taken before anything else is judged, and is then no part of the
//!   client's list: it is not selected, not counted by `max_offers`, in no header that
//!   goes on, and not in [`OfferedSubprotocols`]. The outermost layer that is told of
//!   it takes it.
//! - The request goes on with `Authorization: Bearer <token>`, marked as sensitive,
//!   and with [`AuthorizationFromOffers`] among its extensions. A request that has an
//!   `Authorization` already keeps it; the credential is checked and removed all the
//!   same.
//! - The layer checks the form of a token, never whether it is valid. A credential
//!   that is against a [rule](rejection::CredentialFault) is a 400, in both
//!   [`Malformed`] modes. So is a credential without an offer beside it: no browser
//!   could accept the reply.
//! - A request without a credential goes on without one. That it needs one is for
//!   the authentication behind the layer to say.
//! - A request that is no handshake is not looked at: behind a proxy that drops
//!   `Upgrade`, say, the header goes on as it is, token and all.
//!
//! ## In which order the layers go
//!
//! Authentication stands behind the layer, the check of `Origin` and the logs stand
//! before it. With `Router::layer` the last one added is the first one that a request
//! meets:
//!
//! ```
//! use axum::{
//!     Router, extract::Request, http::{StatusCode, header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL}},
//!     middleware::{Next, from_fn}, response::Response, routing::any,
//! };
//! use axum_subprotocol::{OfferedCredential, SubprotocolLayer};
//! use tower_http::{sensitive_headers::SetSensitiveRequestHeadersLayer, trace::TraceLayer};
//!
//! async fn authenticate(request: Request, next: Next) -> Result<Response, StatusCode> {
//!     match request.headers().get(AUTHORIZATION) {
//!         Some(_) => { /* … */ Ok(next.run(request).await) }
//!         None => Err(StatusCode::UNAUTHORIZED),
//!     }
//! }
//!
//! # async fn check_origin(request: Request, next: Next) -> Response { next.run(request).await }
//! # async fn chat() {}
//! let layer = SubprotocolLayer::new(["chat.v2"])
//!     .credential(OfferedCredential::after_prefix("bearer."));
//! let app: Router = Router::new()
//!     .route("/chat", any(chat))
//!     .route_layer(from_fn(authenticate))
//!     .route_layer(layer)
//!     .route_layer(from_fn(check_origin))
//!     .layer(TraceLayer::new_for_http())
//!     .layer(SetSensitiveRequestHeadersLayer::new([SEC_WEBSOCKET_PROTOCOL]));
//! ```
//!
//! ## Other people's pages
//!
//! Any page can make a browser open a WebSocket to your server: the same-origin
//! policy doesn't cover it, and no preflight asks (RFC 6455 §10.2). So check
//! `Origin`, outside the layer:
//!
//! ```
//! use axum::{extract::Request, http::{StatusCode, header::ORIGIN}, middleware::Next, response::Response};
//!
//! async fn check_origin(request: Request, next: Next) -> Result<Response, StatusCode> {
//!     match request.headers().get(ORIGIN) {
//!         Some(origin) if origin != "https://chat.example" => Err(StatusCode::FORBIDDEN),
//!         // Programs that are no browsers send none.
//!         _ => Ok(next.run(request).await),
//!     }
//! }
//! ```
//!
//! A foreign page chooses the offers, and the browser adds your cookies. So never mix
//! the two: where a token is taken from the offers, no cookie session may count
//! beside it, and a check against cross-site requests that lets requests with
//! `Authorization` pass, because no foreign page can set that header, must not let
//! these pass:
//!
//! ```
//! use axum::{Extension, http::{HeaderMap, header::AUTHORIZATION}};
//! use axum_subprotocol::AuthorizationFromOffers;
//!
//! fn is_exempt(headers: &HeaderMap, from_offers: Option<Extension<AuthorizationFromOffers>>) -> bool {
//!     headers.contains_key(AUTHORIZATION) && from_offers.is_none()
//! }
//! ```
//!
//! ## Logs
//!
//! What stands outside the layer sees the header with the token in it. Mark it as
//! sensitive, outside of both, and `Debug` of a request doesn't show it:
//!
//! ```
//! use axum::{Router, http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL}};
//! use tower_http::{sensitive_headers::SetSensitiveRequestHeadersLayer, trace::{DefaultMakeSpan, TraceLayer}};
//!
//! let app: Router = Router::new()
//!     // … routes with their layers …
//!     .layer(TraceLayer::new_for_http().make_span_with(DefaultMakeSpan::new().include_headers(true)))
//!     .layer(SetSensitiveRequestHeadersLayer::new([AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL]));
//! ```
//!
//! A proxy in front has logs of its own.
//!
//! # A choice by code
//!
//! [`SubprotocolLayer::from_fn`] takes a function that selects one of the offers, for
//! ranges of versions, tenants, feature flags. Everything but the selection stays as
//! it is:
//!
//! ```
//! use axum::{Router, body::Body, http::{Request, StatusCode}, routing::any};
//! use axum_subprotocol::{SelectedSubprotocol, SubprotocolLayer};
//! use tower::ServiceExt;
//!
//! fn version(name: &str) -> Option<u32> {
//!     let digits = name.strip_prefix("chat.v")?;
//!     let version: u32 = digits.parse().ok()?;
//!     // `chat.v+9` and `chat.v09` are other names.
//!     (version.to_string() == digits).then_some(version)
//! }
//!
//! async fn chat(SelectedSubprotocol(name): SelectedSubprotocol) -> (StatusCode, [(&'static str, &'static str); 1]) {
//!     assert_eq!(name, "chat.v9");
//!     (StatusCode::SWITCHING_PROTOCOLS, [("upgrade", "websocket")])
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! // The newest version that the client offers, of 5 to 9.
//! let layer = SubprotocolLayer::from_fn(|offered, _head| {
//!     let supported = offered.iter().filter(|name| version(name).is_some_and(|version| (5..=9).contains(&version)));
//!     supported.max_by_key(|name| version(name))
//! });
//! let app: Router = Router::new().route("/", any(chat).layer(layer));
//!
//! let handshake = Request::get("/")
//!     .header("upgrade", "websocket")
//!     .header("sec-websocket-protocol", "chat.v7, chat.v9, chat.v10")
//!     .body(Body::empty())
//!     .unwrap();
//! let response = app.oneshot(handshake).await.unwrap();
//! assert_eq!(response.headers()["sec-websocket-protocol"], "chat.v9");
//! # }
//! ```
//!
//! # Names that are no tokens
//!
//! Some programs offer what RFC 6455 forbids: `kubectl port-forward` says
//! `SPDY/3.1+portforward.k8s.io`. Elsewhere that is a malformed offer. To support it,
//! say so:
//!
//! ```
//! use axum_subprotocol::SubprotocolLayer;
//!
//! let layer = SubprotocolLayer::new_with_non_tokens(["SPDY/3.1+portforward.k8s.io"]);
//! ```
//!
//! An enum's names come with [`SubprotocolLayer::of_with_non_tokens`], and a handler
//! extracts such a name like any other.
//!
//! # Seeing what happens
//!
//! With the feature `tracing` the layer emits an event for each handshake, at level
//! `DEBUG`: which names are supported, and which is selected or why the handshake is
//! rejected. A mistake of the program is an `ERROR`. What the client sent is in none of
//! them.
//!
//! The selected name is also recorded in the current span, if that has a field
//! `websocket.subprotocol`. Of nested layers each has its event and its record; the
//! innermost's is the last, and counts. A field has to be declared when its span is
//! made:
//!
//! ```
//! use axum::{Router, extract::Request, routing::any};
//! use axum_subprotocol::SubprotocolLayer;
//! use tower_http::trace::TraceLayer;
//! use tracing::{field, info_span};
//!
//! # async fn chat() {}
//! let app: Router = Router::new()
//!     .route("/chat", any(chat).layer(SubprotocolLayer::new(["chat.v2"])))
//!     .layer(TraceLayer::new_for_http().make_span_with(|request: &Request| {
//!         let path = request.uri().path();
//!         info_span!("request", path, websocket.subprotocol = field::Empty)
//!     }));
//! ```
//!
//! # Testing a handler
//!
//! A test that calls the router with `oneshot` has no connection that could be
//! upgraded, so `WebSocketUpgrade` rejects it. To test what a layer selects,
//! extract [`SelectedSubprotocol`] alone, and answer with the 101 yourself, its
//! `Upgrade` included. (To test a handler, call it: the extractor's field is
//! public. To test all of it, serve the app on port 0.)
//!
//! ```
//! use axum::{Router, body::Body, http::{Request, StatusCode, header::UPGRADE}, routing::any};
//! use axum_subprotocol::{SelectedSubprotocol, SubprotocolLayer};
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! async fn switch(SelectedSubprotocol(name): SelectedSubprotocol) -> (StatusCode, [(&'static str, &'static str); 1]) {
//!     assert_eq!(name, "soap");
//!     (StatusCode::SWITCHING_PROTOCOLS, [("upgrade", "websocket")])
//! }
//!
//! let layer = SubprotocolLayer::new(["wamp", "soap"]);
//! let app: Router = Router::new().route("/", any(switch).layer(layer));
//! let handshake = Request::get("/")
//!     .header("upgrade", "websocket")
//!     .header("sec-websocket-protocol", "mqtt, soap, wamp")
//!     .body(Body::empty())
//!     .unwrap();
//!
//! let response = app.oneshot(handshake).await.unwrap();
//! assert_eq!(response.headers()["sec-websocket-protocol"], "soap");
//! # }
//! ```

#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod config;
mod config_error;
mod credentials;
mod elements;
mod extract;
mod future;
mod grammar;
mod handshake;
mod header;
mod inward;
mod layer;
mod name_deserializer;
mod negotiation;
mod offers;
mod policy;
pub mod rejection;
mod selection;
mod service;
mod subprotocol;
mod supported;
mod trace;
mod variants;

pub use self::{
    config_error::ConfigError,
    credentials::{AuthorizationFromOffers, OfferedCredential},
    extract::SelectedSubprotocol,
    future::ResponseFuture,
    layer::SubprotocolLayer,
    offers::OfferedSubprotocols,
    policy::{Malformed, Preference, Require},
    rejection::{SelectedSubprotocolRejection, SubprotocolRejection},
    service::SubprotocolService,
    subprotocol::{InvalidSubprotocol, Subprotocol},
};

/// The README's code, compiled and run with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
