//! The rules for subprotocols, as a client sees them. The harness compares far more
//! handshakes with the rules, without a network.

use axum::{
    Router,
    extract::{Request, ws::WebSocketUpgrade},
    middleware::{Next, from_fn},
    response::Response,
    routing::any,
};
use axum_subprotocol::{Malformed, OfferedCredentialLayer, Preference, Require, SubprotocolLayer};
use http::{Method, header::SEC_WEBSOCKET_VERSION};
use hyper::ext::Protocol;

use crate::support::{
    Reply,
    app::{names_its_own, refuse, tell},
    check::{check, selected, selected_of_offered},
    http1, http2, serve,
};

fn layer() -> SubprotocolLayer {
    SubprotocolLayer::new(["v2", "v1"])
}

/// Serves `tell` behind `layer`.
async fn telling(layer: SubprotocolLayer) -> u16 {
    serve(Router::new().route("/", any(tell).layer(layer))).await
}

/// What becomes of `v1, bearer.a,` in a handshake, and in any other request.
fn check_touched(reply: &Reply, is_handshake: bool) {
    let (list, authorization) = (reply.all("x-inward"), reply.all("x-authorization"));
    if is_handshake {
        assert_eq!(list + &authorization, "v1!Bearer a", "{reply:?}");
        assert_ne!(reply.selected(), "own", "{reply:?}");
    } else {
        assert_eq!(list + &authorization, "v1, bearer.a,", "{reply:?}");
        assert_eq!(reply.selected(), "own", "{reply:?}");
    }
}

#[tokio::test]
async fn r1_and_c1_handshakes_are_touched_and_no_other_request() {
    let credential = OfferedCredentialLayer::after_prefix("bearer.");
    let app = Router::new().fallback(tell).layer(layer());
    let port = serve(app.layer(credential)).await;
    for (is_handshake, start, headers) in [
        (true, "GET / HTTP/1.1", "Upgrade: h2c,\tWebSOCKET"),
        (false, "GET / HTTP/1.1", "Sec-WebSocket-Version: 13"),
        (true, "CONNECT / HTTP/1.0", "Sec-WebSocket-Key: x"),
        (false, "GET / HTTP/1.0", "Sec-WebSocket-Key: x"),
    ] {
        let request = format!(
            "{start}\r\nHost: localhost\r\n{headers}\r\n\
             Sec-WebSocket-Protocol: v1, bearer.a,\r\n\r\n"
        );
        let mut connection = http1::Connection::open(port).await;
        let reply = connection.exchange(request.as_bytes()).await;
        check_touched(&reply, is_handshake);
    }

    let offered = || http2::handshake("/", &["v1, bearer.a,"]);
    let mut connect_udp = offered();
    let protocol = Protocol::from_static("connect-udp");
    connect_udp.extensions_mut().insert(protocol);
    let mut get = offered();
    *get.method_mut() = Method::GET;
    get.extensions_mut().clear();
    let mut tunnel = offered();
    tunnel.headers_mut().remove(SEC_WEBSOCKET_VERSION);
    tunnel.extensions_mut().clear();
    *tunnel.uri_mut() = "localhost:80".parse().unwrap();
    for (is_handshake, request) in [
        (true, offered()),
        (true, connect_udp),
        (false, get),
        (false, tunnel),
    ] {
        let mut connection = http2::Connection::open(port).await;
        let reply = connection.exchange(request).await.unwrap();
        check_touched(&http2::read(reply).await, is_handshake);
    }
}

#[tokio::test]
async fn r2_all_header_lines_are_one_list() {
    let port = telling(layer().malformed(Malformed::Ignore)).await;
    let cases = [
        "x,, |,v2\t => v2 of x v2",
        "caf\u{e9}, v2\u{80}, v1 => v1 of v1",
        ", ,| => - of -",
    ];
    check(port, "/", selected_of_offered, &cases).await;
}

#[tokio::test]
async fn r3_the_first_fault_is_reported() {
    let port = telling(layer()).await;
    let cases = [
        "v1,,|a/b => 400 Element 4 of Sec-WebSocket-Protocol is not a subprotocol name: a \
         delimiter at byte 2…",
        &(["x"; 63].join(",") + ",v1 => v1 of " + &["x"; 63].join(" ") + " v1"),
        &(["x"; 64].join(",")
            + ",v1 => 400 Sec-WebSocket-Protocol has too many elements: the limit here is 64.…"),
    ];
    check(port, "/", selected_of_offered, &cases).await;
}

#[tokio::test]
async fn r4_and_r5_the_preference_decides_among_names_that_match_byte_for_byte() {
    let by_server = layer().prefer(Preference::Server);
    let app = Router::new()
        .route("/client", any(tell).layer(layer()))
        .route("/server", any(tell).layer(by_server));
    let port = serve(app).await;
    check(port, "/client", selected, &["V2, v1, v2 => v1"]).await;
    check(port, "/server", selected, &["V2, v1, v2 => v2"]).await;
}

#[tokio::test]
async fn r6_nothing_selected_is_rejected_as_required() {
    let if_offered = layer().require(Require::IfOffered);
    let always = SubprotocolLayer::new(["v1"]).require(Require::Always);
    let app = Router::new()
        .route("/never", any(tell).layer(layer()))
        .route("/if-offered", any(tell).layer(if_offered))
        .route("/always", any(tell).layer(always));
    let port = serve(app).await;
    let unsupported =
        "400 None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported here.";
    let nothing = "400 A WebSocket subprotocol is required here, and Sec-WebSocket-Protocol \
                   offers none (a credential is not an offer). Offer this one: v1";
    check(port, "/never", selected, &["x => -", "- => -"]).await;
    let rejected = format!("x|V1 => {unsupported} Offer one of these: v2, v1");
    check(port, "/if-offered", selected, &[&rejected, "|, => -"]).await;
    let cases = [
        &format!("x => {unsupported} Offer this one: v1"),
        &format!("- => {nothing}"),
        "x, v1 => v1",
    ];
    check(port, "/always", selected, &cases).await;

    // The connection survives a rejection.
    let mut http1 = http1::Connection::open(port).await;
    let mut http2 = http2::Connection::open(port).await;
    for (offers, status) in [("x", 400), ("a b", 400), ("v1", 101)] {
        assert_eq!(http1.handshake("/always", &[offers]).await.status, status);
        let reply = http2.handshake("/always", &[offers]).await;
        assert_eq!(reply.status.is_success(), status == 101);
    }
}

#[tokio::test]
async fn r7_and_c4_axums_own_protocols_see_the_selected_name_and_no_credential() {
    let handler = async |ws: WebSocketUpgrade| {
        let requested: Vec<_> = ws.requested_protocols().cloned().collect();
        let ws = ws.protocols(["v2", "v1", "x", "bearer.a"]);
        let seen = format!("{requested:?} {:?}", ws.selected_protocol());
        ([("x-seen", seen)], ws.on_upgrade(|_| async {}))
    };
    let credential = OfferedCredentialLayer::after_prefix("bearer.");
    let app = Router::new()
        .route("/with", any(handler).layer(layer()))
        .route("/without", any(handler))
        .layer(credential);
    let port = serve(app).await;
    let seen = |reply: &Reply| reply.selected() + " " + &reply.all("x-seen");
    let cases = [
        "x, bearer.a, v1, v2 => v1 [\"v1\"] Some(\"v1\")",
        "x, bearer.a =>  [] None",
    ];
    check(port, "/with", seen, &cases).await;
    // The fault of axum that the layer is there for.
    let cases = ["x, bearer.a, v1, v2 => v2 [\"v1\", \"v2\", \"x\"] Some(\"v2\")"];
    check(port, "/without", seen, &cases).await;
}

#[tokio::test]
async fn r8_the_reply_carries_the_selected_name_once() {
    let app = Router::new()
        .route("/own", any(names_its_own))
        .route("/refuse", any(refuse))
        .layer(layer());
    let port = serve(app).await;
    let cases = ["x, v1 => v1", "own => "];
    check(port, "/own", Reply::selected, &cases).await;
    check(port, "/refuse", Reply::selected, &["x, v1 => 403 "]).await;
}

#[tokio::test]
async fn r9_the_innermost_layer_decides_from_the_clients_own_list() {
    /// Makes the reply anew, with its status and what HTTP and the test need.
    async fn rebuild(request: Request, next: Next) -> Response {
        let (head, body) = next.run(request).await.into_parts();
        let mut rebuilt = Response::new(body);
        *rebuilt.status_mut() = head.status;
        *rebuilt.headers_mut() = head.headers;
        rebuilt.headers_mut().remove("sec-websocket-protocol");
        rebuilt
    }

    let inner = layer().require(Require::IfOffered);
    let inner = Router::new().route("/inner", any(tell).layer(inner));
    let app = inner
        .layer(from_fn(rebuild))
        .layer(SubprotocolLayer::new(["v1", "y"]))
        .route("/outer", any(tell))
        .layer(from_fn(rebuild))
        .layer(SubprotocolLayer::new(["x", "v1"]).max_offers(3));
    let port = serve(app).await;
    let cases = [
        "x, v2, v1 => v2 of x v2 v1",
        "x|y|v1 => v1 of x y v1",
        "- => - of -",
        // The rejections of outer layers come first.
        "x,,, => 400 Sec-WebSocket-Protocol has too many elements: the limit here is 3.…",
        "x, y => 400 None of…",
    ];
    check(port, "/inner", selected_of_offered, &cases).await;
    check(port, "/outer", selected, &["v2, v1, x => v1"]).await;
}
