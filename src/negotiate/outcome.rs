//! What a layer leaves in the request and writes to the reply (R7, R8, R9).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Extensions, HeaderMap, header::SEC_WEBSOCKET_PROTOCOL};

use super::offered::OfferedSubprotocols;
use crate::{header, subprotocol::Subprotocol};

/// The result of one layer: an extension of the request that is passed on, and
/// shared with the future that waits for the reply.
#[derive(Clone)]
pub(crate) struct Outcome(Arc<Shared>);

struct Shared {
    offered: OfferedSubprotocols,
    selected: Option<Subprotocol>,
    /// What a reply that completes the handshake names. A layer inside replaces it
    /// when its own reply completes the handshake; the last write counts.
    answer: Mutex<Option<Subprotocol>>,
    /// The layer around this one.
    outer: Option<Outcome>,
}

impl Outcome {
    #[inline]
    pub(super) fn new(
        offered: OfferedSubprotocols,
        selected: Option<Subprotocol>,
        outer: Option<Self>,
    ) -> Self {
        let answer = Mutex::new(selected.clone());
        Self(Arc::new(Shared {
            offered,
            selected,
            answer,
            outer,
        }))
    }

    /// What the innermost layer so far left in a request.
    pub(crate) fn of(request: &Extensions) -> Option<&Self> {
        request.get()
    }

    /// The client's own list.
    pub(crate) fn offered(&self) -> &OfferedSubprotocols {
        &self.0.offered
    }

    /// What the layer selected.
    pub(crate) fn selected(&self) -> Option<&Subprotocol> {
        self.0.selected.as_ref()
    }

    /// Whether no layer is around this one.
    #[cfg(feature = "tracing")]
    pub(crate) fn is_outermost(&self) -> bool {
        self.0.outer.is_none()
    }

    /// What a reply that completes the handshake names.
    pub(crate) fn answer(&self) -> MutexGuard<'_, Option<Subprotocol>> {
        let answer = self.0.answer.lock();
        answer.unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the layer around this one what the reply names.
    pub(crate) fn answer_outer(&self, answer: Option<&Subprotocol>) {
        if let Some(outer) = &self.0.outer {
            *outer.answer() = answer.cloned();
        }
    }
}

/// Makes `selected` the only value of `Sec-WebSocket-Protocol`, or removes the
/// header. In a full map without one, inserting would panic, so nothing is written.
#[inline]
pub(crate) fn write(headers: &mut HeaderMap, selected: Option<&Subprotocol>) {
    match selected {
        Some(selected) => {
            let _ = header::set(headers, &SEC_WEBSOCKET_PROTOCOL, || selected.into());
        }
        None if header::has(headers, &SEC_WEBSOCKET_PROTOCOL) => {
            headers.remove(&SEC_WEBSOCKET_PROTOCOL);
        }
        None => {}
    }
}
