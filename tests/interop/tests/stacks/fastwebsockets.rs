//! fastwebsockets, with its extractor for axum. It doesn't negotiate.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::any,
};
use axum_subprotocol::{Require, SelectedSubprotocol};
use fastwebsockets::{
    FragmentCollector, Frame, OpCode, Payload,
    upgrade::{IncomingUpgrade, UpgradeFut},
};
use tokio_tungstenite::tungstenite::error::SubProtocolError;

use crate::{
    client::{complaint, visit},
    expect_what_is_selected, layer,
    raw::Servers,
    serve,
};

async fn chat(SelectedSubprotocol(name): SelectedSubprotocol, ws: IncomingUpgrade) -> Response {
    upgrade(ws, name.to_string())
}

fn upgrade(ws: IncomingUpgrade, spoken: String) -> Response {
    let (response, socket) = ws.upgrade().unwrap();
    tokio::spawn(echo(socket, spoken));
    response.into_response()
}

/// Echoes each text after the name of what the handler speaks.
async fn echo(socket: UpgradeFut, spoken: String) {
    let mut socket = FragmentCollector::new(socket.await.unwrap());
    while let Ok(frame) = socket.read_frame().await {
        match frame.opcode {
            OpCode::Text => {
                let text = String::from_utf8_lossy(&frame.payload);
                let echo = format!("{spoken}: {text}").into_bytes();
                let echo = Frame::text(Payload::Owned(echo));
                socket.write_frame(echo).await.unwrap();
            }
            OpCode::Close => return,
            _ => {}
        }
    }
}

#[tokio::test]
async fn it_speaks_what_is_selected() {
    let app = Router::new()
        .route("/without", any(async |ws| upgrade(ws, String::new())))
        .route("/with", any(chat).layer(layer()));
    let port = serve(app).await;

    let error = visit(port, "/without", "chat.v1").await.unwrap_err();
    assert_eq!(complaint(&error), SubProtocolError::NoSubProtocol);

    expect_what_is_selected(port, "/with").await;
}

#[tokio::test]
async fn r1_requests_that_open_a_socket_are_rejected_before_the_handler() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let route = any(async move |ws| {
        counted.fetch_add(1, Ordering::SeqCst);
        upgrade(ws, "nothing".to_owned())
    });
    let without = serve(Router::new().route("/", route.clone())).await;
    let layer = layer().require(Require::Always);
    let with = serve(Router::new().route("/", route.layer(layer))).await;

    let servers = Servers {
        without,
        with,
        calls: &calls,
    };
    servers.expect_rejections().await;
}
