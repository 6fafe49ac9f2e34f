//! Handlers that tell the client what they were given.

use axum::{
    extract::{Request, ws::WebSocketUpgrade},
    response::{IntoResponse, Response},
};
use axum_subprotocol::{OfferedSubprotocols, SelectedSubprotocol};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
};

const INWARD: HeaderName = HeaderName::from_static("x-inward");
const OFFERED: HeaderName = HeaderName::from_static("x-offered");
const AUTHORIZED: HeaderName = HeaderName::from_static("x-authorized");
const EXTRACTED: HeaderName = HeaderName::from_static("x-extracted");

/// Completes the handshake, and says what it learnt of the subprotocols:
/// `x-inward` has the header of the request, line by line, `x-extracted` the
/// selected name, `x-offered` the client's list, and `x-authorized` its
/// `Authorization`.
pub async fn tell(
    inward: HeaderMap,
    selected: Option<SelectedSubprotocol>,
    offered: OfferedSubprotocols,
    ws: WebSocketUpgrade,
) -> Response {
    let mut response = ws.on_upgrade(|_| async {});
    let told = response.headers_mut();
    for line in inward.get_all(SEC_WEBSOCKET_PROTOCOL) {
        told.append(INWARD, line.clone());
    }
    if let Some(authorization) = inward.get(AUTHORIZATION) {
        told.insert(AUTHORIZED, authorization.clone());
    }
    if let Some(SelectedSubprotocol(name)) = selected {
        told.insert(EXTRACTED, HeaderValue::from(&name));
    }
    let offered: Vec<_> = offered.iter().collect();
    told.insert(OFFERED, offered.join(" ").parse().unwrap());
    response
}

/// Answers 200 with a `Sec-WebSocket-Protocol` of its own, and sends back the
/// one of the request as `x-inward`.
pub async fn plain(inward: HeaderMap) -> Response {
    let mut response = [(SEC_WEBSOCKET_PROTOCOL, "own")].into_response();
    for line in inward.get_all(SEC_WEBSOCKET_PROTOCOL) {
        response.headers_mut().append(INWARD, line.clone());
    }
    response
}

/// Completes the handshake with two names of its own choice.
pub async fn headstrong(ws: WebSocketUpgrade) -> Response {
    let mut response = ws.on_upgrade(|_| async {});
    for name in ["own", "choice"] {
        let name = HeaderValue::from_static(name);
        response.headers_mut().append(SEC_WEBSOCKET_PROTOCOL, name);
    }
    response
}

/// Refuses every request, naming a subprotocol all the same.
pub async fn refuse(_: Request) -> impl IntoResponse {
    (StatusCode::FORBIDDEN, [(SEC_WEBSOCKET_PROTOCOL, "own")])
}
