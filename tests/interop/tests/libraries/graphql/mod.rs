//! graphql-ws and subscriptions-transport-ws, with async-graphql and juniper, which
//! select for themselves behind the layer.

mod async_graphql;
mod juniper;

use futures_util::stream::{self, BoxStream, StreamExt};
use serde_json::json;

use crate::{Server, app, delivered};

fn countdown() -> BoxStream<'static, i32> {
    stream::iter([2, 1]).boxed()
}

async fn try_program(program: &'static str) {
    for (route, error) in [
        (async_graphql::route(), "Unexpected server response: 400"),
        (juniper::route(), "Server sent no subprotocol"),
    ] {
        let app = app(&route, &["graphql-transport-ws", "graphql-ws"]);
        let server = Server::start(app, program).await;
        let report = server.visit("/with", &[]).await;
        assert_eq!(report, delivered([2, 1].as_slice()));
        let report = server.visit("/wrong", &[]).await;
        assert_eq!(report, json!({ "error": error }));
    }
}

#[tokio::test]
async fn graphql_ws() {
    try_program("graphql-ws.mjs").await;
}

#[tokio::test]
async fn subscriptions_transport_ws() {
    try_program("subscriptions-transport-ws.mjs").await;
}
