//! What RFC 6455 leaves to the server.

use serde::{Deserialize, Serialize};

/// When a layer rejects a handshake for which nothing is selected (R6).
///
/// Set with [`require`](crate::SubprotocolLayer::require). In a file the values are
/// `never`, `if-offered` and `always`.
///
/// # Example
///
/// ```
/// use axum_subprotocol::{Require, SubprotocolLayer};
///
/// let layer = SubprotocolLayer::new(["ocpp2.0.1", "ocpp1.6"]).require(Require::IfOffered);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Require {
    /// Never. The handshake continues without a subprotocol, as RFC 6455 §4.2.2
    /// allows, and the handler runs. If the client offered names,
    /// [it may close the socket](crate::guide::pages), as Chromium does.
    #[default]
    Never,
    /// If the client offered names and none of them is supported. Clients that
    /// offer nothing are accepted.
    #[serde(alias = "if_offered")]
    IfOffered,
    /// Whenever nothing is selected, also if the client offered nothing.
    Always,
}

/// Whose order decides if several offers are supported (R5).
///
/// Set with [`prefer`](crate::SubprotocolLayer::prefer). In a file the values are
/// `client` and `server`.
///
/// # Example
///
/// ```
/// use axum_subprotocol::{Preference, SubprotocolLayer};
///
/// let layer = SubprotocolLayer::new(["chat.v2", "chat.v1"]).prefer(Preference::Server);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Preference {
    /// The first offered name that is supported is selected. Clients list their
    /// offers in order of preference (RFC 6455 §4.1).
    #[default]
    Client,
    /// The first supported name that was offered is selected.
    Server,
}

/// What a layer does with an element that is neither an RFC 9110 `token` nor a
/// supported name (R3), or with a credential that has a fault (C3).
///
/// Set with [`SubprotocolLayer::malformed`](crate::SubprotocolLayer::malformed) and
/// [`OfferedCredentialLayer::malformed`](crate::OfferedCredentialLayer::malformed).
/// In a file the values are `reject` and `ignore`.
///
/// # Example
///
/// ```
/// use axum_subprotocol::{Malformed, SubprotocolLayer};
///
/// let layer = SubprotocolLayer::new(["mqtt"]).malformed(Malformed::Ignore);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Malformed {
    /// The layer rejects the handshake with a 400 (RFC 6455 §4.2.1).
    #[default]
    Reject,
    /// [`SubprotocolLayer`](crate::SubprotocolLayer) skips the element, as if it had
    /// not been sent. [`OfferedCredentialLayer`](crate::OfferedCredentialLayer)
    /// removes every credential of its shape and uses none.
    Ignore,
}
