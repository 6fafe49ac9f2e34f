//! WebSocket subprotocol negotiation for axum and Tower: one layer, one typed
//! extractor.

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

mod subprotocol;
mod token;

pub use self::subprotocol::{InvalidSubprotocol, Subprotocol};
