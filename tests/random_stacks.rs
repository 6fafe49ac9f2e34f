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
    harness::{Case, CredentialConfig, Line, Middleware, Piece, Shape},
    support::random::check_random,
};

#[test]
fn every_random_stack_does_what_the_rules_say() {
    let handled = AtomicUsize::new(0);
    check_random("STACKS", 20_000, |source| {
        let case: Case = source.arbitrary().unwrap();
        handled.fetch_add(case.check().min(1), Ordering::Relaxed);
    });
    println!("{handled:?} requests reached the handler");
}

/// Random stacks reach the first of these once in 300,000 requests, and the second never.
#[test]
fn c6_a_layer_heeds_what_a_layer_outside_did_whatever_middleware_did_since() {
    const PREFIX: CredentialConfig = CredentialConfig::new(Shape::AfterPrefix("bearer."));
    const NAME: CredentialConfig = CredentialConfig::new(Shape::AfterName("bearer"));

    let echoing = CredentialConfig {
        echo_if_alone: true,
        ..PREFIX
    };
    let forget = Middleware::RemoveFromRequest(AUTHORIZATION);
    let offer = Middleware::AppendToRequest((SEC_WEBSOCKET_PROTOCOL, Line::new("bearer.a")));
    let cases = [("bearer.a, bearer, b", forget, NAME), ("", offer, echoing)];
    for (offers, middleware, inner) in cases {
        let stack = vec![
            Piece::Credential(PREFIX),
            Piece::Middleware(middleware),
            Piece::Credential(inner),
        ];
        let mut case = Case::handshake(stack, true);
        case.set_offers([Line::new(offers)]);
        let seen = case.check_rules();
        assert!(!seen.inward[0].headers.contains(AUTHORIZATION));
        assert!(!seen.outward.headers.contains(SEC_WEBSOCKET_PROTOCOL));
    }
}
