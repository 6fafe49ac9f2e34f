//! What does the same job.

use std::{convert::Infallible, sync::Arc};

use axum::extract::{FromRequestParts, ws::WebSocketUpgrade};
use axum_subprotocol::SubprotocolLayer;
use futures_util::{FutureExt, future::BoxFuture};
use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{CONNECTION, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
};
use tower::{Layer, Service, layer::util::Identity, service_fn};

use super::shapes::{Shape, supported};

/// A server in one function.
pub(crate) type Serve = Box<dyn FnMut(Request<()>) -> Response<String>>;

/// A way to make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stack {
    /// A layer that does nothing.
    Identity,
    /// The calls to maps that no layer for this job can avoid, and no more.
    Floor,
    /// This crate's layer.
    Ours,
    /// axum's `WebSocketUpgrade` in the handler, and its `protocols()`.
    Axum,
    /// The same without `protocols()`.
    AxumAlone,
}

impl Stack {
    pub(crate) const ALL: [Self; 5] = [
        Self::Identity,
        Self::Floor,
        Self::Ours,
        Self::Axum,
        Self::AxumAlone,
    ];

    pub(crate) fn serve(self, shape: Shape) -> Serve {
        let names = supported(shape.supported);
        match self {
            Self::Identity => call(Identity::new().layer(service_fn(answer))),
            Self::Floor => call(service_fn(|request| -> BoxFuture<'static, _> {
                Box::pin(async move { Ok(floor(request)) })
            })),
            Self::Ours => call(SubprotocolLayer::new(names).layer(service_fn(answer))),
            Self::Axum => {
                // `protocols()` wants them `'static`.
                let names: Vec<&str> = names.into_iter().map(|name| &*name.leak()).collect();
                Box::new(move |request| {
                    axum(request, |upgrade| upgrade.protocols(names.iter().copied()))
                })
            }
            Self::AxumAlone => Box::new(|request| axum(request, |upgrade| upgrade)),
        }
    }
}

fn call<S>(mut service: S) -> Serve
where
    S: Service<Request<()>, Response = Response<String>, Error = Infallible> + 'static,
{
    Box::new(move |request| {
        let Some(Ok(response)) = service.call(request).now_or_never() else {
            unreachable!("the inner service is ready at once, and doesn't fail")
        };
        response
    })
}

/// The innermost service. Its future is boxed, as those of axum's routes are.
fn answer(request: Request<()>) -> BoxFuture<'static, Result<Response<String>, Infallible>> {
    Box::pin(async move { Ok(reply_to(&request)) })
}

/// What all servers here answer, apart from the subprotocol.
fn reply_to(request: &Request<()>) -> Response<String> {
    let mut response = Response::default();
    if request.headers().contains_key(CONNECTION) {
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    }
    response
}

/// Finds `Upgrade`, takes the offers out, puts a name in, stores both, looks at
/// the reply's `Upgrade`, and puts the name in there.
fn floor(mut request: Request<()>) -> Response<String> {
    if !request.headers().contains_key(UPGRADE) {
        return reply_to(&request);
    }
    let headers = request.headers_mut();
    let offers = headers.remove(SEC_WEBSOCKET_PROTOCOL);
    let selected = offers
        .as_ref()
        .map(|_| HeaderValue::from_static("graphql-ws"));
    if let Some(name) = &selected {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, name.clone());
    }
    let stored = Arc::new((offers, selected));
    request.extensions_mut().insert(Arc::clone(&stored));

    let mut response = reply_to(&request);
    drop(request);
    if response.headers().contains_key(UPGRADE) {
        if let Some(name) = &stored.1 {
            let headers = response.headers_mut();
            headers.insert(SEC_WEBSOCKET_PROTOCOL, name.clone());
        }
    }
    response
}

fn axum(
    request: Request<()>,
    negotiate: impl Fn(WebSocketUpgrade) -> WebSocketUpgrade,
) -> Response<String> {
    let mut response = reply_to(&request);
    let (mut head, ()) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut head, &());
    if let Some(Ok(upgrade)) = upgrade.now_or_never() {
        let upgrade = negotiate(upgrade);
        if let Some(name) = upgrade.selected_protocol() {
            let headers = response.headers_mut();
            headers.insert(SEC_WEBSOCKET_PROTOCOL, name.clone());
        }
    }
    response
}
