// Examples that need the extractors are not run without them.
#![cfg_attr(any(feature = "axum", not(doctest)), doc = include_str!("guide/overview.md"))]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
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
mod credential;
mod encoding;
mod error;
#[cfg(feature = "axum")]
mod extract;
mod future;
#[cfg(doc)]
pub mod guide;
mod handshake;
mod layer;
mod negotiate;
pub mod rejection;
mod selection;
mod service;
mod subprotocol;
#[cfg(feature = "tracing")]
mod trace;

pub use self::{
    credential::{from_offers::CredentialFromOffers, layer::OfferedCredentialLayer},
    encoding::Encoding,
    error::{ConfigError, InvalidSubprotocol},
    future::ResponseFuture,
    layer::SubprotocolLayer,
    selection::{
        offered::OfferedSubprotocols,
        policy::{Malformed, Preference, Require},
        selected::SelectedSubprotocol,
    },
    service::{OfferedCredentialService, SubprotocolService},
    subprotocol::Subprotocol,
};

#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../README.md")]
struct Readme;
