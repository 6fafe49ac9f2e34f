//! A client that sends each of its offers on a header line of its own.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::{
    HeaderValue, Method, Request, Response,
    header::{SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION},
};
use http_body_util::{BodyExt, Empty};
use hyper::{
    body::{Bytes, Incoming},
    client::conn::{http1, http2},
    ext::Protocol,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, tungstenite::protocol::Role};

/// Longer than anything here takes, and short enough to wait for.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a handshake.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was completed, and a message was exchanged.
    Completed {
        /// The header lines of the reply.
        selected: Vec<String>,
        /// What came back for `hello`.
        said: String,
    },
    /// It was refused.
    Refused {
        /// The status of the reply.
        status: u16,
        /// The body of the reply.
        text: String,
    },
}

/// The version of HTTP over which the client makes its handshake.
#[derive(Clone, Copy, Debug)]
pub enum Over {
    /// With an upgrade.
    Http1,
    /// With extended CONNECT.
    Http2,
    /// The same, without any WebSocket header.
    BareHttp2,
}

impl Over {
    /// Makes a handshake with one header line for each of `offers`, and says
    /// `hello`.
    pub async fn handshake<S>(self, stream: S, path: &str, offers: &[&str]) -> Outcome
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let exchange = async {
            let mut request = match self {
                Self::Http1 => upgrade(path),
                Self::Http2 | Self::BareHttp2 => extended_connect(path),
            };
            if let Self::BareHttp2 = self {
                request.headers_mut().remove(SEC_WEBSOCKET_VERSION);
            }
            for offer in offers {
                let offer = HeaderValue::from_str(offer).unwrap();
                request.headers_mut().append(SEC_WEBSOCKET_PROTOCOL, offer);
            }
            let response = match self {
                Self::Http1 => send_over_http1(stream, request).await,
                Self::Http2 | Self::BareHttp2 => send_over_http2(stream, request).await,
            };
            outcome(response).await
        };
        timeout(PATIENCE, exchange).await.expect("no answer")
    }
}

fn upgrade(path: &str) -> Request<Empty<Bytes>> {
    Request::get(path)
        .header("host", "localhost")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-version", "13")
        .body(Empty::new())
        .unwrap()
}

fn extended_connect(path: &str) -> Request<Empty<Bytes>> {
    Request::builder()
        .method(Method::CONNECT)
        .uri(format!("http://localhost{path}"))
        .extension(Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13")
        .body(Empty::new())
        .unwrap()
}

async fn send_over_http1<S>(stream: S, request: Request<Empty<Bytes>>) -> Response<Incoming>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut client, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection.with_upgrades());
    client.send_request(request).await.unwrap()
}

/// Sends the request when the server's settings have arrived, which allow
/// extended CONNECT.
async fn send_over_http2<S>(stream: S, request: Request<Empty<Bytes>>) -> Response<Incoming>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let io = TokioIo::new(stream);
    let (mut client, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    let mut connection = Box::pin(connection);
    while !connection.is_extended_connect_protocol_enabled() {
        tokio::select! {
            end = &mut connection => panic!("{end:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    tokio::spawn(connection);
    client.send_request(request).await.unwrap()
}

async fn outcome(mut response: Response<Incoming>) -> Outcome {
    let status = response.status();
    if status != 101 && !status.is_success() {
        let body = response.into_body().collect().await.unwrap().to_bytes();
        return Outcome::Refused {
            status: status.as_u16(),
            text: String::from_utf8(body.into()).unwrap(),
        };
    }
    let stream = TokioIo::new(hyper::upgrade::on(&mut response).await.unwrap());
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
    socket.send("hello".into()).await.unwrap();
    let said = socket.next().await.unwrap().unwrap();
    socket.close(None).await.unwrap();

    let selected = response.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    Outcome::Completed {
        selected: selected
            .map(|line| line.to_str().unwrap().to_owned())
            .collect(),
        said: said.into_text().unwrap().to_string(),
    }
}
