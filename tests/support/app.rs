//! Handlers that tell the client what they were given.

use axum::{
    extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    response::{AppendHeaders, IntoResponse, Response},
};
use axum_subprotocol::{CredentialFromOffers, OfferedSubprotocols, SelectedSubprotocol};
use http::{
    Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
};

/// Headers of a request, and of the reply that repeats them.
const REPEATED: [(HeaderName, &str); 3] = [
    (SEC_WEBSOCKET_PROTOCOL, "x-inward"),
    (AUTHORIZATION, "x-authorization"),
    (HeaderName::from_static("x-tenant"), "x-tenant"),
];

/// Completes the handshake of a WebSocket, and answers 200 to any other request, with a
/// `Sec-WebSocket-Protocol` of its own. Adds what it was given: the `REPEATED` headers of
/// the request, line by line, with a `!` before those that are sensitive; in
/// `x-from-offers` which of them come from offers; in `x-extracted` the selected name, and
/// in `x-offered` the client's list.
pub async fn tell(
    inward: HeaderMap,
    extensions: Extensions,
    offered: OfferedSubprotocols,
    ws: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let mut reply = match ws {
        Ok(ws) => ws.on_upgrade(|_| async {}),
        Err(_) => [(SEC_WEBSOCKET_PROTOCOL, "own")].into_response(),
    };
    let told = reply.headers_mut();
    for (name, repeated) in REPEATED {
        for line in inward.get_all(&name) {
            let mark = if line.is_sensitive() { "!" } else { "" };
            let line = [mark.as_bytes(), line.as_bytes()].concat();
            told.append(repeated, HeaderValue::from_bytes(&line).unwrap());
        }
        let marked: Option<&CredentialFromOffers> = extensions.get();
        if marked.is_some_and(|marked| marked.contains(&name)) {
            told.append("x-from-offers", name.into());
        }
    }
    let selected: Option<SelectedSubprotocol> =
        SelectedSubprotocol::from_extensions(&extensions).unwrap();
    if let Some(SelectedSubprotocol(name)) = selected {
        told.insert("x-extracted", HeaderValue::from(&name));
    }
    let offered: Vec<_> = offered.iter().collect();
    told.insert("x-offered", offered.join(" ").parse().unwrap());
    reply
}

/// Completes the handshake with two names of its own choice.
pub async fn names_its_own(ws: WebSocketUpgrade) -> impl IntoResponse {
    let names = ["own", "choice"].map(|name| (SEC_WEBSOCKET_PROTOCOL, name));
    (AppendHeaders(names), ws.on_upgrade(|_| async {}))
}

/// Refuses every request, naming a subprotocol all the same.
pub async fn refuse() -> impl IntoResponse {
    (StatusCode::FORBIDDEN, [(SEC_WEBSOCKET_PROTOCOL, "own")])
}
