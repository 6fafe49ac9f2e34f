//! A WebSocket on either version of HTTP, whose messages tungstenite reads.

use futures_util::{SinkExt, StreamExt};
use http::{HeaderName, HeaderValue};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{CloseFrame, Role},
    },
};

use super::{Over, Reply, http1, http2, in_time};

trait Socket: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Socket for T {}

/// A client whose handshake was completed, and the reply that did.
pub struct Client {
    pub reply: Reply,
    socket: WebSocketStream<Box<dyn Socket>>,
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
        let (reply, socket): (_, Box<dyn Socket>) = match over {
            Over::Http1 => {
                let mut request = http1::handshake::<&str>(path, &[]);
                request.truncate(request.len() - 2);
                for (name, value) in headers {
                    request.extend(format!("{name}: {value}\r\n").bytes());
                }
                request.extend(b"\r\n");
                let mut connection = http1::Connection::open(port).await;
                let reply = connection.exchange(&request).await;
                (reply, Box::new(connection.0))
            }
            Over::Http2 => {
                let mut request = http2::handshake::<&str>(path, &[]);
                for (name, value) in headers {
                    let value = HeaderValue::from_str(value).unwrap();
                    request.headers_mut().append(name, value);
                }
                let mut connection = http2::Connection::open(port).await;
                let mut response = connection.exchange(request).await.unwrap();
                let upgraded = hyper::upgrade::on(&mut response);
                let reply = http2::read(response).await;
                if reply.status != over.completed() {
                    return Err(reply);
                }
                (
                    reply,
                    Box::new(TokioIo::new(in_time(upgraded).await.unwrap())),
                )
            }
        };
        if reply.status != over.completed() {
            return Err(reply);
        }
        let socket = WebSocketStream::from_raw_socket(socket, Role::Client, None).await;
        Ok(Self { reply, socket })
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

    /// The code and the reason with which the server closes, next.
    pub async fn closed(&mut self) -> (u16, String) {
        match self.next().await {
            Message::Close(Some(CloseFrame { code, reason })) => (code.into(), reason.to_string()),
            other => panic!("{other:?}"),
        }
    }
}
