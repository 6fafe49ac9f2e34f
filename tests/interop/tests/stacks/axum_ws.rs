//! axum's `ws`, with handlers that still select for themselves.

use axum::{
    Router,
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
    response::Response,
    routing::any,
};
use tokio_tungstenite::tungstenite::error::SubProtocolError;

use crate::{
    client::{complaint, visit},
    expect_what_is_selected, layer, serve,
};

/// Selects as axum does, in the server's order, and speaks what axum says.
async fn selects(ws: WebSocketUpgrade) -> Response {
    ws.protocols(["chat.v2", "chat.v1"])
        .on_upgrade(async |socket| {
            let spoken = socket.protocol().unwrap().clone();
            echo(socket, spoken).await;
        })
}

/// Selects what nobody offered, and speaks what the request says.
async fn selects_wrongly(mut headers: HeaderMap, mut ws: WebSocketUpgrade) -> Response {
    let spoken = headers.remove(SEC_WEBSOCKET_PROTOCOL).unwrap();
    ws.set_selected_protocol(HeaderValue::from_static("chat.v3"));
    ws.on_upgrade(async |socket| echo(socket, spoken).await)
}

/// Echoes each text after the name of what is spoken.
async fn echo(mut socket: WebSocket, spoken: HeaderValue) {
    while let Some(Ok(Message::Text(text))) = socket.recv().await {
        let spoken = spoken.to_str().unwrap();
        let echo = Message::text(format!("{spoken}: {text}"));
        socket.send(echo).await.unwrap();
    }
}

#[tokio::test]
async fn a_handler_with_protocols_speaks_what_is_selected() {
    let app = Router::new()
        .route("/without", any(selects))
        .route("/with", any(selects).layer(layer()));
    let port = serve(app).await;

    // The client's order is lost.
    let offers = "soap, chat.v1, chat.v2";
    let visit = visit(port, "/without", offers).await.unwrap();
    assert_eq!(visit.selected, ["chat.v2"]);
    assert_eq!(visit.said, "chat.v2: hello");

    expect_what_is_selected(port, "/with").await;
}

#[tokio::test]
async fn a_handler_that_selects_wrongly_is_overruled() {
    let app = Router::new()
        .route("/without", any(selects_wrongly))
        .route("/with", any(selects_wrongly).layer(layer()));
    let port = serve(app).await;

    let error = visit(port, "/without", "chat.v1").await.unwrap_err();
    assert_eq!(complaint(&error), SubProtocolError::InvalidSubProtocol);

    expect_what_is_selected(port, "/with").await;
}
