//! Events and span fields, with the feature `tracing`.
//!
//! No event shows what a client sent. A selected name is one that the program
//! configured, or that its function selected.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};
use tracing::{Span, debug, error, level_filters::LevelFilter, warn};

use crate::{
    handshake::{header, list::elements},
    rejection::{CredentialRejection, SubprotocolRejection},
    selection::outcome::Selection,
    subprotocol::Supported,
};

const TARGET: &str = "axum_subprotocol";

/// A rejection is an `ERROR` if it is a mistake of the program, and a `DEBUG` otherwise.
macro_rules! rejected {
    ($rejection:ident, $($event:tt)*) => {
        if $rejection.status().is_server_error() {
            error!(target: TARGET, $($event)*);
        } else {
            debug!(target: TARGET, $($event)*);
        }
    };
}

/// Emits the event of one `SubprotocolLayer` for one handshake.
pub(crate) fn negotiated(
    supported: &Supported,
    outcome: &Result<Option<Arc<Selection>>, SubprotocolRejection>,
) {
    let selection = match outcome {
        Ok(selection) => selection.as_ref(),
        Err(rejection) => {
            rejected!(rejection, ?supported, %rejection, "rejected a WebSocket handshake");
            return;
        }
    };
    if let Some(selected) = selection.and_then(|selection| selection.name()) {
        debug!(target: TARGET, ?supported, %selected, "selected a WebSocket subprotocol");
    } else {
        debug!(target: TARGET, ?supported, "selected no WebSocket subprotocol");
    }
}

/// Warns if the `headers` of the inner service name another subprotocol than `answer`, and
/// records `answer`, which is sent, in the span of the outermost layer.
pub(crate) fn completed(answer: Option<&HeaderValue>, headers: &HeaderMap, is_outermost: bool) {
    let name = || answer.and_then(|answer| answer.to_str().ok());
    let is_other = |name: &[u8]| !name.is_empty() && answer.is_none_or(|it| it.as_bytes() != name);
    if header::has(headers, &SEC_WEBSOCKET_PROTOCOL)
        && elements(headers.get_all(SEC_WEBSOCKET_PROTOCOL)).any(is_other)
    {
        warn!(
            target: TARGET,
            selected = name(),
            "the inner service names a WebSocket subprotocol that was not selected, and may speak it"
        );
    }
    // Without a subscriber there is no span. An event can still become a record of `log`.
    if LevelFilter::current() == LevelFilter::OFF {
        return;
    }
    if let (true, Some(name)) = (is_outermost, name()) {
        Span::current().record("websocket.subprotocol", name);
    }
}

/// Emits the event of a rejection by a credential layer.
pub(crate) fn credential_rejected(rejection: &CredentialRejection) {
    rejected!(rejection, %rejection, "rejected a WebSocket handshake");
}

/// Emits the event of a credential that is removed because of a fault.
pub(crate) fn ignored(fault: &CredentialRejection) {
    debug!(target: TARGET, %fault, "removed a malformed offered credential");
}

/// Emits the event of a credential that is removed, and moved to a header unless the request
/// keeps its own.
pub(crate) fn moved(header: &HeaderName, is_kept: bool) {
    if is_kept {
        debug!(target: TARGET, %header, "removed an offered credential: the request keeps its header");
    } else {
        debug!(target: TARGET, %header, "moved an offered credential to a header");
    }
}

/// Emits the event of a rejection by an extractor.
#[cfg(feature = "axum")]
pub(crate) fn extraction_rejected(rejection: &SubprotocolRejection) {
    rejected!(rejection, %rejection, "rejected a request that needs a WebSocket subprotocol");
}
