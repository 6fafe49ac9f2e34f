//! Heads with as many headers as a `HeaderMap` holds.

use axum_subprotocol::{
    Malformed, SelectedSubprotocol,
    rejection::{CredentialFault, CredentialRejection},
};
use http::{HeaderValue, StatusCode, header::AUTHORIZATION};

use crate::{
    harness::{CredentialConfig, Function, Piece, Selector, Shape, SubprotocolConfig},
    support::exchange::{exchange, fill, lines, offering, switch},
};

fn plain() -> Piece {
    Piece::Subprotocol(SubprotocolConfig::new(&["v2", "v1"]))
}

/// A request has room for all that the layers write into it, or it is rejected, or
/// continues without the credential. A reply stays as it is.
#[test]
fn r7_r8_c5_c7_a_head_full_of_headers_has_room_or_not() {
    let function = || {
        Piece::Subprotocol(SubprotocolConfig {
            selector: Selector::Function(Function::First),
            ..SubprotocolConfig::new(&[])
        })
    };
    let nothing = || Piece::Subprotocol(SubprotocolConfig::new(&["v"]));
    let credential = |malformed| {
        Piece::Credential(CredentialConfig {
            malformed,
            echo_if_alone: true,
            ..CredentialConfig::new(Shape::AfterPrefix("bearer."))
        })
    };
    let strict = || credential(Malformed::Reject);
    let lenient = || credential(Malformed::Ignore);
    let plain = [vec![plain(), plain()], vec![nothing(), function()]];
    let with_credential = [
        vec![strict(), nothing(), function()],
        vec![strict(), function()],
        vec![lenient(), nothing(), function()],
        vec![lenient(), function()],
    ];
    let own = HeaderValue::from_static("Basic eDp5");
    let mut reply = switch();
    fill(reply.headers_mut());
    // The free places that each needs: a header that is removed leaves one.
    for (offers, own, needed) in [
        (&["x, v1"][..], None, None),
        (&["x", "", "v1"], None, None),
        (&["bearer.a"], None, Some(0)),
        (&["bearer.a, v1"], None, Some(1)),
        (&["bearer.a", "v1"], None, Some(1)),
        (&["bearer.a, v1"], Some(own), Some(0)),
    ] {
        let mut request = offering(offers);
        let headers = request.headers_mut();
        headers.extend(own.map(|own| (AUTHORIZATION, own)));
        fill(headers);
        for free in 0..=2 {
            if free > 0 {
                request.headers_mut().remove(&*format!("x-{free}"));
            }
            let stacks = if needed.is_some() {
                &with_credential[..]
            } else {
                &plain
            };
            for stack in stacks {
                let about = format!("{offers:?}, {free} free, {stack:?}");
                let has_room = needed.is_none_or(|needed| free >= needed);
                let (inward, outward, _) = exchange(stack, request.clone(), reply.clone());
                assert!(lines(outward.headers()).is_empty());
                let Some(inward) = inward else {
                    let rejection: &CredentialRejection = outward.extensions().get().unwrap();
                    assert_eq!(rejection.fault(), CredentialFault::NoRoom);
                    assert_eq!(outward.status(), StatusCode::BAD_REQUEST);
                    assert!(rejection.body_text().contains("too many headers"));
                    assert!(!has_room, "{about}");
                    continue;
                };
                let authorization = inward.headers().get(AUTHORIZATION);
                let is_moved = authorization.is_some_and(|it| it == "Bearer a");
                assert_eq!(is_moved, needed.is_some() && has_room, "{about}");
                let selected = SelectedSubprotocol::<String>::from_extensions(inward.extensions());
                let selected = selected.unwrap().map(|selected| selected.0);
                let offered = offers.concat().contains("v1").then_some("v1");
                assert_eq!(selected.as_deref(), offered, "{about}");
                assert!(
                    lines(inward.headers()).into_iter().eq(selected.as_slice()),
                    "{about}"
                );
            }
        }
    }
}
