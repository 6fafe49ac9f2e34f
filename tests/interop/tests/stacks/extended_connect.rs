//! Extended CONNECT without any WebSocket header, before a handler that doesn't
//! look for one.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, extract::Request, http::StatusCode, routing::any};
use axum_subprotocol::Require;
use axum_subprotocol_interop::{Outcome, Over};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, tungstenite::protocol::Role};

use crate::{layer, serve};

async fn echo(stream: OnUpgrade) {
    let stream = TokioIo::new(stream.await.unwrap());
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() {
            socket.send(message).await.unwrap();
        }
    }
}

#[tokio::test]
async fn r1_a_stream_without_websocket_headers_is_rejected_before_the_handler() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let route = any(async move |mut request: Request| {
        counted.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(echo(hyper::upgrade::on(&mut request)));
        StatusCode::OK
    });
    let layer = layer().require(Require::Always);
    let app = Router::new()
        .route("/without", route.clone())
        .route("/with", route.layer(layer));
    let port = serve(app).await;
    let handshake = async |path| {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        Over::BareHttp2.handshake(stream, path, &[]).await
    };

    let opened = Outcome::Completed {
        selected: Vec::new(),
        said: "hello".to_owned(),
    };
    assert_eq!(handshake("/without").await, opened);
    assert_eq!(calls.load(Ordering::SeqCst), 1);

    let Outcome::Refused { status, text } = handshake("/with").await else {
        panic!("not rejected");
    };
    assert_eq!(status, 400);
    assert!(
        text.starts_with("A WebSocket subprotocol is required"),
        "{text}"
    );
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}
