//! A server on QUIC, of quinn, h3 and Tower.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum_subprotocol::SubprotocolLayer;
use axum_subprotocol_interop::tls;
use bytes::{Buf, Bytes};
use h3::server::RequestStream;
use h3_quinn::BidiStream;
use http::{Method, Request, Response, Version, header::SEC_WEBSOCKET_PROTOCOL};
use http_body_util::{BodyExt, Full};
use quinn::{
    Endpoint, Incoming, ServerConfig, crypto::rustls::QuicServerConfig,
    rustls::pki_types::CertificateDer,
};
use tower::{Layer, ServiceExt, service_fn};

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// For `localhost`.
    pub(crate) certificate: CertificateDer<'static>,
}

impl Server {
    /// Serves on a free port until the test's runtime ends.
    pub(crate) async fn start(layer: SubprotocolLayer) -> Self {
        let (tls, certificate) = tls("h3");
        let tls = QuicServerConfig::try_from(tls).unwrap();

        let config = ServerConfig::with_crypto(Arc::new(tls));
        let endpoint = Endpoint::server(config, "127.0.0.1:0".parse().unwrap()).unwrap();
        let address = endpoint.local_addr().unwrap();
        tokio::spawn(async move {
            while let Some(connection) = endpoint.accept().await {
                tokio::spawn(serve(connection, layer.clone()));
            }
        });
        Self {
            address,
            certificate,
        }
    }
}

async fn serve(connection: Incoming, layer: SubprotocolLayer) {
    let connection = h3_quinn::Connection::new(connection.await.unwrap());
    let mut connection = h3::server::builder()
        .enable_extended_connect(true)
        .build(connection)
        .await
        .unwrap();
    while let Ok(Some(request)) = connection.accept().await {
        let (request, stream) = request.resolve_request().await.unwrap();
        tokio::spawn(answer(layer.clone(), request, stream));
    }
}

type Stream = RequestStream<BidiStream<Bytes>, Bytes>;

/// Has the service answer, and keeps the stream open if it agrees.
async fn answer(layer: SubprotocolLayer, request: Request<()>, mut stream: Stream) {
    let response = layer.layer(service_fn(complete)).oneshot(request).await;
    let (head, body) = response.unwrap().into_parts();
    let is_completed = head.status.is_success();
    let head = Response::from_parts(head, ());
    stream.send_response(head).await.unwrap();
    let body = body.collect().await.unwrap().to_bytes();
    stream.send_data(body).await.unwrap();
    if is_completed {
        echo(&mut stream).await;
    }
    stream.finish().await.unwrap();
}

async fn echo(stream: &mut Stream) {
    while let Some(mut data) = stream.recv_data().await.unwrap() {
        let echo = data.copy_to_bytes(data.remaining());
        stream.send_data(echo).await.unwrap();
    }
}

/// Completes any handshake. The first bytes on the stream tell what is selected.
async fn complete(request: Request<()>) -> Result<Response<Full<Bytes>>, Infallible> {
    assert_eq!(request.method(), Method::CONNECT);
    assert_eq!(request.version(), Version::HTTP_3);
    assert_eq!(request.uri().path(), "/chat");
    let lines = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let lines: Vec<_> = lines.map(|line| line.to_str().unwrap()).collect();
    let spoken = format!("{}: ", lines.join("|"));
    Ok(Response::new(Full::from(spoken)))
}
