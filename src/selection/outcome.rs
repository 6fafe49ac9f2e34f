//! What a `SubprotocolLayer` leaves in the request (R7, R9).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Extensions;

use super::offered::OfferedSubprotocols;
use crate::subprotocol::Subprotocol;

/// The result of one layer: an extension of the request that is passed on, and
/// shared with the future that waits for the reply.
pub(crate) struct Outcome {
    /// The client's own list.
    pub(crate) offered: OfferedSubprotocols,
    pub(crate) selected: Option<Subprotocol>,
    /// What a layer inside named when its own reply completed the handshake. The last
    /// write counts.
    pub(crate) inner_answer: Mutex<Option<Answer>>,
    /// The layer around this one.
    pub(crate) outer: Option<Arc<Self>>,
}

/// The name in a reply that completes a handshake, if it has one.
pub(crate) struct Answer(pub(crate) Option<Subprotocol>);

impl Outcome {
    /// What the innermost layer so far left in a request.
    pub(crate) fn of(request: &Extensions) -> Option<&Arc<Self>> {
        request.get()
    }

    pub(crate) fn inner_answer(&self) -> MutexGuard<'_, Option<Answer>> {
        let answer = self.inner_answer.lock();
        answer.unwrap_or_else(PoisonError::into_inner)
    }
}

impl OfferedSubprotocols {
    /// The client's own list, from the extensions of a request behind a
    /// [`SubprotocolLayer`](crate::SubprotocolLayer). `None` if the request is not a
    /// handshake, and without a layer.
    ///
    /// ```
    /// use axum_subprotocol::OfferedSubprotocols;
    /// use http::Request;
    ///
    /// fn offers_mqtt<B>(request: &Request<B>) -> bool {
    ///     let offered = OfferedSubprotocols::from_extensions(request.extensions());
    ///     offered.is_some_and(|offered| offered.contains("mqtt"))
    /// }
    /// ```
    #[must_use]
    pub fn from_extensions(extensions: &Extensions) -> Option<Self> {
        Outcome::of(extensions).map(|outcome| outcome.offered.clone())
    }
}
