//! `OfferedCredentialService`: a request on its way in.

use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::{
    future::{Echo, OfferedCredentialFuture},
    layer::OfferedCredentialLayer,
    take::take,
};
use crate::reply::ReplyFuture;

/// The Tower service that [`OfferedCredentialLayer`] puts around another service.
///
/// The error and body types of the inner service are kept. The body must be
/// `From<String>`, for the text of a rejection, as `axum::body::Body` and
/// `http_body_util::Full<Bytes>` are.
///
/// # Example
///
/// ```
/// use axum_subprotocol::{OfferedCredentialLayer, OfferedCredentialService};
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use tower::{BoxError, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// async fn handler(request: Request<()>) -> Result<Response<Full<Bytes>>, BoxError> {
///     assert_eq!(request.headers()["sec-websocket-protocol"], "chat");
///     assert_eq!(request.headers()["authorization"], "Bearer open.sesame");
///     Ok(Response::default())
/// }
///
/// let layer = OfferedCredentialLayer::after_prefix("bearer.");
/// let service = OfferedCredentialService::new(service_fn(handler), layer);
///
/// let handshake = Request::get("/")
///     .header("upgrade", "websocket")
///     .header("sec-websocket-protocol", "chat, bearer.open.sesame")
///     .body(())?;
/// service.oneshot(handshake).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct OfferedCredentialService<S> {
    inner: S,
    layer: OfferedCredentialLayer,
}

impl<S> OfferedCredentialService<S> {
    /// Puts `layer` around `inner`, as [`Layer::layer`] does.
    pub const fn new(inner: S, layer: OfferedCredentialLayer) -> Self {
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

impl<S> Layer<S> for OfferedCredentialLayer {
    type Service = OfferedCredentialService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        OfferedCredentialService::new(inner, self.clone())
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for OfferedCredentialService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: From<String>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = OfferedCredentialFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let Self { inner, layer } = self;
        let reply = ReplyFuture::to(request, inner, |head| match take(&layer.settings, head) {
            Ok(echo) => Ok(echo.map(Echo)),
            Err(rejection) => {
                #[cfg(feature = "tracing")]
                crate::trace::credential_rejected(&rejection);
                Err(rejection.into_response())
            }
        });
        OfferedCredentialFuture { reply }
    }
}
