//! Random requests through random stacks of both layers and other middleware, against
//! an oracle.
//!
//! A test run takes some thousand requests. For more, on all cores:
//!
//! ```sh
//! STACKS=100000000 cargo test --release --test integration random_stacks -- --nocapture
//! ```

use std::sync::atomic::{AtomicUsize, Ordering};

use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};

use crate::{
    harness::{Case, CredentialConfig, Line, Middleware, Piece, Seen, Shape},
    support::random::check_random,
};

const PREFIX: CredentialConfig = CredentialConfig::new(Shape::AfterPrefix("bearer."));

#[test]
fn every_random_stack_does_what_the_rules_say() {
    let handled = AtomicUsize::new(0);
    check_random("STACKS", 20_000, |source| {
        let case: Case = source.arbitrary().unwrap();
        handled.fetch_add(case.check().min(1), Ordering::Relaxed);
    });
    println!("{handled:?} requests reached the handler");
}

/// Sends `offers` through two credential layers with middleware between them.
fn between(middleware: Middleware, inner: CredentialConfig, offers: &str) -> Seen {
    let stack = vec![
        Piece::Credential(PREFIX),
        Piece::Middleware(middleware),
        Piece::Credential(inner),
    ];
    let mut case = Case::handshake(stack, true);
    case.set_offers([Line::new(offers)]);
    case.check_rules()
}

// Random stacks reach the first of these once in 300,000 requests, and the second never.

#[test]
fn c6_adds_nothing_to_a_listed_header_that_middleware_removed() {
    let middleware = Middleware::RemoveFromRequest(AUTHORIZATION);
    let inner = CredentialConfig::new(Shape::AfterName("bearer"));
    let seen = between(middleware, inner, "bearer.a, bearer, b");
    assert!(!seen.inward[0].headers.contains(AUTHORIZATION));
}

#[test]
fn c6_does_not_echo_if_a_layer_of_the_same_shape_has_looked() {
    let line = Line::new("bearer.a");
    let middleware = Middleware::AppendToRequest((SEC_WEBSOCKET_PROTOCOL, line));
    let inner = CredentialConfig {
        echo_if_alone: true,
        ..PREFIX
    };
    let seen = between(middleware, inner, "");
    assert!(!seen.inward[0].headers.contains(AUTHORIZATION));
    assert!(!seen.outward.headers.contains(SEC_WEBSOCKET_PROTOCOL));
}
