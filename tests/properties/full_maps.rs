//! Heads with as many headers as a `HeaderMap` holds.

use axum_subprotocol::{
    Malformed, OfferedSubprotocols, SelectedSubprotocol, rejection::CredentialRejection,
};
use http::{HeaderValue, Response, StatusCode, header::AUTHORIZATION};

use crate::{
    harness::{Choice, CredentialConfig, Destination, Form, Pick, Piece, SubprotocolConfig},
    support::exchange::{exchange, fill, lines, offering, switch},
};

fn plain() -> Piece {
    Piece::Subprotocol(SubprotocolConfig::new(&["v2", "v1"]))
}

fn assert_no_room(reply: &Response<String>) {
    let rejection = reply.extensions().get().expect("a rejection");
    assert!(matches!(rejection, CredentialRejection::NoRoom { .. }));
    assert_eq!(reply.status(), StatusCode::BAD_REQUEST);
    assert_eq!(*reply.body(), rejection.body_text());
    assert!(reply.body().contains("too many headers"));
}

/// A request has room for all that the layers write into it, or it is rejected. A reply
/// stays as it is.
#[test]
fn r7_r8_c5_c7_a_head_full_of_headers_has_room_or_not() {
    let function = || {
        Piece::Subprotocol(SubprotocolConfig {
            choice: Choice::ByFunction(Pick::First),
            ..SubprotocolConfig::new(&[])
        })
    };
    let nothing = || Piece::Subprotocol(SubprotocolConfig::new(&["v"]));
    let credential = |malformed| {
        Piece::Credential(CredentialConfig {
            malformed,
            echo_if_alone: true,
            ..CredentialConfig::new(Form::AfterPrefix("bearer."))
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
                assert_eq!(inward.is_some(), has_room, "{about}");
                let Some(inward) = inward else {
                    assert_no_room(&outward);
                    continue;
                };
                let authorization = inward.headers().get(AUTHORIZATION);
                let is_moved = authorization.is_some_and(|it| it == "Bearer a");
                assert_eq!(is_moved, needed.is_some(), "{about}");
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

/// What is left of a list after a credential, good or bad, is complete, or the handshake
/// is rejected. A credential that is used is in its header.
#[test]
fn c4_loses_no_offer_in_a_full_head() {
    let forms = [
        (Form::AfterPrefix("bearer."), "bearer.a", "bearer."),
        (Form::AfterName("bearer"), "bearer,a", "bearer,abcd"),
        (
            Form::Bare {
                except: &["x", "v1", "v2"],
            },
            "a",
            "abcd",
        ),
    ];
    for (form, good, bad) in forms {
        for (credential, is_good) in [(good, true), (bad, false)] {
            for (before, after) in [
                (&["x"][..], &["v1", "v2"][..]),
                (&["x, v1", "v2"], &[]),
                (&[], &["x", "v1, v2"]),
            ] {
                let offers = [before, &[credential], after].concat();
                check_nothing_is_lost(form, &offers, is_good);
            }
        }
    }
}

fn check_nothing_is_lost(form: Form, offers: &[&'static str], is_good: bool) {
    let list = offers.join(", ");
    let mut expected: Vec<_> = list.split(',').map(str::trim).collect();
    expected.retain(|element| ["x", "bearer", "v1", "v2"].contains(element));
    let mut request = offering(offers);
    fill(request.headers_mut());
    for free in 0..=5 {
        if free > 0 {
            request.headers_mut().remove(&*format!("x-{free}"));
        }
        for destination in [Destination::Bearer, Destination::Header] {
            let credential = Piece::Credential(CredentialConfig {
                destination,
                malformed: Malformed::Ignore,
                ..CredentialConfig::new(form)
            });
            for stack in [vec![credential.clone()], vec![credential.clone(), plain()]] {
                let about = format!("{offers:?}, {free} free, {stack:?}");
                let (inward, outward, _) = exchange(&stack, request.clone(), switch());
                let Some(inward) = inward else {
                    assert_no_room(&outward);
                    assert!(free < 5, "{about}");
                    continue;
                };
                let offered = OfferedSubprotocols::from_extensions(inward.extensions())
                    .unwrap_or_else(|| OfferedSubprotocols::from_headers(inward.headers()));
                assert!(offered.iter().eq(expected.iter().copied()), "{about}");
                let filled = inward.headers().get(destination.header());
                let is_moved = filled.is_some_and(|it| it == "Bearer a" || it == "a");
                assert_eq!(is_moved, is_good, "{about}");
            }
        }
    }
}
