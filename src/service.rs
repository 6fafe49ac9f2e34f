//! `SubprotocolService`: a request on its way in.

use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    future::ResponseFuture, layer::SubprotocolLayer, negotiate::negotiate,
    rejection::SubprotocolRejection, reply::ReplyFuture,
};

/// The Tower service that [`SubprotocolLayer`] puts around another service.
///
/// The error and body types of the inner service are kept. The body must be
/// `From<String>`, for the text of a rejection, as `axum::body::Body` and
/// `http_body_util::Full<Bytes>` are. tower-http's `MapResponseBodyLayer`, added
/// inside this service, converts other bodies.
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
    /// Puts `layer` around `inner`, as [`Layer::layer`] does.
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

impl<S> Layer<S> for SubprotocolLayer {
    type Service = SubprotocolService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SubprotocolService::new(inner, self.clone())
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

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let Self { inner, layer } = self;
        let reply = ReplyFuture::to(request, inner, |head| {
            let outcome = negotiate(&layer.selector, &layer.policy, head);
            #[cfg(feature = "tracing")]
            crate::trace::negotiated(layer.supported(), outcome.as_ref());
            outcome
                .map(Some)
                .map_err(SubprotocolRejection::into_response)
        });
        ResponseFuture { reply }
    }
}
