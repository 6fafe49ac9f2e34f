//! A real client, tokio-tungstenite, talks over the socket that it gets.

mod support;

use axum::{
    Router,
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    response::Response,
    routing::any,
};
use axum_subprotocol::{SelectedSubprotocol, SubprotocolLayer};
use futures_util::{SinkExt, StreamExt};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{
    WebSocketStream, connect_async,
    tungstenite::{self, client::ClientRequestBuilder, protocol::Role},
};

use self::support::{http2, in_time, serve};

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

async fn says<S>(mut socket: WebSocketStream<S>, expected: &str)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    socket.send("hello".into()).await.unwrap();
    let answer = in_time(socket.next()).await.unwrap().unwrap();
    assert_eq!(answer.into_text().unwrap(), expected);
    socket.close(None).await.unwrap();
}

#[tokio::test]
async fn each_version_is_spoken_over_http_1_1() {
    let port = echo_server().await;
    for (offers, selected, expected) in [
        (["echo", "echo.reversed"], "echo", "hello"),
        (["soap", "echo.reversed"], "echo.reversed", "olleh"),
    ] {
        let uri = format!("ws://127.0.0.1:{port}/").parse().unwrap();
        let request = offers
            .iter()
            .fold(ClientRequestBuilder::new(uri), |request, offer| {
                request.with_sub_protocol(*offer)
            });
        let (socket, response) = in_time(connect_async(request)).await.unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], selected);
        says(socket, expected).await;
    }
}

#[tokio::test]
async fn each_version_is_spoken_over_http_2() {
    let port = echo_server().await;
    let mut connection = http2::Connection::open(port).await;
    for (offers, selected, expected) in [
        (["echo", "echo.reversed"], "echo", "hello"),
        (["soap", "echo.reversed"], "echo.reversed", "olleh"),
    ] {
        let mut response = connection.exchange(http2::handshake("/", &offers)).await;
        assert_eq!(response.headers()["sec-websocket-protocol"], selected);
        let stream = TokioIo::new(hyper::upgrade::on(&mut response).await.unwrap());
        let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        says(socket, expected).await;
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
