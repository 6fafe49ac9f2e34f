//! Both layers as Tower services, around a service that doesn't know axum.

use std::{
    future::{Ready, ready},
    panic::{RefUnwindSafe, UnwindSafe},
    task::{Context, Poll},
};

use axum_subprotocol::{
    ConfigError, InvalidSubprotocol, OfferedCredentialLayer, OfferedCredentialService, Require,
    SelectedSubprotocol, SubprotocolLayer, SubprotocolService,
    rejection::{CredentialRejection, SubprotocolRejection},
};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderValue, Request, Response, StatusCode, header::SEC_WEBSOCKET_PROTOCOL};
use tower::{BoxError, Layer, Service, ServiceExt, service_fn};

use crate::support::exchange::{handshake, offering};

/// Both layers, and an inner service.
fn both<S>(inner: S) -> OfferedCredentialService<SubprotocolService<S>> {
    let layer = SubprotocolLayer::new(["v1"]).require(Require::Always);
    let credential = OfferedCredentialLayer::after_prefix("bearer.").echo_if_alone();
    credential.layer(layer.layer(inner))
}

#[derive(Debug, PartialEq)]
struct Broken;

type Reply = Result<Response<String>, Broken>;

#[test]
fn r7_what_is_selected_does_not_keep_the_requests_head() {
    type Selected = SelectedSubprotocol;

    let list = SubprotocolLayer::new(["v1"]);
    let by_function = SubprotocolLayer::from_fn(|offered, _| offered.iter().last());
    for (layer, offers) in [
        (&list, &["v1"][..]),
        (&list, &["x, v1"]),
        (&list, &["x", "v1"]),
        (&list, &["bearer.a, v1"]),
        (&by_function, &["x, v1"]),
    ] {
        let service = layer.layer(service_fn(async |request: Request<&str>| {
            let selected = Selected::from_extensions(request.extensions()).unwrap();
            let line = request.headers()[SEC_WEBSOCKET_PROTOCOL].clone();
            let mut response = Response::new(String::new());
            response.extensions_mut().insert((selected.unwrap(), line));
            Ok::<_, Broken>(response)
        }));
        let service = OfferedCredentialLayer::after_prefix("bearer.").layer(service);
        let heads: Vec<_> = offers
            .iter()
            .map(|offer| Bytes::from(offer.to_string()))
            .collect();
        let lines: Vec<_> = heads
            .iter()
            .map(|head| HeaderValue::from_maybe_shared(head.clone()).unwrap())
            .collect();
        let request = handshake(&lines);
        drop(lines);
        let response = service.oneshot(request).now_or_never().unwrap().unwrap();
        let kept = response.extensions().get::<(Selected, HeaderValue)>();
        let (selected, line) = kept.unwrap();
        assert_eq!((selected.as_str(), line), ("v1", &"v1".parse().unwrap()));
        assert!(heads.iter().all(Bytes::is_unique), "{offers:?}");
    }
}

#[test]
fn keeps_errors_and_calls_nothing_that_it_rejects() {
    let service = both(service_fn(|_| ready(Reply::Err(Broken))));
    let call = |request| service.clone().oneshot(request).now_or_never().unwrap();
    for offers in [&["v1"][..], &["v1, bearer.a"]] {
        assert_eq!(call(offering(offers)).unwrap_err(), Broken);
    }
    assert_eq!(call(Request::new("")).unwrap_err(), Broken);
    for offers in [&["x"][..], &["a b"], &[], &["v1, bearer."]] {
        let response = call(offering(offers)).unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
}

#[test]
fn waits_for_a_service_that_is_not_ready() {
    struct NotReady;

    impl Service<Request<&str>> for NotReady {
        type Response = Response<String>;
        type Error = Broken;
        type Future = Ready<Reply>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
            Poll::Pending
        }

        fn call(&mut self, _: Request<&str>) -> Self::Future {
            panic!("called before it was ready")
        }
    }

    assert!(both(NotReady).ready().now_or_never().is_none());
}

/// A program that catches panics can hold both layers, also with a function.
#[test]
fn the_layers_are_unwind_safe() {
    fn check<L: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe>() {}

    check::<SubprotocolLayer>();
    check::<OfferedCredentialLayer>();
}

#[test]
fn errors_fit_into_the_boxed_error_of_tower() {
    fn check<E: Into<BoxError>>() {}

    check::<ConfigError>();
    check::<InvalidSubprotocol>();
    check::<SubprotocolRejection>();
    check::<CredentialRejection>();
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
    let mut outer = both(service_fn(|_| ready(Reply::Err(Broken))));
    let mut inner = outer.clone().into_inner();
    for (offers, by_inner, by_outer) in [
        ("v1", "Handshake", "PassThrough"),
        ("secret", "Rejected", "PassThrough"),
        ("bearer.", "Rejected", "Rejected"),
        ("bearer.secret", "Rejected", "Handshake"),
    ] {
        let debug = format!("{:?}", inner.call(offering(&[offers])));
        assert_eq!(debug, format!("ResponseFuture({by_inner})"));
        let debug = format!("{:?}", outer.call(offering(&[offers])));
        assert_eq!(debug, format!("ResponseFuture({by_outer})"));
    }
}
