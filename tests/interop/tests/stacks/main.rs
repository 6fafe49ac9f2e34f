//! Other WebSocket implementations behind the layer, and a client that judges
//! the server's choice, as browsers do.
//!
//! Each file has one of them. Most are first seen without the layer: the tests
//! assert the fault, and fail when it is fixed.

mod async_graphql;
mod axum_0_7;
mod axum_ws;
mod client;
mod extended_connect;
mod fastwebsockets;
mod hyper_tungstenite;
mod plain_hyper;
mod raw;

use axum::Router;
use axum_subprotocol::SubprotocolLayer;
use tokio::net::TcpListener;

use self::client::visit;

/// What the servers here speak, but for GraphQL.
fn layer() -> SubprotocolLayer {
    SubprotocolLayer::new(["chat.v2", "chat.v1"])
}

async fn serve(app: Router) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(axum::serve(listener, app).into_future());
    port
}

/// Expects the layer's choice in the header, and the same on the socket.
async fn expect_what_is_selected(port: u16, path: &str) {
    for (offers, selected) in [
        ("soap, chat.v1, chat.v2", "chat.v1"),
        ("chat.v2, chat.v1", "chat.v2"),
    ] {
        let visit = visit(port, path, offers).await.unwrap();
        assert_eq!(visit.selected, [selected], "{path} {offers}");
        assert_eq!(visit.said, format!("{selected}: hello"), "{path} {offers}");
    }
}
