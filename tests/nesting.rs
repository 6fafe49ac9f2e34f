//! R9: layers within layers.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    middleware::{Next, from_fn, map_request, map_response},
    response::Response as AxumResponse,
    routing::any,
};
use axum_subprotocol::{Malformed, Preference, Require, SubprotocolLayer};
use http::{
    HeaderValue, Method, Request, Response, StatusCode, Version, header::SEC_WEBSOCKET_PROTOCOL,
};
use tokio::task::JoinSet;
use tower::{Layer, ServiceExt, service_fn};

use crate::support::{
    Over,
    app::{answer, plain, refuse, tell},
    check::{check, selected, selected_of_offered},
    serve,
};

/// Makes the reply anew, with nothing but its status and what HTTP and the test
/// need.
async fn rebuild(request: Request<Body>, next: Next) -> Response<Body> {
    let (mut head, body) = next.run(request).await.into_parts();
    head.headers.remove(SEC_WEBSOCKET_PROTOCOL);
    let mut rebuilt = Response::new(body);
    *rebuilt.status_mut() = head.status;
    *rebuilt.headers_mut() = head.headers;
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
    let rebuilt = inner.clone().layer(from_fn(rebuild));
    let app = Router::new()
        .nest("/direct", inner)
        .nest("/rebuilt", rebuilt.clone())
        .nest("/three", rebuilt.layer(layer(["v1", "y"])))
        .layer(from_fn(rebuild))
        .layer(layer(["x", "v1"]));
    let port = serve(app).await;
    for path in ["/direct", "/rebuilt", "/three"] {
        let cases = [
            "x, v2, v1 => v2 of x v2 v1",
            "x|y|v1 => v1 of x y v1",
            "v2 => v2 of v2",
            // What an outer layer selected doesn't come back.
            "x, y => - of x y",
        ];
        check(port, path, selected_of_offered, &cases).await;
    }
}

#[tokio::test]
async fn r9_an_inner_layer_that_is_not_reached_decides_nothing() {
    let app = Router::new()
        .route("/inner", any(tell).layer(layer(["v2"])))
        .route("/outer", any(tell))
        .layer(layer(["v1", "v2"]));
    let port = serve(app).await;
    check(port, "/inner", selected, &["v1, v2 => v2"]).await;
    check(port, "/outer", selected, &["v1, v2 => v1"]).await;
}

#[tokio::test]
async fn r9_an_inner_reply_that_is_discarded_decides_nothing() {
    /// Asks the route, and completes the handshake by itself when that refuses.
    async fn second_try(request: Request<Body>, next: Next) -> Response<Body> {
        assert_eq!(request.headers()[SEC_WEBSOCKET_PROTOCOL], "v1");
        let refused = next.run(request).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        Response::default()
    }

    let app = Router::new()
        .route("/", any(refuse).layer(layer(["v2"])))
        .layer(from_fn(second_try))
        .layer(layer(["v1"]));
    let port = serve(app).await;
    let reply = Over::Http2.handshake(port, "/", &["v2, v1"]).await;
    assert_eq!(reply.selected(), "v1");
}

#[tokio::test]
async fn r9_middleware_may_add_the_upgrade_to_an_inner_reply() {
    async fn add_upgrade(mut reply: AxumResponse) -> AxumResponse {
        let websocket = HeaderValue::from_static("websocket");
        reply.headers_mut().insert("upgrade", websocket);
        reply
    }

    let app = Router::new()
        .route("/{status}/{upgrade}", any(answer).layer(layer(["v2"])))
        .layer(map_response(add_upgrade))
        .layer(layer(["v1", "v2"]));
    let port = serve(app).await;
    for (path, selected) in [("/101/-", "v2"), ("/101/websocket", "v2"), ("/200/-", "")] {
        let reply = Over::Http1.handshake(port, path, &["v1, v2"]).await;
        assert_eq!(reply.selected(), selected, "{path} {reply:?}");
    }
}

#[tokio::test]
async fn r9_outer_rejections_come_first() {
    let lenient = layer(["v2", "v1"]).malformed(Malformed::Ignore);
    let always = lenient.clone().require(Require::Always);
    let strict = layer(["y"]).require(Require::IfOffered).max_offers(2);
    let if_offered = layer(["v1"]).require(Require::IfOffered);
    let nested = |inner: &SubprotocolLayer, outer: SubprotocolLayer| {
        let inner = any(tell).layer(inner.clone());
        Router::new().route("/", inner).layer(outer)
    };
    let ignoring = layer(["x"]).malformed(Malformed::Ignore);
    let by_server = lenient.clone().prefer(Preference::Server);
    let app = Router::new()
        .nest("/inner", nested(&strict, ignoring))
        .nest("/strict", nested(&lenient, layer(["v1"])))
        .nest("/required", nested(&lenient, if_offered))
        .nest("/default", nested(&always, by_server));
    let port = serve(app).await;

    let cases = [
        "x => 400 None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported here. \
         Offer this one: y",
        "y, a b => 400 Element 2 of…",
        "y, x, x => 400 Sec-WebSocket-Protocol has more than 2 elements…",
    ];
    check(port, "/inner", selected, &cases).await;
    let cases = ["v2, a b => 400 Element 2 of…"];
    check(port, "/strict", selected, &cases).await;
    let cases = ["v2 => 400 None of the…", "v2, v1 => v2"];
    check(port, "/required", selected, &cases).await;
    let cases = [
        "a b, v1 => v1",
        "v1, v2 => v1",
        "a b => 400 A WebSocket subprotocol is required here…",
    ];
    check(port, "/default", selected, &cases).await;
}

fn connect(version: Version, offers: &'static str) -> Request<()> {
    let mut request = Request::new(());
    *request.version_mut() = version;
    *request.method_mut() = Method::CONNECT;
    let offers = HeaderValue::from_static(offers);
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, offers);
    request
}

async fn complete(_: Request<()>) -> Result<Response<String>, Infallible> {
    Ok(Response::new(String::new()))
}

#[tokio::test]
async fn r9_the_last_of_two_inner_replies_counts() {
    let first = layer(["v2"]).layer(service_fn(complete));
    let second = layer(["v1"]).layer(service_fn(complete));
    let both = service_fn(|request: Request<()>| {
        let (first, second) = (first.clone(), second.clone());
        async {
            let discarded = first.oneshot(request.clone()).await?;
            assert_eq!(discarded.headers()[SEC_WEBSOCKET_PROTOCOL], "v2");
            second.oneshot(request).await
        }
    });
    let service = layer(["x"]).layer(both);
    let request = connect(Version::HTTP_2, "x, v1, v2");
    let reply = service.oneshot(request).await.unwrap();
    assert_eq!(reply.headers()[SEC_WEBSOCKET_PROTOCOL], "v1");
    assert_eq!(reply.extensions().len(), 0);
}

#[tokio::test]
async fn r9_an_outer_layer_that_selects_nothing_hides_no_handshake() {
    for version in [Version::HTTP_2, Version::HTTP_3] {
        let request = connect(version, "v1");
        let inner = layer(["v1"]).layer(service_fn(complete));
        let service = layer(["x"]).layer(inner);
        let reply = service.oneshot(request.clone()).await.unwrap();
        assert_eq!(reply.headers()[SEC_WEBSOCKET_PROTOCOL], "v1", "{version:?}");

        let strict = layer(["v2"]).require(Require::Always);
        let service = layer(["x"]).layer(strict.layer(service_fn(complete)));
        let reply = service.oneshot(request).await.unwrap();
        assert_eq!(reply.status(), StatusCode::BAD_REQUEST, "{version:?}");
    }
}

/// By R1 it is not a handshake, whatever it was for the outer layer.
#[tokio::test]
async fn r9_a_request_that_is_no_longer_a_handshake_is_not_judged() {
    let strict = layer(["v1"]).require(Require::Always);
    let app = Router::new()
        .route("/", any(plain).layer(strict))
        .layer(map_request(async |mut request: Request<Body>| {
            request.headers_mut().remove("upgrade");
            request.headers_mut().remove("sec-websocket-key");
            request
        }))
        .layer(layer(["v2"]));
    let port = serve(app).await;
    let reply = Over::Http1.handshake(port, "/", &["v2"]).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert_eq!(reply.all("x-inward"), "v2");
}

/// Middleware of tower between two layers, in use by many threads at once.
mod tower_between {
    use std::{future::Ready, time::Duration};

    use axum_subprotocol::SelectedSubprotocol;
    use tower::{
        BoxError,
        buffer::Buffer,
        hedge::{self, Hedge},
        load_shed::LoadShed,
        retry::{self, Retry},
        steer::Steer,
        timeout::Timeout,
        util::BoxCloneSyncService,
    };

    use super::*;

    type Reply<E> = Result<Response<String>, E>;
    type Boxed = BoxCloneSyncService<Request<()>, Response<String>, BoxError>;

    /// Says in the body what it speaks, as it learnt from the request.
    async fn speak(request: Request<()>) -> Reply<BoxError> {
        tokio::time::sleep(Duration::from_millis(2)).await;
        let selected = SelectedSubprotocol::<String>::from_extensions(request.extensions())?;
        Ok(Response::new(selected.unwrap().0))
    }

    /// In turn fails, refuses, speaks `v1`, speaks `v2`.
    fn fickle() -> Boxed {
        let turn = Arc::new(AtomicUsize::new(0));
        let [v1, v2] = [["v1"], ["v2"]].map(|names| layer(names).layer(service_fn(speak)));
        Boxed::new(service_fn(move |request| {
            let turn = turn.fetch_add(1, Ordering::Relaxed) % 4;
            let service = if turn == 2 { v1.clone() } else { v2.clone() };
            async move {
                match turn {
                    0 => Err("on purpose".into()),
                    1 => Ok(Response::builder().status(403).body(String::new())?),
                    _ => service.oneshot(request).await,
                }
            }
        }))
    }

    fn in_turn(_: &Request<()>, services: &[Boxed]) -> usize {
        static TURN: AtomicUsize = AtomicUsize::new(0);
        TURN.fetch_add(1, Ordering::Relaxed) % services.len()
    }

    /// Tries each request twice, and a third time if the second try failed.
    #[derive(Clone)]
    struct Again(u8);

    impl<R: Clone, E> retry::Policy<R, Response<String>, E> for Again {
        type Future = Ready<()>;

        fn retry(&mut self, _: &mut R, reply: &mut Reply<E>) -> Option<Ready<()>> {
            self.0 += 1;
            let again = self.0 == 1 || self.0 == 2 && reply.is_err();
            again.then(|| std::future::ready(()))
        }

        fn clone_request(&mut self, request: &R) -> Option<R> {
            Some(request.clone())
        }
    }

    #[derive(Clone)]
    struct Hedged;

    impl hedge::Policy<Request<()>> for Hedged {
        fn clone_request(&self, request: &Request<()>) -> Option<Request<()>> {
            Some(request.clone())
        }

        fn can_retry(&self, _: &Request<()>) -> bool {
            true
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn r9_each_completed_reply_names_what_its_handler_spoke() {
        let second = Duration::from_secs(1);
        // Tries again after a millisecond.
        let hedge = Hedge::new_with_mock_latencies(fickle(), Hedged, 1, 0.5, second, &[1; 9]);
        let between = [
            ("nothing", fickle()),
            ("retry", Boxed::new(Retry::new(Again(0), fickle()))),
            ("buffer", Boxed::new(Buffer::new(fickle(), 8))),
            ("timeout", Boxed::new(Timeout::new(fickle(), 10 * second))),
            ("load-shed", Boxed::new(LoadShed::new(fickle()))),
            (
                "steer",
                Boxed::new(Steer::new([fickle(), fickle()], in_turn)),
            ),
            ("hedge", Boxed::new(Buffer::new(hedge, 8))),
        ];
        let mut work = JoinSet::new();
        for (name, between) in between {
            let service = layer(["x", "v1"]).layer(between);
            for _ in 0..8 {
                let service = service.clone();
                work.spawn(async move {
                    let mut completed = 0;
                    for _ in 0..100 {
                        let request = connect(Version::HTTP_2, "x, v1, v2");
                        let Ok(reply) = service.clone().oneshot(request).await else {
                            continue;
                        };
                        let named = reply.headers().get(SEC_WEBSOCKET_PROTOCOL);
                        let named = named.map_or("", |name| name.to_str().unwrap());
                        assert_eq!(named, reply.body(), "{name}");
                        completed += usize::from(!named.is_empty());
                    }
                    assert!(completed > 10, "{name}: {completed}");
                });
            }
        }
        while let Some(done) = work.join_next().await {
            done.unwrap();
        }
    }
}
