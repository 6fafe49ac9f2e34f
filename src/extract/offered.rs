//! The extractor for the client's list.

use std::convert::Infallible;

use axum_core::extract::FromRequestParts;
use http::request::Parts;

use crate::{handshake::Handshake, negotiation::Negotiation, offers::OfferedSubprotocols};

/// Never rejects a request.
impl<S: Send + Sync> FromRequestParts<S> for OfferedSubprotocols {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(match parts.extensions.get::<Negotiation>() {
            Some(negotiation) => negotiation.offered().clone(),
            None if Handshake::of_parts(parts).is_some() => Self::of(&parts.headers, usize::MAX),
            None => Self::default(),
        })
    }
}
