//! What the layers allocate, beside the service behind them.

use allocation_counter::measure;
use axum_subprotocol::{Malformed, OfferedCredentialLayer, Subprotocol, SubprotocolLayer};
use bytes::Bytes;
use http::{HeaderValue, header::COOKIE};

use crate::{
    harness::{CredentialConfig, Form, Piece, SubprotocolConfig},
    support::exchange::{exchange, handshake, switch},
};

/// How often one handshake makes the layers allocate at most, with and without several
/// lines of another header.
fn allocations(stack: &[Piece], lines: &[&str]) -> u64 {
    let lines = lines.iter().map(|line| {
        let line = Bytes::copy_from_slice(line.as_bytes());
        HeaderValue::from_maybe_shared(line).unwrap()
    });
    let lines: Vec<_> = lines.collect();
    let count = |cookies| {
        let mut request = handshake(&lines);
        for _ in 0..cookies {
            let cookie = HeaderValue::from_static("a=b");
            request.headers_mut().append(COOKIE, cookie);
        }
        exchange(stack, request, switch()).2.count_total
    };
    // The first call may set up something for the thread.
    count(0);
    count(1).max(count(2))
}

#[test]
fn a_handshake_costs_an_allocation_with_a_line_two_and_with_several_three() {
    let layer = [Piece::Subprotocol(SubprotocolConfig {
        malformed: Malformed::Ignore,
        ..SubprotocolConfig::new(&["v2", "v1"])
    })];
    let long = "x".repeat(60_000);
    let many = "x,".repeat(63);
    assert_eq!(allocations(&layer, &[]), 1);
    for line in ["v1", "x, v1, v2", "x", "", &long, &many] {
        assert_eq!(allocations(&layer, &[line]), 2, "{} bytes", line.len());
    }
    for lines in [["v1", "v2", "x"], ["x", "", "v1"], ["x", "y", ""]] {
        assert_eq!(allocations(&layer, &lines), 3, "{lines:?}");
    }
}

/// A credential and the list without it are copied.
#[test]
fn a_credential_costs_a_few_allocations_more() {
    let stack = [
        Piece::Credential(CredentialConfig::new(Form::AfterPrefix("bearer."))),
        Piece::Subprotocol(SubprotocolConfig::new(&["v1"])),
    ];
    for others in ["", &"x,".repeat(62)] {
        assert!(allocations(&stack, &[&format!("{others}v1")]) <= 4);
        assert!(allocations(&stack, &[&format!("bearer.t,{others}v1")]) <= 13);
    }
}

#[test]
fn a_clone_costs_no_allocation() {
    let layer = SubprotocolLayer::new(["v2"]);
    assert_eq!(measure(|| drop(layer.clone())).count_total, 0);
    for layer in [
        OfferedCredentialLayer::after_prefix("bearer."),
        OfferedCredentialLayer::after_prefix("tenant.").header("x-tenant"),
        OfferedCredentialLayer::after_name("token").scheme("Token"),
        OfferedCredentialLayer::bare().except(["v2"]),
    ] {
        assert_eq!(measure(|| drop(layer.clone())).count_total, 0, "{layer:?}");
    }
    let name: Subprotocol = "v2".parse().unwrap();
    assert_eq!(measure(|| drop(name.clone())).count_total, 0);
    assert_eq!(measure(|| drop(HeaderValue::from(&name))).count_total, 0);
}
