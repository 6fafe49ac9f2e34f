//! What a layer can be told, apart from its names.

use super::SubprotocolLayer;
use crate::policy::{Malformed, Preference, Require};

impl SubprotocolLayer {
    /// When a handshake for which nothing is selected is rejected;
    /// [`Require::Never`] unless set.
    ///
    /// The rejection is a 400 that lists the supported names. A layer that
    /// requires something belongs on a route or in `Router::route_layer`: over a
    /// fallback it would answer 400 where a 404 is due.
    ///
    /// A browser that offered names closes the socket by itself when none is
    /// selected, so `IfOffered` takes nothing away from it. Other clients may go
    /// on without a subprotocol, and lose that.
    ///
    /// ```
    /// # use axum_subprotocol::{Require, SubprotocolLayer};
    /// let layer = SubprotocolLayer::new(["ocpp2.0.1", "ocpp1.6"]).require(Require::IfOffered);
    /// ```
    pub const fn require(mut self, require: Require) -> Self {
        self.policy.require = require;
        self
    }

    /// Whose order decides; [`Preference::Client`] unless set.
    ///
    /// ```
    /// # use axum_subprotocol::{Preference, SubprotocolLayer};
    /// let newest_first = SubprotocolLayer::new(["chat.v2", "chat.v1"]).prefer(Preference::Server);
    /// ```
    pub const fn prefer(mut self, preference: Preference) -> Self {
        self.policy.preference = preference;
        self
    }

    /// What becomes of an offer that is not a token; [`Malformed::Reject`] unless
    /// set.
    ///
    /// ```
    /// # use axum_subprotocol::{Malformed, SubprotocolLayer};
    /// let tolerant = SubprotocolLayer::new(["mqtt"]).malformed(Malformed::Ignore);
    /// ```
    pub const fn malformed(mut self, malformed: Malformed) -> Self {
        self.policy.malformed = malformed;
        self
    }

    /// How many elements a client's list may have; 64 unless set.
    ///
    /// One more is a 400, whatever [`malformed`](Self::malformed) says, and
    /// nothing after it is read. Empty elements count, and a header line with a
    /// blank value counts as one. With 0 even a blank header is too long.
    ///
    /// ```
    /// # use axum_subprotocol::SubprotocolLayer;
    /// let strict = SubprotocolLayer::new(["mqtt"]).max_offers(8);
    /// ```
    pub const fn max_offers(mut self, max_offers: usize) -> Self {
        self.policy.max_offers = max_offers;
        self
    }
}
