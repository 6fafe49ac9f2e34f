//! What is wrong with a credential among the offers.

use std::{error, fmt};

/// There is a credential among the offers, and it is against a rule.
///
/// It doesn't contain what was sent.
#[derive(Clone, Debug)]
pub struct FaultyCredential {
    fault: CredentialFault,
}

impl FaultyCredential {
    pub(crate) const fn new(fault: CredentialFault) -> Self {
        Self { fault }
    }

    /// Which rule it is.
    #[must_use]
    pub const fn fault(&self) -> CredentialFault {
        self.fault
    }
}

/// A rule for [credentials among the offers](crate#credentials-among-the-offers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialFault {
    /// There is nothing after the prefix, or nothing in it once it is decoded.
    Empty,
    /// The token is longer than
    /// [`max_len`](crate::OfferedCredential::max_len).
    TooLong,
    /// What follows the prefix is not base64url without padding, or not the
    /// canonical spelling (RFC 4648 §3.5, §5).
    NotBase64Url,
    /// The token contains what no `b64token` contains (RFC 6750 §2.1).
    NotAToken,
    /// Nothing follows the name that announces a token.
    Missing,
    /// A configured name, or another credential, follows the name that announces
    /// a token.
    NameInItsPlace,
    /// There is another credential.
    Repeated,
    /// There is no offer beside the credential.
    Alone,
    /// The request has so many headers that `Authorization` can't be added.
    NoRoom,
}

impl fmt::Display for FaultyCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.fault {
            CredentialFault::Empty => {
                "The credential in Sec-WebSocket-Protocol is empty. Put a token after the prefix."
            }
            CredentialFault::TooLong => {
                "The credential in Sec-WebSocket-Protocol is longer than is accepted here."
            }
            CredentialFault::NotBase64Url => {
                "The credential in Sec-WebSocket-Protocol is not base64url. Encode the token as in \
                 RFC 4648 section 5, without padding."
            }
            CredentialFault::NotAToken => {
                "The credential in Sec-WebSocket-Protocol contains what no token does. Send letters, \
                 digits and -._~+/ only, with = at the end if need be (RFC 6750 section 2.1)."
            }
            CredentialFault::Missing => {
                "A credential is announced in Sec-WebSocket-Protocol, and none follows. Put the \
                 token right after the name that announces it."
            }
            CredentialFault::NameInItsPlace => {
                "A credential is announced in Sec-WebSocket-Protocol, and another offer follows. \
                 Put the token right after the name that announces it."
            }
            CredentialFault::Repeated => {
                "There is more than one credential in Sec-WebSocket-Protocol. Send one."
            }
            CredentialFault::Alone => {
                "Sec-WebSocket-Protocol has a credential, and no subprotocol beside it. Offer one \
                 too: the server never selects a credential, and a browser closes a WebSocket if \
                 none of its offers is selected."
            }
            CredentialFault::NoRoom => {
                "The request has too many headers for Authorization to be added. Send fewer."
            }
        })
    }
}

impl error::Error for FaultyCredential {}
