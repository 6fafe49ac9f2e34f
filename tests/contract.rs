//! The rules R1 to R8 and R10, as a client sees them. R9 is in `nesting.rs`.

use axum::{
    Router,
    extract::{Request, ws::WebSocketUpgrade},
    routing::any,
};
use axum_subprotocol::{Malformed, Preference, Require, SubprotocolLayer};
use http::StatusCode;

use crate::support::{
    BOTH, Over, Reply,
    app::{answer, headstrong, plain, refuse, tell},
    check::{check, selected, selected_of_offered},
    http1, http2, requests, serve,
};

fn layer() -> SubprotocolLayer {
    SubprotocolLayer::new(["v2", "v1"])
}

/// Serves `tell` behind `layer`.
async fn telling(layer: SubprotocolLayer) -> u16 {
    serve(Router::new().route("/", any(tell).layer(layer))).await
}

#[tokio::test]
async fn r1_negotiates_on_handshakes_and_touches_no_other_request() {
    let port = serve(Router::new().fallback(plain).layer(layer())).await;
    let (handshakes, others) = requests::replies(port, "x, v1,").await;
    for reply in handshakes {
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        assert_eq!(reply.all("x-inward"), "v1", "{reply:?}");
        assert_ne!(reply.selected(), "own", "{reply:?}");
    }
    for reply in others {
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        assert_eq!(reply.all("x-inward"), "x, v1,", "{reply:?}");
        assert_eq!(reply.selected(), "own", "{reply:?}");
    }
}

#[tokio::test]
async fn r1_no_handshake_passes_a_layer_that_rejects_it() {
    let strict = layer().require(Require::Always);
    let port = serve(Router::new().fallback(plain).layer(strict)).await;
    let (handshakes, others) = requests::replies(port, "x").await;
    for reply in handshakes {
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{reply:?}");
        assert_eq!(reply.all("x-inward"), "", "{reply:?}");
    }
    for reply in others {
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    }
}

#[tokio::test]
async fn r1_the_version_and_the_key_are_not_judged() {
    let port = telling(layer()).await;
    let mut connection = http1::Connection::open(port).await;
    let bare = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n";

    let reply = connection.exchange(format!("{bare}\r\n").as_bytes()).await;
    assert_eq!(reply.body, "Connection header did not include 'upgrade'");

    let malformed = format!("{bare}Sec-WebSocket-Protocol: a b\r\n\r\n");
    let reply = connection.exchange(malformed.as_bytes()).await;
    assert!(reply.body.starts_with("Element 1 of"), "{reply:?}");
}

#[tokio::test]
async fn r2_all_header_lines_are_one_list() {
    let port = telling(layer().malformed(Malformed::Ignore)).await;
    let cases = [
        "x, v1, v2 => v1 of x v1 v2",
        "x|v1|v2 => v1 of x v1 v2",
        "x,v2|v1 => v2 of x v2 v1",
        "x\t,\t v1\t => v1 of x v1",
        ",, ,\t,v1,, => v1 of v1",
        "|v1 => v1 of v1",
        "x, |,v1 => v1 of x v1",
        "caf\u{e9}, v1 => v1 of v1",
        "v2\u{80}, v1 => v1 of v1",
        "- => - of -",
        " => - of -",
        ", ,| => - of -",
    ];
    check(port, "/", selected_of_offered, &cases).await;

    for over in BOTH {
        let reply = over.handshake(port, "/", &[b"\xff\xfe, v1"]).await;
        assert_eq!(selected_of_offered(&reply), "v1 of v1", "{over:?}");
    }
}

#[tokio::test]
async fn r3_the_first_fault_is_reported() {
    let lenient = layer().malformed(Malformed::Ignore);
    let app = Router::new()
        .route("/reject", any(tell).layer(layer()))
        .route("/ignore", any(tell).layer(lenient.clone()))
        .route("/three", any(tell).layer(layer().max_offers(3)))
        .route("/ignore-three", any(tell).layer(lenient.max_offers(3)));
    let port = serve(app).await;

    let at_most_64 = ["x"; 63].join(",") + ",v1 => v1";
    let too_many = "400 Sec-WebSocket-Protocol has more than 64 elements…";
    let more_than_64 = ["x"; 64].join(",") + ",v1 => " + too_many;
    let cases = [
        "v1, a b => 400 Element 2 of…",
        "v1,,|a/b => 400 Element 4 of…",
        "\"v1\" => 400 Element 1 of…",
        "v1, caf\u{e9} => 400 Element 2 of…",
        &at_most_64,
        &more_than_64,
    ];
    check(port, "/reject", selected, &cases).await;

    let cases = ["a b, v1 => v1", "a b => -", &more_than_64];
    check(port, "/ignore", selected, &cases).await;

    let cases = [
        "x,,v1 => v1",
        "v1,x,a b,y => 400 Element 3 of…",
        "v1,,, => 400 Sec-WebSocket-Protocol has more than 3 elements…",
        "v1||| => 400 Sec-WebSocket-Protocol has more than 3 elements…",
        "v1,x,y,a b => 400 Sec-WebSocket-Protocol has more than 3 elements…",
    ];
    check(port, "/three", selected, &cases).await;

    let cases = [
        "a b,,v1 => v1",
        "a b,,v1,a b => 400 Sec-WebSocket-Protocol has more than 3 elements…",
    ];
    check(port, "/ignore-three", selected, &cases).await;
}

#[tokio::test]
async fn r4_names_match_byte_for_byte() {
    let port = telling(SubprotocolLayer::new(["soap", "SOAP", "v1"])).await;
    let cases = [
        "SOAP, soap => SOAP",
        "soap, SOAP => soap",
        "Soap => -",
        "soap2, soa, v1 => v1",
        "v1, v1, soap, v1 => v1",
    ];
    check(port, "/", selected, &cases).await;
}

#[tokio::test]
async fn r5_the_preference_decides_among_several() {
    let by_server = layer().prefer(Preference::Server);
    let app = Router::new()
        .route("/client", any(tell).layer(layer()))
        .route("/server", any(tell).layer(by_server));
    let port = serve(app).await;
    let by_client = [
        "v1, v2 => v1",
        "v2, v1 => v2",
        "x, v1, y => v1",
        "v1, v2, v1 => v1",
        "x, y => -",
    ];
    check(port, "/client", selected, &by_client).await;
    let by_server = [
        "v1, v2 => v2",
        "v2, v1 => v2",
        "x, v1, y => v1",
        "v1, v2, v1 => v2",
        "x, y => -",
    ];
    check(port, "/server", selected, &by_server).await;
}

#[tokio::test]
async fn r6_nothing_selected_is_rejected_as_required() {
    let if_offered = layer().require(Require::IfOffered);
    let always = layer().require(Require::Always);
    let app = Router::new()
        .route("/never", any(tell).layer(layer()))
        .route("/if-offered", any(tell).layer(if_offered))
        .route("/always", any(tell).layer(always));
    let port = serve(app).await;

    let unsupported = "None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported \
                       here. Offer one of these: v2, v1";
    let nothing = "A WebSocket subprotocol is required here, and Sec-WebSocket-Protocol offers \
                   none. Offer one of these: v2, v1";
    let rejected = |lines: &str, text: &str| format!("{lines} => 400 {text}");

    check(port, "/never", selected, &["x => -", "- => -"]).await;
    let cases = [
        "x, v1 => v1",
        &rejected("x, V1", unsupported),
        &rejected("x|y", unsupported),
        "- => -",
        "|, => -",
    ];
    check(port, "/if-offered", selected, &cases).await;
    let cases = [
        "x, v1 => v1",
        &rejected("x", unsupported),
        &rejected("-", nothing),
        &rejected("", nothing),
        &rejected(",| ", nothing),
    ];
    check(port, "/always", selected, &cases).await;

    for over in BOTH {
        let reply = over.handshake(port, "/always", &["x"]).await;
        assert_eq!(reply.all("content-type"), "text/plain; charset=utf-8");
    }
}

#[tokio::test]
async fn r6_the_connection_survives_a_rejection() {
    let port = telling(layer().require(Require::Always)).await;
    let mut http1 = http1::Connection::open(port).await;
    let mut http2 = http2::Connection::open(port).await;
    for offers in ["x", "a b", ","] {
        let reply = http1.handshake("/", &[offers]).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{offers}");
        let reply = http2.handshake("/", &[offers]).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{offers}");
    }
    assert_eq!(http1.handshake("/", &["v1"]).await.selected(), "v1");
    assert_eq!(http2.handshake("/", &["v1"]).await.selected(), "v1");
}

#[tokio::test]
async fn r7_the_request_continues_with_the_selected_name_alone() {
    let port = telling(layer()).await;
    // `selected` compares what the handler finds in the header and in the extension.
    let cases = ["x, v1|v2 => v1 of x v1 v2", "x|y => - of x y"];
    check(port, "/", selected_of_offered, &cases).await;
    for over in BOTH {
        let reply = over.handshake(port, "/", &["x", "y"]).await;
        assert!(!reply.headers.contains_key("x-inward"), "{over:?}");
    }
}

#[tokio::test]
async fn r7_axums_own_protocols_cant_select_differently() {
    let handler = async |ws: WebSocketUpgrade| {
        let requested: Vec<_> = ws.requested_protocols().cloned().collect();
        let ws = ws.protocols(["v2", "v1", "x"]);
        let seen = format!("{requested:?} {:?}", ws.selected_protocol());
        ([("x-seen", seen)], ws.on_upgrade(|_| async {}))
    };
    let app = Router::new()
        .route("/without", any(handler))
        .route("/with", any(handler).layer(layer()));
    let port = serve(app).await;
    // The fault that the layer is there for.
    let cases = ["x, v1, v2 => v2"];
    check(port, "/without", Reply::selected, &cases).await;

    let seen = |reply: &Reply| reply.selected() + " " + &reply.all("x-seen");
    let cases = ["x, v1, v2 => v1 [\"v1\"] Some(\"v1\")", "x =>  [] None"];
    check(port, "/with", seen, &cases).await;
}

#[tokio::test]
async fn r8_the_reply_carries_the_selected_name_once() {
    let app = Router::new()
        .route("/headstrong", any(headstrong))
        .route("/refuse", any(refuse))
        .layer(layer());
    let port = serve(app).await;
    let cases = ["x, v1 => v1", "own => "];
    check(port, "/headstrong", Reply::selected, &cases).await;
    let cases = ["x, v1 => 403 ", "own => 403 "];
    check(port, "/refuse", Reply::selected, &cases).await;
}

#[tokio::test]
async fn r8_a_101_to_websocket_completes_and_on_http_2_any_2xx() {
    let app = Router::new()
        .route("/{status}/{upgrade}", any(answer))
        .layer(layer());
    let port = serve(app).await;
    for (over, path, selected) in [
        (Over::Http1, "/101/websocket", "v1"),
        (Over::Http1, "/101/WebSocket", "v1"),
        (Over::Http1, "/101/-", "v1"),
        (Over::Http1, "/101/websocket+websocket", "v1"),
        (Over::Http1, "/101/h2c", ""),
        (Over::Http1, "/101/websocket+h2c", ""),
        (Over::Http1, "/101/websocket,h2c", ""),
        (Over::Http1, "/200/websocket", ""),
        (Over::Http1, "/426/websocket", ""),
        (Over::Http2, "/200/-", "v1"),
        (Over::Http2, "/200/h2c", "v1"),
        (Over::Http2, "/204/-", "v1"),
        (Over::Http2, "/302/-", ""),
        (Over::Http2, "/404/-", ""),
    ] {
        let reply = over.handshake(port, path, &["v1"]).await;
        let status = reply.status.as_u16().to_string();
        assert_eq!(path[1..4], status, "{over:?} {path} {reply:?}");
        assert_eq!(reply.selected(), selected, "{over:?} {path} {reply:?}");
    }
}

#[tokio::test]
async fn r10_what_a_client_sent_is_not_shown() {
    let strict = layer().require(Require::Always).max_offers(3);
    // The reply's body is the `Debug` of the request.
    let debug = async |request: Request| {
        let text = format!("{request:?} {:?}", request.extensions());
        (StatusCode::IM_A_TEAPOT, text)
    };
    let app = Router::new()
        .route("/", any(tell).layer(strict))
        .route("/debug", any(debug).layer(layer()));
    let port = serve(app).await;
    for over in BOTH {
        for offers in ["s3cr3t", "s3cr3t/x", "v1, s3cr3t x", "a,b,c,s3cr3t"] {
            let reply = over.handshake(port, "/", &[offers]).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{over:?} {offers}");
            assert!(!format!("{reply:?}").contains("s3cr3t"), "{reply:?}");
        }
        let reply = over.handshake(port, "/debug", &["s3cr3t, v1"]).await;
        assert_eq!(reply.status, StatusCode::IM_A_TEAPOT);
        let header = "\"sec-websocket-protocol\": \"v1\"";
        assert!(reply.body.contains(header), "{reply:?}");
        assert!(!format!("{reply:?}").contains("s3cr3t"), "{reply:?}");
    }
}
