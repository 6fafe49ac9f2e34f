//! axum 0.7. It shares `http` with the layer, and its handlers get the selected
//! name with `from_extensions`.

use axum_0_7::{
    Router,
    extract::{
        Request,
        ws::{Message, WebSocketUpgrade},
    },
    response::Response,
    routing::any,
};
use axum_subprotocol::{OfferedSubprotocols, Require, SelectedSubprotocol};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::{Error, error::SubProtocolError};

use crate::{
    client::{complaint, visit},
    expect_what_is_selected, layer,
};

#[derive(Clone, Copy, Deserialize)]
enum Chat {
    #[serde(rename = "chat.v2")]
    V2,
    #[serde(rename = "chat.v1")]
    V1,
}

/// Echoes each text after the name of what is selected.
async fn chat(ws: WebSocketUpgrade, request: Request) -> Response {
    let selected = SelectedSubprotocol::from_extensions(request.extensions()).unwrap();
    let spoken = match selected {
        Some(SelectedSubprotocol(Chat::V2)) => "chat.v2",
        Some(SelectedSubprotocol(Chat::V1)) => "chat.v1",
        None => "nothing",
    };
    let offered = OfferedSubprotocols::from_extensions(request.extensions());
    assert_eq!(
        offered.is_some_and(|offered| offered.contains(spoken)),
        selected.is_some()
    );
    ws.on_upgrade(move |mut socket| async move {
        while let Some(Ok(Message::Text(text))) = socket.recv().await {
            let echo = Message::Text(format!("{spoken}: {text}"));
            socket.send(echo).await.unwrap();
        }
    })
}

#[tokio::test]
async fn a_handler_speaks_what_is_selected() {
    let strict = layer().require(Require::IfOffered);
    let app = Router::new()
        .route("/without", any(chat))
        .route("/with", any(chat).layer(layer()))
        .route("/strict", any(chat).layer(strict));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async { axum_0_7::serve(listener, app).await });

    let error = visit(port, "/without", "chat.v1").await.unwrap_err();
    assert_eq!(complaint(&error), SubProtocolError::NoSubProtocol);

    expect_what_is_selected(port, "/with").await;

    let error = visit(port, "/strict", "soap").await.unwrap_err();
    let Error::Http(response) = error else {
        panic!("{error}");
    };
    assert_eq!(response.status(), 400);
}
