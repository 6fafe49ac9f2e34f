//! A layer whose selection is made by a function.

use axum::{Extension, Router, routing::any};
use axum_subprotocol::{OfferedCredentialLayer, Preference, Require, SubprotocolLayer};
use http::{Method, Version, header::SEC_WEBSOCKET_PROTOCOL};

use crate::support::{
    app::tell,
    check::{check, selected, selected_of_offered},
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
    let app = Router::new()
        .route("/", any(tell).layer(layer.require(Require::IfOffered)))
        .layer(OfferedCredentialLayer::after_prefix("bearer."))
        .layer(Extension(Tenant("two")));
    let cases = [
        "one, bearer.secret, two => two of one two",
        "bearer.secret => - of -",
        // There are no names to list.
        "one, bearer.secret => 400 None of the WebSocket subprotocols in \
         Sec-WebSocket-Protocol is supported here.",
    ];
    check(serve(app).await, "/", selected_of_offered, &cases).await;
}

#[tokio::test]
async fn a_name_that_was_not_offered_is_a_bug_and_never_sent() {
    let made_up = SubprotocolLayer::from_fn(|_, head| head.uri.query());
    let port = serve(Router::new().route("/", any(tell).layer(made_up))).await;
    let cases = ["chat.v4, chat.v5 => chat.v5"];
    check(port, "/?chat.v5", selected, &cases).await;
    let bug = "500 The server selected a WebSocket subprotocol that Sec-WebSocket-Protocol doesn't \
               offer. The function that is passed to `SubprotocolLayer::from_fn` must…";
    for (query, offers) in [("hush", "Hush, hush2"), ("", "chat.v5")] {
        let case = format!("{offers} => {bug}");
        check(port, &format!("/?{query}"), selected, &[&case]).await;
    }
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
