//! The future: a reply on its way out (R8, R9).

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use http::Response;
use pin_project_lite::pin_project;

use crate::{handshake::Handshake, header::write_header, negotiation::Negotiation};

pin_project! {
    /// The response future of [`SubprotocolService`](crate::SubprotocolService).
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct ResponseFuture<F>
    where
        F: Future,
    {
        #[pin]
        kind: Kind<F>,
    }
}

pin_project! {
    #[project = KindProjection]
    enum Kind<F>
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
            negotiation: Negotiation,
            outer: Option<Negotiation>,
        },
        Rejected {
            response: Option<F::Output>,
        },
    }
}

impl<F: Future> ResponseFuture<F> {
    pub(crate) const fn pass_through(future: F) -> Self {
        let kind = Kind::PassThrough { future };
        Self { kind }
    }

    pub(crate) const fn handshake(
        future: F,
        handshake: Handshake,
        negotiation: Negotiation,
        outer: Option<Negotiation>,
    ) -> Self {
        let kind = Kind::Handshake {
            future,
            handshake,
            negotiation,
            outer,
        };
        Self { kind }
    }

    pub(crate) const fn rejected(response: F::Output) -> Self {
        let response = Some(response);
        let kind = Kind::Rejected { response };
        Self { kind }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().kind.project() {
            KindProjection::PassThrough { future } => future.poll(cx),
            KindProjection::Handshake {
                future,
                handshake,
                negotiation,
                outer,
            } => {
                let mut reply = future.poll(cx);
                if let Poll::Ready(Ok(response)) = &mut reply {
                    finish(response, *handshake, negotiation, outer.as_ref());
                }
                reply
            }
            KindProjection::Rejected { response } => {
                #[expect(clippy::expect_used, reason = "the contract of `Future`")]
                let response = response.take().expect("polled after completion");
                Poll::Ready(response)
            }
        }
    }
}

/// Has the reply to a handshake say what is selected, if it completes it.
fn finish<B>(
    response: &mut Response<B>,
    handshake: Handshake,
    negotiation: &Negotiation,
    outer: Option<&Negotiation>,
) {
    if !handshake.is_completed_by(response.status(), response.headers()) {
        write_header(response.headers_mut(), None);
        return;
    }
    let answer = negotiation.answer(response.extensions_mut());
    write_header(response.headers_mut(), answer.as_ref());
    if let Some(outer) = outer {
        outer.answered_within(answer, response.extensions_mut());
    }
}

impl<F: Future> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::PassThrough { .. } => "PassThrough",
            Kind::Handshake { .. } => "Handshake",
            Kind::Rejected { .. } => "Rejected",
        };
        f.debug_tuple("ResponseFuture")
            .field(&format_args!("{kind}"))
            .finish()
    }
}
