//! @stomp/stompjs, with a server that knows one destination.

use axum::{
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    response::Response,
    routing::any,
};
use axum_subprotocol::SelectedSubprotocol;
use serde_json::json;

use crate::{Server, app, until_closed};

async fn server(SelectedSubprotocol(name): SelectedSubprotocol, ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(async move |socket| {
        let version = match name.as_str() {
            "v12.stomp" => "1.2",
            "v11.stomp" => "1.1",
            other => panic!("{other}"),
        };
        deliver(socket, version).await;
    })
}

/// Accepts a client and its subscription, and delivers a message.
async fn deliver(mut socket: WebSocket, version: &str) {
    let connect = frame(&mut socket).await;
    assert!(connect.starts_with("CONNECT\n"), "{connect}");
    send(&mut socket, format!("CONNECTED\nversion:{version}\n\n\0")).await;

    let subscribe = frame(&mut socket).await;
    assert!(subscribe.starts_with("SUBSCRIBE\n"), "{subscribe}");
    assert!(
        subscribe.contains("\ndestination:greetings\n"),
        "{subscribe}"
    );
    let id = subscribe.lines().find_map(|line| line.strip_prefix("id:"));
    let id = id.expect("the id of the subscription");
    let head = format!("subscription:{id}\nmessage-id:1\ndestination:greetings");
    send(&mut socket, format!("MESSAGE\n{head}\n\nSTOMP {version}\0")).await;
    until_closed(socket).await;
}

async fn frame(socket: &mut WebSocket) -> String {
    match socket.recv().await {
        Some(Ok(Message::Text(text))) => text.to_string(),
        other => panic!("{other:?}"),
    }
}

async fn send(socket: &mut WebSocket, frame: String) {
    socket.send(Message::text(frame)).await.unwrap();
}

#[tokio::test]
async fn stompjs() {
    let app = app(&any(server), &["v12.stomp", "v11.stomp"]);
    let server = Server::start(app, "stomp.mjs").await;

    for (versions, selected) in [
        (["1.2", "1.1", "1.0"], "1.2"),
        (["1.0", "1.1", "1.2"], "1.1"),
    ] {
        let report = server.visit("/with", &versions).await;
        let delivered = format!("STOMP {selected}");
        assert_eq!(
            report,
            json!({ "delivered": delivered, "version": selected })
        );
    }
    server.expect_failures(&["1.2"]).await;
}
