//! Requests of all kinds that are handshakes by R1, and others.

use axum::body::Body;
use http::{Method, Request, header::SEC_WEBSOCKET_VERSION};
use hyper::ext::Protocol;

use super::{Reply, http1, http2};

/// The method, the version and the headers of handshakes on HTTP/1.
const HANDSHAKES: [[&str; 3]; 8] = [
    ["GET", "1.1", "Upgrade: websocket\r\n"],
    ["GET", "1.1", "Upgrade: WebSOCKET\r\n"],
    ["GET", "1.1", "Upgrade: h2c\r\nUpgrade: foo,\twebsocket\r\n"],
    ["POST", "1.1", "Upgrade: websocket\r\n"],
    ["OPTIONS", "1.1", "Upgrade: websocket\r\n"],
    ["BREW", "1.1", "Upgrade: websocket\r\n"],
    ["GET", "1.1", "Sec-WebSocket-Key: x\r\n"],
    ["PUT", "1.1", "Upgrade: foo\r\nSec-WebSocket-Key:\r\n"],
];

const OTHERS: [[&str; 3]; 7] = [
    ["GET", "1.1", ""],
    ["GET", "1.1", "Upgrade: h2c\r\n"],
    ["GET", "1.1", "Upgrade: websocket2\r\n"],
    ["GET", "1.1", "Sec-WebSocket-Version: 13\r\n"],
    ["POST", "1.1", "Connection: Upgrade\r\n"],
    ["GET", "1.0", "Upgrade: websocket\r\n"],
    ["GET", "1.0", "Sec-WebSocket-Key: x\r\n"],
];

/// The replies to handshakes with these offers, and to other requests with them.
pub async fn replies(port: u16, offers: &str) -> (Vec<Reply>, Vec<Reply>) {
    let (mut handshakes, mut others) = (Vec::new(), Vec::new());
    for request in HANDSHAKES {
        handshakes.push(on_http1(port, request, offers).await);
    }
    for request in OTHERS {
        others.push(on_http1(port, request, offers).await);
    }

    let offered = || http2::handshake("/", &[offers]);
    let mut bare = offered();
    bare.headers_mut().remove(SEC_WEBSOCKET_VERSION);
    let mut connect_udp = offered();
    let protocol = Protocol::from_static("connect-udp");
    connect_udp.extensions_mut().insert(protocol);
    for request in [offered(), bare, connect_udp] {
        handshakes.push(on_http2(port, request).await);
    }

    let mut get = offered();
    *get.method_mut() = Method::GET;
    get.extensions_mut().clear();
    let mut tunnel = offered();
    tunnel.headers_mut().remove(SEC_WEBSOCKET_VERSION);
    tunnel.extensions_mut().clear();
    *tunnel.uri_mut() = "localhost:80".parse().unwrap();
    for request in [get, tunnel] {
        others.push(on_http2(port, request).await);
    }
    (handshakes, others)
}

async fn on_http1(port: u16, [method, version, headers]: [&str; 3], offers: &str) -> Reply {
    let request = format!(
        "{method} / HTTP/{version}\r\nHost: localhost\r\nContent-Length: 0\r\n{headers}\
         Sec-WebSocket-Protocol: {offers}\r\n\r\n"
    );
    let mut connection = http1::Connection::open(port).await;
    connection.exchange(request.as_bytes()).await
}

async fn on_http2(port: u16, request: Request<Body>) -> Reply {
    let mut connection = http2::Connection::open(port).await;
    connection.request(request).await
}
