//! Heads with as many headers as a `HeaderMap` holds.

use axum_subprotocol::SubprotocolLayer;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Version,
    header::{SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION},
};

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
