//! The routes of the file.

use std::fmt::Write;

use axum::{
    Router,
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    response::{Html, Response},
    routing::{any, get},
};
use axum_subprotocol::SelectedSubprotocol;

use crate::file::Routes;

/// A page with a list of all routes, and each of them with its layer.
pub(crate) fn app(routes: Routes) -> Router {
    let page = Html(page(&routes));
    let app = Router::new().route("/", get(async || page));
    routes.into_iter().fold(app, |app, (path, layer)| {
        app.route(path.as_str(), any(tell).layer(layer))
    })
}

/// What is special in HTML is in no path, and in no name but for the ampersand.
fn page(routes: &Routes) -> String {
    let mut rows = String::new();
    for (path, layer) in routes {
        let names = layer.supported().join("</code>, <code>");
        let names = names.replace('&', "&amp;");
        let path = path.as_str();
        let _ = write!(
            rows,
            "<dt><code>{path}</code></dt><dd><code>{names}</code></dd>"
        );
    }
    include_str!("index.html").replace("{{routes}}", &rows)
}

/// Tells the client what is spoken, and repeats what it says.
async fn tell(selected: Option<SelectedSubprotocol>, upgrade: WebSocketUpgrade) -> Response {
    let greeting = match selected {
        Some(SelectedSubprotocol(name)) => format!("speaking {name}"),
        None => "speaking no subprotocol".to_owned(),
    };
    upgrade.on_upgrade(move |socket| async move {
        let _ = echo(socket, greeting).await;
    })
}

async fn echo(mut socket: WebSocket, greeting: String) -> Result<(), axum::Error> {
    socket.send(Message::text(greeting)).await?;
    while let Some(message) = socket.recv().await {
        if let message @ (Message::Text(_) | Message::Binary(_)) = message? {
            socket.send(message).await?;
        }
    }
    Ok(())
}
