//! Heads with as many headers as a `HeaderMap` holds.

use std::future::ready;

use axum_subprotocol::{OfferedCredential, SubprotocolLayer};
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Version,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION},
};
use tower::{Layer, Service, service_fn};

use crate::{Body, exchange, extract, lines, others_equal};

/// Adds headers until no more fit, and returns how many names there are then.
fn fill(headers: &mut HeaderMap) -> usize {
    let value = HeaderValue::from_static("");
    for number in 0.. {
        let name: HeaderName = format!("x-{number}").parse().unwrap();
        if headers.try_append(name, value.clone()).is_err() {
            break;
        }
    }
    headers.keys_len()
}

fn handshake() -> Request<()> {
    let mut request = Request::new(());
    *request.method_mut() = Method::CONNECT;
    *request.version_mut() = Version::HTTP_2;
    let version = HeaderValue::from_static("13");
    request.headers_mut().insert(SEC_WEBSOCKET_VERSION, version);
    request
}

#[test]
fn a_request_full_of_headers_goes_on_with_the_selected_name() {
    let layer = SubprotocolLayer::new(["v2", "v1"]);
    for (offers, selected) in [
        (&["x, v1"][..], Some("v1")),
        (&["x", "", "v2", "v1"], Some("v2")),
        (&["x"], None),
        (&[], None),
    ] {
        let mut request = handshake();
        for offer in offers {
            let offer = HeaderValue::from_static(offer);
            request.headers_mut().append(SEC_WEBSOCKET_PROTOCOL, offer);
        }
        let names = fill(request.headers_mut());
        assert!(names > 20_000, "{names}");
        let before = request.headers().clone();

        let response = Response::new(Body::Own(Vec::new()));
        let (inward, outward, _) = exchange(&layer, request, response);
        let inward = inward.unwrap();
        let expected: Vec<_> = selected.into_iter().collect();
        assert_eq!(lines(inward.headers()), expected);
        assert_eq!(lines(outward.headers()), expected);
        assert!(others_equal(inward.headers(), &before));
        assert_eq!(extract(inward).0.as_deref(), selected);
    }
}

#[test]
fn a_reply_full_of_headers_stays_as_it_is() {
    let layer = SubprotocolLayer::new(["v2", "v1"]);
    let offer = HeaderValue::from_static("v1");
    for own in [&[][..], &["own"], &["own", "choice"]] {
        let mut request = handshake();
        request
            .headers_mut()
            .insert(SEC_WEBSOCKET_PROTOCOL, offer.clone());
        let mut response = Response::new(Body::Own(Vec::new()));
        for name in own {
            let name = HeaderValue::from_static(name);
            response.headers_mut().append(SEC_WEBSOCKET_PROTOCOL, name);
        }
        fill(response.headers_mut());
        let before = response.headers().clone();

        let (_, outward, _) = exchange(&layer, request, response);
        // Without a header of its own the reply has no room for the name.
        let expected: Vec<_> = own.first().map(|_| "v1").into_iter().collect();
        assert_eq!(lines(outward.headers()), expected);
        assert!(others_equal(outward.headers(), &before));
    }
}

/// Two layers, with credentials and without, by code and by a list.
fn stacks() -> [[SubprotocolLayer; 2]; 6] {
    let plain = || SubprotocolLayer::new(["v2", "v1"]);
    let by_code = || SubprotocolLayer::from_fn(|offered, _| offered.iter().next());
    let nothing = || SubprotocolLayer::from_fn(|_, _| None);
    let taking =
        |layer: SubprotocolLayer| layer.credential(OfferedCredential::after_prefix("bearer."));
    [
        [plain(), plain()],
        [plain(), taking(by_code())],
        [nothing(), taking(plain())],
        [taking(plain()), by_code()],
        [taking(nothing()), plain()],
        [taking(by_code()), taking(plain())],
    ]
}

/// Either a request has room for all that it must say, or it is rejected.
#[test]
fn nested_layers_never_panic_however_full_the_heads_are() {
    let mut reply = Response::new(());
    fill(reply.headers_mut());
    let mut reached = 0;
    for (offers, has_own) in [
        (&["v1"][..], false),
        (&["bearer.a, v1"], false),
        (&["bearer.a", "v1"], false),
        (&["bearer.a, v1"], true),
    ] {
        let mut request = handshake();
        let headers = request.headers_mut();
        if has_own {
            headers.insert(AUTHORIZATION, HeaderValue::from_static("Basic eDp5"));
        }
        for offer in offers {
            headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offer));
        }
        fill(headers);
        for free in 0..=2 {
            if free > 0 {
                request.headers_mut().remove(&*format!("x-{free}"));
            }
            for [outer, inner] in stacks() {
                let about = format!("{offers:?}, {free} free, {outer:?}, {inner:?}");
                let handler = service_fn(|request: Request<()>| {
                    let inward: Vec<_> = lines(request.headers()).into_iter().cloned().collect();
                    let (selected, _) = extract(request);
                    let selected: Vec<_> = selected.as_deref().into_iter().collect();
                    assert_eq!(inward, selected, "{about}");
                    reached += 1;
                    ready(Ok::<_, ()>(reply.clone().map(|()| Body::Own(Vec::new()))))
                });
                let outward = outer.layer(inner.layer(handler)).call(request.clone());
                let outward = outward.now_or_never().unwrap().unwrap();
                assert!(lines(outward.headers()).is_empty(), "{about}");
            }
        }
    }
    assert!(reached > 0, "no request has got through");
}
