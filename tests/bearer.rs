//! The example `bearer`, with real clients.

#[path = "../examples/bearer/app.rs"]
mod app;
#[path = "../examples/bearer/auth.rs"]
mod auth;
#[path = "../examples/bearer/origin.rs"]
mod origin;
mod support;

use std::{
    io,
    sync::{Arc, Mutex},
};

use http::{
    StatusCode,
    header::{ORIGIN, SEC_WEBSOCKET_PROTOCOL},
};
use tokio_tungstenite::tungstenite::Message;
use tracing::Level;

use self::support::{BOTH, http1, serve, websocket::Client};

async fn start() -> u16 {
    serve(app::app()).await
}

#[tokio::test]
async fn a_token_among_the_offers_lets_its_owner_in() {
    let port = start().await;
    for over in BOTH {
        for (offers, greeting) in [
            ("greeting.v1, bearer.open.sesame", "Hello, Ann!"),
            ("bearer.xyzzy-42, x, greeting.v1", "Hello, Bob!"),
        ] {
            let client = Client::offer(over, port, "/greeting", offers).await;
            let mut client = client.unwrap();
            assert_eq!(client.reply.selected(), "greeting.v1");
            assert_eq!(client.text().await, greeting);
            client.send(Message::Close(None)).await;
            assert_eq!(client.next().await, Message::Close(None));
        }
    }
}

/// A page learns it from the code.
#[tokio::test]
async fn without_the_right_token_the_socket_is_closed_with_a_reason() {
    let port = start().await;
    for over in BOTH {
        for (offers, reason) in [
            ("greeting.v1, bearer.open.sesam", "The token isn't known."),
            ("greeting.v1, bearer.Open.sesame", "The token isn't known."),
            ("greeting.v1", "A token is needed."),
            ("greeting.v1, Bearer.open.sesame", "A token is needed."),
        ] {
            let client = Client::offer(over, port, "/greeting", offers).await;
            let mut client = client.unwrap();
            assert_eq!(client.reply.selected(), "greeting.v1", "{offers}");
            assert_eq!(client.closed().await, (3000, reason.to_owned()), "{offers}");
        }
    }
}

#[tokio::test]
async fn what_is_malformed_is_refused_before_any_authentication() {
    let port = start().await;
    for over in BOTH {
        for (offers, text) in [
            (
                "greeting.v1, bearer.open sesame",
                "contains what no token does",
            ),
            ("greeting.v1, bearer.", "Put a token after the prefix"),
            ("bearer.open.sesame", "no subprotocol beside it"),
            (
                "bearer.open.sesame, bearer.open.sesame, greeting.v1",
                "more than one credential",
            ),
            ("x, bearer.open.sesame", "Offer this one: greeting.v1"),
        ] {
            let reply = over.handshake(port, "/greeting", &[offers]).await;
            assert_eq!(reply.status, 400, "{offers}");
            assert!(reply.body.contains(text), "{offers}: {}", reply.body);
            assert!(!reply.body.contains("sesame"), "{}", reply.body);
        }
    }
}

#[tokio::test]
async fn pages_of_other_sites_stay_outside() {
    let port = start().await;
    for over in BOTH {
        for (origin, admitted) in [
            ("http://localhost", true),
            ("https://localhost", true),
            ("http://LOCALHOST", true),
            ("http://localhost:8080", false),
            ("http://evil.example", false),
            ("http://localhost.evil.example", false),
            ("localhost", false),
            ("null", false),
            ("", false),
        ] {
            let headers = [
                (SEC_WEBSOCKET_PROTOCOL, "greeting.v1, bearer.open.sesame"),
                (ORIGIN, origin),
            ];
            let opened = Client::open(over, port, "/greeting", &headers).await;
            let outcome = opened.map_or_else(|reply| reply.status, |client| client.reply.status);
            let expected = if admitted {
                over.completed()
            } else {
                StatusCode::FORBIDDEN
            };
            assert_eq!(outcome, expected, "{over:?} {origin:?}");
        }
    }
}

#[tokio::test]
async fn the_authentication_is_that_of_ordinary_requests() {
    let port = start().await;
    for (header, status, body) in [
        ("Authorization: Bearer open.sesame\r\n", 200, "Ann"),
        (
            "Authorization: Bearer open\r\n",
            401,
            "The token isn't known.",
        ),
        (
            "Authorization: Basic QW5uOg==\r\n",
            401,
            "A token is needed.",
        ),
        ("", 401, "A token is needed."),
        // Nobody takes it out of the list where there is no layer.
        (
            "Sec-WebSocket-Protocol: bearer.open.sesame\r\n",
            401,
            "A token is needed.",
        ),
    ] {
        let request = format!("GET /user HTTP/1.1\r\nHost: localhost\r\n{header}\r\n");
        let mut connection = http1::Connection::open(port).await;
        let reply = connection.exchange(request.as_bytes()).await;
        assert_eq!(reply.status, status, "{header}");
        assert_eq!(reply.body, body, "{header}");
    }
}

/// What is logged on this thread, from its first request on.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_token_is_in_no_reply_and_in_no_log() {
    const OFFERS: [&str; 5] = [
        "greeting.v1, bearer.open.sesame",
        "greeting.v1, bearer.sesame",
        "greeting.v1, bearer.sesame sesame",
        "x, bearer.sesame",
        "greeting.v1, sesame",
    ];

    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_max_level(Level::TRACE)
        .with_ansi(false)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let port = start().await;
    for over in BOTH {
        for offers in OFFERS {
            let reply = match Client::offer(over, port, "/greeting", offers).await {
                Ok(mut client) => {
                    let first = format!("{:?}", client.next().await);
                    assert!(!first.contains("sesame"), "{first}");
                    client.reply
                }
                Err(reply) => reply,
            };
            assert!(!format!("{reply:?}").contains("sesame"), "{reply:?}");
        }
    }

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let requests = log.matches("started processing request").count();
    assert_eq!(requests, BOTH.len() * OFFERS.len(), "{log}");
    assert!(log.contains(r#""sec-websocket-protocol": Sensitive"#));
    let found = log.lines().find(|line| line.contains("sesame"));
    assert_eq!(found, None);
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let port = start().await;
    let page = http1::page(port).await;
    assert!(page.contains("<title>Log in to a WebSocket</title>"));
    for elsewhere in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
}
