//! The services of both layers: a request on its way in.

use std::task::{Context, Poll};

use http::{Request, Response, request::Parts};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    credential::{layer::OfferedCredentialLayer, take::take},
    future::{Finish, ResponseFuture},
    handshake::Handshake,
    layer::SubprotocolLayer,
    negotiate::negotiate,
    rejection::{CredentialRejection, RejectionBody, SubprotocolRejection},
};

/// Runs the `step` of a layer on the head of a handshake. Then calls `inner`, or rejects the
/// handshake with what `respond` makes of the rejection.
fn send<S, ReqBody, ResBody, R>(
    inner: &mut S,
    handshake: Handshake,
    request: Request<ReqBody>,
    step: impl FnOnce(&mut Parts) -> Result<Option<Finish>, R>,
    respond: fn(R) -> Response<String>,
) -> ResponseFuture<S::Future>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: RejectionBody,
{
    let (mut head, body) = request.into_parts();
    match step(&mut head) {
        Ok(finish) => {
            let reply = inner.call(Request::from_parts(head, body));
            ResponseFuture::waiting(reply, finish.map(|finish| (handshake, finish)))
        }
        Err(rejection) => ResponseFuture::rejected(Ok(respond(rejection).map(ResBody::from))),
    }
}

/// A service that takes the `$step` of its layer with each handshake, and makes the response
/// of a rejection with `$respond`.
macro_rules! service {
    ($(#[$doc:meta])* $service:ident, $layer:ident, $step:expr, $respond:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $service<S> {
            inner: S,
            layer: $layer,
        }

        impl<S> $service<S> {
            /// Puts `layer` around `inner`, as [`Layer::layer`] does.
            pub fn new(inner: S, layer: $layer) -> Self {
                Self { inner, layer }
            }

            /// A reference to the inner service.
            pub fn get_ref(&self) -> &S {
                &self.inner
            }

            /// A mutable reference to the inner service.
            pub fn get_mut(&mut self) -> &mut S {
                &mut self.inner
            }

            /// The inner service, without the layer.
            pub fn into_inner(self) -> S {
                self.inner
            }
        }

        impl<S> Layer<S> for $layer {
            type Service = $service<S>;

            fn layer(&self, inner: S) -> $service<S> {
                $service::new(inner, self.clone())
            }
        }

        impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for $service<S>
        where
            S: Service<Request<ReqBody>, Response = Response<ResBody>>,
            ResBody: RejectionBody,
        {
            type Response = S::Response;
            type Error = S::Error;
            type Future = ResponseFuture<S::Future>;

            fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
                self.inner.poll_ready(cx)
            }

            fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
                let Self { inner, layer } = self;
                let (version, method) = (request.version(), request.method());
                let (uri, headers) = (request.uri(), request.headers());
                let Some(handshake) = Handshake::begun_by(version, method, uri, headers) else {
                    return ResponseFuture::waiting(inner.call(request), None);
                };
                let step: fn(&$layer, &mut Parts) -> _ = $step;
                send(inner, handshake, request, |head| step(layer, head), $respond)
            }
        }
    };
}

service! {
    /// The Tower service that [`SubprotocolLayer`] puts around another service.
    ///
    /// The error and body types of the inner service are kept. The body must be a
    /// [`RejectionBody`], as `axum::body::Body` and `http_body_util::Full<Bytes>` are.
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
    SubprotocolService, SubprotocolLayer,
    |layer, head| {
        let outcome = negotiate(layer, head);
        #[cfg(feature = "tracing")]
        crate::trace::negotiated(&layer.supported, &outcome);
        outcome.map(|selection| Some(Finish::Select(selection)))
    },
    SubprotocolRejection::response
}

service! {
    /// The Tower service that [`OfferedCredentialLayer`] puts around another service.
    ///
    /// The error and body types of the inner service are kept. The body must be a
    /// [`RejectionBody`], as `axum::body::Body` and `http_body_util::Full<Bytes>` are.
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
    OfferedCredentialService, OfferedCredentialLayer,
    |layer, head| {
        let taken = take(layer, head);
        #[cfg(feature = "tracing")]
        let taken = taken.inspect_err(crate::trace::credential_rejected);
        taken.map(|echo| echo.map(|credential| Finish::Echo(credential.into())))
    },
    CredentialRejection::response
}
