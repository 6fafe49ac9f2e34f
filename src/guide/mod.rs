//! The chapters of the documentation, each a page of its own, in the order in which they
//! are needed:
//!
//! | Chapter | What it says |
//! | --- | --- |
//! | [`layers`] | where a layer goes |
//! | [`credentials`] | a token among the offers, and pages of other sites |
//! | [`pages`] | what a page's script learns, and tokens in a page |
//! | [`configuration`] | layers from a file or the environment |
//! | [`functions`] | selecting with code |
//! | [`logs`] | events, a span field, counters |
//! | [`testing`] | tests of handlers and routes |
//! | [`migration`] | from `protocols()`, and from a parser by hand |
//! | [`rules`] | R1 to R10 and C1 to C8 |
//! | [`recipes`] | short programs for particular needs |
//! | [`surprises`] | what users ran into |

// What the chapters link to.
#[allow(unused_imports, reason = "only links use it")]
use crate::*;

/// Declares the chapters. The doc tests of a chapter with `axum` need that feature.
macro_rules! chapters {
    ($($chapter:ident $(: $feature:literal)?),* $(,)?) => {
        $(
            $(#[cfg(any(feature = $feature, not(doctest)))])?
            #[doc = include_str!(concat!(stringify!($chapter), ".md"))]
            pub mod $chapter {}
        )*
    };
}

chapters! {
    configuration,
    credentials: "axum",
    functions,
    layers: "axum",
    logs: "axum",
    migration: "axum",
    pages: "axum",
    recipes: "axum",
    rules,
    surprises: "axum",
    testing: "axum",
}
