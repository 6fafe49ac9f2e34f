//! Heads with as many headers as a `HeaderMap` holds.

use std::{cell::Cell, rc::Rc};

use axum_subprotocol::rejection::{CredentialFault, CredentialRejection};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
};

use super::{exchange, extract, lines, others_equal};
use crate::harness::{
    Body, CredentialConfig, Function, Piece, Selector, Shape, SubprotocolConfig, service,
};

/// Adds headers until no more fit.
fn fill(headers: &mut HeaderMap) {
    let value = HeaderValue::from_static("");
    for number in 0.. {
        let name: HeaderName = format!("x-{number}").parse().unwrap();
        if headers.try_append(name, value.clone()).is_err() {
            break;
        }
    }
    assert!(headers.keys_len() > 20_000);
}

fn handshake(offers: &[&'static str]) -> Request<Vec<u8>> {
    let mut request = Request::new(Vec::new());
    let headers = request.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    for offer in offers {
        headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offer));
    }
    request
}

fn reply() -> Response<Body> {
    let mut reply = Response::new(Body::OfHandler(Vec::new()));
    *reply.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
    reply
}

fn plain() -> Piece {
    Piece::Subprotocol(SubprotocolConfig::new(&["v2", "v1"]))
}

#[test]
fn r7_a_request_full_of_headers_continues_with_the_selected_name() {
    for (offers, selected) in [
        (&["x, v1"][..], Some("v1")),
        (&["x", "", "v2", "v1"], Some("v2")),
        (&["x"], None),
        (&[], None),
    ] {
        let mut request = handshake(offers);
        fill(request.headers_mut());
        let before = request.headers().clone();

        let (inward, outward, _) = exchange(&[plain()], request, reply());
        let inward = inward.unwrap();
        let expected: Vec<_> = selected.into_iter().collect();
        assert_eq!(lines(inward.headers()), expected);
        assert_eq!(lines(outward.headers()), expected);
        assert!(others_equal(inward.headers(), &before));
        assert_eq!(extract(inward).0.as_deref(), selected);
    }
}

#[test]
fn r8_a_reply_full_of_headers_keeps_them() {
    for own in [&[][..], &["own"], &["own", "choice"]] {
        let mut response = reply();
        for name in own {
            let name = HeaderValue::from_static(name);
            response.headers_mut().append(SEC_WEBSOCKET_PROTOCOL, name);
        }
        fill(response.headers_mut());
        let before = response.headers().clone();

        let (_, outward, _) = exchange(&[plain()], handshake(&["v1"]), response);
        // Without a header of its own the reply has no room for the name.
        let expected: Vec<_> = own.first().map(|_| "v1").into_iter().collect();
        assert_eq!(lines(outward.headers()), expected);
        assert!(others_equal(outward.headers(), &before));
    }
}

/// A request has room for all that the layers write into it, or it is rejected.
#[test]
fn nested_layers_never_panic_however_full_the_heads_are() {
    let by_function = || {
        Piece::Subprotocol(SubprotocolConfig {
            selector: Selector::Function(Function::First),
            ..SubprotocolConfig::new(&[])
        })
    };
    let selects_nothing = || Piece::Subprotocol(SubprotocolConfig::new(&["v"]));
    let credential = || Piece::Credential(CredentialConfig::new(Shape::AfterPrefix("bearer.")));
    let stacks = [
        vec![plain(), plain()],
        vec![selects_nothing(), by_function()],
        vec![credential(), plain()],
        vec![credential(), by_function()],
        vec![credential(), selects_nothing(), plain()],
    ];
    let (reached, rejected) = (Rc::new(Cell::new(0)), Cell::new(0));
    let mut full_reply = reply();
    fill(full_reply.headers_mut());
    for (offers, own) in [
        (&["v1"][..], None),
        (&["bearer.a"], None),
        (&["bearer.a, v1"], None),
        (&["bearer.a", "v1"], None),
        (
            &["bearer.a, v1"],
            Some(HeaderValue::from_static("Basic eDp5")),
        ),
    ] {
        let mut request = handshake(offers);
        let headers = request.headers_mut();
        headers.extend(own.map(|own| (AUTHORIZATION, own)));
        fill(headers);
        for free in 0..=2 {
            if free > 0 {
                request.headers_mut().remove(&*format!("x-{free}"));
            }
            for stack in &stacks {
                let about = format!("{offers:?}, {free} free, {stack:?}");
                let (count, full_reply) = (Rc::clone(&reached), full_reply.clone());
                let moves = matches!(stack[0], Piece::Credential(_)) && offers != ["v1"];
                let handler = move |request: Request<Vec<u8>>| {
                    let inward: Vec<_> = lines(request.headers()).into_iter().cloned().collect();
                    let authorization = request.headers().get(AUTHORIZATION);
                    assert_eq!(authorization.is_some_and(|it| it == "Bearer a"), moves);
                    let (selected, _) = extract(request);
                    let selected: Vec<_> = selected.as_deref().into_iter().collect();
                    assert_eq!(inward, selected, "{about}");
                    count.set(count.get() + 1);
                    full_reply.clone()
                };
                let outward = service(stack, Box::new(handler))(request.clone());
                assert!(lines(outward.headers()).is_empty());
                if let Some(rejection) = outward.extensions().get::<CredentialRejection>() {
                    assert_eq!(rejection.fault(), CredentialFault::NoRoom);
                    rejected.set(rejected.get() + 1);
                }
            }
        }
    }
    assert!(rejected.get() > 0 && reached.get() > rejected.get());
}
