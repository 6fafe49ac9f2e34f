//! What the chapter's examples have in common, and what they are seen to do.

use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;

use crate::{Outcome, Over};

/// What the servers speak.
#[derive(Clone, Copy, Debug, Deserialize)]
pub enum Chat {
    /// The new version.
    #[serde(rename = "chat.v2")]
    V2,
    /// The old version.
    #[serde(rename = "chat.v1")]
    V1,
}

/// What a handler sends back for `text`: what it learned of the client, and the text.
#[must_use]
pub fn answer(chat: Option<Chat>, authorization: Option<&str>, text: &str) -> String {
    let spoken = match chat {
        Some(Chat::V2) => "chat.v2",
        Some(Chat::V1) => "chat.v1",
        None => "nothing",
    };
    let authorization = authorization.unwrap_or("nobody");
    format!("{spoken} for {authorization}: {text}")
}

/// The header lines of a client, and what it gets: the header lines of the reply and what
/// comes back for `hello`, or the beginning of a 400.
type Case = (
    &'static [&'static str],
    Result<(&'static [&'static str], &'static str), &'static str>,
);

const CASES: [Case; 7] = [
    (
        &["soap, chat.v1", "chat.v2"],
        Ok((&["chat.v1"], "chat.v1 for nobody: hello")),
    ),
    (
        &["chat.v2", "chat.v1"],
        Ok((&["chat.v2"], "chat.v2 for nobody: hello")),
    ),
    (&[], Ok((&[], "nothing for nobody: hello"))),
    (
        &["chat.v1, bearer.sesame"],
        Ok((&["chat.v1"], "chat.v1 for Bearer sesame: hello")),
    ),
    (
        &["soap", "mqtt"],
        Err(
            "None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported here. \
             Offer one of these: chat.v2, chat.v1",
        ),
    ),
    (
        &["chat.v1", "\"chat.v2\""],
        Err("Element 2 of Sec-WebSocket-Protocol is not a subprotocol name"),
    ),
    (
        &["chat.v1", "bearer."],
        Err("The credential in Sec-WebSocket-Protocol is empty"),
    ),
];

/// Tries a server on `port` with both layers around `/chat`, which sends an [`answer`]
/// back, and around `/`, a page that shows the header of its request.
pub async fn expect_negotiation(port: u16, over: Over) {
    let connect = async || TcpStream::connect(("127.0.0.1", port)).await.unwrap();

    for (offers, expected) in CASES {
        let outcome = over.handshake(connect().await, "/chat", offers).await;
        match (outcome, expected) {
            (Outcome::Completed { selected, said }, Ok((lines, text))) => {
                assert_eq!(selected, lines, "{offers:?}");
                assert_eq!(said, text, "{offers:?}");
            }
            (Outcome::Refused { status, text }, Err(beginning)) => {
                assert_eq!(status, 400, "{offers:?}");
                assert!(text.starts_with(beginning), "{offers:?}: {text}");
            }
            (outcome, _) => panic!("{offers:?}: {outcome:?}"),
        }
    }

    let offers = "soap, bearer.sesame, \"";
    let page = Request::get("/")
        .header("host", "localhost")
        .header("sec-websocket-protocol", offers)
        .body(Empty::<Bytes>::new())
        .unwrap();
    let io = TokioIo::new(connect().await);
    let (mut client, connection) = http1::handshake(io).await.unwrap();
    tokio::spawn(connection);
    let response = client.send_request(page).await.unwrap();
    assert_eq!(response.status(), 200);
    let shown = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(shown, offers);
}
