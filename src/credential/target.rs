//! Where the token goes (C5).

use http::{
    HeaderName, HeaderValue,
    header::{
        AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, TE, TRAILER,
        TRANSFER_ENCODING, UPGRADE,
    },
};

use super::find::rfc9110_token;
use crate::{
    error::{ConfigError, Fault},
    list::trim_ows,
    rejection::CredentialFault,
};

/// Where the token goes.
#[derive(Clone, Debug, Default)]
pub(crate) enum Target {
    /// `Authorization: Bearer <token>`.
    #[default]
    Bearer,
    /// `Authorization`, with this scheme.
    Scheme(Box<str>),
    /// Another header, without a scheme.
    Header(HeaderName),
}

/// Headers to which servers and proxies give a meaning, besides `Proxy-*` and `Sec-*`.
const FORBIDDEN: [HeaderName; 11] = [
    AUTHORIZATION,
    COOKIE,
    HOST,
    CONNECTION,
    UPGRADE,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    TE,
    TRAILER,
    EXPECT,
    HeaderName::from_static("keep-alive"),
];

impl Target {
    pub(crate) fn scheme(scheme: String) -> Result<Self, ConfigError> {
        rfc9110_token("authentication scheme", scheme).map(Self::Scheme)
    }

    pub(crate) fn header(name: &str) -> Result<Self, ConfigError> {
        let Ok(header) = HeaderName::try_from(name) else {
            let name = name.to_owned();
            return Err(Fault::InvalidHeader { name }.into());
        };
        let name = header.as_str();
        if FORBIDDEN.contains(&header) || name.starts_with("proxy-") || name.starts_with("sec-") {
            let name = name.to_owned();
            return Err(Fault::ForbiddenHeader { name }.into());
        }
        Ok(Self::Header(header))
    }

    pub(super) fn name(&self) -> HeaderName {
        match self {
            Self::Bearer | Self::Scheme(_) => AUTHORIZATION,
            Self::Header(name) => name.clone(),
        }
    }

    fn authentication_scheme(&self) -> Option<&str> {
        match self {
            Self::Bearer => Some("Bearer"),
            Self::Scheme(scheme) => Some(scheme),
            Self::Header(_) => None,
        }
    }

    /// The value that carries `token`.
    pub(super) fn value(&self, token: &[u8]) -> Result<HeaderValue, CredentialFault> {
        let value = match self.authentication_scheme() {
            Some(scheme) => HeaderValue::try_from([scheme.as_bytes(), b" ", token].concat()),
            None => HeaderValue::from_bytes(token),
        };
        let mut value = value.map_err(|_| CredentialFault::ForbiddenCharacter)?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Whether a request with this `own` header of the client keeps it.
    pub(super) fn keeps(&self, own: &HeaderValue) -> bool {
        match self.authentication_scheme() {
            Some(scheme) => has_credentials(own, scheme),
            None => true,
        }
    }
}

/// Whether an `Authorization` has this scheme, in any case (RFC 9110 §11.1), and
/// something after it.
fn has_credentials(authorization: &HeaderValue, scheme: &str) -> bool {
    let authorization = trim_ows(authorization.as_bytes());
    match authorization.split_at_checked(scheme.len()) {
        // Trimmed, so that something follows the blank.
        Some((start, [b' ' | b'\t', ..])) => start.eq_ignore_ascii_case(scheme.as_bytes()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c5_a_header_with_a_meaning_is_refused() {
        for name in [
            "authorization",
            "cookie",
            "host",
            "connection",
            "upgrade",
            "content-length",
            "transfer-encoding",
            "te",
            "trailer",
            "expect",
            "keep-alive",
            "proxy-authorization",
            "proxy-x",
            "sec-websocket-key",
            "sec-x",
        ] {
            let target = Target::header(name);
            let message = target.unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("header {name:?}: servers")),
                "{message}"
            );
        }
        for name in ["", "x tenant", "x:"] {
            let message = Target::header(name).unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("header {name:?}: ")),
                "{message}"
            );
        }
        for name in ["x-tenant", "x-api-key", "section", "te-x", "proxies"] {
            assert!(Target::header(name).is_ok(), "{name}");
        }
    }
}
