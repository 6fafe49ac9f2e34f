//! Why `OfferedCredentialLayer` rejects a handshake.

use std::{error, fmt};

use http::{Response, StatusCode};

use super::response;
use crate::encoding::Encoding;

/// Why [`OfferedCredentialLayer`](crate::OfferedCredentialLayer) rejected a handshake.
///
/// Something is wrong with a credential among the offers (rule C3), with the room for
/// it (C4), or with the order of the layers (C8). Each response that the layer makes has
/// one as an extension. It doesn't contain what the client sent.
///
/// A `match` needs a `_`, and each variant is written with braces, such as `Empty { .. }`: a
/// later version may add variants and fields.
///
/// # Example
///
/// ```
/// use axum_subprotocol::rejection::CredentialRejection;
/// use http::Response;
///
/// fn is_too_long<B>(response: &Response<B>) -> bool {
///     let rejection = response.extensions().get();
///     matches!(rejection, Some(CredentialRejection::TooLong { .. }))
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CredentialRejection {
    /// Nothing follows the prefix. Only
    /// [`after_prefix`](crate::OfferedCredentialLayer::after_prefix) can have this fault. A
    /// 400.
    #[non_exhaustive]
    Empty,
    /// The token is longer than
    /// [`max_len`](crate::OfferedCredentialLayer::max_len), once it is decoded. A 400.
    #[non_exhaustive]
    TooLong {
        /// How many bytes the token can have.
        limit: usize,
    },
    /// The token can't be decoded. A 400.
    #[non_exhaustive]
    Undecodable {
        /// How the token must be encoded.
        encoding: Encoding,
    },
    /// The token contains a character that is not allowed in the header that it is for:
    /// anything but visible ASCII, or a comma, in `Authorization`; anything that is not
    /// UTF-8, a control character, or a blank at an end in another header (RFC 9110
    /// §5.5). A 400.
    #[non_exhaustive]
    ForbiddenCharacter,
    /// The client sent more than one credential of this shape. A 400.
    #[non_exhaustive]
    Repeated,
    /// The request has so many headers that what is left of the offers, or the header for
    /// the token, can't be added. A 400, also with
    /// [`Malformed::Ignore`](crate::Malformed::Ignore).
    #[non_exhaustive]
    NoRoom,
    /// The layer is inside a [`SubprotocolLayer`](crate::SubprotocolLayer), where
    /// the client's list is already gone. This is a mistake of the program: a 500.
    #[non_exhaustive]
    WrongOrder,
}

impl CredentialRejection {
    /// The status of the response: 500 for a mistake of the program, and 400 otherwise.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::WrongOrder => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The text of the response.
    #[must_use]
    pub fn body_text(&self) -> String {
        self.to_string()
    }

    /// The response, with `self` as an extension.
    pub(crate) fn response(self) -> Response<String> {
        response(self.status(), self.body_text(), self)
    }
}

impl error::Error for CredentialRejection {}

impl fmt::Display for CredentialRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => {
                "The credential in Sec-WebSocket-Protocol is empty. Send a token, or leave the \
                 credential out."
            }
            Self::TooLong { limit } => {
                return write!(
                    f,
                    "The credential in Sec-WebSocket-Protocol is too long: the limit here is \
                     {limit} bytes. Send a shorter token."
                );
            }
            Self::Undecodable { encoding } if *encoding == Encoding::Percent => {
                "The credential in Sec-WebSocket-Protocol can't be decoded. Percent-encode the \
                 token as in RFC 3986 section 2.1, with two hex digits after each `%`."
            }
            Self::Undecodable { .. } => {
                "The credential in Sec-WebSocket-Protocol can't be decoded. Encode the token in \
                 base64 as in RFC 4648 section 4 or 5, with all of its padding or none."
            }
            Self::ForbiddenCharacter => {
                "The credential in Sec-WebSocket-Protocol contains a character that is not allowed \
                 in its header. In Authorization, send visible ASCII without commas; in another \
                 header, UTF-8 without control characters, and without blanks at the ends."
            }
            Self::Repeated => {
                "There is more than one credential in Sec-WebSocket-Protocol. Send one."
            }
            Self::NoRoom => {
                "The request has too many headers for its credential to be moved. Send fewer \
                 headers."
            }
            Self::WrongOrder => {
                "`OfferedCredentialLayer` is inside a `SubprotocolLayer`, where the client's offers \
                 are already gone. The `OfferedCredentialLayer` must be the outermost: a request \
                 must meet it first. On an axum router, add it last; in a tuple or a \
                 `ServiceBuilder`, write it first. A request that is sent on from inside a \
                 `SubprotocolLayer` can't meet a credential layer that it hasn't met before."
            }
        })
    }
}
