// Examples that need the extractors are not run without them.
#![cfg_attr(any(feature = "axum", not(doctest)), doc = include_str!("docs/overview.md"))]
#![doc = include_str!("docs/rules.md")]
#![cfg_attr(any(feature = "axum", not(doctest)), doc = include_str!("docs/layers.md"))]
#![doc = include_str!("docs/configuration.md")]
#![cfg_attr(any(feature = "axum", not(doctest)), doc = include_str!("docs/credentials.md"))]
#![doc = include_str!("docs/functions.md")]
#![cfg_attr(any(feature = "axum", not(doctest)), doc = include_str!("docs/logs.md"))]
#![cfg_attr(any(feature = "axum", not(doctest)), doc = include_str!("docs/surprises.md"))]
#![cfg_attr(any(feature = "axum", not(doctest)), doc = include_str!("docs/testing.md"))]
#![cfg_attr(any(feature = "axum", not(doctest)), doc = include_str!("docs/migration.md"))]
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
mod error;
mod extract;
mod future;
mod handshake;
mod header;
mod layer;
mod list;
mod negotiate;
// Only a page of the documentation.
#[cfg(all(doc, any(feature = "axum", not(doctest))))]
#[doc = include_str!("docs/recipes.md")]
pub mod recipes {}
pub mod rejection;
mod reply;
mod service;
mod subprotocol;
#[cfg(feature = "tracing")]
mod trace;

pub use self::{
    credential::{
        CredentialFromOffers, OfferedCredentialFuture, OfferedCredentialLayer,
        OfferedCredentialService,
    },
    error::{ConfigError, InvalidSubprotocol},
    extract::SelectedSubprotocol,
    future::ResponseFuture,
    layer::SubprotocolLayer,
    negotiate::{Malformed, OfferedSubprotocols, Preference, Require},
    service::SubprotocolService,
    subprotocol::Subprotocol,
};

#[cfg(all(doctest, feature = "axum"))]
#[doc = include_str!("../README.md")]
struct Readme;
