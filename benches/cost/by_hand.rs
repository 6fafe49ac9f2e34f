//! Code for the job of a layer, in a handler. Each function returns the name for the reply.

use axum::extract::{FromRequestParts, ws::WebSocketUpgrade as Upgrade};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::FutureExt;
use http::{
    HeaderValue,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
    request::Parts,
};

use super::rows::WANTED;

/// What `WebSocketUpgrade` does, and the name that its `on_upgrade` sends.
pub(crate) fn axum(head: &mut Parts, select: fn(Upgrade) -> Upgrade) -> Option<HeaderValue> {
    let ws = Upgrade::from_request_parts(head, &()).now_or_never();
    let ws = select(ws.expect("ready at once").expect("a handshake"));
    ws.selected_protocol().cloned()
}

/// The elements of the first header line, which is all that most handlers read.
fn offers(head: &Parts) -> impl Iterator<Item = &str> {
    let line = head.headers.get(SEC_WEBSOCKET_PROTOCOL);
    let line = line.and_then(|line| line.to_str().ok()).unwrap_or_default();
    line.split(',').map(str::trim)
}

pub(crate) fn select(head: &mut Parts) -> Option<HeaderValue> {
    let selected = offers(head).find(|name| *name == WANTED)?;
    HeaderValue::from_str(selected).ok()
}

/// Takes `bearer.<credential>`, or the credential after `bearer`.
pub(crate) fn take(head: &mut Parts, decode: impl Fn(&str) -> String) -> Option<HeaderValue> {
    let (mut others, mut credential) = (Vec::new(), None);
    for offer in offers(head) {
        match offer.strip_prefix("bearer.") {
            Some(rest) => credential = Some(rest),
            None if others.last() == Some(&"bearer") => credential = Some(offer),
            None => others.push(offer),
        }
    }
    let credential = HeaderValue::try_from(format!("Bearer {}", decode(credential?))).ok()?;
    let others = HeaderValue::try_from(others.join(", ")).ok()?;
    head.headers.insert(AUTHORIZATION, credential);
    head.headers.insert(SEC_WEBSOCKET_PROTOCOL, others);
    None
}

pub(crate) fn from_base64(credential: &str) -> String {
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(credential);
    String::from_utf8(decoded.unwrap_or_default()).unwrap_or_default()
}

pub(crate) fn from_percent(credential: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(credential);
    decoded.decode_utf8_lossy().into_owned()
}
