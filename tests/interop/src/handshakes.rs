//! The record of handshakes, made on both sides of the layer.

use std::sync::{Arc, Mutex};

use axum::{
    extract::{Extension, Request, State},
    http::{HeaderMap, Method, StatusCode, Version, header::SEC_WEBSOCKET_PROTOCOL},
    middleware::Next,
    response::Response,
};
use hyper::ext::Protocol;

use crate::tls::Connection;

/// What the server saw of a handshake.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// Where it went.
    pub path: String,
    /// The version of HTTP over which it came.
    pub version: Version,
    /// The method.
    pub method: Method,
    /// The pseudo-header field `:protocol` of an extended CONNECT.
    pub protocol: Option<String>,
    /// The TLS connection over which it came.
    pub connection: Option<Connection>,
    /// The client's header lines, as they are outside the layer.
    pub offered: Vec<String>,
    /// The header lines inside the layer. `None` if the request didn't get there.
    pub inward: Option<Vec<String>>,
    /// The status of the reply.
    pub status: StatusCode,
    /// The header lines of the reply.
    pub selected: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Handshakes(Arc<Mutex<Vec<Handshake>>>);

impl Handshakes {
    pub(crate) fn take(&self) -> Vec<Handshake> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[derive(Clone, Default)]
pub(crate) struct Inward(Arc<Mutex<Option<Vec<String>>>>);

/// A middleware outside the layer.
///
/// A handshake is on record before its client has the reply.
pub(crate) async fn outside(
    State(handshakes): State<Handshakes>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let version = request.version();
    let method = request.method().clone();
    let extensions = request.extensions();
    let protocol = extensions.get::<Protocol>();
    let protocol = protocol.map(|protocol| protocol.as_str().to_owned());
    let connection = extensions.get().cloned();
    let offered = lines(request.headers());
    let inward = Inward::default();
    request.extensions_mut().insert(inward.clone());

    let response = next.run(request).await;
    let handshake = Handshake {
        path,
        version,
        method,
        protocol,
        connection,
        offered,
        inward: inward.0.lock().unwrap().take(),
        status: response.status(),
        selected: lines(response.headers()),
    };
    handshakes.0.lock().unwrap().push(handshake);
    response
}

/// A middleware inside the layer.
pub(crate) async fn inside(
    Extension(inward): Extension<Inward>,
    request: Request,
    next: Next,
) -> Response {
    *inward.0.lock().unwrap() = Some(lines(request.headers()));
    next.run(request).await
}

fn lines(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    lines
        .map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned())
        .collect()
}
