//! Events and span fields, with the feature `tracing`.
//!
//! No event shows what a client sent. A selected name is one that the program
//! configured, or that its function selected.

use http::{HeaderMap, HeaderName, header::SEC_WEBSOCKET_PROTOCOL};
use tracing::{Span, debug, error, warn};

#[cfg(feature = "axum")]
use crate::rejection::SelectedSubprotocolRejection;
use crate::{
    list::elements,
    negotiate::Outcome,
    rejection::{CredentialFault, CredentialRejection, SubprotocolRejection},
    subprotocol::Subprotocol,
};

const TARGET: &str = "axum_subprotocol";

/// Emits the event of one layer for one handshake.
pub(crate) fn negotiated(
    supported: &[Subprotocol],
    outcome: Result<&Outcome, &SubprotocolRejection>,
) {
    match outcome.map(Outcome::selected) {
        Ok(Some(selected)) => {
            debug!(target: TARGET, ?supported, %selected, "selected a WebSocket subprotocol");
        }
        Ok(None) => debug!(target: TARGET, ?supported, "selected no WebSocket subprotocol"),
        Err(rejection) if rejection.status().is_server_error() => {
            error!(target: TARGET, ?supported, %rejection, "rejected a WebSocket handshake");
        }
        Err(rejection) => {
            debug!(target: TARGET, ?supported, %rejection, "rejected a WebSocket handshake");
        }
    }
}

/// A reply completes the handshake with `answer`. Its `headers` are still those of
/// the inner service, whose handler probably speaks what they name.
pub(crate) fn completed(outcome: &Outcome, answer: Option<&Subprotocol>, headers: &HeaderMap) {
    let mut named = elements(headers.get_all(SEC_WEBSOCKET_PROTOCOL));
    let answer_bytes = answer.map_or(&[][..], |answer| answer.as_bytes());
    if named.any(|name| !name.is_empty() && name != answer_bytes) {
        let selected = answer.map(Subprotocol::as_str);
        warn!(
            target: TARGET,
            selected,
            "the inner service names a WebSocket subprotocol that was not selected, and may speak it"
        );
    }
    if let (true, Some(answer)) = (outcome.is_outermost(), answer) {
        Span::current().record("websocket.subprotocol", answer.as_str());
    }
}

/// Emits the event for a removed credential. If `is_kept`, the request has the header already.
pub(crate) fn credential(header: &HeaderName, is_kept: bool) {
    if is_kept {
        debug!(
            target: TARGET,
            %header,
            "removed an offered credential: the request has the header already"
        );
    } else {
        debug!(target: TARGET, %header, "moved an offered credential to a header");
    }
}

/// A credential with this fault is removed from the offers.
pub(crate) fn credential_ignored(fault: CredentialFault) {
    debug!(target: TARGET, %fault, "removed a malformed offered credential");
}

/// The rejection of a credential layer.
pub(crate) fn credential_rejected(rejection: &CredentialRejection) {
    if rejection.status().is_server_error() {
        error!(target: TARGET, %rejection, "rejected a WebSocket handshake");
    } else {
        debug!(target: TARGET, %rejection, "rejected a WebSocket handshake");
    }
}

/// The rejection of an extractor becomes a response.
#[cfg(feature = "axum")]
pub(crate) fn extraction(rejection: &SelectedSubprotocolRejection) {
    if rejection.status().is_server_error() {
        error!(target: TARGET, %rejection, "could not extract the WebSocket subprotocol");
    } else {
        debug!(
            target: TARGET,
            %rejection,
            "rejected a request that needs a WebSocket subprotocol"
        );
    }
}
