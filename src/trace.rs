//! Telling `tracing` what happens, if the feature of that name is on.
//!
//! What a client sent is in no event. A selected name is one that the program
//! configured, or chose itself.

#[cfg(feature = "tracing")]
use crate::subprotocol::Subprotocol;
use crate::{
    layer::SubprotocolLayer,
    negotiation::Negotiation,
    rejection::{SelectedSubprotocolRejection, SubprotocolRejection},
};

/// Tells what a layer made of a handshake.
#[cfg(feature = "tracing")]
pub(crate) fn outcome(
    layer: &SubprotocolLayer,
    outcome: Result<&Negotiation, &SubprotocolRejection>,
    outer: Option<&Negotiation>,
) {
    use tracing::{Span, debug, error};

    let supported = layer.supported();
    match outcome {
        Ok(negotiation) => {
            let selected = negotiation.selected().map(Subprotocol::as_str);
            debug!(?supported, selected, "negotiated the WebSocket subprotocol");
            // Once only, if nested layers agree: some logs print each record.
            if negotiation.selected() != outer.and_then(Negotiation::selected) {
                Span::current().record("websocket.subprotocol", selected.unwrap_or_default());
            }
        }
        Err(rejection @ SubprotocolRejection::UnofferedSelection(_)) => {
            error!(?supported, %rejection, "rejected a WebSocket handshake");
        }
        Err(rejection) => debug!(?supported, %rejection, "rejected a WebSocket handshake"),
    }
}

/// Tells nobody.
#[cfg(not(feature = "tracing"))]
pub(crate) const fn outcome(
    _: &SubprotocolLayer,
    _: Result<&Negotiation, &SubprotocolRejection>,
    _: Option<&Negotiation>,
) {
}

/// Tells that an extractor's rejection becomes a response.
#[cfg(feature = "tracing")]
pub(crate) fn extraction(rejection: &SelectedSubprotocolRejection) {
    use tracing::{debug, error};

    if rejection.status().is_server_error() {
        error!(%rejection, "couldn't extract the WebSocket subprotocol");
    } else {
        debug!(%rejection, "rejected a request that needs a WebSocket subprotocol");
    }
}

/// Tells nobody.
#[cfg(not(feature = "tracing"))]
pub(crate) const fn extraction(_: &SelectedSubprotocolRejection) {}
