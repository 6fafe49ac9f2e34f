//! TLS, with a certificate of this run.

use std::sync::Arc;

use axum::{Extension, Router};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    },
};

/// A configuration that agrees to one protocol (ALPN), and its self-signed
/// certificate for `localhost`.
#[must_use]
pub fn tls(alpn: &str) -> (ServerConfig, CertificateDer<'static>) {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = key.cert.der().clone();
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.clone()],
            PrivatePkcs8KeyDer::from(key.signing_key.serialize_der()).into(),
        )
        .unwrap();
    config.alpn_protocols = vec![alpn.into()];
    (config, certificate)
}

/// A TLS connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The client's port, in which connections differ.
    pub port: u16,
    /// What both sides agreed to.
    pub alpn: String,
}

/// Serves over TLS, with a [`Connection`] in the extensions of each request.
pub(crate) async fn serve(listener: TcpListener, alpn: &str, app: Router) {
    let acceptor = TlsAcceptor::from(Arc::new(tls(alpn).0));
    while let Ok((stream, client)) = listener.accept().await {
        let acceptor = acceptor.clone();
        let app = app.clone();
        tokio::spawn(async move {
            // A browser may end a connection before it uses it.
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let alpn = stream.get_ref().1.alpn_protocol().unwrap_or_default();
            let connection = Connection {
                port: client.port(),
                alpn: String::from_utf8_lossy(alpn).into_owned(),
            };
            let service = TowerToHyperService::new(app.layer(Extension(connection)));
            let mut server = auto::Builder::new(TokioExecutor::new());
            server.http2().enable_connect_protocol();
            let stream = TokioIo::new(stream);
            let end = server.serve_connection_with_upgrades(stream, service).await;
            drop(end);
        });
    }
}
