//! How a layer judges and selects.

/// When a handshake without a selected subprotocol is rejected (R6).
///
/// A layer takes it with [`require`](crate::SubprotocolLayer::require), a
/// config file in kebab-case: `never`, `if-offered`, `always`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Require {
    /// Never: the handshake goes on without a subprotocol, as RFC 6455 §4.2.2
    /// has it, and the handler runs. A browser that offered names then closes
    /// the socket by itself, since none of them was selected.
    #[default]
    Never,
    /// If the client offered names, and none of them is supported. Clients that
    /// offer nothing are let through.
    IfOffered,
    /// Whenever nothing is selected, so also if the client offered nothing.
    Always,
}

/// Whose order decides where several offers are supported (R5).
///
/// A layer takes it with [`prefer`](crate::SubprotocolLayer::prefer), a config
/// file in kebab-case: `client`, `server`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Preference {
    /// The first offered name that is supported wins: a client lists its offers
    /// in order of preference (RFC 6455 §4.1).
    #[default]
    Client,
    /// The first supported name that was offered wins.
    Server,
}

/// What becomes of an element that is not a `token` (R3).
///
/// A layer takes it with [`malformed`](crate::SubprotocolLayer::malformed), a
/// config file in kebab-case: `reject`, `ignore`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Malformed {
    /// The handshake is rejected (RFC 6455 §4.2.1).
    #[default]
    Reject,
    /// The element is skipped, as if it had not been sent.
    Ignore,
}

/// All that a layer can be told, apart from its names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) require: Require,
    pub(crate) preference: Preference,
    pub(crate) malformed: Malformed,
    pub(crate) max_offers: usize,
}

impl Policy {
    pub(crate) const DEFAULT: Self = Self {
        require: Require::Never,
        preference: Preference::Client,
        malformed: Malformed::Reject,
        max_offers: 64,
    };
}
