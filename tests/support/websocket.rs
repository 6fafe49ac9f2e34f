//! A WebSocket on either version of HTTP: the handshake by hyper, the messages by
//! tungstenite.

use axum::body::Body;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderName, HeaderValue, Request, Response, header::SEC_WEBSOCKET_PROTOCOL};
use http_body_util::BodyExt;
use hyper::{body::Incoming, client::conn, upgrade::Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{CloseFrame, Role},
    },
};

use super::{Over, Reply, http2, in_time};

/// A client whose handshake was completed, and the reply that did.
pub struct Client {
    pub reply: Reply,
    socket: WebSocketStream<TokioIo<Upgraded>>,
}

impl Client {
    /// Opens a WebSocket with `headers` beside those that every handshake has. If
    /// it is refused, the reply says why.
    pub async fn open(
        over: Over,
        port: u16,
        path: &str,
        headers: &[(HeaderName, &str)],
    ) -> Result<Self, Reply> {
        let mut request = match over {
            Over::Http1 => upgrade(path),
            Over::Http2 => http2::handshake::<&str>(path, &[]),
        };
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).unwrap();
            request.headers_mut().append(name, value);
        }
        let mut response = match over {
            Over::Http1 => exchange(port, request).await,
            Over::Http2 => http2::Connection::open(port).await.exchange(request).await,
        };

        let upgraded = hyper::upgrade::on(&mut response);
        let (head, body) = response.into_parts();
        let mut reply = Reply {
            status: head.status,
            headers: head.headers,
            body: String::new(),
        };
        if head.status != over.completed() {
            let body = in_time(body.collect()).await.unwrap().to_bytes();
            reply.body = String::from_utf8(body.into()).unwrap();
            return Err(reply);
        }
        let stream = TokioIo::new(in_time(upgraded).await.unwrap());
        let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        Ok(Self { reply, socket })
    }

    /// The same, with no header but the client's list.
    pub async fn offer(over: Over, port: u16, path: &str, offers: &str) -> Result<Self, Reply> {
        Self::open(over, port, path, &[(SEC_WEBSOCKET_PROTOCOL, offers)]).await
    }

    pub async fn send(&mut self, message: impl Into<Message>) {
        in_time(self.socket.send(message.into())).await.unwrap();
    }

    /// The next message; pings aside, which are answered unseen.
    pub async fn next(&mut self) -> Message {
        in_time(self.socket.next()).await.unwrap().unwrap()
    }

    /// The next message, which is text.
    pub async fn text(&mut self) -> String {
        match self.next().await {
            Message::Text(text) => text.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// The next message, which is binary.
    pub async fn binary(&mut self) -> Vec<u8> {
        match self.next().await {
            Message::Binary(bytes) => bytes.into(),
            other => panic!("{other:?}"),
        }
    }

    /// The code and the reason with which the server closes, next.
    pub async fn closed(&mut self) -> (u16, String) {
        match self.next().await {
            Message::Close(Some(CloseFrame { code, reason })) => (code.into(), reason.to_string()),
            other => panic!("{other:?}"),
        }
    }
}

/// The request of a handshake on HTTP/1.1.
fn upgrade(path: &str) -> Request<Body> {
    Request::get(path)
        .header("host", "localhost")
        .header("upgrade", "websocket")
        .header("connection", "upgrade")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-version", "13")
        .body(Body::empty())
        .unwrap()
}

async fn exchange(port: u16, request: Request<Body>) -> Response<Incoming> {
    let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut client, connection) = conn::http1::handshake(TokioIo::new(socket)).await.unwrap();
    tokio::spawn(connection.with_upgrades());
    in_time(client.send_request(request)).await.unwrap()
}
