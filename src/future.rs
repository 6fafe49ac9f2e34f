//! `ResponseFuture`: a reply on its way out.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use http::{HeaderMap, Response};
use pin_project_lite::pin_project;

#[cfg(feature = "tracing")]
use crate::trace;
use crate::{
    negotiate::{Outcome, write},
    reply::{Finish, ReplyFuture},
};

pin_project! {
    /// The response future of [`SubprotocolService`](crate::SubprotocolService).
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct ResponseFuture<F>
    where
        F: Future,
    {
        #[pin]
        pub(crate) reply: ReplyFuture<F, Outcome>,
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().reply.poll(cx)
    }
}

impl<F: Future> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reply.debug("ResponseFuture", f)
    }
}

/// Writes the selected name into a reply that completes the handshake, and removes the
/// header from any other.
impl Finish for Outcome {
    fn finish(&self, is_complete: bool, headers: &mut HeaderMap) {
        if is_complete {
            let answer = self.answer().clone();
            #[cfg(feature = "tracing")]
            trace::completed(self, answer.as_ref(), headers);
            write(headers, answer.as_ref());
            self.answer_outer(answer.as_ref());
        } else {
            write(headers, None);
        }
    }
}
