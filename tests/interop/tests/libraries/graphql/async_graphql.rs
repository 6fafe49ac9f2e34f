use async_graphql::{EmptyMutation, Object, Schema, Subscription};
use async_graphql_axum::GraphQLSubscription;
use axum::routing::{MethodRouter, any_service};
use futures_util::stream::BoxStream;

struct Query;

#[Object]
impl Query {
    async fn nothing(&self) -> bool {
        false
    }
}

struct Countdown;

#[Subscription]
impl Countdown {
    async fn countdown(&self) -> BoxStream<'static, i32> {
        super::countdown()
    }
}

pub(super) fn route() -> MethodRouter {
    let schema = Schema::new(Query, EmptyMutation, Countdown);
    any_service(GraphQLSubscription::new(schema))
}
