//! hyper-tungstenite, on a server of hyper and Tower without axum. It leaves
//! negotiation to the service, which finds the selected name in the request.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum_subprotocol::Require;
use futures_util::{SinkExt, StreamExt};
use http::{Request, Response, header::SEC_WEBSOCKET_PROTOCOL};
use http_body_util::Full;
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
};
use hyper_tungstenite::{
    HyperWebsocket,
    tungstenite::{Message, error::ProtocolError},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::{Error, error::SubProtocolError};
use tower::{Layer, Service, service_fn};

use crate::{
    client::{complaint, visit},
    expect_what_is_selected, layer,
    raw::{Servers, exchange, status},
};

type Body = Full<Bytes>;

async fn chat(mut request: Request<Incoming>) -> Result<Response<Body>, ProtocolError> {
    let spoken = match request.headers().get(SEC_WEBSOCKET_PROTOCOL) {
        Some(name) => name.to_str().unwrap().to_owned(),
        None => "nothing".to_owned(),
    };
    let (response, socket) = hyper_tungstenite::upgrade(&mut request, None)?;
    tokio::spawn(echo(socket, spoken));
    Ok(response)
}

/// Echoes each text after the name of what is spoken.
async fn echo(socket: HyperWebsocket, spoken: String) {
    // hyper hands out no connection if the request has no `Upgrade`.
    let Ok(mut socket) = socket.await else {
        return;
    };
    while let Some(Ok(Message::Text(text))) = socket.next().await {
        let echo = Message::text(format!("{spoken}: {text}"));
        socket.send(echo).await.unwrap();
    }
}

async fn serve<S>(service: S) -> u16
where
    S: Service<Request<Incoming>, Response = Response<Body>, Error = ProtocolError>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            let connection = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            tokio::spawn(connection);
        }
    });
    port
}

#[tokio::test]
async fn it_speaks_what_is_selected() {
    let port = serve(service_fn(chat)).await;
    let error = visit(port, "/", "chat.v1").await.unwrap_err();
    assert_eq!(complaint(&error), SubProtocolError::NoSubProtocol);

    let port = serve(layer().layer(service_fn(chat))).await;
    expect_what_is_selected(port, "/").await;
}

#[tokio::test]
async fn a_rejection_reaches_the_client() {
    let layer = layer().require(Require::IfOffered);
    let port = serve(layer.layer(service_fn(chat))).await;

    let error = visit(port, "/", "soap").await.unwrap_err();
    let Error::Http(response) = error else {
        panic!("{error}");
    };
    assert_eq!(response.status(), 400);
    let text = String::from_utf8(response.into_body().unwrap()).unwrap();
    assert!(
        text.ends_with("Offer one of these: chat.v2, chat.v1"),
        "{text}"
    );

    expect_what_is_selected(port, "/").await;
}

#[tokio::test]
async fn r1_requests_that_open_a_socket_are_rejected_before_the_handler() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let service = service_fn(move |request| {
        counted.fetch_add(1, Ordering::SeqCst);
        chat(request)
    });
    let without = serve(service.clone()).await;
    let layer = layer().require(Require::Always);
    let with = serve(layer.layer(service)).await;

    let servers = Servers {
        without,
        with,
        calls: &calls,
    };
    servers.expect_rejections().await;

    // A key alone completes the handshake too, although no socket follows.
    let key_alone = "GET / HTTP/1.1\r\n";
    let completed = exchange(without, key_alone).await;
    assert_eq!(status(&completed), b"101");
    assert_eq!(calls.swap(0, Ordering::SeqCst), 1);
    servers.expect_rejection(key_alone).await;
}
