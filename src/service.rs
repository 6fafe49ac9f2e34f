//! The service: a handshake on its way in (R7, R9).

use std::task::{Context, Poll};

use http::{Method, Request, Response};
use tower_service::Service;

use crate::{
    future::ResponseFuture, handshake::Handshake, inward::negotiate, layer::SubprotocolLayer,
    negotiation::Negotiation, trace,
};

/// The service that [`SubprotocolLayer`] makes of another one.
///
/// The error and the body type of the inner service are kept. The body must be
/// `From<String>`, for the text of a rejection: `axum::body::Body` is, and so is
/// `http_body_util::Full<Bytes>`. Any other body can be mapped to one of these
/// by tower-http's `MapResponseBodyLayer`, beneath this service.
///
/// # Example
///
/// ```
/// use axum_subprotocol::{SubprotocolLayer, SubprotocolService};
/// use bytes::Bytes;
/// use http::{Request, Response, StatusCode};
/// use http_body_util::Full;
/// use tower::{BoxError, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// async fn switch(request: Request<()>) -> Result<Response<Full<Bytes>>, BoxError> {
///     assert_eq!(request.headers()["sec-websocket-protocol"], "wamp");
///     let response = Response::builder()
///         .status(StatusCode::SWITCHING_PROTOCOLS)
///         .header("upgrade", "websocket");
///     Ok(response.body(Full::default())?)
/// }
///
/// let layer = SubprotocolLayer::new(["soap", "wamp"]);
/// let service = SubprotocolService::new(service_fn(switch), layer);
///
/// let handshake = Request::get("/")
///     .header("upgrade", "websocket")
///     .header("sec-websocket-protocol", "mqtt, wamp")
///     .body(())?;
/// let response = service.oneshot(handshake).await?;
/// assert_eq!(response.headers()["sec-websocket-protocol"], "wamp");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct SubprotocolService<S> {
    inner: S,
    layer: SubprotocolLayer,
}

impl<S> SubprotocolService<S> {
    /// Puts `layer` before `inner`, as [`Layer::layer`](tower_layer::Layer::layer)
    /// does.
    pub const fn new(inner: S, layer: SubprotocolLayer) -> Self {
        Self { inner, layer }
    }

    /// A reference to the inner service.
    pub const fn get_ref(&self) -> &S {
        &self.inner
    }

    /// A mutable reference to the inner service.
    pub const fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The inner service, without the layer.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for SubprotocolService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: From<String>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let Some(handshake) = Handshake::of(&request).or_else(|| known_handshake(&request)) else {
            return ResponseFuture::pass_through(self.inner.call(request));
        };
        let outer = request.extensions().get::<Negotiation>().cloned();
        let outcome = negotiate(&self.layer, &mut request, outer.as_ref());
        trace::outcome(&self.layer, outcome.as_ref(), outer.as_ref());
        match outcome {
            Ok(negotiation) => {
                request.extensions_mut().insert(negotiation.clone());
                let reply = self.inner.call(request);
                ResponseFuture::handshake(reply, handshake, negotiation, outer)
            }
            Err(rejection) => ResponseFuture::rejected(Ok(rejection.into_response())),
        }
    }
}

/// The handshake that an outer layer found, and perhaps took the only sign of:
/// an extended CONNECT may be told by its offers alone.
fn known_handshake<B>(request: &Request<B>) -> Option<Handshake> {
    (request.method() == Method::CONNECT && request.extensions().get::<Negotiation>().is_some())
        .then_some(Handshake::ExtendedConnect)
}
