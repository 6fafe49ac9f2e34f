//! A layer whose selection is made by a function.

mod support;

use std::{
    panic,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Extension, Router,
    extract::Request,
    middleware::{map_request, map_response},
    response::Response,
    routing::any,
};
use axum_subprotocol::{
    Malformed, OfferedCredential, OfferedSubprotocols, Preference, Require, SelectedSubprotocol,
    SubprotocolLayer, SubprotocolRejection,
};
use http::{Method, StatusCode, Version, header::SEC_WEBSOCKET_PROTOCOL};
use serde::Deserialize;

use self::support::{
    BOTH, Over,
    app::{headstrong, tell},
    serve,
};

/// The newest of the versions 5 to 9.
fn newest(offered: &OfferedSubprotocols) -> Option<&str> {
    let version = |name: &str| (5..=9).find(|version| name == format!("chat.v{version}"));
    let supported = offered.iter().filter(|name| version(name).is_some());
    supported.max_by_key(|name| version(name))
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
    for over in BOTH {
        for (offers, selected, offered) in [
            (&["chat.v7"][..], "chat.v7", "chat.v7"),
            (
                &["chat.v4, chat.v5", "x, chat.v9"],
                "chat.v9",
                "chat.v4 chat.v5 x chat.v9",
            ),
            (&["chat.v4, chat.v10"], "", "chat.v4 chat.v10"),
            (&[" , ", ""], "", ""),
            (&[], "", ""),
        ] {
            let about = format!("{over:?} {offers:?}");
            let reply = over.handshake(port, "/", offers).await;
            assert_eq!(reply.status, over.completed(), "{about}");
            assert_eq!(reply.selected(), selected, "{about}");
            assert_eq!(reply.all("x-inward"), selected, "{about}");
            assert_eq!(reply.all("x-extracted"), selected, "{about}");
            assert_eq!(reply.all("x-offered"), offered, "{about}");
            let reply = over.handshake(port, "/headstrong", offers).await;
            assert_eq!(reply.selected(), selected, "{about}");
        }
    }
}

/// How often the function is called, and what a client is told.
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
        "None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported here.";
    let none = "A WebSocket subprotocol is required here, and Sec-WebSocket-Protocol offers none.";
    for (layer, offers, times, outcome) in [
        (&counting, "chat.v5", 1, "chat.v5"),
        (&counting, "", 1, ""),
        (&counting, "x", 1, ""),
        (&counting, "chat.v5, a b", 0, "Element 2 of"),
        (&counting, "a, b, c, chat.v5", 0, "more elements than the 3"),
        (&ignoring, "a b, chat.v5", 1, "chat.v5"),
        (&if_offered, "x", 1, unsupported),
        (&if_offered, "", 1, ""),
        (&always, "", 1, none),
        (&always, "chat.v8", 1, "chat.v8"),
    ] {
        let port = serve(Router::new().route("/", any(tell).layer(layer.clone()))).await;
        for over in BOTH {
            calls.store(0, Ordering::Relaxed);
            let reply = over.handshake(port, "/", &[offers]).await;
            let told = reply.selected() + &reply.body;
            assert_eq!(calls.load(Ordering::Relaxed), times, "{offers}");
            assert!(
                told.contains(outcome) && told.is_empty() == outcome.is_empty(),
                "{told}"
            );
            if outcome == unsupported || outcome == none {
                assert_eq!(reply.body, outcome, "nothing to print");
            }
        }
    }
}

#[tokio::test]
async fn what_was_not_offered_is_a_bug_and_never_sent() {
    async fn name_cause(mut response: Response) -> Response {
        let cause = response.extensions().get::<SubprotocolRejection>();
        let is_bug = matches!(cause, Some(SubprotocolRejection::UnofferedSelection(_)));
        response
            .headers_mut()
            .insert("x-bug", is_bug.to_string().parse().unwrap());
        response
    }

    let made_up = SubprotocolLayer::from_fn(|_, head| head.uri.query());
    let app = Router::new()
        .route("/", any(tell))
        .layer(made_up)
        .layer(map_response(name_cause));
    let port = serve(app).await;
    for over in BOTH {
        for (query, offers, is_bug) in [
            ("chat.v5", "chat.v4, chat.v5", false),
            ("hush", "chat.v5", true),
            ("hush", "", true),
            ("hush", "Hush, hush2", true),
            ("hu@sh", "chat.v5", true),
            ("", "chat.v5", true),
        ] {
            let reply = over.handshake(port, &format!("/?{query}"), &[offers]).await;
            assert_eq!(reply.all("x-bug"), is_bug.to_string(), "{query} {offers}");
            if is_bug {
                assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
                assert_eq!(reply.selected(), "");
                assert!(!reply.body.contains("hu"), "{}", reply.body);
                assert!(reply.body.contains("from_fn"), "{}", reply.body);
            } else {
                assert_eq!(reply.selected(), query);
            }
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
        offered.iter().find(|name| name == supported)
    })
    .credential(OfferedCredential::after_prefix("bearer."));
    for tenant in ["one", "two", "three"] {
        let app = Router::new()
            .route("/", any(tell))
            .layer(layer.clone())
            .layer(map_request(note_version))
            .layer(Extension(Tenant(tenant)));
        let port = serve(app).await;
        for over in BOTH {
            let reply = over
                .handshake(port, "/", &["one, bearer.secret, two"])
                .await;
            let selected = if tenant == "three" { "" } else { tenant };
            assert_eq!(reply.status, over.completed());
            assert_eq!(reply.selected(), selected);
            assert_eq!(reply.all("x-authorized"), "Bearer secret");
        }
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
        let port = serve(
            Router::new()
                .route("/", any(tell).layer(inner))
                .layer(outer),
        )
        .await;
        for over in BOTH {
            let reply = over.handshake(port, "/", &["chat.v5", "chat.v9"]).await;
            assert_eq!(reply.selected(), selected);
            assert_eq!(reply.all("x-offered"), "chat.v5 chat.v9");
        }
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
    let panic = panic::catch_unwind(|| layer().prefer(Preference::Client)).unwrap_err();
    let message = panic.downcast_ref::<&str>().unwrap();
    assert!(message.starts_with("SubprotocolLayer::prefer"), "{message}");
}
