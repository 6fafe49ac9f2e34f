//! Writing the header, inwards and outwards (R7, R8).

use http::{HeaderMap, header::SEC_WEBSOCKET_PROTOCOL};

use crate::subprotocol::Subprotocol;

/// Makes `selected` the only value of `Sec-WebSocket-Protocol`, or removes the
/// header.
pub(crate) fn write_header(headers: &mut HeaderMap, selected: Option<&Subprotocol>) {
    if let Some(selected) = selected {
        // It fails where a full map, of 24,576 headers, would have to take one more.
        // To go on without the name then beats a panic.
        let _ = headers.try_insert(SEC_WEBSOCKET_PROTOCOL, selected.into());
    } else {
        headers.remove(SEC_WEBSOCKET_PROTOCOL);
    }
}
