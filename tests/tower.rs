//! Both layers before a service that doesn't know axum, and in HTTP/3.

use std::{
    future::{Ready, ready},
    task::{Context, Poll},
};

use axum_subprotocol::{
    ConfigError, CredentialFromOffers, InvalidSubprotocol, OfferedCredentialLayer,
    OfferedCredentialService, OfferedSubprotocols, Require, SelectedSubprotocol, Subprotocol,
    SubprotocolLayer, SubprotocolService,
    rejection::{
        CredentialFault, CredentialRejection, SelectedSubprotocolRejection, SubprotocolRejection,
    },
};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version,
    header::{SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE},
};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_http::map_response_body::MapResponseBodyLayer;

type Body = Full<Bytes>;

/// Completes any handshake, and returns the header of the request as `x-inward`.
fn complete(request: &Request<()>) -> Response<Body> {
    let mut response = Response::new(Body::default());
    if request.version() == Version::HTTP_11 {
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let websocket = HeaderValue::from_static("websocket");
        response.headers_mut().insert(UPGRADE, websocket);
    }
    for line in request.headers().get_all(SEC_WEBSOCKET_PROTOCOL) {
        response.headers_mut().append("x-inward", line.clone());
    }
    response
}

fn handshake(version: Version, offers: &[&'static str]) -> Request<()> {
    let mut request = Request::new(());
    *request.version_mut() = version;
    let headers = request.headers_mut();
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    for offer in offers {
        headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offer));
    }
    if version != Version::HTTP_11 {
        headers.remove(UPGRADE);
        *request.method_mut() = Method::CONNECT;
    }
    request
}

fn selected(headers: &HeaderMap) -> Vec<&str> {
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test]
async fn negotiates_all_versions_alike() {
    let layer = SubprotocolLayer::new(["v2", "v1"]);
    let service = layer.layer(service_fn(async |request| Ok::<_, ()>(complete(&request))));
    for version in [Version::HTTP_11, Version::HTTP_2, Version::HTTP_3] {
        let request = handshake(version, &["x, v1", "v2"]);
        let response = service.clone().oneshot(request).await.unwrap();
        assert_eq!(selected(response.headers()), ["v1"], "{version:?}");
        assert_eq!(response.headers()["x-inward"], "v1", "{version:?}");

        let request = handshake(version, &["x"]);
        let response = service.clone().oneshot(request).await.unwrap();
        assert!(selected(response.headers()).is_empty(), "{version:?}");
        assert!(!response.headers().contains_key("x-inward"), "{version:?}");
    }
}

#[tokio::test]
async fn rejects_http_3_alike() {
    let layer = SubprotocolLayer::new(["v1"]).require(Require::Always);
    let service = layer.layer(service_fn(async |request| Ok::<_, ()>(complete(&request))));
    let request = handshake(Version::HTTP_3, &["x"]);
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let reason = response.extensions().get::<SubprotocolRejection>().unwrap();
    let text = reason.body_text();
    assert_eq!(
        response.into_body().collect().await.unwrap().to_bytes(),
        text
    );
    assert!(text.ends_with("Offer this one: v1"), "{text}");
}

#[tokio::test]
async fn r7_what_is_selected_does_not_keep_the_requests_head() {
    type Selected = SelectedSubprotocol;

    let list = SubprotocolLayer::new(["v1"]);
    let by_function = SubprotocolLayer::from_fn(|offered, _| offered.iter().last());
    for (layer, offers) in [
        (&list, &["x, v1"][..]),
        (&list, &["x", "v1"]),
        (&list, &["bearer.a, v1"]),
        (&by_function, &["x, v1"]),
    ] {
        let service = layer.layer(service_fn(async |request: Request<()>| {
            let mut response = complete(&request);
            let selected = Selected::from_extensions(request.extensions()).unwrap();
            response.extensions_mut().insert(selected.unwrap());
            Ok::<_, ()>(response)
        }));
        let service = OfferedCredentialLayer::after_prefix("bearer.").layer(service);
        let mut request = handshake(Version::HTTP_11, &[]);
        let heads: Vec<_> = offers
            .iter()
            .map(|offer| Bytes::from(offer.to_string()))
            .collect();
        for head in &heads {
            let offer = HeaderValue::from_maybe_shared(head.clone()).unwrap();
            request.headers_mut().append(SEC_WEBSOCKET_PROTOCOL, offer);
        }
        let response = service.oneshot(request).await.unwrap();
        assert_eq!(selected(response.headers()), ["v1"]);
        assert_eq!(response.headers()["x-inward"], "v1");
        assert_eq!(**response.extensions().get::<Selected>().unwrap(), *"v1");
        assert!(heads.iter().all(Bytes::is_unique), "{offers:?}");
    }
}

/// Both layers, and an inner service.
fn both<S>(inner: S) -> OfferedCredentialService<SubprotocolService<S>> {
    let layer = SubprotocolLayer::new(["v1"]).require(Require::Always);
    let credential = OfferedCredentialLayer::after_prefix("bearer.").echo_if_alone();
    credential.layer(layer.layer(inner))
}

#[tokio::test]
async fn passes_on_nothing_that_it_rejects() {
    let service = both(service_fn(
        async |_: Request<()>| -> Result<Response<Body>, ()> {
            panic!("the inner service was called")
        },
    ));
    for offers in [&["x"][..], &["a b"], &[], &["v1, bearer."]] {
        let request = handshake(Version::HTTP_11, offers);
        let response = service.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn keeps_errors() {
    #[derive(Debug, PartialEq)]
    struct Broken;
    let service = both(service_fn(async |_| Err::<Response<Body>, _>(Broken)));
    for offers in [&["v1"][..], &["v1, bearer.a"]] {
        let request = handshake(Version::HTTP_11, offers);
        assert_eq!(service.clone().oneshot(request).await.unwrap_err(), Broken);
    }
    assert_eq!(service.oneshot(Request::new(())).await.unwrap_err(), Broken);
}

#[tokio::test]
async fn waits_for_a_service_that_is_not_ready() {
    #[derive(Default)]
    struct ReadyAtSecondPoll(bool);

    impl Service<Request<()>> for ReadyAtSecondPoll {
        type Response = Response<Body>;
        type Error = ();
        type Future = Ready<Result<Response<Body>, ()>>;

        fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ()>> {
            cx.waker().wake_by_ref();
            if std::mem::replace(&mut self.0, true) {
                Poll::Ready(Ok(()))
            } else {
                Poll::Pending
            }
        }

        fn call(&mut self, request: Request<()>) -> Self::Future {
            assert!(self.0, "called before it was ready");
            ready(Ok(complete(&request)))
        }
    }

    let mut service = both(ReadyAtSecondPoll::default());
    let service = service.ready().await.unwrap();
    let response = service.call(handshake(Version::HTTP_11, &["v1"])).await;
    assert_eq!(selected(response.unwrap().headers()), ["v1"]);
}

#[tokio::test]
async fn maps_a_body_of_another_type_inside_the_layer() {
    struct Foreign;
    let service = ServiceBuilder::new()
        .layer(SubprotocolLayer::new(["v1"]))
        .layer(MapResponseBodyLayer::new(|Foreign| Body::from("mapped")))
        .service_fn(async |request| Ok::<_, ()>(complete(&request).map(|_| Foreign)));
    let response = service
        .oneshot(handshake(Version::HTTP_2, &["v1"]))
        .await
        .unwrap();
    assert_eq!(selected(response.headers()), ["v1"]);
    assert_eq!(
        response.into_body().collect().await.unwrap().to_bytes(),
        "mapped"
    );
}

#[test]
fn gives_access_to_the_inner_service() {
    let mut service = both(1);
    *service.get_mut().get_mut() += 1;
    assert_eq!(*service.get_ref().get_ref(), 2);
    assert_eq!(service.into_inner().into_inner(), 2);
}

#[test]
fn a_future_shows_its_kind() {
    let inner = service_fn(async |request| Ok::<_, ()>(complete(&request)));
    let mut outer = both(inner);
    let mut inner = outer.clone().into_inner();
    for (offers, by_inner, by_outer) in [
        (None, "PassThrough", "PassThrough"),
        (Some("v1"), "Handshake", "PassThrough"),
        (Some("secret"), "Rejected", "PassThrough"),
        (Some("bearer."), "Rejected", "Rejected"),
        (Some("bearer.secret"), "Rejected", "Handshake"),
    ] {
        let request = || match offers {
            None => Request::new(()),
            Some(offers) => handshake(Version::HTTP_11, &[offers]),
        };
        let debug = format!("{:?}", inner.call(request()));
        assert_eq!(debug, format!("ResponseFuture({by_inner})"));
        let debug = format!("{:?}", outer.call(request()));
        assert_eq!(debug, format!("OfferedCredentialFuture({by_outer})"));
    }
}

#[test]
fn the_types_are_as_shareable_as_what_they_contain() {
    fn check<T: Clone + Send + Sync + Unpin + std::fmt::Debug + 'static>() {}
    check::<SubprotocolLayer>();
    check::<SubprotocolService<()>>();
    check::<OfferedCredentialLayer>();
    check::<OfferedCredentialService<()>>();
    check::<CredentialFromOffers>();
    check::<Subprotocol>();
    check::<OfferedSubprotocols>();
    check::<SelectedSubprotocol>();
    check::<ConfigError>();
    check::<InvalidSubprotocol>();
    check::<SubprotocolRejection>();
    check::<SelectedSubprotocolRejection>();
    check::<CredentialRejection>();
    check::<CredentialFault>();
}
