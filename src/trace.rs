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
    let selected = outcome.ok().and_then(Negotiation::selected);
    let selected = selected.map(Subprotocol::as_str);
    match outcome {
        Ok(_) => debug!(?supported, selected, "negotiated the WebSocket subprotocol"),
        Err(rejection @ SubprotocolRejection::UnofferedSelection(_)) => {
            error!(?supported, %rejection, "rejected a WebSocket handshake");
        }
        Err(rejection) => debug!(?supported, %rejection, "rejected a WebSocket handshake"),
    }
    // An outer layer may have recorded another name.
    if selected.is_some() || outer.is_some() {
        Span::current().record("websocket.subprotocol", selected.unwrap_or_default());
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
