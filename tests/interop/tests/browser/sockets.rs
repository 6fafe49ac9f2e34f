//! Sockets that a bare page makes.

use axum_subprotocol_interop::{Server, report};
use http::{Method, Version};
use serde_json::{Value, json};

use crate::node;

/// The server's reply to a handshake.
#[derive(Clone, Copy, Debug)]
enum Reply {
    /// It completes the handshake and names this, or nothing if this is empty.
    Names(&'static str),
    Refused,
    /// The constructor throws, and nothing is sent.
    NotAsked,
}

/// What the page sees of a socket.
#[derive(Clone, Copy, Debug)]
enum Page {
    /// It opens with this as its `protocol`, and echoes after this word.
    Opens(&'static str, &'static str),
    /// It opens with this as its `protocol`, and the server closes it.
    Closes(&'static str),
    /// It fails, and the page learns nothing of the reply.
    Fails,
    Throws,
}

impl Page {
    fn report(self) -> Value {
        let seen = |protocol, events: &[&str], code, reason, clean| {
            json!({
                "protocol": protocol,
                "events": events,
                "code": code,
                "reason": reason,
                "wasClean": clean,
            })
        };
        match self {
            Self::Opens(protocol, spoken) => {
                let echo = format!("{spoken}: hello");
                seen(protocol, &["open", &echo, "close"], 1000, "", true)
            }
            Self::Closes(protocol) => {
                seen(protocol, &["open", "close"], 4406, "unknown version", true)
            }
            Self::Fails => seen("", &["error", "close"], 1006, "", false),
            Self::Throws => json!({ "thrown": "SyntaxError" }),
        }
    }
}

/// A part of the one message on Chromium's console, in its words. Playwright gets none
/// from Firefox.
fn console(page: Page, reply: Reply) -> Option<&'static str> {
    match (page, reply) {
        (Page::Fails, Reply::Refused) => Some("Unexpected response code: 400"),
        (Page::Fails, Reply::Names("")) => Some("Sent non-empty 'Sec-WebSocket-Protocol' header"),
        (Page::Fails, _) => Some("'Sec-WebSocket-Protocol' header"),
        _ => None,
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

/// The sockets that a page makes, with what Chromium shows of each, and Firefox.
fn cases() -> Vec<(&'static str, Value, Reply, Page, Page)> {
    use Page::{Closes, Fails, Opens, Throws};
    use Reply::{Names, NotAsked, Refused};

    let v1 = Opens("chat.v1", "chat.v1");
    let v2 = Opens("chat.v2", "chat.v2");
    let without = Opens("", "nothing");
    let bye = Closes("chat.v1");
    let three = ["soap", "chat.v1", "chat.v2"];
    let with = |second: &str| json!(["chat.v1", second]);
    vec![
        ("/chat", Value::Null, Names(""), without, without),
        ("/chat", json!([]), Names(""), without, without),
        ("/strict", json!([]), Names(""), without, without),
        ("/chat", json!("chat.v1"), Names("chat.v1"), v1, v1),
        ("/chat", json!(three), Names("chat.v1"), v1, v1),
        ("/by-server", json!(three), Names("chat.v2"), v2, v2),
        ("/strict", json!("chat.v2"), Names("chat.v2"), v2, v2),
        // Nothing is selected, because names match byte for byte.
        ("/chat", json!("Chat.v1"), Names(""), Fails, without),
        // A server can tell a page more by closing a socket that is open.
        ("/closing", json!("chat.v1"), Names("chat.v1"), bye, bye),
        ("/closing", json!("Chat.v1"), Names(""), Fails, Closes("")),
        // Without the layer, a server can name what was not offered.
        ("/says/v9", json!("v1"), Names("v9"), Fails, Fails),
        ("/says/V1", json!("v1"), Names("V1"), Fails, Fails),
        ("/says/v1", json!([]), Names("v1"), Fails, without),
        ("/chat", with("chat.v1"), NotAsked, Throws, Throws),
        ("/chat", with("CHAT.V1"), Names("chat.v1"), v1, v1),
        // A bearer token with one of these can't be offered as it is.
        ("/chat", with(""), NotAsked, Throws, Throws),
        ("/chat", with("a b"), NotAsked, Throws, Throws),
        ("/chat", with("a,b"), NotAsked, Throws, Throws),
        ("/chat", with("a/b"), NotAsked, Throws, Throws),
        ("/chat", with("a="), NotAsked, Throws, Throws),
        ("/chat", with("ü"), NotAsked, Throws, Throws),
        ("/chat", with("a-b_c.d~e%2F"), Names("chat.v1"), v1, v1),
        // On HTTP/2, Firefox opens another connection after a refusal.
        ("/strict", json!("Chat.v1"), Refused, Fails, Fails),
    ]
}

#[tokio::test]
async fn chromium() {
    try_sockets("chromium").await;
}

#[tokio::test]
async fn firefox() {
    try_sockets("firefox").await;
}

/// Has a bare page of each server make the sockets: one without TLS, one with TLS and
/// HTTP/1.1, and one with TLS and HTTP/2.
async fn try_sockets(browser: &str) {
    let servers = [
        (Server::start().await, None),
        (Server::start_with_tls("http/1.1").await, Some("http/1.1")),
        (Server::start_with_tls("h2").await, Some("h2")),
    ];
    let visits = servers.each_ref().map(|(server, alpn)| {
        let (http, ws) = match alpn {
            None => ("http", "ws"),
            Some(_) => ("https", "wss"),
        };
        let socket = |(path, protocols, ..): (&str, Value, Reply, Page, Page)| {
            let url = server.url(ws, path);
            if protocols.is_null() {
                json!([url])
            } else {
                json!([url, protocols])
            }
        };
        let sockets: Vec<_> = cases().into_iter().map(socket).collect();
        json!([server.url(http, "/"), sockets])
    });

    let mut visit = node("browser/sockets.mjs");
    visit.args([browser, &json!(visits).to_string()]);
    let mut reports = report(&mut visit).await.into_iter();
    for (server, alpn) in &servers {
        check(browser, server, *alpn, &mut reports);
    }
    assert!(reports.next().is_none(), "a report for each socket");
}

/// Compares what the page and the server saw with the table.
fn check(
    browser: &str,
    server: &Server,
    alpn: Option<&str>,
    reports: &mut impl Iterator<Item = Value>,
) {
    let version = match alpn {
        Some("h2") => Version::HTTP_2,
        _ => Version::HTTP_11,
    };
    let mut handshakes = server.handshakes().into_iter();
    let page = handshakes.next().expect("the page's own request");
    assert_eq!((page.path.as_str(), page.version), ("/", version));
    let agreed = page.connection.as_ref().map(|it| it.alpn.as_str());
    assert_eq!(agreed, alpn);

    for (path, protocols, reply, chromium, firefox) in cases() {
        let case = format!("{browser} {alpn:?} {path} {protocols}");
        let report = reports.next().expect("a report for each socket");
        let (shown, message) = match browser {
            "chromium" => (chromium, console(chromium, reply)),
            _ => (firefox, None),
        };
        assert_eq!(report["page"], shown.report(), "{case}");
        let messages = report["console"].as_array().unwrap();
        assert_eq!(messages.len(), message.iter().len(), "{case}: {messages:?}");
        for (said, message) in messages.iter().zip(message) {
            assert!(said.as_str().unwrap().contains(message), "{case}: {said}");
        }

        let (status, name) = match reply {
            Reply::Names(name) => (if version == Version::HTTP_2 { 200 } else { 101 }, name),
            Reply::Refused => (400, ""),
            Reply::NotAsked => continue,
        };
        let handshake = handshakes.next().expect("a handshake for each request");
        assert_eq!(handshake.path, path, "{case}");
        assert_eq!(handshake.offered, lines(&protocols), "{case}");
        assert_eq!(handshake.version, version, "{case}");
        if version == Version::HTTP_2 {
            assert_eq!(handshake.method, Method::CONNECT, "{case}");
            assert_eq!(handshake.protocol.as_deref(), Some("websocket"), "{case}");
            assert_eq!(handshake.connection, page.connection, "{case}");
        }
        assert_eq!(handshake.status, status, "{case}");
        let selected: &[&str] = if name.is_empty() { &[] } else { &[name] };
        assert_eq!(handshake.selected, selected, "{case}");
        let is_inside = handshake.status != 400 && !path.starts_with("/says/");
        let inward = is_inside.then(|| handshake.selected.clone());
        assert_eq!(handshake.inward, inward, "{case}");
    }
    assert!(handshakes.next().is_none(), "nothing else was sent");
}
