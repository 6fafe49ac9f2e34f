//! HTTP/2, with hyper's client.

use axum::body::Body;
use http::{HeaderValue, Method, Request, Response, header::SEC_WEBSOCKET_PROTOCOL};
use http_body_util::BodyExt;
use hyper::{
    Result,
    body::Incoming,
    client::conn::http2::{Builder, SendRequest},
    ext::Protocol,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpStream, task::AbortHandle};

use super::{Reply, in_time};

pub struct Connection(SendRequest<Body>);

impl Connection {
    pub async fn open(port: u16) -> Self {
        Self::connect(port).await.0
    }

    /// Returns when the server's settings have arrived, which allow extended
    /// CONNECT. The handle breaks the connection off, without a goodbye.
    pub async fn connect(port: u16) -> (Self, AbortHandle) {
        let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        // Frames are small, and shouldn't wait for one another.
        socket.set_nodelay(true).unwrap();
        let (client, connection) = Builder::new(TokioExecutor::new())
            .handshake(TokioIo::new(socket))
            .await
            .unwrap();
        let mut connection = Box::pin(connection);
        in_time(async {
            while !connection.is_extended_connect_protocol_enabled() {
                tokio::select! {
                    _ = &mut connection => panic!("closed"),
                    () = tokio::task::yield_now() => {}
                }
            }
        })
        .await;
        let driver = tokio::spawn(connection).abort_handle();
        (Self(client), driver)
    }

    /// A handshake with one header field for each of `offers`.
    pub async fn handshake<O: AsRef<[u8]>>(&mut self, path: &str, offers: &[O]) -> Reply {
        let request = handshake(path, offers);
        read(self.exchange(request).await.unwrap()).await
    }

    pub async fn exchange(&mut self, request: Request<Body>) -> Result<Response<Incoming>> {
        in_time(self.0.send_request(request)).await
    }
}

pub async fn read(response: Response<Incoming>) -> Reply {
    let (head, body) = response.into_parts();
    // The body of a completed handshake is the socket, and doesn't end.
    let body = if head.status.is_success() {
        String::new()
    } else {
        let body = in_time(body.collect()).await.unwrap().to_bytes();
        String::from_utf8(body.into()).unwrap()
    };
    Reply {
        status: head.status,
        headers: head.headers,
        body,
    }
}

/// The request of a handshake.
pub fn handshake<O: AsRef<[u8]>>(path: &str, offers: &[O]) -> Request<Body> {
    let mut request = Request::builder()
        .method(Method::CONNECT)
        .uri(format!("http://localhost{path}"))
        .extension(Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13")
        .body(Body::empty())
        .unwrap();
    for offer in offers {
        let offer = HeaderValue::from_bytes(offer.as_ref()).unwrap();
        request.headers_mut().append(SEC_WEBSOCKET_PROTOCOL, offer);
    }
    request
}
