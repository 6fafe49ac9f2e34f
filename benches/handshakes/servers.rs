//! The servers, which differ in how they negotiate, if they do.

use std::{
    hint,
    io::Result,
    net::{Ipv4Addr, SocketAddr},
};

use axum::{
    Router,
    extract::ws::{WebSocket, WebSocketUpgrade},
    response::Response,
    routing::any,
};
use axum_subprotocol::{SelectedSubprotocol, SubprotocolLayer};
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Clone, Copy, Debug, Deserialize)]
enum Chat {
    #[serde(rename = "chat.v2")]
    V2,
    #[serde(rename = "chat.v1")]
    V1,
}

/// This crate's layer, and its extractor in the handler.
pub(crate) fn layer() -> Router {
    let chat = async |SelectedSubprotocol(version): SelectedSubprotocol<Chat>, ws| {
        hint::black_box(version);
        upgrade(ws)
    };
    Router::new().route("/chat", any(chat).layer(SubprotocolLayer::of::<Chat>()))
}

/// axum's own negotiation.
pub(crate) fn protocols() -> Router {
    let chat = async |ws: WebSocketUpgrade| upgrade(ws.protocols(["chat.v2", "chat.v1"]));
    Router::new().route("/chat", any(chat))
}

/// No negotiation.
pub(crate) fn nothing() -> Router {
    Router::new().route("/chat", any(async |ws| upgrade(ws)))
}

/// Completes the handshake, and ends the connection.
fn upgrade(ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(async |socket: WebSocket| drop(socket))
}

/// Serves `app` until the process ends.
pub(crate) async fn start(app: Router) -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(axum::serve(listener, app).into_future());
    Ok(address)
}
