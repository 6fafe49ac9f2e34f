//! The rules R1 to R8 and R10, as a client sees them. R9 is in `nesting.rs`.

mod support;

use axum::{Router, extract::ws::WebSocketUpgrade, routing::any};
use axum_subprotocol::{Malformed, Preference, Require, SubprotocolLayer};
use http::StatusCode;

use self::support::{
    BOTH, Over,
    app::{headstrong, plain, refuse, tell},
    http1, http2, serve,
};

fn layer() -> SubprotocolLayer {
    SubprotocolLayer::new(["v2", "v1"])
}

/// Serves `tell` behind `layer`.
async fn telling(layer: SubprotocolLayer) -> u16 {
    serve(Router::new().route("/", any(tell).layer(layer))).await
}

#[tokio::test]
async fn r1_only_handshakes_are_touched() {
    let port = serve(Router::new().route("/", any(plain)).layer(layer())).await;

    // Method, version and header lines; then whether that is a handshake.
    let cases: [(&str, &str, &str, bool); 9] = [
        ("GET", "1.1", "Upgrade: websocket\r\n", true),
        ("GET", "1.1", "Upgrade: WebSOCKET\r\n", true),
        (
            "GET",
            "1.1",
            "Upgrade: h2c\r\nUpgrade: foo,\twebsocket\r\n",
            true,
        ),
        ("GET", "1.1", "", false),
        ("GET", "1.1", "Upgrade: h2c\r\n", false),
        ("GET", "1.1", "Upgrade: websocket2\r\n", false),
        ("GET", "1.0", "Upgrade: websocket\r\n", false),
        ("POST", "1.1", "Upgrade: websocket\r\n", false),
        ("OPTIONS", "1.1", "Upgrade: websocket\r\n", false),
    ];
    for (method, version, headers, is_handshake) in cases {
        let request = format!(
            "{method} / HTTP/{version}\r\nHost: localhost\r\nContent-Length: 0\r\n{headers}\
             Sec-WebSocket-Protocol: v1, v2\r\nSec-WebSocket-Protocol: a b,\r\n\r\n"
        );
        let mut connection = http1::Connection::open(port).await;
        let reply = connection.exchange(request.as_bytes()).await;
        if is_handshake {
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{request}");
        } else {
            assert_eq!(reply.status, StatusCode::OK, "{request}");
            assert_eq!(reply.all("x-inward"), "v1, v2|a b,", "{request}");
            assert_eq!(reply.selected(), "own", "{request}");
        }
    }
}

#[tokio::test]
async fn r1_on_http_2_a_handshake_is_an_extended_connect() {
    let port = serve(Router::new().route("/", any(plain)).layer(layer())).await;
    let mut connection = http2::Connection::open(port).await;

    let mut get = http2::handshake("/", &["v1, a b"]);
    *get.method_mut() = http::Method::GET;
    get.extensions_mut().clear();
    let reply = connection.exchange(get).await;
    assert_eq!(reply.status(), StatusCode::OK);
    assert_eq!(reply.headers()["x-inward"], "v1, a b");
    assert_eq!(reply.headers()["sec-websocket-protocol"], "own");

    let mut without_version = http2::handshake("/", &["v1"]);
    without_version
        .headers_mut()
        .remove("sec-websocket-version");
    let reply = connection.exchange(without_version).await;
    assert_eq!(reply.headers()["sec-websocket-protocol"], "v1");

    let without_offers = http2::handshake("/", &[""; 0]);
    let reply = connection.exchange(without_offers).await;
    assert!(!reply.headers().contains_key("sec-websocket-protocol"));

    let mut with_neither = http2::handshake("/", &[""; 0]);
    with_neither.headers_mut().clear();
    let reply = connection.exchange(with_neither).await;
    assert_eq!(reply.headers()["sec-websocket-protocol"], "own");
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
async fn r2_all_header_instances_are_one_list() {
    let port = telling(layer().malformed(Malformed::Ignore)).await;
    let cases: [(&[&[u8]], &str, &str); 12] = [
        (&[b"x, v1, v2"], "v1", "x v1 v2"),
        (&[b"x", b"v1", b"v2"], "v1", "x v1 v2"),
        (&[b"x,v2", b"v1"], "v2", "x v2 v1"),
        (&[b"x\t,\t v1\t"], "v1", "x v1"),
        (&[b",, ,\t,v1,,"], "v1", "v1"),
        (&[b"", b"v1"], "v1", "v1"),
        (&[b"x,", b",v1"], "v1", "x v1"),
        (&[b"\xff\xfe, v1"], "v1", "v1"),
        (&[b"v2\x80, v1"], "v1", "v1"),
        (&[], "", ""),
        (&[b""], "", ""),
        (&[b", ,", b""], "", ""),
    ];
    for over in BOTH {
        for (offers, selected, offered) in cases {
            let reply = over.handshake(port, "/", offers).await;
            assert_eq!(reply.status, over.completed(), "{over:?} {offers:?}");
            assert_eq!(reply.selected(), selected, "{over:?} {offers:?}");
            assert_eq!(reply.all("x-offered"), offered, "{over:?} {offers:?}");
        }
    }
}

#[tokio::test]
async fn r3_the_first_fault_is_reported() {
    /// With either the selected name, or how the text of the 400 begins.
    type Case<'a> = (&'a str, &'a [&'a [u8]], Result<&'a str, &'a str>);
    let app = Router::new()
        .route("/reject", any(tell).layer(layer()))
        .route(
            "/ignore",
            any(tell).layer(layer().malformed(Malformed::Ignore)),
        )
        .route("/three", any(tell).layer(layer().max_offers(3)))
        .route(
            "/ignore-three",
            any(tell).layer(layer().malformed(Malformed::Ignore).max_offers(3)),
        );
    let port = serve(app).await;

    let at_most_64 = ["x"; 63].join(",") + ",v1";
    let more_than_64 = ["x"; 64].join(",") + ",v1";
    let cases: [Case<'_>; 16] = [
        ("/reject", &[b"v1, a b"], Err("Element 2 of")),
        ("/reject", &[b"v1,,", b"a/b"], Err("Element 4 of")),
        ("/reject", &[b"\"v1\""], Err("Element 1 of")),
        ("/reject", &[b"v1, caf\xe9"], Err("Element 2 of")),
        ("/reject", &[at_most_64.as_bytes()], Ok("v1")),
        (
            "/reject",
            &[more_than_64.as_bytes()],
            Err("Sec-WebSocket-Protocol has more elements than the 64"),
        ),
        ("/ignore", &[b"a b, v1"], Ok("v1")),
        ("/ignore", &[b"a b"], Ok("")),
        (
            "/ignore",
            &[more_than_64.as_bytes()],
            Err("Sec-WebSocket-Protocol has more elements than the 64"),
        ),
        ("/three", &[b"x,,v1"], Ok("v1")),
        (
            "/three",
            &[b"v1,,,"],
            Err("Sec-WebSocket-Protocol has more elements than the 3"),
        ),
        (
            "/three",
            &[b"v1", b"", b"", b""],
            Err("Sec-WebSocket-Protocol has more elements than the 3"),
        ),
        ("/three", &[b"v1,x,a b,y"], Err("Element 3 of")),
        (
            "/three",
            &[b"v1,x,y,a b"],
            Err("Sec-WebSocket-Protocol has more elements than the 3"),
        ),
        ("/ignore-three", &[b"a b,,v1"], Ok("v1")),
        (
            "/ignore-three",
            &[b"a b,,v1,a b"],
            Err("Sec-WebSocket-Protocol has more elements than the 3"),
        ),
    ];
    for over in BOTH {
        for (path, offers, outcome) in cases {
            let reply = over.handshake(port, path, offers).await;
            match outcome {
                Ok(selected) => {
                    assert_eq!(
                        reply.status,
                        over.completed(),
                        "{path} {offers:?} {reply:?}"
                    );
                    assert_eq!(reply.selected(), selected, "{path} {offers:?}");
                }
                Err(text) => {
                    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path} {offers:?}");
                    assert!(reply.body.starts_with(text), "{path} {offers:?} {reply:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn r4_names_match_byte_for_byte() {
    let port = telling(SubprotocolLayer::new(["soap", "SOAP", "v1"])).await;
    for over in BOTH {
        for (offers, selected) in [
            ("SOAP, soap", "SOAP"),
            ("soap, SOAP", "soap"),
            ("Soap", ""),
            ("soap2, soa, v1", "v1"),
            ("v1, v1, soap, v1", "v1"),
        ] {
            let reply = over.handshake(port, "/", &[offers]).await;
            assert_eq!(reply.selected(), selected, "{over:?} {offers}");
        }
    }
}

#[tokio::test]
async fn r5_the_preference_decides_among_several() {
    let app = Router::new()
        .route("/client", any(tell).layer(layer()))
        .route(
            "/server",
            any(tell).layer(layer().prefer(Preference::Server)),
        );
    let port = serve(app).await;
    for over in BOTH {
        for (offers, by_client, by_server) in [
            ("v1, v2", "v1", "v2"),
            ("v2, v1", "v2", "v2"),
            ("x, v1, y", "v1", "v1"),
            ("v1, v2, v1", "v1", "v2"),
            ("x, y", "", ""),
        ] {
            let reply = over.handshake(port, "/client", &[offers]).await;
            assert_eq!(reply.selected(), by_client, "{over:?} {offers}");
            let reply = over.handshake(port, "/server", &[offers]).await;
            assert_eq!(reply.selected(), by_server, "{over:?} {offers}");
        }
    }
}

#[tokio::test]
async fn r6_nothing_selected_is_rejected_as_required() {
    let app = Router::new()
        .route("/never", any(tell).layer(layer()))
        .route(
            "/if-offered",
            any(tell).layer(layer().require(Require::IfOffered)),
        )
        .route("/always", any(tell).layer(layer().require(Require::Always)));
    let port = serve(app).await;

    let unsupported = "None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported \
                       here. Offer one of these: v2, v1";
    let nothing = "A WebSocket subprotocol is required here, and Sec-WebSocket-Protocol offers \
                   none. Offer one of these: v2, v1";
    let cases: [(&str, &[&str], Option<&str>); 12] = [
        ("/never", &["x"], None),
        ("/never", &[], None),
        ("/if-offered", &["x, v1"], None),
        ("/if-offered", &["x, V1"], Some(unsupported)),
        ("/if-offered", &["x", "y"], Some(unsupported)),
        ("/if-offered", &[], None),
        ("/if-offered", &["", ","], None),
        ("/always", &["x, v1"], None),
        ("/always", &["x"], Some(unsupported)),
        ("/always", &[], Some(nothing)),
        ("/always", &[""], Some(nothing)),
        ("/always", &[",", " "], Some(nothing)),
    ];
    for over in BOTH {
        for (path, offers, rejection) in cases {
            let reply = over.handshake(port, path, offers).await;
            let Some(text) = rejection else {
                assert_eq!(reply.status, over.completed(), "{over:?} {path} {offers:?}");
                continue;
            };
            assert_eq!(
                reply.status,
                StatusCode::BAD_REQUEST,
                "{over:?} {path} {offers:?}"
            );
            assert_eq!(reply.body, text, "{over:?} {path} {offers:?}");
            assert_eq!(reply.all("content-type"), "text/plain; charset=utf-8");
            assert_eq!(reply.selected(), "");
        }
    }
}

#[tokio::test]
async fn r6_the_connection_survives_a_rejection() {
    let port = telling(layer().require(Require::Always)).await;

    let mut connection = http1::Connection::open(port).await;
    for offers in ["x", "a b", ","] {
        let reply = connection.handshake("/", &[offers]).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{offers}");
    }
    let reply = connection.handshake("/", &["v1"]).await;
    assert_eq!(reply.status, StatusCode::SWITCHING_PROTOCOLS);

    let mut connection = http2::Connection::open(port).await;
    for offers in ["x", "a b", ","] {
        let reply = connection.handshake("/", &[offers]).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{offers}");
    }
    let reply = connection.handshake("/", &["v1"]).await;
    assert_eq!(reply.selected(), "v1");
}

#[tokio::test]
async fn r7_the_request_goes_on_with_the_selected_name_alone() {
    let port = telling(layer()).await;
    for over in BOTH {
        let reply = over.handshake(port, "/", &["x, v1", "v2"]).await;
        assert_eq!(reply.all("x-inward"), "v1", "{over:?}");
        assert_eq!(reply.all("x-extracted"), "v1", "{over:?}");
        assert_eq!(reply.all("x-offered"), "x v1 v2", "{over:?}");

        let reply = over.handshake(port, "/", &["x", "y"]).await;
        assert!(!reply.headers.contains_key("x-inward"), "{over:?}");
        assert!(!reply.headers.contains_key("x-extracted"), "{over:?}");
        assert_eq!(reply.all("x-offered"), "x y", "{over:?}");
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
    for over in BOTH {
        // The fault that the layer is there for.
        let reply = over.handshake(port, "/without", &["x, v1, v2"]).await;
        assert_eq!(reply.selected(), "v2", "{over:?}");

        let reply = over.handshake(port, "/with", &["x, v1, v2"]).await;
        assert_eq!(reply.selected(), "v1", "{over:?}");
        assert_eq!(reply.all("x-seen"), "[\"v1\"] Some(\"v1\")", "{over:?}");

        let reply = over.handshake(port, "/with", &["x"]).await;
        assert_eq!(reply.selected(), "", "{over:?}");
        assert_eq!(reply.all("x-seen"), "[] None", "{over:?}");
    }
}

#[tokio::test]
async fn r8_the_reply_carries_the_selected_name_once() {
    let app = Router::new()
        .route("/headstrong", any(headstrong))
        .route("/refuse", any(refuse))
        .layer(layer());
    let port = serve(app).await;
    for over in BOTH {
        for (offers, selected) in [("x, v1", "v1"), ("own", "")] {
            let reply = over.handshake(port, "/headstrong", &[offers]).await;
            assert_eq!(reply.status, over.completed(), "{over:?} {offers}");
            assert_eq!(reply.selected(), selected, "{over:?} {offers}");

            let reply = over.handshake(port, "/refuse", &[offers]).await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{over:?} {offers}");
            assert_eq!(reply.selected(), "", "{over:?} {offers}");
        }
    }
}

#[tokio::test]
async fn r8_on_http_1_1_only_a_101_completes_and_on_http_2_any_2xx() {
    let port = serve(Router::new().route("/", any(plain)).layer(layer())).await;
    let reply = Over::Http1.handshake(port, "/", &["v1"]).await;
    assert_eq!(
        (reply.status, reply.selected().as_str()),
        (StatusCode::OK, "")
    );
    let reply = Over::Http2.handshake(port, "/", &["v1"]).await;
    assert_eq!(
        (reply.status, reply.selected().as_str()),
        (StatusCode::OK, "v1")
    );
}

#[tokio::test]
async fn r10_what_a_client_sent_is_not_shown() {
    let secret = "s3cr3t";
    let app = Router::new()
        .route(
            "/",
            any(tell).layer(layer().require(Require::Always).max_offers(3)),
        )
        // A request whose `Debug` is the reply's body.
        .route(
            "/debug",
            any(async |request: axum::extract::Request| {
                (
                    StatusCode::IM_A_TEAPOT,
                    format!("{request:?} {:?}", request.extensions()),
                )
            })
            .layer(layer()),
        );
    let port = serve(app).await;
    for over in BOTH {
        for offers in ["s3cr3t", "s3cr3t/x", "v1, s3cr3t x", "a,b,c,s3cr3t"] {
            let reply = over.handshake(port, "/", &[offers]).await;
            assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{over:?} {offers}");
            assert!(!format!("{reply:?}").contains(secret), "{over:?} {reply:?}");
        }
        let reply = over.handshake(port, "/debug", &["s3cr3t, v1"]).await;
        assert_eq!(reply.status, StatusCode::IM_A_TEAPOT);
        assert!(
            reply.body.contains("\"sec-websocket-protocol\": \"v1\""),
            "{reply:?}"
        );
        assert!(!format!("{reply:?}").contains(secret), "{over:?} {reply:?}");
    }
}
