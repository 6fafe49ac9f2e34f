//! What the layers allocate, beside the service behind them.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use allocation_counter::measure;
use axum_subprotocol::{Malformed, OfferedCredentialLayer, Subprotocol, SubprotocolLayer};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{COOKIE, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
};
use http_body_util::Full;
use tower::{Layer, Service, layer::layer_fn, service_fn, util::ServiceFn};

type Reply = Result<Response<Full<Bytes>>, Infallible>;

type Handler = ServiceFn<fn(Request<()>) -> Ready<Reply>>;

/// The reply has room for a header, as that of a server that has worked before.
fn switch(_: Request<()>) -> Ready<Reply> {
    let mut response = Response::default();
    response.headers_mut().reserve(8);
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let websocket = HeaderValue::from_static("websocket");
    response.headers_mut().insert(UPGRADE, websocket);
    ready(Ok(response))
}

fn request(cookies: usize, upgrade: &'static str, lines: &[&str]) -> Request<()> {
    let mut request = Request::new(());
    // A real server has extensions of its own.
    request.extensions_mut().insert("of the server");
    let headers = request.headers_mut();
    for _ in 0..cookies {
        headers.append(COOKIE, HeaderValue::from_static("a=b"));
    }
    headers.insert(UPGRADE, HeaderValue::from_static(upgrade));
    for line in lines {
        let line = Bytes::copy_from_slice(line.as_bytes());
        let line = HeaderValue::from_maybe_shared(line).unwrap();
        // A server's values are parts of a buffer, and clones of one another.
        headers.append(SEC_WEBSOCKET_PROTOCOL, line.clone());
    }
    request
}

/// How often one request makes `layer` allocate at most, with and without several
/// lines of another header.
fn allocations<L>(layer: &L, upgrade: &'static str, lines: &[&str]) -> u64
where
    L: Layer<Handler>,
    L::Service: Service<Request<()>, Response = Response<Full<Bytes>>, Error = Infallible>,
{
    let [one, several] = [1, 2].map(|cookies| {
        let request = || request(cookies, upgrade, lines);
        let without = count(layer_fn(|handler| handler), request);
        count(layer, request) - without
    });
    one.max(several)
}

fn count<L>(layer: L, request: impl Fn() -> Request<()>) -> u64
where
    L: Layer<Handler>,
    L::Service: Service<Request<()>, Response = Response<Full<Bytes>>, Error = Infallible>,
{
    let mut service = layer.layer(service_fn(switch as fn(_) -> _));
    let mut call = || {
        let request = request();
        measure(|| drop(service.call(request).now_or_never().unwrap())).count_total
    };
    // The first call may set up something for the thread.
    call();
    call()
}

fn credential() -> OfferedCredentialLayer {
    OfferedCredentialLayer::after_prefix("bearer.")
}

fn by_function() -> SubprotocolLayer {
    SubprotocolLayer::from_fn(|offered, _| offered.get("v1"))
}

#[test]
fn r1_and_c1_a_request_that_is_not_a_handshake_costs_no_allocation() {
    let list = SubprotocolLayer::new(["v2", "v1"]);
    for upgrade in ["h2c", "h2c, websocket2, a, b, c"] {
        let lines = ["v1, bearer.a", "a b"];
        assert_eq!(allocations(&list, upgrade, &lines), 0);
        assert_eq!(allocations(&by_function(), upgrade, &lines), 0);
        assert_eq!(allocations(&credential(), upgrade, &lines), 0);
        assert_eq!(
            allocations(&(credential(), list.clone()), upgrade, &lines),
            0
        );
    }
}

#[test]
fn a_handshake_costs_two_allocations_and_three_with_several_lines() {
    let layer = SubprotocolLayer::new(["v2", "v1"]).malformed(Malformed::Ignore);
    let long = "x".repeat(60_000);
    let many = "x,".repeat(63);
    assert_eq!(allocations(&layer, "websocket", &[]), 2);
    for line in ["v1", "x, v1, v2", "x", "", &long, &many] {
        let count = allocations(&layer, "websocket", &[line]);
        assert_eq!(count, 2, "{} bytes", line.len());
    }
    for lines in [["v1", "v2", "x"], ["x", "", "v1"], ["x", "y", ""]] {
        assert_eq!(allocations(&layer, "websocket", &lines), 3, "{lines:?}");
    }
}

/// A credential, the list without it and a name that a function selects are copied.
#[test]
fn a_credential_and_a_selecting_function_cost_a_few_more() {
    let list = || SubprotocolLayer::new(["v1"]);
    let many = "x,".repeat(62);
    for others in ["", &many] {
        let plain = [&*format!("{others}v1")];
        let with_credential = [&*format!("bearer.token,{others}v1")];
        let count = |layer, lines| allocations::<SubprotocolLayer>(&layer, "websocket", lines);
        assert!(count(by_function(), &plain) <= 6);
        let count = |layer, lines| {
            allocations::<(OfferedCredentialLayer, SubprotocolLayer)>(&layer, "websocket", lines)
        };
        assert!(count((credential(), list()), &plain) <= 4);
        assert!(count((credential(), list()), &with_credential) <= 13);
        assert!(count((credential(), by_function()), &with_credential) <= 17);
    }
}

#[test]
fn a_clone_costs_no_allocation() {
    let layer = SubprotocolLayer::new(["v2"]);
    assert_eq!(measure(|| drop(layer.clone())).count_total, 0);
    let layer = credential();
    assert_eq!(measure(|| drop(layer.clone())).count_total, 0);
    let name: Subprotocol = "v2".parse().unwrap();
    assert_eq!(measure(|| drop(name.clone())).count_total, 0);
    assert_eq!(measure(|| drop(HeaderValue::from(&name))).count_total, 0);
}
