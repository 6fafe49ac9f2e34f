//! What C3 says about the text of a credential: a part of the oracle. It decodes by
//! itself. All texts have a `char` for each byte.

use axum_subprotocol::Encoding;

use super::{CredentialConfig, Fault};

/// The token that `text` means, or the first fault in it.
pub fn read(config: &CredentialConfig, text: &str) -> Result<String, Fault> {
    let too_long = Fault::TooLong {
        limit: config.max_len,
    };
    // A text that can only be too long is not decoded.
    if shortest(config.encoding, text) > config.max_len {
        return Err(too_long);
    }
    let undecodable = Fault::Undecodable {
        encoding: config.encoding,
    };
    let token = decode(config.encoding, text).ok_or(undecodable)?;
    let is_allowed = match config.destination.scheme() {
        Some(_) => is_visible(&token),
        None => is_field_value(&token),
    };
    if token.is_empty() {
        Err(Fault::Empty)
    } else if token.chars().count() > config.max_len {
        Err(too_long)
    } else if !is_allowed {
        Err(Fault::ForbiddenCharacter)
    } else {
        Ok(token)
    }
}

/// The least that a text of this length decodes to, if it can be decoded.
fn shortest(encoding: Encoding, text: &str) -> usize {
    let length = text.chars().count();
    match encoding {
        Encoding::Plain => length,
        // Four digits are three bytes.
        Encoding::Base64 => text.trim_end_matches('=').chars().count() * 3 / 4,
        // As many `%XX` as possible.
        Encoding::Percent => length / 3 + length % 3,
        other => panic!("unknown: {other:?}"),
    }
}

fn decode(encoding: Encoding, text: &str) -> Option<String> {
    match encoding {
        Encoding::Plain => Some(text.to_owned()),
        Encoding::Base64 => base64(text),
        Encoding::Percent => percent(text),
        other => panic!("unknown: {other:?}"),
    }
}

/// RFC 4648 §4 or §5.
fn base64(text: &str) -> Option<String> {
    if text.contains(['+', '/']) && text.contains(['-', '_']) {
        return None;
    }
    let digits = text.trim_end_matches('=');
    // All of the padding or none. No text has one digit more than a multiple of four.
    let missing = (4 - digits.chars().count() % 4) % 4;
    let padding = text.len() - digits.len();
    if missing == 3 || padding != 0 && padding != missing {
        return None;
    }
    let mut bits = Vec::new();
    for digit in digits.chars() {
        let value = match digit {
            'A'..='Z' => digit as u32 - 'A' as u32,
            'a'..='z' => digit as u32 - 'a' as u32 + 26,
            '0'..='9' => digit as u32 - '0' as u32 + 52,
            '+' | '-' => 62,
            '/' | '_' => 63,
            _ => return None,
        };
        bits.extend((0..6).rev().map(|bit| value >> bit & 1));
    }
    let bytes = bits.chunks_exact(8);
    // Canonical: what is left over of the last digit is zero.
    if bytes.remainder().contains(&1) {
        return None;
    }
    let byte = |bits: &[u32]| bits.iter().fold(0, |byte, bit| byte << 1 | bit);
    bytes.map(|bits| char::from_u32(byte(bits))).collect()
}

/// RFC 3986 §2.1, once. A `+` is itself.
fn percent(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.to_owned();
    for part in parts {
        let mut rest = part.chars();
        let high = rest.next()?.to_digit(16)?;
        let low = rest.next()?.to_digit(16)?;
        bytes.push(char::from_u32(high << 4 | low)?);
        bytes.push_str(rest.as_str());
    }
    Some(bytes)
}

/// What may stand in `Authorization`: visible ASCII without commas.
fn is_visible(token: &str) -> bool {
    token
        .chars()
        .all(|char| matches!(char, '!'..='~' if char != ','))
}

/// A field value of RFC 9110 §5.5 that is UTF-8: no blanks at the ends, and no control
/// characters but tabs.
fn is_field_value(token: &str) -> bool {
    let bytes: Vec<u8> = token.chars().map(|char| char as u8).collect();
    let is_control = |byte: &u8| matches!(byte, 0..=8 | 10..=31 | 127);
    std::str::from_utf8(&bytes).is_ok()
        && !bytes.iter().any(is_control)
        && token.trim_matches([' ', '\t']) == token
}

#[test]
fn decodes_the_examples_of_the_rfcs() {
    for (text, decoded) in [
        ("", Some("")),
        ("Zg==", Some("f")),
        ("Zm8=", Some("fo")),
        ("Zm9v", Some("foo")),
        ("Zm9vYg==", Some("foob")),
        ("Zm9vYmE=", Some("fooba")),
        ("Zm9vYmFy", Some("foobar")),
        ("Zm9vYg", Some("foob")),
        ("Zm9vYh", None),
        ("FPucA9l+", Some("\u{14}\u{fb}\u{9c}\u{3}\u{d9}~")),
        ("FPucA9l-", Some("\u{14}\u{fb}\u{9c}\u{3}\u{d9}~")),
    ] {
        assert_eq!(base64(text).as_deref(), decoded, "{text}");
    }
    for (text, decoded) in [
        ("", Some("")),
        ("a%2Fb%3d+", Some("a/b=+")),
        ("%41%ff", Some("A\u{ff}")),
        ("%2541", Some("%41")),
        ("%4", None),
        ("%4g", None),
        ("%+1", None),
    ] {
        assert_eq!(percent(text).as_deref(), decoded, "{text}");
    }
}
