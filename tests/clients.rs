//! A real client, tokio-tungstenite, talks over the socket that it gets.

use axum::{
    Router,
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    response::Response,
    routing::any,
};
use axum_subprotocol::{SelectedSubprotocol, SubprotocolLayer};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{self, client::ClientRequestBuilder},
};

use crate::support::{Over, in_time, serve, websocket::Client};

#[derive(Clone, Copy, Deserialize)]
enum Echo {
    #[serde(rename = "echo.reversed")]
    Reversed,
    #[serde(rename = "echo")]
    Plain,
}

async fn echo(
    SelectedSubprotocol(kind): SelectedSubprotocol<Echo>,
    ws: WebSocketUpgrade,
) -> Response {
    ws.on_upgrade(move |mut socket: WebSocket| async move {
        while let Some(Ok(Message::Text(text))) = socket.recv().await {
            let text = match kind {
                Echo::Reversed => text.chars().rev().collect(),
                Echo::Plain => text.to_string(),
            };
            if socket.send(Message::text(text)).await.is_err() {
                return;
            }
        }
    })
}

async fn echo_server() -> u16 {
    serve(Router::new().route("/", any(echo).layer(SubprotocolLayer::of::<Echo>()))).await
}

const CASES: [([&str; 2], &str, &str); 2] = [
    (["echo", "echo.reversed"], "echo", "hello"),
    (["soap", "echo.reversed"], "echo.reversed", "olleh"),
];

/// The client checks the reply, too.
#[tokio::test]
async fn each_version_is_spoken_over_http_1_1() {
    let port = echo_server().await;
    for (offers, selected, expected) in CASES {
        let uri = format!("ws://127.0.0.1:{port}/").parse().unwrap();
        let mut request = ClientRequestBuilder::new(uri);
        for offer in offers {
            request = request.with_sub_protocol(offer);
        }
        let (mut socket, response) = in_time(connect_async(request)).await.unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], selected);
        socket.send("hello".into()).await.unwrap();
        let answer = in_time(socket.next()).await.unwrap().unwrap();
        assert_eq!(answer.into_text().unwrap(), expected);
        socket.close(None).await.unwrap();
    }
}

#[tokio::test]
async fn each_version_is_spoken_over_http_2() {
    let port = echo_server().await;
    for (offers, selected, expected) in CASES {
        let client = Client::offer(Over::Http2, port, "/", &offers.join(",")).await;
        let mut client = client.ok().unwrap();
        assert_eq!(client.reply.selected(), selected);
        client.send("hello").await;
        assert_eq!(client.text().await, expected);
    }
}

#[tokio::test]
async fn a_client_with_unsupported_offers_gets_a_clean_error() {
    let port = echo_server().await;
    let uri = format!("ws://127.0.0.1:{port}/").parse().unwrap();
    let request = ClientRequestBuilder::new(uri).with_sub_protocol("soap");
    let error = in_time(connect_async(request)).await.unwrap_err();
    let tungstenite::Error::Http(response) = error else {
        panic!("{error}");
    };
    assert_eq!(response.status(), 400);
    let body = String::from_utf8(response.into_body().unwrap()).unwrap();
    assert!(
        body.ends_with("Offer one of these: echo.reversed, echo"),
        "{body}"
    );
}
