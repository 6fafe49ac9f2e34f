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

/// Methods and headers that RFC 6455 doesn't allow in a handshake. An
/// implementation that looks at the key and the version alone opens the socket.
const REQUESTS: [(&str, &str); 7] = [
    ("GET", "Connection: upgrade\r\nUpgrade: foo\r\n"),
    (
        "GET",
        "Connection: upgrade, close\r\nUpgrade: websocket\r\n",
    ),
    ("GET", "Upgrade: foo\r\n"),
    ("POST", "Connection: upgrade\r\nUpgrade: websocket\r\n"),
    ("PUT", "Connection: upgrade\r\nUpgrade: websocket\r\n"),
    ("OPTIONS", "Connection: upgrade\r\nUpgrade: websocket\r\n"),
    ("BREW", "Connection: close\r\nUpgrade: foo\r\n"),
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
        for (method, headers) in REQUESTS {
            let opened = exchange(self.without, method, headers).await;
            let shown = opened.escape_ascii();
            assert!(opened.starts_with(b"HTTP/1.1 101 "), "{shown}");
            let echoes = opened.windows(ECHO.len()).any(|bytes| bytes == ECHO);
            assert!(echoes, "{method} {headers:?}: {shown}");
            assert_eq!(self.calls.swap(0, Ordering::SeqCst), 1);

            self.expect_rejection(method, headers).await;
        }
    }

    /// Expects a 400 of the layer, no frame, and no call of the handler.
    pub(crate) async fn expect_rejection(&self, method: &str, headers: &str) {
        let answer = exchange(self.with, method, headers).await;
        // The first byte of each frame of a server is not ASCII.
        let answer = str::from_utf8(&answer).expect("no frame");
        assert!(answer.is_ascii(), "{method} {headers:?}: {answer:?}");
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer:?}");
        assert!(answer.contains("A WebSocket subprotocol is required here"));
        assert_eq!(self.calls.load(Ordering::SeqCst), 0);
    }
}

/// Sends a request and frames at once, and returns all that the server sends.
pub(crate) async fn exchange(port: u16, method: &str, headers: &str) -> Vec<u8> {
    let head = format!(
        "{method} / HTTP/1.1\r\nHost: localhost\r\n{headers}\
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
