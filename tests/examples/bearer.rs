//! The example `bearer`.

use http::{
    StatusCode,
    header::{ORIGIN, SEC_WEBSOCKET_PROTOCOL},
};
use tokio_tungstenite::tungstenite::Message;

use super::Example;
use crate::support::{BOTH, http1, websocket::Client};

async fn connect(over: crate::support::Over, port: u16, offers: &str) -> Client {
    Client::offer(over, port, "/greeting", offers)
        .await
        .unwrap()
}

#[tokio::test]
async fn greets_the_owner_of_an_offered_token() {
    let example = Example::start("bearer");
    for over in BOTH {
        for (offers, length, greeting) in [
            ("greeting.v1, bearer.open.sesame", 11, "Hello, Ann!"),
            ("bearer.xyzzy-42, x, greeting.v1", 8, "Hello, Bob!"),
        ] {
            let mut client = connect(over, example.port, offers).await;
            assert_eq!(client.reply.selected(), "greeting.v1");
            let behind = format!("Authorization: Bearer ({length} characters)");
            assert_eq!(client.text().await, behind);
            assert_eq!(client.text().await, greeting);
            client.send(Message::Close(None)).await;
            assert_eq!(client.next().await, Message::Close(None));
        }
    }
}

/// A page learns the reason from the close code.
#[tokio::test]
async fn closes_the_socket_without_the_right_token() {
    let unknown = (
        "Authorization: Bearer (10 characters)",
        "The token is unknown.",
    );
    let missing = ("no bearer token", "A token is needed.");
    let example = Example::start("bearer");
    for over in BOTH {
        for (offers, (behind, reason)) in [
            ("greeting.v1, bearer.open.sesam", unknown),
            ("greeting.v1, bearer.Open.sesam", unknown),
            ("greeting.v1", missing),
            ("greeting.v1, Bearer.open.sesame", missing),
            // Faulty credentials are removed.
            ("greeting.v1, bearer.", missing),
            ("greeting.v1, bearer.open sesame", missing),
            ("bearer.open.sesame, bearer.xyzzy-42, greeting.v1", missing),
        ] {
            let mut client = connect(over, example.port, offers).await;
            assert_eq!(client.reply.selected(), "greeting.v1", "{offers}");
            assert_eq!(client.text().await, behind, "{offers}");
            assert_eq!(client.closed().await, (3000, reason.to_owned()), "{offers}");
        }
    }
}

#[tokio::test]
async fn rejects_a_client_without_the_subprotocol() {
    let example = Example::start("bearer");
    for over in BOTH {
        for offers in ["bearer.open.sesame", "x, bearer.open.sesame"] {
            let reply = over.handshake(example.port, "/greeting", &[offers]).await;
            assert_eq!(reply.status, 400, "{offers}");
            assert!(reply.body.ends_with("Offer this one: greeting.v1"));
            assert!(!reply.body.contains("sesame"), "{}", reply.body);
        }
    }
}

#[tokio::test]
async fn refuses_the_pages_of_other_sites() {
    let example = Example::start("bearer");
    for over in BOTH {
        for (origin, is_admitted) in [
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
            let opened = Client::open(over, example.port, "/greeting", &headers).await;
            let status = opened.map_or_else(|reply| reply.status, |client| client.reply.status);
            let expected = if is_admitted {
                over.completed()
            } else {
                StatusCode::FORBIDDEN
            };
            assert_eq!(status, expected, "{over:?} {origin:?}");
        }
    }
}

async fn user(port: u16, header: &str) -> (StatusCode, String) {
    let request = format!("GET /user HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n");
    let mut connection = http1::Connection::open(port).await;
    let reply = connection.exchange(request.as_bytes()).await;
    (reply.status, reply.body)
}

#[tokio::test]
async fn authenticates_ordinary_requests_too() {
    let example = Example::start("bearer");
    for (header, status, body) in [
        ("Authorization: Bearer open.sesame", 200, "Ann"),
        ("Authorization: Bearer open", 401, "The token is unknown."),
        ("Authorization: Basic QW5uOg==", 401, "A token is needed."),
        ("Accept: */*", 401, "A token is needed."),
        // The layer passes a request through that is not a handshake.
        (
            "Sec-WebSocket-Protocol: bearer.open.sesame",
            401,
            "A token is needed.",
        ),
    ] {
        let (actual, text) = user(example.port, header).await;
        assert_eq!((actual.as_u16(), &*text), (status, body), "{header}");
    }
}

#[tokio::test]
async fn logs_no_token() {
    const OFFERS: [&str; 6] = [
        "greeting.v1, bearer.open.sesame",
        "greeting.v1, bearer.sesame",
        "greeting.v1, bearer.sesame sesame",
        "greeting.v1, bearer.sesame, bearer.sesame",
        "x, bearer.sesame",
        "greeting.v1, sesame",
    ];

    let example = Example::start("bearer");
    for over in BOTH {
        for offers in OFFERS {
            let reply = match Client::offer(over, example.port, "/greeting", offers).await {
                Ok(mut client) => {
                    let messages = format!("{:?}{:?}", client.next().await, client.next().await);
                    assert!(!messages.contains("sesame"), "{messages}");
                    client.reply
                }
                Err(reply) => reply,
            };
            assert!(!format!("{reply:?}").contains("sesame"), "{reply:?}");
        }
    }
    user(example.port, "Authorization: Bearer open.sesame").await;
    user(example.port, "Authorization: sesame").await;

    let log = example.end();
    let requests = log.matches("started processing request").count();
    assert_eq!(requests, BOTH.len() * OFFERS.len() + 2, "{log}");
    for header in ["sec-websocket-protocol", "authorization"] {
        assert!(log.contains(&format!("\"{header}\": Sensitive")), "{log}");
    }
    assert_eq!(log.lines().find(|line| line.contains("sesame")), None);
}
