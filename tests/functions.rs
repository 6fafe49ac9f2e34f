//! A layer whose selection is made by a function.

use std::{
    convert::Infallible,
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Extension, Router, routing::any};
use axum_subprotocol::{Malformed, OfferedCredentialLayer, Preference, Require, SubprotocolLayer};
use http::{Method, Response, Version, header::SEC_WEBSOCKET_PROTOCOL};
use tower::{Layer, Service, service_fn};

use crate::support::{
    app::tell,
    check::{check, selected, selected_of_offered},
    exchange::offering,
    panics::assert_panics,
    serve,
};

#[tokio::test]
async fn it_sees_the_offers_and_the_head_and_no_credential() {
    #[derive(Clone)]
    struct Tenant(&'static str);

    let layer = SubprotocolLayer::from_fn(|offered, head| {
        assert!(!head.headers.contains_key(SEC_WEBSOCKET_PROTOCOL));
        assert_eq!(head.headers["authorization"], "Bearer secret");
        let is_http_2 = head.version == Version::HTTP_2;
        assert_eq!(head.method == Method::CONNECT, is_http_2);
        let Tenant(supported) = head.extensions.get()?;
        offered.get(supported)
    });
    let handler = any(tell).layer(layer.require(Require::IfOffered));
    let app = Router::new()
        .route("/nested", handler.clone())
        .layer(SubprotocolLayer::new(["one"]))
        .route("/", handler)
        .layer(OfferedCredentialLayer::after_prefix("bearer."))
        .layer(Extension(Tenant("two")));
    let cases = [
        "one, bearer.secret, two => two of one two",
        "bearer.secret => - of -",
        // There are no names to list.
        "one, bearer.secret => 400 None of the WebSocket subprotocols in \
         Sec-WebSocket-Protocol is supported here.",
    ];
    let port = serve(app).await;
    check(port, "/", selected_of_offered, &cases).await;
    check(port, "/nested", selected_of_offered, &cases).await;
}

#[test]
fn it_is_called_once_if_the_offers_are_well_formed() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let layer = SubprotocolLayer::from_fn(move |_, _| {
        counter.fetch_add(1, Ordering::Relaxed);
        None
    });
    let inner = service_fn(|_| ready(Ok::<_, Infallible>(Response::new(String::new()))));
    let mut service = layer.max_offers(2).layer(inner);
    for (offers, expected) in [("v1", 1), ("", 1), ("v1, a b", 0), ("v1,,", 0)] {
        drop(service.call(offering(&[offers])));
        assert_eq!(calls.swap(0, Ordering::Relaxed), expected, "{offers}");
    }
}

#[tokio::test]
async fn a_name_that_was_not_offered_is_a_bug_and_never_sent() {
    let made_up = SubprotocolLayer::from_fn(|_, head| head.uri.query());
    let port = serve(Router::new().route("/", any(tell).layer(made_up))).await;
    let cases = ["chat.v4, chat.v5 => chat.v5"];
    check(port, "/?chat.v5", selected, &cases).await;
    let bug = "500 The server selected a WebSocket subprotocol that Sec-WebSocket-Protocol doesn't \
               offer, or that is not an RFC 9110 token. This is a mistake of the server: the…";
    for (query, offers) in [("hush", "Hush, hush2"), ("", "chat.v5")] {
        let case = format!("{offers} => {bug}");
        check(port, &format!("/?{query}"), selected, &[&case]).await;
    }

    let not_a_token = SubprotocolLayer::from_fn(|_, _| Some("seedlink/3.1"));
    let app = any(tell).layer(not_a_token.malformed(Malformed::Ignore));
    let port = serve(Router::new().route("/", app)).await;
    check(port, "/", selected, &[&format!("seedlink/3.1 => {bug}")]).await;
}

#[test]
fn it_has_neither_names_nor_an_order() {
    let layer = SubprotocolLayer::from_fn(|_, _| None);
    assert!(layer.supported().is_empty());
    assert!(format!("{layer:?}").contains("from_fn"));
    assert_panics("SubprotocolLayer::prefer: ", || {
        layer.prefer(Preference::Client)
    });
}
