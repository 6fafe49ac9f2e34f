//! HTTP/1.1, byte by byte.

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
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
        self.send(request).await;
        let status = self.line().await.split(' ').nth(1).unwrap().parse();
        let mut headers = HeaderMap::new();
        while let Some((name, value)) = self.line().await.trim_end_matches("\r\n").split_once(": ")
        {
            let name: HeaderName = name.parse().unwrap();
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let length = headers.get("content-length");
        let length = length.map_or(0, |length| length.to_str().unwrap().parse().unwrap());
        let mut body = vec![0; length];
        in_time(self.0.read_exact(&mut body)).await.unwrap();
        Reply {
            status: status.unwrap(),
            headers,
            body: String::from_utf8(body).unwrap(),
        }
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        in_time(self.0.read_line(&mut line)).await.unwrap();
        line
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }
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
        let line: [&[u8]; 3] = [b"Sec-WebSocket-Protocol: ", offer.as_ref(), b"\r\n"];
        request.extend(line.concat());
    }
    request.extend(b"\r\n");
    request
}
