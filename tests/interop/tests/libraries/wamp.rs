//! autobahn, with a router that knows one topic.

use axum::{
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    response::Response,
    routing::any,
};
use axum_subprotocol::SelectedSubprotocol;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Server, app, delivered, until_closed};

#[derive(Clone, Copy, Debug, Deserialize)]
enum Wamp {
    #[serde(rename = "wamp.2.json")]
    Json,
    #[serde(rename = "wamp.2.msgpack")]
    Msgpack,
}

async fn router(
    SelectedSubprotocol(wamp): SelectedSubprotocol<Wamp>,
    ws: WebSocketUpgrade,
) -> Response {
    ws.on_upgrade(move |socket| deliver(socket, wamp))
}

/// Opens a session, and publishes an event to its subscription.
async fn deliver(mut socket: WebSocket, wamp: Wamp) {
    let hello = receive(&mut socket, wamp).await;
    assert_eq!(
        (hello[0].as_f64(), &hello[1]),
        (Some(1.), &json!("greetings"))
    );
    send(
        &mut socket,
        wamp,
        json!([2, 7, { "roles": { "broker": {} } }]),
    )
    .await;

    let subscribe = receive(&mut socket, wamp).await;
    assert_eq!(
        (subscribe[0].as_f64(), &subscribe[3]),
        (Some(32.), &json!("greetings"))
    );
    send(&mut socket, wamp, json!([33, subscribe[1], 8])).await;
    send(
        &mut socket,
        wamp,
        json!([36, 8, 9, {}, [format!("{wamp:?}")]]),
    )
    .await;
    until_closed(socket).await;
}

async fn receive(socket: &mut WebSocket, wamp: Wamp) -> Value {
    match (wamp, socket.recv().await) {
        (Wamp::Json, Some(Ok(Message::Text(text)))) => serde_json::from_str(&text).unwrap(),
        (Wamp::Msgpack, Some(Ok(Message::Binary(bytes)))) => rmp_serde::from_slice(&bytes).unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn send(socket: &mut WebSocket, wamp: Wamp, message: Value) {
    let message = match wamp {
        Wamp::Json => Message::text(message.to_string()),
        Wamp::Msgpack => Message::binary(rmp_serde::to_vec(&message).unwrap()),
    };
    socket.send(message).await.unwrap();
}

#[tokio::test]
async fn autobahn() {
    let app = app(&any(router), &["wamp.2.json", "wamp.2.msgpack"]);
    let server = Server::start(app, "autobahn.mjs").await;

    for (serializers, message) in [
        (["json"].as_slice(), "Json"),
        (&["msgpack"], "Msgpack"),
        (&["msgpack", "json"], "Msgpack"),
    ] {
        let report = server.visit("/with", serializers).await;
        assert_eq!(report, delivered(message), "{serializers:?}");
    }
    server.expect_failures(&["json"]).await;
}
