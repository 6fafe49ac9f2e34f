//! What stands between the layers.

use arbitrary::Arbitrary;
use axum_subprotocol::CredentialFromOffers;
use http::{HeaderName, HeaderValue, Response, StatusCode, header::AUTHORIZATION};

use super::{
    Handler, Line, RETRY, X_TOKEN,
    generate::{reply_line, request_header, request_line, status},
};

/// What other middleware does to requests and replies.
#[derive(Arbitrary, Clone, Debug)]
pub enum Middleware {
    /// Sends the request twice, and drops the first reply.
    Retry,
    /// Makes the reply anew from its status and its body.
    RebuildReply,
    SetStatus(#[arbitrary(with = status)] u16),
    AppendToReply(#[arbitrary(with = reply_line)] (HeaderName, Line)),
    AppendToRequest(#[arbitrary(with = request_line)] (HeaderName, Line)),
    RemoveFromRequest(#[arbitrary(with = request_header)] HeaderName),
    /// Replaces `CredentialFromOffers` with one that lists all headers.
    ForgeMark,
    /// Removes `CredentialFromOffers`.
    RemoveMark,
}

impl Middleware {
    pub fn wrap(&self, mut inner: Handler) -> Handler {
        let middleware = self.clone();
        Box::new(move |mut request| {
            let headers = request.headers_mut();
            match &middleware {
                Self::AppendToRequest((name, line)) => _ = headers.append(name, line.value()),
                Self::RemoveFromRequest(name) => _ = headers.remove(name),
                Self::Retry => {
                    inner(request.clone());
                    let retry = HeaderValue::from_static("");
                    request.headers_mut().append(RETRY, retry);
                }
                Self::ForgeMark => {
                    let mark: CredentialFromOffers = [AUTHORIZATION, X_TOKEN].into_iter().collect();
                    request.extensions_mut().insert(mark);
                }
                Self::RemoveMark => _ = request.extensions_mut().remove::<CredentialFromOffers>(),
                _ => {}
            }
            let mut reply = inner(request);
            let status = reply.status();
            match &middleware {
                Self::AppendToReply((name, line)) => {
                    reply.headers_mut().append(name, line.value());
                }
                Self::SetStatus(status) => {
                    *reply.status_mut() = StatusCode::from_u16(*status).expect("a status");
                }
                Self::RebuildReply => {
                    reply = Response::new(reply.into_body());
                    *reply.status_mut() = status;
                }
                _ => {}
            }
            reply
        })
    }
}
