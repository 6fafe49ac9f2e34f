//! HTTP/1.1, byte by byte.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::{Reply, in_time};

pub struct Connection(pub BufReader<TcpStream>);

impl Connection {
    pub async fn open(port: u16) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        Self(BufReader::new(socket))
    }

    /// A handshake with one header line for each of `offers`.
    pub async fn handshake<O: AsRef<[u8]>>(&mut self, path: &str, offers: &[O]) -> Reply {
        self.exchange(&handshake(path, offers)).await
    }

    /// Sends `request` as it stands, and reads the reply to it.
    pub async fn exchange(&mut self, request: &[u8]) -> Reply {
        self.0.write_all(request).await.unwrap();
        let (status, headers) = parse_head(&self.read_head().await);
        let length = headers
            .get("content-length")
            .map_or(0, |length| length.to_str().unwrap().parse().unwrap());
        let mut body = vec![0; length];
        in_time(self.0.read_exact(&mut body)).await.unwrap();
        let body = String::from_utf8(body).unwrap();
        Reply {
            status,
            headers,
            body,
        }
    }

    /// The bytes up to the end of the head.
    pub async fn read_head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(in_time(self.0.read_u8()).await.unwrap());
        }
        String::from_utf8(head).unwrap()
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }
}

fn parse_head(head: &str) -> (StatusCode, HeaderMap) {
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let mut headers = HeaderMap::new();
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ").unwrap();
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_str(value).unwrap());
    }
    (status.parse().unwrap(), headers)
}

/// The request of a handshake, with one header line for each of `offers`.
pub fn handshake<O: AsRef<[u8]>>(path: &str, offers: &[O]) -> Vec<u8> {
    let mut request = format!(
        "GET {path} HTTP/1.1\r\n\
         Host: localhost\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Version: 13\r\n"
    )
    .into_bytes();
    for offer in offers {
        request.extend_from_slice(b"Sec-WebSocket-Protocol: ");
        request.extend_from_slice(offer.as_ref());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    request
}
