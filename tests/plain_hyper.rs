//! A server of plain hyper, which doesn't know axum.

use std::convert::Infallible;

use axum_subprotocol::{
    OfferedCredentialLayer, OfferedSubprotocols, Require, SelectedSubprotocol, SubprotocolLayer,
};
use bytes::Bytes;
use http::{
    Request, Response, StatusCode,
    header::{AUTHORIZATION, CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE},
};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    service::TowerToHyperService,
};
use serde::Deserialize;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, handshake::derive_accept_key, protocol::Role},
};
use tower::{ServiceBuilder, service_fn};

use crate::support::{BOTH, Over, websocket::Client};

#[derive(Debug, Deserialize)]
enum Chat {
    #[serde(rename = "chat.v2")]
    V2,
    #[serde(rename = "chat.v1")]
    V1,
}

/// Completes the handshake, and says over the socket what it learnt.
async fn chat(mut request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let extensions = request.extensions();
    let selected = SelectedSubprotocol::<Chat>::from_extensions(extensions).unwrap();
    let offered = OfferedSubprotocols::from_extensions(extensions).unwrap();
    let offered: Vec<_> = offered.iter().collect();
    let authorization = request.headers().get(AUTHORIZATION);
    let text = format!("{selected:?} of {offered:?}, {authorization:?}");

    let mut reply = Response::builder();
    if let Some(key) = request.headers().get(SEC_WEBSOCKET_KEY) {
        reply = reply
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(UPGRADE, "websocket")
            .header(CONNECTION, "upgrade")
            .header(SEC_WEBSOCKET_ACCEPT, derive_accept_key(key.as_bytes()));
    }
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let stream = TokioIo::new(upgrade.await.unwrap());
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
        futures_util::SinkExt::send(&mut socket, Message::text(text)).await
    });
    Ok(reply.body(Full::default()).unwrap())
}

async fn serve(over: Over) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(serve_connection(over, socket));
        }
    });
    port
}

async fn serve_connection(over: Over, socket: TcpStream) {
    let service = ServiceBuilder::new()
        .layer(OfferedCredentialLayer::after_prefix("bearer."))
        .layer(SubprotocolLayer::of::<Chat>().require(Require::Always))
        .service(service_fn(chat));
    let service = TowerToHyperService::new(service);
    let socket = TokioIo::new(socket);
    match over {
        Over::Http1 => conn::http1::Builder::new()
            .serve_connection(socket, service)
            .with_upgrades()
            .await
            .unwrap(),
        Over::Http2 => conn::http2::Builder::new(TokioExecutor::new())
            .enable_connect_protocol()
            .serve_connection(socket, service)
            .await
            .unwrap(),
    }
}

#[tokio::test]
async fn negotiates_and_hands_over_the_credential() {
    for over in BOTH {
        let port = serve(over).await;
        let offers = "x, bearer.a, chat.v1, chat.v2";
        let mut client = Client::offer(over, port, "/", offers).await.ok().unwrap();
        assert_eq!(client.reply.selected(), "chat.v1");
        let learnt = "Some(SelectedSubprotocol(V1)) of [\"x\", \"chat.v1\", \"chat.v2\"], \
                      Some(Sensitive)";
        assert_eq!(client.text().await, learnt);

        let refused = Client::offer(over, port, "/", "x, bearer.a").await;
        let refused = refused.err().unwrap();
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(
            refused
                .body
                .ends_with("Offer one of these: chat.v2, chat.v1")
        );
    }
}
