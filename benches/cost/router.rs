//! A handler with `WebSocketUpgrade` in a `Router`: what users pay.

use std::hint::black_box;

use axum::{
    Router,
    body::Body,
    extract::ws::WebSocketUpgrade,
    response::Response,
    routing::{MethodRouter, any},
};
use axum_subprotocol::{SelectedSubprotocol, SubprotocolLayer};
use bytes::Bytes;
use serde::Deserialize;
use tokio::{runtime, task};
use tower::{ServiceExt, layer::util::Identity};

use super::{
    Serve,
    count::count,
    request::{HANDSHAKE, PLAIN_GET, head},
};

#[derive(Debug, Deserialize)]
enum Chat {
    #[serde(rename = "chat.v2")]
    V2,
    #[serde(rename = "chat.v1")]
    V1,
}

/// A title, header lines, and a line of offers.
const ROWS: [(&str, &str, &str); 4] = [
    ("plain GET", PLAIN_GET, ""),
    ("nothing offered", HANDSHAKE, ""),
    ("`chat.v2`", HANDSHAKE, "chat.v2"),
    ("`soap, chat.v1`", HANDSHAKE, "soap, chat.v1"),
];

const SERVERS: [(&str, fn() -> MethodRouter); 6] = [
    ("nobody", || any(nothing)),
    ("any layer", || any(nothing).layer(Identity::new())),
    ("`protocols()`", || any(protocols)),
    ("the layer", || any(nothing).layer(layer())),
    ("and an enum", || any(variant).layer(layer())),
    ("and a name", || any(name).layer(layer())),
];

fn layer() -> SubprotocolLayer {
    SubprotocolLayer::of::<Chat>()
}

async fn nothing(ws: WebSocketUpgrade) -> Response {
    upgrade(ws)
}

async fn protocols(ws: WebSocketUpgrade) -> Response {
    upgrade(ws.protocols(["chat.v2", "chat.v1"]))
}

async fn variant(chat: Option<SelectedSubprotocol<Chat>>, ws: WebSocketUpgrade) -> Response {
    black_box(chat);
    upgrade(ws)
}

async fn name(name: Option<SelectedSubprotocol>, ws: WebSocketUpgrade) -> Response {
    black_box(name);
    upgrade(ws)
}

fn upgrade(ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(async |_| {})
}

/// The header lines, and a server that clones its Router for each request, as a
/// connection does.
pub(crate) fn prepare(row: usize, server: usize) -> (Bytes, Serve) {
    let ((_, lines, offers), (_, route)) = (ROWS[row], SERVERS[server]);
    let router: Router = Router::new().route("/", route()).with_state(());
    let runtime = runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let serve = move |request: http::Request<()>| {
        let reply = router.clone().oneshot(request.map(|()| Body::empty()));
        runtime.block_on(async {
            black_box(reply.await.is_ok());
            // Ends the task of the socket, which has no connection.
            task::yield_now().await;
        });
    };
    (head(lines, offers), Box::new(serve))
}

/// Instructions alone: those of the whole program, and what negotiation adds.
pub(crate) fn table() {
    print!("| In a Router |");
    for (title, _) in SERVERS {
        print!(" {title} |");
    }
    println!("\n| --- |{}", " --: |".repeat(SERVERS.len()));
    for (row, (title, ..)) in ROWS.iter().enumerate() {
        let [nobody, others @ ..] =
            [0, 1, 2, 3, 4, 5].map(|server| count("router", row, server)[0]);
        print!("| {title} | {nobody:.0} |");
        for server in others {
            // Turns `-0` into `0`.
            print!(" {:+.0} |", (server - nobody).round() + 0.0);
        }
        println!();
    }
    println!();
}
