//! Why a layer turned a handshake down. The crate's own rejections can't be compared.

use axum_subprotocol::{
    Encoding,
    rejection::{CredentialRejection, SubprotocolRejection},
};

/// The reason of a reply that a layer made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rejection {
    Malformed { index: usize },
    TooMany { limit: usize },
    NothingSelected { offered: bool },
    Unoffered,
    Credential(Fault),
}

/// What is wrong with a credential, or with what it needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    Empty,
    TooLong { limit: usize },
    Undecodable { encoding: Encoding },
    ForbiddenCharacter,
    Repeated,
    NoRoom,
    WrongOrder,
}

impl Rejection {
    pub fn of_subprotocol(rejection: &SubprotocolRejection) -> Self {
        match rejection {
            SubprotocolRejection::MalformedOffer { index, reason, .. } => {
                let what_is_wrong = reason.to_string();
                assert!(rejection.to_string().contains(&what_is_wrong));
                Self::Malformed { index: *index }
            }
            SubprotocolRejection::TooManyOffers { limit, .. } => Self::TooMany { limit: *limit },
            SubprotocolRejection::NothingSelected(cause) => Self::NothingSelected {
                offered: cause.has_offers(),
            },
            SubprotocolRejection::UnofferedSelection { .. } => Self::Unoffered,
            other => panic!("unknown: {other:?}"),
        }
    }
}

impl Fault {
    /// C3: the text names the limit that is exceeded.
    pub fn of(rejection: &CredentialRejection) -> Self {
        match rejection {
            CredentialRejection::Empty { .. } => Self::Empty,
            CredentialRejection::TooLong { limit, .. } => {
                assert!(rejection.body_text().contains(&limit.to_string()));
                Self::TooLong { limit: *limit }
            }
            CredentialRejection::Undecodable { encoding, .. } => Self::Undecodable {
                encoding: *encoding,
            },
            CredentialRejection::ForbiddenCharacter { .. } => Self::ForbiddenCharacter,
            CredentialRejection::Repeated { .. } => Self::Repeated,
            CredentialRejection::NoRoom { .. } => Self::NoRoom,
            CredentialRejection::WrongOrder { .. } => Self::WrongOrder,
            other => panic!("unknown: {other:?}"),
        }
    }
}
