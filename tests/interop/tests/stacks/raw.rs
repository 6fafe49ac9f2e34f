//! A client that writes any request to the socket, and reads bytes.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longer than anything here takes, and short enough to wait for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The text `hello` and a close frame, masked with zeros.
const FRAMES: &[u8] = b"\x81\x85\0\0\0\0hello\x88\x80\0\0\0\0";
/// The frame in which a server here echoes the text.
const ECHO: &[u8] = b"\x81\x0enothing: hello";

/// Request lines and headers that RFC 6455 doesn't allow in a handshake. An
/// implementation that looks at the key and the version alone opens the socket.
const REQUESTS: [&str; 8] = [
    "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: foo\r\n",
    "GET / HTTP/1.1\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n",
    "GET / HTTP/1.1\r\nUpgrade: foo\r\n",
    "POST / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n",
    "PUT / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n",
    "OPTIONS / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n",
    "BREW / HTTP/1.1\r\nConnection: close\r\nUpgrade: foo\r\n",
    "CONNECT / HTTP/1.0\r\n",
];

/// Two servers with the same handler, which counts its calls.
pub(crate) struct Servers<'a> {
    /// The port without the layer.
    pub(crate) without: u16,
    /// The port with a layer that has `Require::Always`.
    pub(crate) with: u16,
    pub(crate) calls: &'a AtomicUsize,
}

impl Servers<'_> {
    /// Expects each request to open a socket without the layer, and to be rejected
    /// with it.
    pub(crate) async fn expect_rejections(&self) {
        for head in REQUESTS {
            let opened = exchange(self.without, head).await;
            let shown = opened.escape_ascii();
            assert_eq!(status(&opened), b"101", "{head:?}: {shown}");
            let echoes = opened.windows(ECHO.len()).any(|bytes| bytes == ECHO);
            assert!(echoes, "{head:?}: {shown}");
            assert_eq!(self.calls.swap(0, Ordering::SeqCst), 1);

            self.expect_rejection(head).await;
        }
    }

    /// Expects a 400 of the layer, no frame, and no call of the handler.
    pub(crate) async fn expect_rejection(&self, head: &str) {
        let answer = exchange(self.with, head).await;
        assert_eq!(status(&answer), b"400", "{head:?}");
        // The first byte of each frame of a server is not ASCII.
        let answer = str::from_utf8(&answer).expect("no frame");
        assert!(answer.is_ascii(), "{head:?}: {answer:?}");
        assert!(answer.contains("A WebSocket subprotocol is required here"));
        assert_eq!(self.calls.load(Ordering::SeqCst), 0);
    }
}

/// The digits after `HTTP/1.x `.
pub(crate) fn status(answer: &[u8]) -> &[u8] {
    answer.get(9..12).unwrap_or_default()
}

/// Sends a request and frames at once, and returns all that the server sends. `head` is
/// the request line, with the headers that are not in all requests.
pub(crate) async fn exchange(port: u16, head: &str) -> Vec<u8> {
    let head = format!(
        "{head}Host: localhost\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    let exchange = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let request = [head.as_bytes(), FRAMES].concat();
        stream.write_all(&request).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        answer
    };
    timeout(PATIENCE, exchange).await.expect("no end")
}
