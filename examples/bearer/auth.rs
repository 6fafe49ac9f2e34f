//! An authentication like any other: it reads `Authorization`, and knows of no
//! WebSocket.

use axum::{
    RequestPartsExt,
    extract::FromRequestParts,
    http::{StatusCode, header::WWW_AUTHENTICATE, request::Parts},
    response::{IntoResponse, Response},
};
use axum_extra::{
    TypedHeader,
    headers::{Authorization, authorization::Bearer},
};

/// Who may come in. An app would check a signature, or look up a hash.
const TOKENS: [(&str, &str); 2] = [("open.sesame", "Ann"), ("xyzzy-42", "Bob")];

/// The name of the one whose token the request has.
pub(crate) struct User(pub(crate) &'static str);

/// Why nobody is known.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unauthorized {
    NoToken,
    UnknownToken,
}

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Unauthorized;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Unauthorized> {
        let TypedHeader(Authorization(bearer)): TypedHeader<Authorization<Bearer>> =
            parts.extract().await.map_err(|_| Unauthorized::NoToken)?;
        TOKENS
            .iter()
            .find(|(token, _)| *token == bearer.token())
            .map(|(_, name)| Self(name))
            .ok_or(Unauthorized::UnknownToken)
    }
}

impl Unauthorized {
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::NoToken => "A token is needed.",
            Self::UnknownToken => "The token isn't known.",
        }
    }
}

impl IntoResponse for Unauthorized {
    fn into_response(self) -> Response {
        let challenge = [(WWW_AUTHENTICATE, "Bearer")];
        (StatusCode::UNAUTHORIZED, challenge, self.reason()).into_response()
    }
}
