//! The routes, as the API server has them.

use axum::{
    Router,
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    response::{Html, Response},
    routing::{any, get},
};
use axum_subprotocol::{OfferedCredential, Require, SelectedSubprotocol, SubprotocolLayer};

use crate::{
    auth::Admin,
    exec::{self, Channels},
};

/// The page, `exec` and `portforward`.
///
/// Both take a token among the offers, from clients in a browser. `kubectl` has an
/// `Authorization` of its own. Nothing is spoken here without a subprotocol: on a
/// refusal `kubectl` turns to plain SPDY, as with an older server.
pub(crate) fn app() -> Router {
    let token = OfferedCredential::base64url_after_prefix("base64url.bearer.authorization.k8s.io.");
    // The handler extracts what is selected, and so needs it.
    let channels = SubprotocolLayer::of::<Channels>().credential(token.clone());
    // Not a token, because of the slash: RFC 6455 forbids this name.
    let tunnel = SubprotocolLayer::new_with_non_tokens(["SPDY/3.1+portforward.k8s.io"])
        .require(Require::Always)
        .credential(token);

    let pod = Router::new()
        .route("/exec", any(run).layer(channels))
        .route("/portforward", any(forward).layer(tunnel));
    Router::new()
        .route("/", get(page))
        .nest("/api/v1/namespaces/{namespace}/pods/{pod}", pod)
}

async fn page() -> Html<&'static str> {
    Html(include_str!("index.html"))
}

async fn run(
    SelectedSubprotocol(channels): SelectedSubprotocol<Channels>,
    _: Admin,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.on_upgrade(async move |socket| {
        // It fails if the client has gone, which is no harm.
        let _ = exec::cat(socket, channels).await;
    })
}

async fn forward(_: Admin, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |socket| {
        let _ = echo(socket).await;
    })
}

/// A server would make out SPDY streams in these bytes, one for each connection to
/// the port. That is beyond this example, which sends them back.
async fn echo(mut socket: WebSocket) -> Result<(), axum::Error> {
    while let Some(message) = socket.recv().await {
        if let message @ Message::Binary(_) = message? {
            socket.send(message).await?;
        }
    }
    Ok(())
}
