//! What a layer can be told, apart from its names.

use super::SubprotocolLayer;
use crate::{
    config_error::ConfigError,
    credentials::OfferedCredential,
    policy::{Malformed, Preference, Require},
};

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
    /// # Panics
    ///
    /// If the layer was made with [`from_fn`](Self::from_fn): the order is then the
    /// function's affair.
    ///
    /// # Example
    ///
    /// ```
    /// # use axum_subprotocol::{Preference, SubprotocolLayer};
    /// let newest_first = SubprotocolLayer::new(["chat.v2", "chat.v1"]).prefer(Preference::Server);
    /// ```
    #[track_caller]
    pub const fn prefer(mut self, preference: Preference) -> Self {
        assert!(
            self.choose.is_none(),
            "SubprotocolLayer::prefer: the function passed to `from_fn` decides alone; have it \
             prefer what you want"
        );
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

    /// Takes a credential out of the offers, and hands it on as `Authorization`;
    /// none unless set.
    ///
    /// A layer can accept several shapes, in several calls, and a client sends one
    /// credential. The crate documentation has
    /// [the rules](crate#credentials-among-the-offers), and what to mind about
    /// security.
    ///
    /// # Panics
    ///
    /// If the prefix or the scheme is not a token, if a prefix begins with another one, if
    /// a supported name begins with a prefix, if a credential is to follow a name that is
    /// not supported (or, with a function that selects, is not a token), or follows the
    /// same name as another.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::{OfferedCredential, SubprotocolLayer};
    ///
    /// // Of `new WebSocket(url, ["chat.v2", "bearer.mF_9.B5f-4.1JqM"])` the request gets
    /// // `Authorization: Bearer mF_9.B5f-4.1JqM`, and `chat.v2` is selected.
    /// let layer = SubprotocolLayer::new(["chat.v2"])
    ///     .credential(OfferedCredential::after_prefix("bearer."));
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "a mistake in the program, found at startup")]
    pub fn credential(self, credential: OfferedCredential) -> Self {
        match self.try_credential(credential) {
            Ok(layer) => layer,
            Err(error) => panic!("SubprotocolLayer::credential: {error}"),
        }
    }

    /// The same as [`credential`](Self::credential), for what comes from outside the
    /// program.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], where `credential` panics.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::{OfferedCredential, SubprotocolLayer};
    ///
    /// let from_a_file = "bearer.";
    /// let layer = SubprotocolLayer::new(["chat.v2"])
    ///     .try_credential(OfferedCredential::after_prefix(from_a_file))?;
    /// # Ok::<(), axum_subprotocol::ConfigError>(())
    /// ```
    pub fn try_credential(mut self, credential: OfferedCredential) -> Result<Self, ConfigError> {
        // A function's names aren't known.
        let names = self.choose.is_none().then_some(&self.supported);
        let credentials = self.credentials.take().unwrap_or_default();
        self.credentials = Some(credentials.and(credential, names)?);
        Ok(self)
    }
}
