//! The future behind both layers: passes a handshake on or rejects it, and finishes its
//! reply.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use http::{HeaderMap, Request, Response, request::Parts};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::handshake::Handshake;

/// What a layer does with the reply to a handshake.
pub(crate) trait Finish {
    fn finish(&self, is_complete: bool, headers: &mut HeaderMap);
}

pin_project! {
    #[project = Projection]
    pub(crate) enum ReplyFuture<F, T>
    where
        F: Future,
    {
        PassThrough {
            #[pin]
            future: F,
        },
        Handshake {
            #[pin]
            future: F,
            handshake: Handshake,
            finish: T,
        },
        Rejected {
            response: Option<F::Output>,
        },
    }
}

impl<F, T, B, E> Future for ReplyFuture<F, T>
where
    F: Future<Output = Result<Response<B>, E>>,
    T: Finish,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projection::PassThrough { future } => future.poll(cx),
            Projection::Handshake {
                future,
                handshake,
                finish,
            } => {
                let mut reply = future.poll(cx);
                if let Poll::Ready(Ok(response)) = &mut reply {
                    let status = response.status();
                    let is_complete = handshake.is_completed_by(status, response.headers());
                    finish.finish(is_complete, response.headers_mut());
                }
                reply
            }
            Projection::Rejected { response } => {
                #[expect(clippy::expect_used, reason = "the contract of `Future`")]
                let response = response.take().expect("polled after completion");
                Poll::Ready(response)
            }
        }
    }
}

impl<F: Future, T> ReplyFuture<F, T> {
    /// Sends a request to the inner service, if `enter` accepts the head of a
    /// handshake. The reply to a handshake is finished with what `enter` returns.
    pub(crate) fn to<S, ReqBody, ResBody, E>(
        request: Request<ReqBody>,
        inner: &mut S,
        enter: impl FnOnce(&mut Parts) -> Result<Option<T>, Response<ResBody>>,
    ) -> Self
    where
        S: Service<Request<ReqBody>, Future = F>,
        F: Future<Output = Result<Response<ResBody>, E>>,
    {
        let Some(handshake) = Handshake::begun_by(&request) else {
            let future = inner.call(request);
            return Self::PassThrough { future };
        };
        let (mut head, body) = request.into_parts();
        let finish = match enter(&mut head) {
            Ok(finish) => finish,
            Err(response) => {
                let response = Some(Ok(response));
                return Self::Rejected { response };
            }
        };
        let future = inner.call(Request::from_parts(head, body));
        match finish {
            None => Self::PassThrough { future },
            Some(finish) => Self::Handshake {
                future,
                handshake,
                finish,
            },
        }
    }

    /// The `Debug` of the future with this name.
    pub(crate) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::PassThrough { .. } => "PassThrough",
            Self::Handshake { .. } => "Handshake",
            Self::Rejected { .. } => "Rejected",
        };
        write!(f, "{name}({kind})")
    }
}
