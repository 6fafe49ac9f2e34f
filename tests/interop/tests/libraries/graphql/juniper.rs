use std::sync::Arc;

use axum::{
    Extension,
    routing::{MethodRouter, any},
};
use futures_util::stream::BoxStream;
use juniper::{EmptyMutation, RootNode, graphql_object, graphql_subscription};
use juniper_axum::subscriptions::ws;
use juniper_graphql_ws::ConnectionConfig;

struct Query;

#[graphql_object]
impl Query {
    fn nothing() -> bool {
        false
    }
}

struct Countdown;

#[graphql_subscription]
impl Countdown {
    async fn countdown() -> BoxStream<'static, i32> {
        super::countdown()
    }
}

type Schema = RootNode<Query, EmptyMutation, Countdown>;

/// The handler speaks what `WebSocket::protocol` returns.
pub(super) fn route() -> MethodRouter {
    let schema = Arc::new(Schema::new(Query, EmptyMutation::new(), Countdown));
    any(ws::<Arc<Schema>>(ConnectionConfig::new(()))).layer(Extension(schema))
}
