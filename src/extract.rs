//! axum's extractors, and the response of their rejection.

use std::convert::Infallible;

use axum_core::{
    body::Body,
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use http::{Version, request::Parts};
use serde::de::DeserializeOwned;

use crate::{
    handshake::Handshake,
    rejection::{NotAHandshake, NothingSelected, SubprotocolRejection},
    selection::{offered::OfferedSubprotocols, outcome::Outcome, selected::SelectedSubprotocol},
};

/// Never rejects a request.
impl<S: Send + Sync> FromRequestParts<S> for OfferedSubprotocols {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(match Self::from_extensions(&parts.extensions) {
            Some(offered) => offered,
            None if is_handshake(parts) => Self::from_headers(&parts.headers),
            None => Self::default(),
        })
    }
}

impl<T, S> FromRequestParts<S> for SelectedSubprotocol<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = SubprotocolRejection;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let Some(outcome) = Outcome::of(&parts.extensions) else {
            return Err(if is_handshake(parts) {
                SubprotocolRejection::MissingLayer
            } else {
                let can_upgrade = parts.version == Version::HTTP_11;
                SubprotocolRejection::NotAHandshake(NotAHandshake { can_upgrade })
            });
        };
        if let Some(selected) = Self::from_outcome(outcome)? {
            return Ok(selected);
        }
        let offered = outcome.offered();
        Err(SubprotocolRejection::NothingSelected(NothingSelected {
            has_offers: !offered.is_empty(),
            supported: offered.supported,
        }))
    }
}

impl<T, S> OptionalFromRequestParts<S> for SelectedSubprotocol<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = SubprotocolRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _state: &S,
    ) -> Result<Option<Self>, Self::Rejection> {
        match Outcome::of(&parts.extensions) {
            Some(outcome) => Self::from_outcome(outcome),
            None if is_handshake(parts) => Err(SubprotocolRejection::MissingLayer),
            None => Ok(None),
        }
    }
}

fn is_handshake(head: &Parts) -> bool {
    Handshake::begun_by(head.version, &head.method, &head.uri, &head.headers).is_some()
}

impl IntoResponse for SubprotocolRejection {
    fn into_response(self) -> Response {
        #[cfg(feature = "tracing")]
        crate::trace::extraction_rejected(&self);
        self.response().map(Body::from)
    }
}
