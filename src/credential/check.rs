//! Checking a token (C3).

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

use super::{find::Found, settings::Settings};
use crate::{rejection::CredentialFault, subprotocol::Grammar};

/// The token, decoded if need be, or the first fault in the list.
pub(super) fn check<'a>(
    settings: &Settings,
    found: &Found<'a>,
) -> Result<Cow<'a, [u8]>, CredentialFault> {
    let token = if settings.base64url {
        decode(found.token, settings.max_len)?.into()
    } else {
        Cow::Borrowed(found.token)
    };
    if token.is_empty() {
        Err(CredentialFault::Empty)
    } else if token.len() > settings.max_len {
        Err(CredentialFault::TooLong)
    } else if !Grammar::Visible.accepts(&token) {
        Err(CredentialFault::ForbiddenCharacter)
    } else if found.is_repeated {
        Err(CredentialFault::Repeated)
    } else {
        Ok(token)
    }
}

fn decode(token: &[u8], max_len: usize) -> Result<Vec<u8>, CredentialFault> {
    // Four digits are three bytes: a long token is not decoded at all.
    if token.len() / 4 * 3 > max_len {
        return Err(CredentialFault::TooLong);
    }
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(token);
    decoded.map_err(|_| CredentialFault::NotBase64Url)
}

#[cfg(test)]
mod tests {
    use super::{super::find::Shape, CredentialFault::*, *};

    #[test]
    fn c3_a_token_is_accepted_or_has_a_fault() {
        let shape = Shape::after_prefix("bearer.".to_owned()).unwrap();
        let mut plain = Settings::new(shape);
        plain.max_len = 8;
        let mut encoded = plain.clone();
        encoded.base64url = true;
        let cases: [(&Settings, &[u8], Result<&[u8], CredentialFault>); 25] = [
            (&plain, b"a", Ok(b"a")),
            (&plain, b"aZ09-._~", Ok(b"aZ09-._~")),
            (&plain, b"+/a==", Ok(b"+/a==")),
            (&plain, b"\"a:b\"", Ok(b"\"a:b\"")),
            (&plain, b"12345678", Ok(b"12345678")),
            (&plain, b"123456789", Err(TooLong)),
            (&plain, b"", Err(Empty)),
            (&plain, b"a b", Err(ForbiddenCharacter)),
            (&plain, b"a\tb", Err(ForbiddenCharacter)),
            (&plain, b"a\xff", Err(ForbiddenCharacter)),
            (&plain, b"a\x7f", Err(ForbiddenCharacter)),
            (&plain, b"a bcdefgh", Err(TooLong)),
            // `a`, `aaa`, `a/b=`
            (&encoded, b"YQ", Ok(b"a")),
            (&encoded, b"YWFh", Ok(b"aaa")),
            (&encoded, b"YS9iPQ", Ok(b"a/b=")),
            (&encoded, b"YWFhYWFhYWE", Ok(b"aaaaaaaa")),
            (&encoded, b"YWFhYWFhYWFh", Err(TooLong)),
            (&encoded, b"YQ==", Err(NotBase64Url)),
            // Not canonical: the last digit has bits without a meaning.
            (&encoded, b"YR", Err(NotBase64Url)),
            (&encoded, b"Y+/h", Err(NotBase64Url)),
            (&encoded, b"Y", Err(NotBase64Url)),
            (&encoded, b"", Err(Empty)),
            // `a b`, `a,b`, a zero byte
            (&encoded, b"YSBi", Err(ForbiddenCharacter)),
            (&encoded, b"YSxi", Err(ForbiddenCharacter)),
            (&encoded, b"AA", Err(ForbiddenCharacter)),
        ];
        for (settings, token, expected) in cases {
            for is_repeated in [false, true] {
                let found = Found {
                    element: b"",
                    token,
                    is_repeated,
                    is_alone: false,
                };
                let checked = check(settings, &found);
                // The first fault counts, and the second credential comes later.
                let expected = match expected {
                    Ok(_) if is_repeated => Err(Repeated),
                    expected => expected,
                };
                assert_eq!(checked.as_deref(), expected.as_deref(), "{token:?}");
            }
        }
    }
}
