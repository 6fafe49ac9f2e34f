//! Node's `ws`, as the browser clients of the Kubernetes API use a socket: with a
//! bearer token among the offers.

use axum::{
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::any,
};
use axum_subprotocol::{OfferedCredentialLayer, SelectedSubprotocol};
use serde_json::json;

use crate::{Server, app};

/// Authenticates before it opens the socket.
async fn exec(headers: HeaderMap, name: SelectedSubprotocol, ws: WebSocketUpgrade) -> Response {
    let authorization = headers.get(AUTHORIZATION);
    if authorization.is_none_or(|value| value != "Bearer open.sesame") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    assert_eq!(*name.0, *"v5.channel.k8s.io");
    ws.on_upgrade(echo)
}

/// Echoes what comes on the channel for the standard input on that for the standard
/// output.
async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if let Message::Binary(bytes) = message {
            assert_eq!(bytes[0], 0);
            let echo = [b"\x01", &bytes[1..]].concat();
            socket.send(Message::binary(echo)).await.unwrap();
        }
    }
}

#[tokio::test]
async fn kubernetes() {
    let credential =
        OfferedCredentialLayer::after_prefix("base64url.bearer.authorization.k8s.io.").base64url();
    let without_credential = app(&any(exec), &["v5.channel.k8s.io", "v4.channel.k8s.io"]);
    let with_credential = without_credential.clone().layer(credential);
    let server = Server::start(with_credential, "kubernetes.mjs").await;

    let report = server.visit("/with", &["open.sesame"]).await;
    assert_eq!(
        report,
        json!({ "selected": "v5.channel.k8s.io", "channel": 1, "delivered": "hello" })
    );
    let unauthorized = json!({ "error": "Unexpected server response: 401" });
    assert_eq!(server.visit("/with", &["close.sesame"]).await, unauthorized);
    server.expect_failures(&["open.sesame"]).await;

    let server = Server::start(without_credential, "kubernetes.mjs").await;
    assert_eq!(server.visit("/with", &["open.sesame"]).await, unauthorized);
}
