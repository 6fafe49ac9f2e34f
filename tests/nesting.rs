//! R9: layers within layers.

mod support;

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use axum::{
    Router,
    body::Body,
    middleware::{Next, from_fn, map_request},
    routing::any,
};
use axum_subprotocol::{Malformed, Preference, Require, SubprotocolLayer};
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version,
    header::SEC_WEBSOCKET_PROTOCOL,
};
use tower::{Layer, Service, ServiceExt, service_fn};

use self::support::{
    BOTH, Over,
    app::{plain, refuse, tell},
    serve,
};

/// Makes the reply anew, with nothing but its status and what HTTP needs.
async fn rebuild(request: Request<Body>, next: Next) -> Response<Body> {
    let (head, body) = next.run(request).await.into_parts();
    let mut rebuilt = Response::new(body);
    *rebuilt.status_mut() = head.status;
    for name in [
        "upgrade",
        "connection",
        "sec-websocket-accept",
        "x-inward",
        "x-extracted",
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
                for told in ["x-inward", "x-extracted"] {
                    assert_eq!(reply.all(told), selected, "{over:?} {path} {offers:?}");
                }
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
    async fn second_try(request: Request<Body>, next: Next) -> Response<Body> {
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
    let reply = Over::Http2.handshake(port, "/", &["v2, v1"]).await;
    assert_eq!(reply.all("x-inward"), "v1");
    assert_eq!(reply.selected(), "v1");
}

#[tokio::test]
async fn r9_outer_rejections_come_first() {
    let lenient = layer(["v2", "v1"]).malformed(Malformed::Ignore);
    let strict = layer(["y"]).require(Require::IfOffered).max_offers(2);
    let app = Router::new()
        .nest(
            "/inner",
            Router::new()
                .route("/", any(tell).layer(strict))
                .layer(layer(["x"]).malformed(Malformed::Ignore)),
        )
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
    let cases: [(&str, &str, Result<&str, &str>); 9] = [
        ("/strict", "v2, a b", Err("Element 2 of")),
        (
            "/inner",
            "x",
            Err(
                "None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported here. Offer this one: y",
            ),
        ),
        ("/inner", "y, a b", Err("Element 2 of")),
        (
            "/inner",
            "y, x, x",
            Err("Sec-WebSocket-Protocol has more elements than the 2"),
        ),
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

/// Sends a request in to two services, and the second reply out.
#[derive(Clone)]
struct Both<A, B>(A, B);

impl<A, B> Service<Request<()>> for Both<A, B>
where
    A: Service<Request<()>, Response = Response<String>, Error = Infallible>,
    B: Service<Request<()>, Response = Response<String>, Error = Infallible>,
{
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let first = self.0.call(request.clone()).now_or_never().unwrap();
        assert_eq!(first.unwrap().status(), StatusCode::OK);
        ready(self.1.call(request).now_or_never().unwrap())
    }
}

#[tokio::test]
async fn r9_of_two_inner_replies_the_one_that_is_sent_counts() {
    let inner = service_fn(async |_| Ok::<_, Infallible>(Response::new(String::new())));
    let both = Both(layer(["v2"]).layer(inner), layer(["v1"]).layer(inner));
    let service = layer(["x"]).layer(both);
    let mut request = Request::new(());
    *request.version_mut() = Version::HTTP_2;
    *request.method_mut() = Method::CONNECT;
    let offers = HeaderValue::from_static("x, v1, v2");
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, offers);
    let reply = service.oneshot(request).await.unwrap();
    assert_eq!(reply.headers()[SEC_WEBSOCKET_PROTOCOL], "v1");
    assert_eq!(reply.extensions().len(), 0);
}

#[tokio::test]
async fn r9_an_outer_layer_that_selects_nothing_hides_no_handshake() {
    let inner = service_fn(async |_| Ok::<_, Infallible>(Response::new(String::new())));
    for version in [Version::HTTP_2, Version::HTTP_3] {
        // Its offers are the only sign of a handshake, and the outer layer takes them.
        let mut request = Request::new(());
        *request.version_mut() = version;
        *request.method_mut() = Method::CONNECT;
        let offers = HeaderValue::from_static("v1");
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, offers);

        let service = layer(["x"]).layer(layer(["v1"]).layer(inner));
        let reply = service.oneshot(request.clone()).await.unwrap();
        assert_eq!(reply.headers()[SEC_WEBSOCKET_PROTOCOL], "v1", "{version:?}");

        let strict = layer(["v2"]).require(Require::Always);
        let service = layer(["x"]).layer(strict.layer(inner));
        let reply = service.oneshot(request).await.unwrap();
        assert_eq!(reply.status(), StatusCode::BAD_REQUEST, "{version:?}");
    }
}

/// By R1 it is none, whatever the outer layer took it for.
#[tokio::test]
async fn what_is_no_longer_a_handshake_is_not_judged_further_in() {
    let strict = layer(["v1"]).require(Require::Always);
    let app = Router::new()
        .route("/", any(plain).layer(strict))
        .layer(map_request(async |mut request: Request<Body>| {
            request.headers_mut().remove("upgrade");
            request
        }))
        .layer(layer(["v2"]));
    let port = serve(app).await;
    let reply = Over::Http1.handshake(port, "/", &["v2"]).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert_eq!(reply.all("x-inward"), "v2");
}
