//! How a token is encoded in an offer (C3).

use std::borrow::Cow;

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD},
};
use serde::{Deserialize, Serialize};

/// How clients encode the token, since an offer can't have all characters (C3).
///
/// Set with [`OfferedCredentialLayer::encoding`](crate::OfferedCredentialLayer::encoding).
/// In a file the values are `plain`, `base64` (or `base64url`) and `percent`.
///
/// # Example
///
/// ```
/// use axum_subprotocol::{Encoding, OfferedCredentialLayer};
///
/// // new WebSocket(url, ["chat", "bearer." + encodeURIComponent(token)])
/// let layer = OfferedCredentialLayer::after_prefix("bearer.").encoding(Encoding::Percent);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Encoding {
    /// The token is sent as it is. A JWT needs nothing else.
    #[default]
    Plain,
    /// Base64, in either alphabet (RFC 4648 §4 or §5), with all of its padding or
    /// without any, and canonical in its last digit (RFC 4648 §3.5). Clients of the
    /// Kubernetes API server send this, and clients of Phoenix.
    #[serde(alias = "base64url")]
    Base64,
    /// Percent-encoding (RFC 3986 §2.1), as JavaScript's `encodeURIComponent` makes it. A
    /// `%` without two hex digits is a fault, and a `+` is a plus sign.
    Percent,
}

impl Encoding {
    /// The smallest number of bytes that `text` can decode to.
    pub(crate) fn min_decoded_len(self, text: &[u8]) -> usize {
        match self {
            Self::Plain => text.len(),
            Self::Base64 => {
                let padding = text.iter().rev().take_while(|byte| **byte == b'=');
                (text.len() - padding.count()) * 3 / 4
            }
            Self::Percent => text.len() / 3 + text.len() % 3,
        }
    }

    /// Decodes `text`. `None` if it is not encoded like this.
    pub(crate) fn decode(self, text: &[u8]) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Plain => Some(text.into()),
            // There are two at most. Checked first, so that nothing long is decoded.
            Self::Base64 if text.ends_with(b"===") => None,
            Self::Base64 => {
                let is_standard = text.iter().any(|byte| b"+/".contains(byte));
                let engine = match (is_standard, text.ends_with(b"=")) {
                    (false, false) => BASE64_URL_SAFE_NO_PAD,
                    (false, true) => BASE64_URL_SAFE,
                    (true, false) => BASE64_STANDARD_NO_PAD,
                    (true, true) => BASE64_STANDARD,
                };
                engine.decode(text).ok().map(Cow::from)
            }
            Self::Percent => {
                let mut after_percent = text.split(|byte| *byte == b'%').skip(1);
                let is_valid = after_percent.all(|rest| match rest {
                    [high, low, ..] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
                    _ => false,
                });
                is_valid.then(|| percent_encoding::percent_decode(text).into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Encoding::*, *};

    #[test]
    fn c3_a_text_is_decoded_or_refused() {
        let cases: [(Encoding, &[u8], Option<&[u8]>); 43] = [
            (Plain, b"", Some(b"")),
            (Plain, b"a%2Fb==", Some(b"a%2Fb==")),
            // `a`, `aaa`, `a/b=`, `ab~ab~`, `token1`
            (Base64, b"", Some(b"")),
            (Base64, b"YQ", Some(b"a")),
            (Base64, b"YQ==", Some(b"a")),
            (Base64, b"YWFh", Some(b"aaa")),
            (Base64, b"YS9iPQ", Some(b"a/b=")),
            (Base64, b"YWJ+YWJ+", Some(b"ab~ab~")),
            (Base64, b"YWJ-YWJ-", Some(b"ab~ab~")),
            (Base64, b"dG9rZW4x", Some(b"token1")),
            (Base64, b"PDw_Pz4-", Some(b"<<??>>")),
            (Base64, b"PDw/Pz4+", Some(b"<<??>>")),
            (Base64, b"Pz8/Pw==", Some(b"????")),
            (Base64, b"Pz8/Pw", Some(b"????")),
            (Base64, b"Pz8_Pw==", Some(b"????")),
            // Two alphabets.
            (Base64, b"PDw/Pz4-", None),
            (Base64, b"PDw_Pz4+", None),
            // Half of the padding, too much of it, or padding in the middle.
            (Base64, b"YQ=", None),
            (Base64, b"YQ===", None),
            (Base64, b"YWFh=", None),
            (Base64, b"YWFh====", None),
            (Base64, b"YQ==YQ==", None),
            (Base64, b"YQ=a", None),
            (Base64, b"=", None),
            (Base64, b"==", None),
            // The last digit has bits that mean nothing.
            (Base64, b"YR", None),
            (Base64, b"YR==", None),
            (Base64, b"Y", None),
            (Base64, b"YQ YQ", None),
            (Base64, b"YQ\xff", None),
            (Percent, b"", Some(b"")),
            (Percent, b"a-b_c.d~e+f", Some(b"a-b_c.d~e+f")),
            (Percent, b"a%2Fb%3D", Some(b"a/b=")),
            (Percent, b"a%2fb%3d", Some(b"a/b=")),
            (Percent, b"%252F", Some(b"%2F")),
            (Percent, b"Z%C3%BCrich", Some("Zürich".as_bytes())),
            (Percent, b"%00%ff", Some(b"\0\xff")),
            (Percent, b"%", None),
            (Percent, b"a%2", None),
            (Percent, b"a%zz", None),
            (Percent, b"%2z", None),
            (Percent, b"%%41", None),
            (Percent, b"%+1", None),
        ];
        for (encoding, text, expected) in cases {
            let decoded = encoding.decode(text);
            assert_eq!(decoded.as_deref(), expected, "{encoding:?} {text:?}");
            if let Some(decoded) = decoded {
                let min_decoded_len = encoding.min_decoded_len(text);
                assert!(min_decoded_len <= decoded.len(), "{encoding:?} {text:?}");
            }
        }
    }

    #[test]
    fn c3_no_text_decodes_to_less_than_its_smallest_length() {
        for (encoding, text, expected) in [
            (Plain, "%41", 3),
            (Base64, "YWFhYQ==", 4),
            (Base64, "YWFhYWE", 5),
            (Percent, "%41%41", 2),
            (Percent, "%41aa", 3),
        ] {
            assert_eq!(
                encoding.min_decoded_len(text.as_bytes()),
                expected,
                "{text}"
            );
        }
    }
}
