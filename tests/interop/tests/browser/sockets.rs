//! Sockets that a bare page makes.

use axum_subprotocol_interop::{Handshake, Server, report};
use http::{Method, Version};
use serde_json::{Value, json};

use crate::node;

/// What becomes of a socket.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It opens with this as its `protocol`, which may be empty.
    Opens(&'static str),
    /// The server completes the handshake without a subprotocol, and the browser
    /// drops the socket.
    Dropped,
    /// The server answers 400.
    Refused,
    /// The constructor throws, and nothing is sent.
    Throws,
}

/// What the page sees.
fn events(fate: Fate) -> Value {
    match fate {
        Fate::Opens(protocol) => {
            let spoken = if protocol.is_empty() {
                "nothing"
            } else {
                protocol
            };
            json!({
                "protocol": protocol,
                "events": ["open", format!("{spoken}: hello"), "close"],
                "code": 1000,
                "reason": "",
                "wasClean": true,
            })
        }
        Fate::Dropped | Fate::Refused => json!({
            "protocol": "",
            "events": ["error", "close"],
            "code": 1006,
            "reason": "",
            "wasClean": false,
        }),
        Fate::Throws => json!({ "thrown": "SyntaxError" }),
    }
}

/// A part of the one message on the console, in the browser's words.
const fn console(fate: Fate) -> Option<&'static str> {
    match fate {
        Fate::Opens(_) | Fate::Throws => None,
        Fate::Dropped => Some("Sent non-empty 'Sec-WebSocket-Protocol' header"),
        Fate::Refused => Some("400"),
    }
}

/// The header lines for the second argument of `new WebSocket`.
fn lines(protocols: &Value) -> Vec<String> {
    match protocols {
        Value::String(name) => vec![name.clone()],
        Value::Array(names) if !names.is_empty() => {
            let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
            vec![names.join(", ")]
        }
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn http_1_1() {
    let server = Server::start().await;
    try_page(&server, Version::HTTP_11, ("http", "ws")).await;
}

#[tokio::test]
async fn tls_and_http_1_1() {
    let server = Server::start_with_tls("http/1.1").await;
    let page = try_page(&server, Version::HTTP_11, ("https", "wss")).await;
    assert_eq!(page.connection.unwrap().alpn, "http/1.1");
}

#[tokio::test]
async fn tls_and_http_2() {
    let server = Server::start_with_tls("h2").await;
    let page = try_page(&server, Version::HTTP_2, ("https", "wss")).await;
    assert_eq!(page.connection.unwrap().alpn, "h2");
}

/// Has a bare page make sockets, and returns what the server saw of the page's
/// own request.
async fn try_page(server: &Server, version: Version, (http, ws): (&str, &str)) -> Handshake {
    use Fate::{Dropped, Opens, Refused, Throws};

    let cases = [
        ("/chat", Value::Null, Opens("")),
        ("/chat", json!([]), Opens("")),
        ("/strict", json!([]), Opens("")),
        ("/chat", json!("chat.v1"), Opens("chat.v1")),
        (
            "/chat",
            json!(["soap", "chat.v1", "chat.v2"]),
            Opens("chat.v1"),
        ),
        (
            "/by-server",
            json!(["soap", "chat.v1", "chat.v2"]),
            Opens("chat.v2"),
        ),
        ("/chat", json!(["soap", "Chat.v1"]), Dropped),
        ("/strict", json!(["soap", "Chat.v1"]), Refused),
        ("/chat", json!(["chat.v1", "chat.v1"]), Throws),
        ("/chat", json!(["chat.v1", "a b"]), Throws),
        ("/chat", json!(""), Throws),
        ("/strict", json!("chat.v2"), Opens("chat.v2")),
    ];
    let sockets: Vec<_> = cases
        .iter()
        .map(
            |(path, protocols, _)| match (server.url(ws, path), protocols) {
                (url, Value::Null) => json!([url]),
                (url, protocols) => json!([url, protocols]),
            },
        )
        .collect();

    let mut browser = node("browser/sockets.mjs");
    browser.args([server.url(http, "/"), json!(sockets).to_string()]);
    let mut reports = report(&mut browser).await.into_iter();
    let mut handshakes = server.handshakes().into_iter();
    let page = handshakes.next().expect("the page's own request");
    assert_eq!((page.path.as_str(), page.version), ("/", version));

    for (path, protocols, fate) in cases {
        let report = reports.next().expect("a report for each socket");
        assert_eq!(report["page"], events(fate), "{path} {protocols}");
        let messages = report["console"].as_array().unwrap();
        let expected = console(fate);
        assert_eq!(messages.len(), expected.iter().len(), "{messages:?}");
        for (message, expected) in messages.iter().zip(expected) {
            assert!(message.as_str().unwrap().contains(expected), "{message}");
        }

        if fate == Throws {
            continue;
        }
        let handshake = handshakes.next().expect("a handshake for each request");
        assert_eq!(handshake.path, path);
        assert_eq!(handshake.offered, lines(&protocols), "{path}");
        assert_eq!(handshake.version, version);
        let completed = if version == Version::HTTP_2 {
            assert_eq!(handshake.method, Method::CONNECT);
            assert_eq!(handshake.protocol.as_deref(), Some("websocket"));
            assert_eq!(handshake.connection, page.connection);
            200
        } else {
            101
        };
        let (status, inward) = if fate == Refused {
            (400, None)
        } else {
            (completed, Some(handshake.selected))
        };
        assert_eq!(handshake.status, status, "{path} {protocols}");
        assert_eq!(handshake.inward, inward, "{path} {protocols}");
    }
    assert!(handshakes.next().is_none(), "nothing else was sent");
    page
}
