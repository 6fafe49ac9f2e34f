//! A layer whose selection is made by a function.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Extension, Router,
    extract::Request,
    middleware::{map_request, map_response},
    response::Response,
    routing::any,
};
use axum_subprotocol::{
    Malformed, OfferedCredentialLayer, OfferedSubprotocols, Preference, Require,
    SelectedSubprotocol, SubprotocolLayer, rejection::SubprotocolRejection,
};
use http::{Method, StatusCode, Version, header::SEC_WEBSOCKET_PROTOCOL};
use serde::Deserialize;

use crate::support::{
    BOTH, Over, Reply,
    app::{headstrong, tell},
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
async fn the_function_selects_and_the_layer_does_the_rest() {
    let app = Router::new()
        .route("/", any(tell))
        .route("/headstrong", any(headstrong))
        .layer(layer());
    let port = serve(app).await;
    let cases = [
        "chat.v7 => chat.v7 of chat.v7",
        "chat.v4, chat.v5|x, chat.v9 => chat.v9 of chat.v4 chat.v5 x chat.v9",
        "chat.v4, chat.v10 => - of chat.v4 chat.v10",
        " , | => - of -",
        "- => - of -",
    ];
    check(port, "/", selected_of_offered, &cases).await;
    let cases = ["chat.v7 => chat.v7", "own => "];
    check(port, "/headstrong", Reply::selected, &cases).await;
}

/// How often the function is called, and what the client is told.
#[tokio::test]
async fn it_is_called_on_every_handshake_that_is_not_malformed() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let counting = SubprotocolLayer::from_fn(move |offered, head| {
        counter.fetch_add(1, Ordering::Relaxed);
        assert!(!head.headers.contains_key(SEC_WEBSOCKET_PROTOCOL));
        newest(offered)
    })
    .max_offers(3);
    let ignoring = counting.clone().malformed(Malformed::Ignore);
    let if_offered = counting.clone().require(Require::IfOffered);
    let always = counting.clone().require(Require::Always);
    let unsupported =
        "x => 400 None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported here.";
    let nothing = " => 400 A WebSocket subprotocol is required here, and Sec-WebSocket-Protocol \
                   offers none.";
    for (layer, calls_each, case) in [
        (&counting, 1, "chat.v5 => chat.v5"),
        (&counting, 1, " => -"),
        (&counting, 1, "x => -"),
        (&counting, 0, "chat.v5, a b => 400 Element 2 of…"),
        (&counting, 0, "a, b, c, chat.v5 => 400 Sec-WebSocket-Prot…"),
        (&ignoring, 1, "a b, chat.v5 => chat.v5"),
        (&if_offered, 1, unsupported),
        (&if_offered, 1, " => -"),
        (&always, 1, nothing),
        (&always, 1, "chat.v8 => chat.v8"),
    ] {
        let port = serve(Router::new().route("/", any(tell).layer(layer.clone()))).await;
        calls.store(0, Ordering::Relaxed);
        check(port, "/", selected, &[case]).await;
        let calls = calls.load(Ordering::Relaxed);
        assert_eq!(calls, calls_each * BOTH.len(), "{case}");
    }
}

#[tokio::test]
async fn a_name_that_was_not_offered_is_a_bug_and_never_sent() {
    async fn name_cause(response: Response) -> ([(&'static str, String); 1], Response) {
        let cause = response.extensions().get::<SubprotocolRejection>();
        let is_bug = matches!(cause, Some(SubprotocolRejection::UnofferedSelection(_)));
        ([("x-bug", is_bug.to_string())], response)
    }

    let made_up = SubprotocolLayer::from_fn(|_, head| head.uri.query());
    let app = Router::new()
        .route("/", any(tell))
        .layer(made_up)
        .layer(map_response(name_cause));
    let port = serve(app).await;
    check(
        port,
        "/?chat.v5",
        selected,
        &["chat.v4, chat.v5 => chat.v5"],
    )
    .await;
    for (query, offers) in [
        ("hush", "chat.v5"),
        ("hush", ""),
        ("hush", "Hush, hush2"),
        ("hu@sh", "chat.v5"),
        ("", "chat.v5"),
    ] {
        for over in BOTH {
            let reply = over.handshake(port, &format!("/?{query}"), &[offers]).await;
            assert_eq!(reply.all("x-bug"), "true", "{query} {offers}");
            assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(reply.selected(), "");
            assert!(!reply.body.contains("hu"), "{}", reply.body);
            assert!(reply.body.contains("from_fn"), "{}", reply.body);
        }
    }
}

#[tokio::test]
async fn it_sees_the_request_and_no_credential() {
    #[derive(Clone)]
    struct Tenant(&'static str);

    async fn note_version(mut request: Request) -> Request {
        let version = format!("{:?}", request.version()).parse().unwrap();
        request.headers_mut().insert("x-version", version);
        request
    }

    let layer = SubprotocolLayer::from_fn(|offered, head| {
        assert!(!offered.iter().any(|name| name.contains("secret")));
        assert_eq!(head.headers["authorization"], "Bearer secret");
        assert_eq!(head.uri.path(), "/");
        let begun = match head.version {
            Version::HTTP_2 => Method::CONNECT,
            _ => Method::GET,
        };
        assert_eq!(head.method, begun);
        assert_eq!(head.headers["x-version"], format!("{:?}", head.version));
        let Tenant(supported) = head.extensions.get()?;
        offered.get(supported)
    });
    for (tenant, case) in [
        ("one", "one, bearer.secret, two => one of one two"),
        ("two", "one, bearer.secret, two => two of one two"),
        ("three", "one, bearer.secret, two => - of one two"),
    ] {
        let app = Router::new()
            .route("/", any(tell))
            .layer(layer.clone())
            .layer(OfferedCredentialLayer::after_prefix("bearer."))
            .layer(map_request(note_version))
            .layer(Extension(Tenant(tenant)));
        let port = serve(app).await;
        check(port, "/", selected_of_offered, &[case]).await;
    }
}

#[tokio::test]
async fn r9_a_list_and_a_function_nest_either_way() {
    let list = || SubprotocolLayer::new(["chat.v5", "chat.v9"]);
    for (outer, inner, selected) in [
        (list(), layer(), "chat.v9"),
        (layer(), list(), "chat.v5"),
        (layer(), layer(), "chat.v9"),
    ] {
        let inner = Router::new().route("/", any(tell).layer(inner));
        let port = serve(inner.layer(outer)).await;
        let case = format!("chat.v5|chat.v9 => {selected} of chat.v5 chat.v9");
        check(port, "/", selected_of_offered, &[&case]).await;
    }
}

#[tokio::test]
async fn an_enum_may_lack_what_the_function_selects() {
    #[derive(Debug, Deserialize)]
    enum Chat {
        #[serde(rename = "chat.v5")]
        V5,
    }

    let handler = any(async |SelectedSubprotocol(Chat::V5)| StatusCode::IM_A_TEAPOT);
    let port = serve(Router::new().route("/", handler.layer(layer()))).await;
    for (offers, status) in [("chat.v5", 418), ("chat.v6", 500), ("x", 400)] {
        let reply = Over::Http1.handshake(port, "/", &[offers]).await;
        assert_eq!(reply.status.as_u16(), status, "{offers}");
    }
}

#[test]
fn it_has_neither_names_nor_an_order() {
    assert!(layer().supported().is_empty());
    assert!(format!("{:?}", layer()).contains("from_fn"));
    assert_panics("SubprotocolLayer::prefer: ", || {
        layer().prefer(Preference::Client)
    });
}
