//! R9: layers within layers.

mod support;

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::Response,
    routing::any,
};
use axum_subprotocol::{Malformed, Preference, Require, SubprotocolLayer};
use http::{HeaderMap, StatusCode, header::SEC_WEBSOCKET_PROTOCOL};

use self::support::{
    BOTH,
    app::{refuse, tell},
    serve,
};

/// Makes the reply anew, with nothing but its status and what HTTP needs.
async fn rebuild(request: Request, next: Next) -> Response {
    let (head, body) = next.run(request).await.into_parts();
    let mut rebuilt = Response::new(body);
    *rebuilt.status_mut() = head.status;
    for name in [
        "upgrade",
        "connection",
        "sec-websocket-accept",
        "x-inward",
        "x-offered",
        "content-type",
    ] {
        if let Some(value) = head.headers.get(name) {
            rebuilt.headers_mut().insert(name, value.clone());
        }
    }
    rebuilt
}

fn layer<const N: usize>(names: [&str; N]) -> SubprotocolLayer {
    SubprotocolLayer::new(names)
}

#[tokio::test]
async fn r9_the_innermost_layer_decides_from_the_clients_own_list() {
    let inner = Router::new()
        .route("/", any(tell))
        .layer(layer(["v2", "v1"]));
    let app = Router::new()
        .nest("/direct", inner.clone())
        .nest("/rebuilt", inner.clone().layer(from_fn(rebuild)))
        .nest(
            "/three",
            inner.layer(from_fn(rebuild)).layer(layer(["v1", "y"])),
        )
        .layer(from_fn(rebuild))
        .layer(layer(["x", "v1"]));
    let port = serve(app).await;

    for over in BOTH {
        for path in ["/direct", "/rebuilt", "/three"] {
            for (offers, selected) in [
                (&["x, v2, v1"][..], "v2"),
                (&["x", "y", "v1"], "v1"),
                (&["v2"], "v2"),
                // What an outer layer selected doesn't come back.
                (&["x, y"], ""),
            ] {
                let reply = over.handshake(port, path, offers).await;
                assert_eq!(reply.status, over.completed(), "{over:?} {path} {reply:?}");
                assert_eq!(reply.selected(), selected, "{over:?} {path} {offers:?}");
                assert_eq!(
                    reply.all("x-inward"),
                    selected,
                    "{over:?} {path} {offers:?}"
                );
                let list = offers.join(" ").replace(',', "");
                assert_eq!(reply.all("x-offered"), list, "{over:?} {path} {offers:?}");
            }
        }
    }
}

#[tokio::test]
async fn r9_an_inner_layer_that_is_not_reached_decides_nothing() {
    let app = Router::new()
        .route("/inner", any(tell).layer(layer(["v2"])))
        .route("/outer", any(tell))
        .layer(layer(["v1", "v2"]));
    let port = serve(app).await;
    for over in BOTH {
        let reply = over.handshake(port, "/inner", &["v1, v2"]).await;
        assert_eq!(reply.selected(), "v2", "{over:?}");
        let reply = over.handshake(port, "/outer", &["v1, v2"]).await;
        assert_eq!(reply.selected(), "v1", "{over:?}");
    }
}

#[tokio::test]
async fn r9_an_inner_reply_that_is_passed_over_decides_nothing() {
    /// Asks the route, and completes the handshake by itself when that refuses.
    async fn second_try(request: Request, next: Next) -> Response {
        let inward: HeaderMap = request.headers().clone();
        let refused = next.run(request).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        let mut reply = Response::default();
        for line in inward.get_all(SEC_WEBSOCKET_PROTOCOL) {
            reply.headers_mut().append("x-inward", line.clone());
        }
        reply
    }

    let app = Router::new()
        .route("/", any(refuse).layer(layer(["v2"])))
        .layer(from_fn(second_try))
        .layer(layer(["v1"]));
    let port = serve(app).await;
    let reply = support::Over::Http2.handshake(port, "/", &["v2, v1"]).await;
    assert_eq!(reply.all("x-inward"), "v1");
    assert_eq!(reply.selected(), "v1");
}

#[tokio::test]
async fn r9_outer_rejections_come_first() {
    let lenient = layer(["v2", "v1"]).malformed(Malformed::Ignore);
    let app = Router::new()
        .nest(
            "/strict",
            Router::new()
                .route("/", any(tell).layer(lenient.clone()))
                .layer(layer(["v1"])),
        )
        .nest(
            "/required",
            Router::new()
                .route("/", any(tell).layer(lenient.clone()))
                .layer(layer(["v1"]).require(Require::IfOffered)),
        )
        .nest(
            "/default",
            Router::new()
                .route(
                    "/",
                    any(tell).layer(lenient.clone().require(Require::Always)),
                )
                .layer(lenient.clone().prefer(Preference::Server)),
        );
    let port = serve(app).await;

    // Either the selected name, or how the text of the 400 begins.
    let cases: [(&str, &str, Result<&str, &str>); 6] = [
        ("/strict", "v2, a b", Err("Element 2 of")),
        ("/required", "v2", Err("None of the WebSocket subprotocols")),
        ("/required", "v2, v1", Ok("v2")),
        ("/default", "a b, v1", Ok("v1")),
        ("/default", "v1, v2", Ok("v1")),
        (
            "/default",
            "a b",
            Err("A WebSocket subprotocol is required here"),
        ),
    ];
    for over in BOTH {
        for (path, offers, outcome) in cases {
            let reply = over.handshake(port, path, &[offers]).await;
            match outcome {
                Ok(selected) => {
                    assert_eq!(reply.status, over.completed(), "{path} {offers} {reply:?}");
                    assert_eq!(reply.selected(), selected, "{path} {offers}");
                }
                Err(text) => {
                    assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path} {offers}");
                    assert!(reply.body.starts_with(text), "{path} {offers} {reply:?}");
                }
            }
        }
    }
}
