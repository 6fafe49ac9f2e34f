//! Why `OfferedCredentialLayer` rejects a handshake.

use std::{error, fmt};

use http::{Response, StatusCode};

use super::response;

/// Why [`OfferedCredentialLayer`](crate::OfferedCredentialLayer) rejected a
/// handshake.
///
/// Each response that the layer makes has one as an extension. It doesn't contain
/// what the client sent.
///
/// # Example
///
/// ```
/// use axum_subprotocol::rejection::{CredentialFault, CredentialRejection};
/// use http::Response;
///
/// fn is_empty<B>(response: &Response<B>) -> bool {
///     let rejection = response.extensions().get::<CredentialRejection>();
///     rejection.is_some_and(|rejection| rejection.fault() == CredentialFault::Empty)
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CredentialRejection {
    fault: CredentialFault,
}

impl CredentialRejection {
    /// What is wrong.
    #[must_use]
    pub const fn fault(&self) -> CredentialFault {
        self.fault
    }

    /// The status of the response: 500 for a
    /// [`WrongOrder`](CredentialFault::WrongOrder), which is a mistake of the
    /// program, and 400 otherwise.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.fault.status()
    }

    /// The text of the response.
    #[must_use]
    pub fn body_text(&self) -> String {
        self.to_string()
    }

    /// The response, with `self` as an extension.
    pub(crate) fn into_response<B: From<String>>(self) -> Response<B> {
        response(self.status(), self)
    }
}

impl From<CredentialFault> for CredentialRejection {
    fn from(fault: CredentialFault) -> Self {
        Self { fault }
    }
}

impl fmt::Display for CredentialRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl error::Error for CredentialRejection {}

/// What is wrong with a credential among the offers (rule C3), or with the order of
/// the layers (C8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialFault {
    /// The token is empty, or decodes to nothing.
    Empty,
    /// The token is longer than
    /// [`max_len`](crate::OfferedCredentialLayer::max_len).
    TooLong,
    /// The token is not base64url without padding, or not in canonical form
    /// (RFC 4648 §3.5, §5).
    NotBase64Url,
    /// The token contains a comma or anything but visible ASCII.
    ForbiddenCharacter,
    /// The client sent more than one credential of this shape.
    Repeated,
    /// The request has so many headers that the one for the token can't be added.
    NoRoom,
    /// The layer is inside a [`SubprotocolLayer`](crate::SubprotocolLayer), where
    /// the client's list is already gone.
    WrongOrder,
}

impl CredentialFault {
    /// The status of the response to a request with this fault.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::WrongOrder => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The text of that response.
    #[must_use]
    pub fn body_text(self) -> String {
        self.to_string()
    }
}

impl error::Error for CredentialFault {}

impl fmt::Display for CredentialFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => {
                "The credential in Sec-WebSocket-Protocol is empty. Send a token, or leave the \
                 credential out."
            }
            Self::TooLong => {
                "The credential in Sec-WebSocket-Protocol is too long. Send a shorter token."
            }
            Self::NotBase64Url => {
                "The credential in Sec-WebSocket-Protocol is not base64url. Encode the token as in \
                 RFC 4648 section 5, without padding."
            }
            Self::ForbiddenCharacter => {
                "The credential in Sec-WebSocket-Protocol contains a character that is not allowed \
                 in a token. Send visible ASCII without commas."
            }
            Self::Repeated => {
                "There is more than one credential in Sec-WebSocket-Protocol. Send one."
            }
            Self::NoRoom => {
                "The request has too many headers for its credential to be added. Send fewer \
                 headers."
            }
            Self::WrongOrder => {
                "`OfferedCredentialLayer` is inside a `SubprotocolLayer`, where the client's offers \
                 are already gone. Swap the two: on a router, add the `SubprotocolLayer` first; in \
                 a tuple or a `ServiceBuilder`, write the `OfferedCredentialLayer` first."
            }
        })
    }
}
