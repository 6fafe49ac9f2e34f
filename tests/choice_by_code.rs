//! A layer whose selection is made by a function.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Extension, Router, routing::any};
use axum_subprotocol::{
    OfferedCredentialLayer, OfferedSubprotocols, Preference, Require, SubprotocolLayer,
};
use http::{Method, Version, header::SEC_WEBSOCKET_PROTOCOL};

use crate::support::{
    BOTH,
    app::tell,
    check::{check, selected, selected_of_offered},
    panics::assert_panics,
    serve,
};

/// The newest of the versions 5 to 9, by a name of the program's own.
fn newest(offered: &OfferedSubprotocols) -> Option<&str> {
    let mut versions = (5..=9).rev();
    versions.find_map(|version| offered.get(&format!("chat.v{version}")))
}

fn layer() -> SubprotocolLayer {
    SubprotocolLayer::from_fn(|offered, _| newest(offered))
}

#[tokio::test]
async fn it_is_called_on_every_handshake_that_is_not_malformed() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);

    let counting = SubprotocolLayer::from_fn(|offered, head| {
        CALLS.fetch_add(1, Ordering::Relaxed);
        assert!(!head.headers.contains_key(SEC_WEBSOCKET_PROTOCOL));
        newest(offered)
    });
    let always = counting.clone().require(Require::Always);
    let app = Router::new()
        .route("/", any(tell).layer(counting))
        .route("/always", any(tell).layer(always));
    let port = serve(app).await;
    let cases = [
        "chat.v4, chat.v5|x, chat.v9 => chat.v9 of chat.v4 chat.v5 x chat.v9",
        "chat.v10 => - of chat.v10",
        "- => - of -",
        "chat.v5, a b => 400 Element 2 of…",
    ];
    check(port, "/", selected_of_offered, &cases).await;
    assert_eq!(CALLS.load(Ordering::Relaxed), 3 * BOTH.len());
    // There are no names to list.
    let cases = [
        "x => 400 None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported here.",
    ];
    check(port, "/always", selected, &cases).await;
}

#[tokio::test]
async fn a_name_that_was_not_offered_is_a_bug_and_never_sent() {
    let made_up = SubprotocolLayer::from_fn(|_, head| head.uri.query());
    let port = serve(Router::new().route("/", any(tell).layer(made_up))).await;
    let cases = ["chat.v4, chat.v5 => chat.v5"];
    check(port, "/?chat.v5", selected, &cases).await;
    let bug = "500 The server selected a WebSocket subprotocol that Sec-WebSocket-Protocol doesn't \
               offer. The function that is passed to `SubprotocolLayer::from_fn` must…";
    for (query, offers) in [
        ("hush", "Hush, hush2"),
        ("hu@sh", "chat.v5"),
        ("", "chat.v5"),
    ] {
        let case = format!("{offers} => {bug}");
        check(port, &format!("/?{query}"), selected, &[&case]).await;
    }
}

#[tokio::test]
async fn it_sees_the_request_and_no_credential() {
    #[derive(Clone)]
    struct Tenant(&'static str);

    let layer = SubprotocolLayer::from_fn(|offered, head| {
        assert!(!offered.iter().any(|name| name.contains("secret")));
        assert_eq!(head.headers["authorization"], "Bearer secret");
        let is_http_2 = head.version == Version::HTTP_2;
        assert_eq!(head.method == Method::CONNECT, is_http_2);
        let Tenant(supported) = head.extensions.get()?;
        offered.get(supported)
    });
    let app = Router::new()
        .route("/", any(tell).layer(layer))
        .layer(OfferedCredentialLayer::after_prefix("bearer."))
        .layer(Extension(Tenant("two")));
    let cases = ["one, bearer.secret, two => two of one two"];
    check(serve(app).await, "/", selected_of_offered, &cases).await;
}

#[test]
fn it_has_neither_names_nor_an_order() {
    assert!(layer().supported().is_empty());
    assert!(format!("{:?}", layer()).contains("from_fn"));
    assert_panics("SubprotocolLayer::prefer: ", || {
        layer().prefer(Preference::Client)
    });
}
