//! The routes, and the order of the layers.

use std::time::Duration;

use axum::{
    Router,
    extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    http::header::SEC_WEBSOCKET_PROTOCOL,
    middleware::from_fn,
    response::{Html, Response},
    routing::{any, get},
};
use axum_subprotocol::{OfferedCredential, Require, SubprotocolLayer};
use tokio::time::timeout;
use tower_http::{
    sensitive_headers::SetSensitiveRequestHeadersLayer,
    trace::{DefaultMakeSpan, DefaultOnResponse, TraceLayer},
};

use crate::{
    auth::{Unauthorized, User},
    origin::same_origin,
};

/// The close code for a token that is missing or wrong: "Unauthorized" in IANA's
/// registry of WebSocket close codes.
const UNAUTHORIZED: u16 = 3000;

/// How long a client has to answer the closing handshake.
const PATIENCE: Duration = Duration::from_secs(2);

/// The page, and what it logs in to.
pub(crate) fn app() -> Router {
    let subprotocols = SubprotocolLayer::new(["greeting.v1"])
        .require(Require::Always)
        .credential(OfferedCredential::after_prefix("bearer."));
    let log = TraceLayer::new_for_http()
        .make_span_with(DefaultMakeSpan::new().include_headers(true))
        .on_response(DefaultOnResponse::new().include_headers(true));
    Router::new()
        .route("/", get(page))
        .route("/user", get(user))
        .route("/greeting", any(greet).layer(subprotocols))
        // Whoever is turned away here doesn't learn what a token is good for.
        .route_layer(from_fn(same_origin))
        .layer(log)
        // Outside the log, which otherwise has the client's list, token and all.
        .layer(SetSensitiveRequestHeadersLayer::new([
            SEC_WEBSOCKET_PROTOCOL,
        ]))
}

async fn page() -> Html<&'static str> {
    Html(include_str!("index.html"))
}

/// An ordinary route, with the same authentication as the WebSocket.
async fn user(User(name): User) -> &'static str {
    name
}

/// Completes the handshake with anyone, and closes it if the token is wrong.
///
/// A 401 would be cheaper, and right for clients that see it. A browser hides the
/// status: its page is told 1006 and no reason, as if the server were down. From a
/// close code the page learns that another token may help. (For other clients a
/// handler takes a plain `User`, and the rejection is the 401.)
async fn greet(user: Result<User, Unauthorized>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| async move {
        match user {
            Ok(user) => welcome(socket, user).await,
            Err(cause) => turn_away(socket, cause).await,
        }
    })
}

async fn welcome(mut socket: WebSocket, User(name): User) {
    let greeting = Message::text(format!("Hello, {name}!"));
    if socket.send(greeting).await.is_ok() {
        while let Some(Ok(_)) = socket.recv().await {}
    }
}

/// Says why, and hears the client out, or it might never learn.
async fn turn_away(mut socket: WebSocket, cause: Unauthorized) {
    let close = Message::Close(Some(CloseFrame {
        code: UNAUTHORIZED,
        reason: cause.reason().into(),
    }));
    let goodbye = async {
        socket.send(close).await.ok()?;
        while socket.recv().await?.is_ok() {}
        Some(())
    };
    timeout(PATIENCE, goodbye).await.ok();
}
