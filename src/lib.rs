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
    encoding::Encoding,
    error::{ConfigError, InvalidSubprotocol},
    future::ResponseFuture,
    selection::policy::{Malformed, Preference, Require},
    service::{OfferedCredentialService, SubprotocolService},
    subprotocol::Subprotocol,
};

// rustdoc's search finds the aliases of a re-export, and not those of what it exports.
#[doc(alias("cookie", "csrf", "origin"))]
pub use self::credential::from_offers::CredentialFromOffers;
#[doc(alias("auth", "authentication", "authorization", "bearer", "jwt", "token"))]
pub use self::credential::layer::OfferedCredentialLayer;
#[doc(alias(
    "graphql",
    "mqtt",
    "negotiation",
    "ocpp",
    "protocols",
    "set_selected_protocol"
))]
pub use self::layer::SubprotocolLayer;
#[doc(alias("requested_protocols"))]
pub use self::selection::offered::OfferedSubprotocols;
#[doc(alias("selected_protocol"))]
pub use self::selection::selected::SelectedSubprotocol;

#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../README.md")]
struct Readme;
