//! `OfferedCredentialFuture`: a reply on its way out (C7).

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use http::{HeaderMap, HeaderValue, Response, header::SEC_WEBSOCKET_PROTOCOL};
use pin_project_lite::pin_project;

use crate::{
    header,
    list::elements,
    reply::{Finish, ReplyFuture},
};

pin_project! {
    /// The response future of
    /// [`OfferedCredentialService`](crate::OfferedCredentialService).
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct OfferedCredentialFuture<F>
    where
        F: Future,
    {
        #[pin]
        pub(super) reply: ReplyFuture<F, Echo>,
    }
}

impl<F, B, E> Future for OfferedCredentialFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().reply.poll(cx)
    }
}

impl<F: Future> fmt::Debug for OfferedCredentialFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reply.debug("OfferedCredentialFuture", f)
    }
}

/// A credential that a reply echoes if it names no subprotocol.
pub(super) struct Echo(pub(super) HeaderValue);

impl Finish for Echo {
    fn finish(&self, is_complete: bool, headers: &mut HeaderMap) {
        let lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL);
        if is_complete && elements(lines).all(<[u8]>::is_empty) {
            // In a full map, inserting would panic, so nothing is written.
            let _ = header::set(headers, &SEC_WEBSOCKET_PROTOCOL, || self.0.clone());
        }
    }
}
