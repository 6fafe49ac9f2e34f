//! async-graphql, which selects in one place and speaks in another.

use async_graphql::{EmptyMutation, Object, Schema, Subscription};
use async_graphql_axum::GraphQLSubscription;
use axum::{Router, routing::any_service};
use axum_subprotocol::SubprotocolLayer;
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};

use crate::{
    client::{Socket, connect, receive, send},
    serve,
};

/// <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>
const NEW: &str = "graphql-transport-ws";
/// <https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md>
const OLD: &str = "graphql-ws";

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
    async fn countdown(&self) -> impl Stream<Item = i32> {
        stream::iter([2, 1])
    }
}

async fn server() -> u16 {
    let subscriptions = GraphQLSubscription::new(Schema::new(Query, EmptyMutation, Countdown));
    let layer = SubprotocolLayer::new([NEW, OLD]);
    let app = Router::new()
        .route("/without", any_service(subscriptions.clone()))
        .route("/with", any_service(subscriptions).layer(layer));
    serve(app).await
}

/// Subscribes in the protocol that the reply's header names. Returns that name, and
/// the name of the protocol that the answers are in.
async fn subscribe(port: u16, path: &str, offers: &str) -> (&'static str, &'static str) {
    let (mut socket, selected) = connect(port, path, offers).await.unwrap();
    let (promised, subscribe) = match selected.join("|").as_str() {
        NEW => (NEW, "subscribe"),
        OLD => (OLD, "start"),
        selected => panic!("{selected}"),
    };
    tell(&mut socket, &json!({ "type": "connection_init" })).await;
    assert_eq!(hear(&mut socket).await["type"], "connection_ack");

    let subscription = json!({
        "type": subscribe,
        "id": "1",
        "payload": { "query": "subscription { countdown }" },
    });
    tell(&mut socket, &subscription).await;
    let answers = [hear(&mut socket).await, hear(&mut socket).await];
    for (answer, count) in answers.iter().zip([2, 1]) {
        assert_eq!(answer["payload"]["data"]["countdown"], count, "{answer}");
    }
    let spoken = match answers.each_ref().map(|answer| answer["type"].as_str()) {
        [Some("next"), Some("next")] => NEW,
        [Some("data"), Some("data")] => OLD,
        types => panic!("{types:?}"),
    };
    assert_eq!(hear(&mut socket).await["type"], "complete");
    (promised, spoken)
}

async fn tell(socket: &mut Socket, message: &Value) {
    send(socket, &message.to_string()).await;
}

async fn hear(socket: &mut Socket) -> Value {
    serde_json::from_str(&receive(socket).await).unwrap()
}

#[tokio::test]
async fn it_speaks_what_the_header_promises() {
    let port = server().await;
    let old_first = "graphql-ws, graphql-transport-ws";
    let new_first = "graphql-transport-ws, graphql-ws";

    // It promises the one and speaks the other.
    assert_eq!(subscribe(port, "/without", old_first).await, (NEW, OLD));

    assert_eq!(subscribe(port, "/with", old_first).await, (OLD, OLD));
    assert_eq!(subscribe(port, "/with", new_first).await, (NEW, NEW));
}
