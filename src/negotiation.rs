//! What a layer made of a handshake, for those behind it and around it
//! (R7, R9).

use std::sync::{Arc, OnceLock};

use http::Extensions;

use crate::{offers::OfferedSubprotocols, subprotocol::Subprotocol, supported::Supported};

/// The outcome of one layer: an extension of the request that goes on, and
/// shared with the future that waits for the reply.
#[derive(Clone)]
pub(crate) struct Negotiation(Arc<Outcome>);

struct Outcome {
    offered: OfferedSubprotocols,
    supported: Supported,
    selected: Option<Subprotocol>,
    /// What a layer further in selected, once its reply completed the handshake.
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

    /// What `reply` has to say: the innermost layer decides. Takes the note of
    /// such a layer off it.
    pub(crate) fn answer(&self, reply: &mut Extensions) -> Option<Subprotocol> {
        if let Some(Answer(selected)) = reply.remove() {
            return selected;
        }
        // The reply has been made anew since, or there is no such layer.
        let selected_within = self.0.selected_within.get();
        selected_within.unwrap_or(&self.0.selected).clone()
    }

    /// Hears from a layer further in what it answered with `reply`.
    pub(crate) fn answered_within(&self, answer: Option<Subprotocol>, reply: &mut Extensions) {
        // Of several replies that are all made anew, the first counts.
        let _ = self.0.selected_within.set(answer.clone());
        reply.insert(Answer(answer));
    }
}

/// A note on the reply to an outer layer.
#[derive(Clone)]
struct Answer(Option<Subprotocol>);
