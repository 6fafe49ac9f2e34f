//! What the layer allocates, beside the service behind it.

use std::future::ready;

use allocation_counter::measure;
use axum_subprotocol::{Malformed, OfferedCredential, SubprotocolLayer};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{COOKIE, SEC_WEBSOCKET_PROTOCOL},
};
use http_body_util::Full;
use tower::{Layer, Service, service_fn};

/// The handler of any other server that has been at work before: its reply to a
/// handshake has room for a header.
fn answer(_: Request<()>) -> Response<Full<Bytes>> {
    let mut response = Response::default();
    response.headers_mut().reserve(8);
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let websocket = HeaderValue::from_static("websocket");
    response.headers_mut().insert("upgrade", websocket);
    response
}

fn request(cookies: usize, upgrade: &'static str, offers: &[&str]) -> Request<()> {
    let mut request = Request::new(());
    // As in a real server, there is something among the extensions already.
    request.extensions_mut().insert("connection");
    let headers = request.headers_mut();
    for _ in 0..cookies {
        headers.append(COOKIE, HeaderValue::from_static("a=b"));
    }
    headers.insert("upgrade", HeaderValue::from_static(upgrade));
    for offer in offers {
        let offer = Bytes::copy_from_slice(offer.as_bytes());
        let offer = HeaderValue::from_maybe_shared(offer).unwrap();
        // A server's values are parts of a buffer, and clones of one another.
        headers.append(SEC_WEBSOCKET_PROTOCOL, offer.clone());
    }
    request
}

/// How often one request makes the layer allocate, whether or not another header
/// has several lines.
fn allocations(layer: &SubprotocolLayer, upgrade: &'static str, offers: &[&str]) -> u64 {
    let [one, several] = [1, 2].map(|cookies| {
        let request = || request(cookies, upgrade, offers);
        allocations_of(layer, request)
    });
    assert_eq!(one, several);
    one
}

fn allocations_of(layer: &SubprotocolLayer, request: impl Fn() -> Request<()>) -> u64 {
    let count = |service: &mut dyn FnMut(Request<()>)| {
        let request = request();
        measure(|| service(request)).count_total
    };
    let mut inner = service_fn(|request| ready(Ok::<_, ()>(answer(request))));
    let mut layered = layer.layer(inner);
    let without = count(&mut |request| drop(inner.call(request).now_or_never().unwrap()));
    let with = count(&mut |request| drop(layered.call(request).now_or_never().unwrap()));
    with - without
}

#[test]
fn r1_a_request_that_is_no_handshake_costs_no_allocation() {
    let list = SubprotocolLayer::new(["v2", "v1"]);
    let credential = OfferedCredential::after_prefix("bearer.");
    let by_code = SubprotocolLayer::from_fn(|offered, _| offered.iter().next());
    for layer in [list.clone(), list.credential(credential), by_code] {
        for upgrade in ["h2c", "h2c, websocket2, a, b, c"] {
            let count = allocations(&layer, upgrade, &["v1, bearer.a", "a b"]);
            assert_eq!(count, 0, "{upgrade}");
        }
    }
}

#[test]
fn a_handshake_with_one_header_instance_costs_two() {
    let layer = SubprotocolLayer::new(["v2", "v1"]).malformed(Malformed::Ignore);
    let long = "x".repeat(60_000);
    let many = "x,".repeat(63);
    for offers in ["v1", "x, v1, v2", "x", "", &long, &many] {
        let offers = [offers];
        let count = allocations(&layer, "websocket", &offers);
        assert_eq!(count, 2, "{} bytes of offers", offers[0].len());
    }
    assert_eq!(allocations(&layer, "websocket", &[]), 2);
}

/// A credential, the list without it and a name that a function selects are copied.
#[test]
fn a_credential_and_a_choice_by_code_cost_a_few_more() {
    let taking =
        |layer: SubprotocolLayer| layer.credential(OfferedCredential::after_prefix("bearer."));
    let list = || SubprotocolLayer::new(["v1"]);
    let by_code = || SubprotocolLayer::from_fn(|offered, _| offered.iter().find(|it| *it == "v1"));
    let many = "x,".repeat(62);
    for (layer, credential, at_most) in [
        (taking(list()), "", 2),
        (by_code(), "", 6),
        (taking(by_code()), "", 6),
        (taking(list()), "bearer.token,", 9),
        (taking(by_code()), "bearer.token,", 13),
    ] {
        for others in ["", &many] {
            let offers = format!("{credential}{others}v1");
            let count = allocations(&layer, "websocket", &[&offers]);
            assert!(count <= at_most, "{count}: {offers}, {layer:?}");
        }
    }
}

#[test]
fn a_clone_costs_none() {
    let layer = SubprotocolLayer::new(["v2"; 1]);
    assert_eq!(measure(|| drop(layer.clone())).count_total, 0);
    let name: axum_subprotocol::Subprotocol = "v2".parse().unwrap();
    assert_eq!(measure(|| drop(name.clone())).count_total, 0);
    assert_eq!(measure(|| drop(HeaderValue::from(&name))).count_total, 0);
}
