//! A chat server of hyper and Tower, without axum and without axum-core. It prints
//! its port, and echoes each text after the name of what is selected.

use axum_subprotocol::{Require, SelectedSubprotocol, SubprotocolLayer};
use futures_util::{SinkExt, StreamExt};
use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
};
use hyper_tungstenite::{
    HyperWebsocket,
    tungstenite::{Message, error::ProtocolError},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use serde::Deserialize;
use tokio::net::TcpListener;
use tower::{Layer, service_fn};

#[derive(Clone, Copy, Deserialize)]
enum Chat {
    #[serde(rename = "chat.v2")]
    V2,
    #[serde(rename = "chat.v1")]
    V1,
}

async fn chat(mut request: Request<Incoming>) -> Result<Response<Full<Bytes>>, ProtocolError> {
    let spoken = match SelectedSubprotocol::from_extensions(request.extensions()) {
        Ok(Some(SelectedSubprotocol(Chat::V2))) => "chat.v2",
        Ok(Some(SelectedSubprotocol(Chat::V1))) => "chat.v1",
        Ok(None) => "nothing",
        Err(error) => panic!("{error}"),
    };
    let (response, socket) = hyper_tungstenite::upgrade(&mut request, None)?;
    tokio::spawn(echo(socket, spoken));
    Ok(response)
}

async fn echo(socket: HyperWebsocket, spoken: &str) {
    let mut socket = socket.await.unwrap();
    while let Some(Ok(Message::Text(text))) = socket.next().await {
        let echo = Message::text(format!("{spoken}: {text}"));
        socket.send(echo).await.unwrap();
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let layer = SubprotocolLayer::of::<Chat>().require(Require::IfOffered);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    while let Ok((stream, _)) = listener.accept().await {
        let service = TowerToHyperService::new(layer.layer(service_fn(chat)));
        let connection = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        tokio::spawn(connection);
    }
}
