//! `ResponseFuture`: a reply on its way out (R8, R9, C7).

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{HeaderMap, HeaderValue, Response, header::SEC_WEBSOCKET_PROTOCOL};
use pin_project_lite::pin_project;

use crate::{
    handshake::{Handshake, header, list::elements},
    selection::outcome::{Answer, Selection},
};

pin_project! {
    /// The response future of [`SubprotocolService`](crate::SubprotocolService) and
    /// [`OfferedCredentialService`](crate::OfferedCredentialService).
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct ResponseFuture<F>
    where
        F: Future,
    {
        // None: the layer rejects the request.
        #[pin]
        reply: Option<F>,
        // None: the reply passes through.
        finish: Option<(Handshake, Finish)>,
        // Rare, and larger than all the rest.
        rejection: Option<Box<F::Output>>,
    }
}

/// What a layer does with the reply to a handshake.
pub(crate) enum Finish {
    /// Names the selected subprotocol in a reply that completes the handshake, and none
    /// in any other (R8). `None` if the client sent no list.
    Select(Option<Arc<Selection>>),
    /// Echoes this credential in a reply that completes the handshake and names no
    /// subprotocol (C7).
    Echo(Box<HeaderValue>),
}

impl<F: Future> ResponseFuture<F> {
    pub(crate) fn waiting(reply: F, finish: Option<(Handshake, Finish)>) -> Self {
        Self {
            reply: Some(reply),
            finish,
            rejection: None,
        }
    }

    pub(crate) fn rejected(response: F::Output) -> Self {
        Self {
            reply: None,
            finish: None,
            rejection: Some(Box::new(response)),
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(reply) = this.reply.as_pin_mut() else {
            #[expect(clippy::expect_used, reason = "the contract of `Future`")]
            let response = this.rejection.take().expect("polled after completion");
            return Poll::Ready(*response);
        };
        // Changed where it is: a response is large, and costs something to move.
        let mut reply = reply.poll(cx);
        if let (Poll::Ready(Ok(response)), Some((handshake, finish))) = (&mut reply, this.finish) {
            let is_complete = handshake.is_completed_by(response.status(), response.headers());
            finish.apply(is_complete, response.headers_mut());
        }
        reply
    }
}

impl Finish {
    fn apply(&self, is_complete: bool, headers: &mut HeaderMap) {
        match self {
            Self::Select(Some(selection)) if is_complete => {
                let inner = selection.inner_answer();
                let answer = match &*inner {
                    Some(Answer(answer)) => answer.as_ref(),
                    None => selection.value(),
                };
                #[cfg(feature = "tracing")]
                crate::trace::completed(answer, headers, selection.outer.is_none());
                header::write(headers, answer);
                if let Some(outer) = &selection.outer {
                    *outer.inner_answer() = Some(Answer(answer.cloned()));
                }
            }
            Self::Select(_) => {
                #[cfg(feature = "tracing")]
                if is_complete {
                    crate::trace::completed(None, headers, false);
                }
                header::write(headers, None);
            }
            Self::Echo(credential) => {
                let lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL);
                if is_complete && elements(lines).all(<[u8]>::is_empty) {
                    header::set(headers, credential);
                }
            }
        }
    }
}

impl<F: Future> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match (&self.reply, &self.finish) {
            (None, _) => "Rejected",
            (Some(_), None) => "PassThrough",
            (Some(_), Some(_)) => "Handshake",
        };
        write!(f, "ResponseFuture({kind})")
    }
}
