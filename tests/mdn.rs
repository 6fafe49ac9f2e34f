//! The example of MDN's page on `Sec-WebSocket-Protocol`, byte for byte.

use axum::{Router, extract::ws::WebSocketUpgrade, routing::any};
use axum_subprotocol::SubprotocolLayer;

use crate::support::{http1::Connection, serve};

#[tokio::test]
async fn soap_is_selected_from_one_line_and_from_two() {
    let handler = async |ws: WebSocketUpgrade| ws.on_upgrade(|_| async {});
    let layer = SubprotocolLayer::new(["soap", "wamp"]);
    let port = serve(Router::new().route("/chat", any(handler).layer(layer))).await;

    for offers in [
        "Sec-WebSocket-Protocol: soap, wamp\r\n",
        "Sec-WebSocket-Protocol: soap\r\nSec-WebSocket-Protocol: wamp\r\n",
    ] {
        let request = format!(
            "GET /chat HTTP/1.1\r\n\
             Host: example.com:8000\r\n\
             Upgrade: websocket\r\n\
             Connection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Version: 13\r\n\
             {offers}\r\n"
        );
        let mut connection = Connection::open(port).await;
        connection.send(request.as_bytes()).await;
        let head = connection.read_head().await;

        let mut lines: Vec<_> = head.split("\r\n").collect();
        assert_eq!(lines.remove(0), "HTTP/1.1 101 Switching Protocols");
        lines.retain(|line| !line.is_empty() && !line.starts_with("date: "));
        lines.sort_unstable();
        assert_eq!(
            lines,
            [
                "connection: upgrade",
                "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "sec-websocket-protocol: soap",
                "upgrade: websocket",
            ]
        );
    }
}
