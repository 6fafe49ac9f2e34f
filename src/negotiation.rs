//! What a layer made of a handshake, for those behind it and around it
//! (R7, R9).

use std::sync::{Arc, OnceLock};

use crate::{offers::OfferedSubprotocols, subprotocol::Subprotocol, supported::Supported};

/// The outcome of one layer: an extension of the request that goes on, and
/// shared with the future that waits for the reply.
#[derive(Clone)]
pub(crate) struct Negotiation(Arc<Outcome>);

struct Outcome {
    offered: OfferedSubprotocols,
    supported: Supported,
    selected: Option<Subprotocol>,
    /// What a layer further in selected, once its reply completed the
    /// handshake. There is at most one such reply: whoever sends a request in
    /// several times, sends on one of the replies.
    selected_within: OnceLock<Option<Subprotocol>>,
}

impl Negotiation {
    pub(crate) fn new(
        offered: OfferedSubprotocols,
        supported: Supported,
        selected: Option<Subprotocol>,
    ) -> Self {
        Self(Arc::new(Outcome {
            offered,
            supported,
            selected,
            selected_within: OnceLock::new(),
        }))
    }

    /// The client's own list.
    pub(crate) fn offered(&self) -> &OfferedSubprotocols {
        &self.0.offered
    }

    /// The names that the layer could select.
    pub(crate) fn supported(&self) -> &Supported {
        &self.0.supported
    }

    /// What the layer selected for the request that goes on.
    pub(crate) fn selected(&self) -> Option<&Subprotocol> {
        self.0.selected.as_ref()
    }

    /// What the reply has to say: the innermost layer decides.
    pub(crate) fn answer(&self) -> Option<&Subprotocol> {
        let selected_within = self.0.selected_within.get();
        selected_within.unwrap_or(&self.0.selected).as_ref()
    }

    /// Hears from a layer further in what it answered.
    pub(crate) fn answered_within(&self, answer: Option<&Subprotocol>) {
        // A second answer belongs to a reply that comes too late to be sent.
        let _ = self.0.selected_within.set(answer.cloned());
    }
}
