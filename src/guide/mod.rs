//! The chapters of the documentation.
//!
//! The [crate's page](crate#the-guide) has them in the order in which they are needed.

// No chapter needs a feature: only its doc tests do.
#![cfg_attr(docsrs, doc(auto_cfg = false))]

// What the chapters link to.
#[allow(unused_imports, reason = "only links use it")]
use crate::*;

/// Declares the chapters, with the words that find them in a search. The doc tests of a
/// chapter with `axum` need that feature.
macro_rules! chapters {
    ($($chapter:ident $(: $feature:literal)? [$($alias:literal),*]),* $(,)?) => {
        $(
            $(#[cfg(any(feature = $feature, not(doctest)))])?
            $(#[doc(alias = $alias)])*
            #[doc = include_str!(concat!(stringify!($chapter), ".md"))]
            pub mod $chapter {}
        )*
    };
}

// Its examples need many frameworks, and run in `tests/interop`.
#[cfg(not(doctest))]
#[doc(alias("actix", "aide", "hyper", "poem", "rocket", "salvo", "tonic", "warp"))]
#[doc = include_str!("frameworks.md")]
pub mod frameworks {}

chapters! {
    configuration ["environment", "figment", "toml", "yaml"],
    credentials: "axum" ["auth", "bearer", "cookie", "csrf", "jwt", "origin", "token"],
    functions [],
    layers: "axum" ["http2", "middleware", "order", "proxy"],
    logs: "axum" ["metrics", "tracing"],
    migration: "axum" ["protocols", "requested_protocols", "selected_protocol", "set_selected_protocol"],
    pages: "axum" ["browser", "close", "javascript", "ocpp"],
    recipes: "axum" ["graphql", "http2", "kubernetes", "mqtt", "openapi"],
    rules [],
    testing: "axum" ["oneshot"],
}
