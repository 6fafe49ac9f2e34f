//! Keeping the pages of others out.

use axum::{
    extract::Request,
    http::{
        StatusCode, Uri,
        header::{HOST, ORIGIN},
        uri::Authority,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Refuses what the page of another site made a browser send. Clients that are no
/// browsers need not send an `Origin`.
///
/// No cookie or password is at stake here, but browsers keep no page from opening
/// a WebSocket to any server, so each server has to look.
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    if is_foreign(&request) {
        let refusal = "This page belongs to another site.";
        return (StatusCode::FORBIDDEN, refusal).into_response();
    }
    next.run(request).await
}

/// Compares host and port. The scheme is the proxy's that speaks TLS, and not
/// known here.
fn is_foreign(request: &Request) -> bool {
    let Some(origin) = request.headers().get(ORIGIN) else {
        return false;
    };
    let origin = Uri::try_from(origin.as_bytes()).unwrap_or_default();
    // `null`, the origin of a page without one, would pass for a host.
    let origin = origin.scheme().and(origin.authority());
    origin.is_none() || origin != host(request).as_ref()
}

/// `:authority` on HTTP/2, which is the `Host` of HTTP/1.1.
fn host(request: &Request) -> Option<Authority> {
    let host = || Authority::try_from(request.headers().get(HOST)?.as_bytes()).ok();
    request.uri().authority().cloned().or_else(host)
}
