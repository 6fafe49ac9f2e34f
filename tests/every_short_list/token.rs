//! The form of a token (RFC 6750 §2.1, RFC 4648 §5), on whole strings.

use std::{collections::HashSet, sync::LazyLock};

use axum_subprotocol::rejection::CredentialFault;

use crate::stacks::{MAX_LEN, Shape};

fn alphanumeric() -> impl Iterator<Item = char> {
    ('A'..='Z').chain('a'..='z').chain('0'..='9')
}

static B64TOKEN: LazyLock<HashSet<char>> =
    LazyLock::new(|| alphanumeric().chain("-._~+/".chars()).collect());

/// The `tchar`s of RFC 9110 §5.6.2.
static TCHARS: LazyLock<HashSet<char>> =
    LazyLock::new(|| alphanumeric().chain("!#$%&'*+-.^_`|~".chars()).collect());

pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|char| TCHARS.contains(&char))
}

/// The token that was `sent` in a place of this `shape`.
pub fn read(sent: &str, shape: Shape) -> Result<String, CredentialFault> {
    let token = match shape {
        Shape::Base64Url(_) => decode(sent).ok_or(CredentialFault::NotBase64Url)?,
        Shape::Prefix(_) | Shape::Name(_) => sent.to_owned(),
    };
    let characters = token.trim_end_matches('=');
    if token.is_empty() {
        Err(CredentialFault::Empty)
    } else if token.chars().count() > MAX_LEN {
        Err(CredentialFault::TooLong)
    } else if characters.is_empty() || !characters.chars().all(|char| B64TOKEN.contains(&char)) {
        Err(CredentialFault::NotAToken)
    } else {
        Ok(token)
    }
}

/// Bit by bit: what is left of the last digit must be zeros, and no whole digit.
fn decode(sent: &str) -> Option<String> {
    let digits: Vec<_> = alphanumeric().chain(['-', '_']).collect();
    let bits = sent.chars().map(|char| {
        let value = digits.iter().position(|digit| *digit == char)?;
        Some(format!("{value:06b}"))
    });
    let bits = bits.collect::<Option<String>>()?;
    let (whole, rest) = bits.split_at(bits.len() / 8 * 8);
    let is_canonical = rest.len() < 6 && !rest.contains('1');
    let bytes = whole.as_bytes().chunks(8).map(|byte| {
        let byte = std::str::from_utf8(byte).unwrap();
        char::from(u8::from_str_radix(byte, 2).unwrap())
    });
    is_canonical.then(|| bytes.collect())
}
