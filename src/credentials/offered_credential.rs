//! One shape of credential, and what it becomes.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::HeaderValue;

use crate::{
    config_error::{ConfigError, Fault},
    grammar::Grammar,
    rejection::CredentialFault,
    subprotocol::Subprotocol,
    supported::Supported,
};

/// Where among its offers a client puts a credential.
///
/// A browser can't set `Authorization` on a WebSocket, so clients send a token in
/// the one header that they have a say in. A layer that is
/// [told so](crate::SubprotocolLayer::credential) takes it out of the offers, and
/// the request goes on with `Authorization: Bearer <token>`, marked as sensitive,
/// for any authentication that reads this header.
///
/// | Clients that say | Need |
/// | --- | --- |
/// | `new WebSocket(url, ["chat", "bearer." + token])` | `after_prefix("bearer.")` |
/// | `new WebSocket(url, ["v5.channel.k8s.io", "base64url.bearer.authorization.k8s.io." + encoded])` | `base64url_after_prefix("base64url.bearer.authorization.k8s.io.")` |
/// | `new WebSocket(url, ["bearer", token])` | `after_name("bearer")` |
/// | `new WebSocket(url, ["token", key])` | `after_name("token").scheme("Token")` |
///
/// The token must be a `b64token` (RFC 6750 §2.1): letters, digits and `-._~+/`,
/// with `=` at the end if need be. In a browser `/` and `=` can't be part of an
/// offer: there such tokens need base64url.
///
/// The [crate documentation](crate#credentials-among-the-offers) has the rules.
///
/// # Example
///
/// ```
/// use axum_subprotocol::{OfferedCredential, SubprotocolLayer};
///
/// let layer = SubprotocolLayer::new(["chat.v2", "bearer"])
///     .credential(OfferedCredential::after_name("bearer").max_len(1024))
///     .credential(OfferedCredential::after_prefix("bearer."));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a credential is taken only by a layer that is told of it"]
pub struct OfferedCredential {
    place: Place,
    scheme: Cow<'static, str>,
    max_len: usize,
}

#[derive(Clone, Debug)]
enum Place {
    AfterPrefix(String),
    Base64UrlAfterPrefix(String),
    AfterName(String),
}

impl OfferedCredential {
    /// The token follows `prefix`, in the same element: `bearer.<token>`.
    ///
    /// An element that begins with it, byte for byte, is a credential and never an
    /// offer.
    ///
    /// What `prefix` must be is checked by the layer that is told of it.
    ///
    /// ```
    /// # use axum_subprotocol::{OfferedCredential, SubprotocolLayer};
    /// let layer = SubprotocolLayer::new(["chat"]).credential(OfferedCredential::after_prefix("bearer."));
    /// ```
    pub fn after_prefix(prefix: impl Into<String>) -> Self {
        Self::at(Place::AfterPrefix(prefix.into()))
    }

    /// The token, in base64url without padding (RFC 4648 §5), follows `prefix` in
    /// the same element, as the Kubernetes API server has it. Only the canonical spelling
    /// is accepted.
    ///
    /// ```
    /// # use axum_subprotocol::{OfferedCredential, SubprotocolLayer};
    /// let layer = SubprotocolLayer::new(["v5.channel.k8s.io"]).credential(
    ///     OfferedCredential::base64url_after_prefix("base64url.bearer.authorization.k8s.io."),
    /// );
    /// ```
    pub fn base64url_after_prefix(prefix: impl Into<String>) -> Self {
        Self::at(Place::Base64UrlAfterPrefix(prefix.into()))
    }

    /// The token is the next element, empty ones aside, after an offer of `name`:
    /// `["bearer", token]`.
    ///
    /// `name` is itself an offer, and one of the supported names: a browser needs one
    /// that can be selected. If another supported name follows it, that is a 400. A layer made with [`from_fn`](crate::SubprotocolLayer::from_fn) knows no other
    /// names, and takes whatever follows for the token.
    ///
    /// ```
    /// # use axum_subprotocol::{OfferedCredential, SubprotocolLayer};
    /// let layer = SubprotocolLayer::new(["bearer"]).credential(OfferedCredential::after_name("bearer"));
    /// ```
    pub fn after_name(name: impl Into<String>) -> Self {
        Self::at(Place::AfterName(name.into()))
    }

    const fn at(place: Place) -> Self {
        Self {
            place,
            scheme: Cow::Borrowed("Bearer"),
            max_len: 8 * 1024,
        }
    }

    /// The authentication scheme in `Authorization` (RFC 9110 §11.1); `Bearer` unless
    /// set.
    ///
    /// ```
    /// # use axum_subprotocol::OfferedCredential;
    /// let deepgram = OfferedCredential::after_name("token").scheme("Token");
    /// ```
    pub fn scheme(mut self, scheme: impl Into<String>) -> Self {
        self.scheme = Cow::Owned(scheme.into());
        self
    }

    /// How many bytes the token may have, once it is decoded; 8 KiB unless set.
    ///
    /// ```
    /// # use axum_subprotocol::OfferedCredential;
    /// let short = OfferedCredential::after_prefix("bearer.").max_len(256);
    /// ```
    pub const fn max_len(mut self, bytes: usize) -> Self {
        self.max_len = bytes;
        self
    }

    /// What stands before the token in its own element.
    pub(super) fn prefix(&self) -> Option<&str> {
        match &self.place {
            Place::AfterPrefix(prefix) | Place::Base64UrlAfterPrefix(prefix) => Some(prefix),
            Place::AfterName(_) => None,
        }
    }

    /// The offer before the token.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.place {
            Place::AfterName(name) => Some(name),
            Place::AfterPrefix(_) | Place::Base64UrlAfterPrefix(_) => None,
        }
    }

    /// Whether its parts are what they should be. A name must be one of `names`, where
    /// these are known.
    pub(super) fn check(&self, names: Option<&Supported>) -> Result<(), ConfigError> {
        let source = |text: &str| text.parse::<Subprotocol>().err();
        if let Some(prefix) = self.prefix() {
            if let Some(source) = source(prefix) {
                let prefix = prefix.to_owned();
                return Err(Fault::InvalidPrefix { prefix, source }.into());
            }
        }
        if let Some(name) = self.name() {
            let is_supported = |names: &Supported| names.find(name.as_bytes()).is_some();
            let source = source(name).filter(|_| names.is_none());
            if source.is_some() || !names.is_none_or(is_supported) {
                let name = name.to_owned();
                return Err(Fault::UnsupportedName { name, source }.into());
            }
        }
        if !Grammar::Token.accepts(self.scheme.as_bytes()) {
            let scheme = self.scheme.to_string();
            return Err(Fault::InvalidScheme { scheme }.into());
        }
        Ok(())
    }

    /// The value of `Authorization`, for what was `sent` as the token.
    pub(super) fn authorization(&self, sent: &[u8]) -> Result<HeaderValue, CredentialFault> {
        let token = self.decode(sent)?;
        if token.is_empty() {
            return Err(CredentialFault::Empty);
        }
        if token.len() > self.max_len {
            return Err(CredentialFault::TooLong);
        }
        if !is_b64token(&token) {
            return Err(CredentialFault::NotAToken);
        }
        let value = [self.scheme.as_bytes(), b" ", &token].concat();
        let mut value = HeaderValue::try_from(value).map_err(|_| CredentialFault::NotAToken)?;
        value.set_sensitive(true);
        Ok(value)
    }

    fn decode<'a>(&self, sent: &'a [u8]) -> Result<Cow<'a, [u8]>, CredentialFault> {
        if !matches!(self.place, Place::Base64UrlAfterPrefix(_)) {
            return Ok(Cow::Borrowed(sent));
        }
        // Four digits are three bytes: what is too long needn't be decoded.
        if sent.len() / 4 * 3 > self.max_len {
            return Err(CredentialFault::TooLong);
        }
        let token = BASE64_URL_SAFE_NO_PAD.decode(sent);
        token
            .map(Cow::Owned)
            .map_err(|_| CredentialFault::NotBase64Url)
    }
}

/// The `b64token` of RFC 6750 §2.1.
fn is_b64token(token: &[u8]) -> bool {
    let padding = token.iter().rev().take_while(|&&byte| byte == b'=').count();
    let (characters, _) = token.split_at(token.len() - padding);
    let is_character = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    !characters.is_empty() && characters.iter().all(is_character)
}

#[cfg(test)]
mod tests {
    use super::{CredentialFault::*, *};

    #[test]
    fn a_token_becomes_a_sensitive_header_or_a_fault() {
        let plain = OfferedCredential::after_prefix("bearer.").max_len(8);
        let encoded = OfferedCredential::base64url_after_prefix("b64.").max_len(8);
        let cases: [(&OfferedCredential, &[u8], Result<&str, CredentialFault>); 19] = [
            (&plain, b"a", Ok("Bearer a")),
            (&plain, b"aZ09-._~", Ok("Bearer aZ09-._~")),
            (&plain, b"+/a==", Ok("Bearer +/a==")),
            (&plain, b"12345678", Ok("Bearer 12345678")),
            (&plain, b"123456789", Err(TooLong)),
            (&plain, b"", Err(Empty)),
            (&plain, b"==", Err(NotAToken)),
            (&plain, b"a=b", Err(NotAToken)),
            (&plain, b"a b", Err(NotAToken)),
            (&plain, b"a\xff", Err(NotAToken)),
            (&plain, b"\"a\"", Err(NotAToken)),
            // `a`, `aaa`, `a/b=`
            (&encoded, b"YQ", Ok("Bearer a")),
            (&encoded, b"YWFh", Ok("Bearer aaa")),
            (&encoded, b"YS9iPQ", Ok("Bearer a/b=")),
            (&encoded, b"YQ==", Err(NotBase64Url)),
            // Not canonical: the last digit has bits that mean nothing.
            (&encoded, b"YR", Err(NotBase64Url)),
            (&encoded, b"Y+/h", Err(NotBase64Url)),
            (&encoded, b"", Err(Empty)),
            // `a b`
            (&encoded, b"YSBi", Err(NotAToken)),
        ];
        for (credential, sent, expected) in cases {
            let value = credential.authorization(sent);
            assert!(value.as_ref().is_ok_and(HeaderValue::is_sensitive) || value.is_err());
            let text = value.as_ref().map(|value| value.to_str().unwrap());
            assert_eq!(text.map_err(|fault| *fault), expected, "{sent:?}");
        }
        for (sent, expected) in [("YWFhYWFhYWE", true), ("YWFhYWFhYWFh", false)] {
            let value = encoded.authorization(sent.as_bytes());
            assert_eq!(value.is_ok(), expected, "{sent}");
        }
    }
}
