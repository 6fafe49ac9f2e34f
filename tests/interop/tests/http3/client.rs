//! A client on QUIC, of quinn and h3.

use std::{future::poll_fn, sync::Arc, time::Duration};

use bytes::{Buf, Bytes};
use h3::{client::RequestStream, ext::Protocol};
use h3_quinn::BidiStream;
use http::{Method, Request, header::SEC_WEBSOCKET_PROTOCOL};
use quinn::{
    ClientConfig, Endpoint,
    crypto::rustls::QuicClientConfig,
    rustls::{self, RootCertStore},
};
use tokio::time::timeout;

use crate::server::Server;

/// Longer than anything here takes, and short enough to wait for.
const PATIENCE: Duration = Duration::from_secs(10);

/// h3 0.0.8 neither sends nor accepts `websocket` (RFC 9220 §3). This makes no
/// difference to the layer: h3 puts the name into the request's extensions.
const PROTOCOL: Protocol = Protocol::CONNECT_UDP;

/// What became of a handshake.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Completed {
        /// The header lines of the reply.
        selected: Vec<String>,
        /// What came back for `hello`.
        said: String,
    },
    Refused {
        status: u16,
        body: String,
    },
}

/// Makes a handshake with one header line for each of `offers`, and says `hello`.
pub(crate) async fn handshake(server: &Server, offers: &[&str]) -> Outcome {
    timeout(PATIENCE, exchange(server, offers))
        .await
        .expect("no answer")
}

async fn exchange(server: &Server, offers: &[&str]) -> Outcome {
    let mut endpoint = Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    endpoint.set_default_client_config(trusting(server));
    let connection = endpoint.connect(server.address, "localhost").unwrap();
    let connection = h3_quinn::Connection::new(connection.await.unwrap());
    let (mut driver, mut client) = h3::client::builder()
        .enable_extended_connect(true)
        .build::<_, _, Bytes>(connection)
        .await
        .unwrap();
    let driver = tokio::spawn(async move { poll_fn(|cx| driver.poll_close(cx)).await });

    let mut request = Request::builder()
        .method(Method::CONNECT)
        .uri("https://localhost/chat")
        .extension(PROTOCOL)
        .header("sec-websocket-version", "13");
    for offer in offers {
        request = request.header(SEC_WEBSOCKET_PROTOCOL, *offer);
    }
    let mut stream = client
        .send_request(request.body(()).unwrap())
        .await
        .unwrap();
    let response = stream.recv_response().await.unwrap();
    let outcome = if response.status().is_success() {
        stream.send_data(Bytes::from("hello")).await.unwrap();
        stream.finish().await.unwrap();
        let selected = response.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter();
        Outcome::Completed {
            selected: selected
                .map(|line| line.to_str().unwrap().to_owned())
                .collect(),
            said: read(&mut stream).await,
        }
    } else {
        Outcome::Refused {
            status: response.status().as_u16(),
            body: read(&mut stream).await,
        }
    };
    drop(client);
    driver.await.unwrap();
    outcome
}

/// All that the server has to say.
async fn read(stream: &mut RequestStream<BidiStream<Bytes>, Bytes>) -> String {
    let mut read = Vec::new();
    while let Some(mut data) = stream.recv_data().await.unwrap() {
        read.extend_from_slice(&data.copy_to_bytes(data.remaining()));
    }
    String::from_utf8(read).unwrap()
}

fn trusting(server: &Server) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(server.certificate.clone()).unwrap();
    let mut tls = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h3".to_vec()];
    ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()))
}
