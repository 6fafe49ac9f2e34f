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
//! [axum]: https://docs.rs/axum
//! [Tower]: https://docs.rs/tower
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
//! - **R3, malformed.** An element that is no token is a 400, or is skipped with
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
//!   the inner service wrote. Any other reply to a handshake has none.
//! - **R9, nested layers.** The innermost layer decides, from the client's own
//!   list. Rejections of outer layers come first.
//! - **R10, secrets.** What a client sent is never echoed or shown, neither by
//!   an error nor by `Debug`, unless it is a name that you configured.

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
mod elements;
mod extract;
mod future;
mod handshake;
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
mod token;
mod variants;

pub use self::{
    extract::SelectedSubprotocol,
    future::ResponseFuture,
    layer::SubprotocolLayer,
    offers::OfferedSubprotocols,
    policy::{Malformed, Preference, Require},
    rejection::{SelectedSubprotocolRejection, SubprotocolRejection},
    service::SubprotocolService,
    subprotocol::{InvalidSubprotocol, Subprotocol},
    supported::ConfigError,
};
