//! An authentication that reads `Authorization`, wherever it comes from.

use axum::{
    RequestPartsExt,
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use axum_extra::{
    TypedHeader,
    headers::{Authorization, authorization::Bearer},
};

/// The one token that is known. An API server would check its signature.
const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJBbm4ifQ.";

/// There is a request of someone who may do anything.
pub(crate) struct Admin;

/// Clients are programs: they see the status.
impl<S: Send + Sync> FromRequestParts<S> for Admin {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        let bearer: Option<TypedHeader<Authorization<Bearer>>> = parts
            .extract()
            .await
            .map_err(|_| StatusCode::UNAUTHORIZED)?;
        match bearer {
            Some(TypedHeader(Authorization(bearer))) if bearer.token() == TOKEN => Ok(Self),
            _ => Err(StatusCode::UNAUTHORIZED),
        }
    }
}
