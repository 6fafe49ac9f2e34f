//! Random elements of a list: names, credentials in all encodings, and others.

use arbitrary::{Arbitrary, Result};

use super::generate::{Source, name, one_of, several};

/// What stands before the text of a credential.
const CARRIERS: [&str; 8] = [
    "bearer.", "b64.", "", "bearer,", "bearer.", "bearer.t", "v", "v1, ",
];

/// Texts of credentials, with and without faults, with a `char` for each byte. Each means
/// something else in each encoding.
pub const TEXTS: [&str; 76] = [
    // As they stand.
    "",
    "t",
    "tt",
    "abc",
    "abcd",
    "eyJh.eyJz.sig",
    "bearer.t",
    "a b",
    "a\tb",
    "a=",
    "a/b",
    "\u{ff}",
    // `ü` in UTF-8, and half of it.
    "Z\u{c3}\u{bc}",
    "Z\u{c3}",
    // Base64 of `t`, `ab`, `abc` and `abcd`: without padding, with all of it, and with
    // another amount.
    "dA",
    "YWI",
    "YWJj",
    "YWJjZA",
    "dA==",
    "YWI=",
    "YWJjZA==",
    "dA=",
    "dA===",
    "YWI==",
    "YWJj=",
    "YWJjZA=",
    "=",
    "==",
    "====",
    // One digit too many, padding in the middle, and a space between.
    "YWJjZ",
    "dA==dA==",
    "dA==dA",
    "YW=I",
    "YW I",
    // `t` and `ab`, with bits that mean nothing.
    "dB",
    "dB==",
    "YWJ",
    "YWJ=",
    // `ab~ab~` in both alphabets and in a mixture.
    "YWJ+YWJ+",
    "YWJ-YWJ-",
    "YWJ+YWJ-",
    // 0xFBFF in both alphabets and in a mixture.
    "+/8",
    "-_8=",
    "+_8",
    // `a b`, ` a`, `a `, `a,b`, a tab, DEL, NUL, CR LF.
    "YSBi",
    "IGE",
    "YSA",
    "YSxi",
    "YQli",
    "fw",
    "AA==",
    "YQ0KYg",
    // 0xFF, `ü`, half of it, `Zürich`, and JSON.
    "/w",
    "w7w",
    "ww",
    "WsO8cmljaA==",
    "eyJhIjoxLCJiIjoyfQ",
    // Percent-encoded: good.
    "%74",
    "a%2Fb%3d",
    "%25%37%34",
    "a+b",
    "a%20b",
    "Z%C3%BCrich",
    "%c3%bc",
    // A `%` without two digits.
    "%",
    "a%2",
    "a%zz",
    "%+1",
    "%%74",
    // `a,b`, blanks at an end, CR LF, NUL, DEL, and no UTF-8.
    "a%2Cb",
    "a%20",
    "%09a",
    "%0d%0ax",
    "%00",
    "%7F",
    "%ff",
];

pub fn element(source: Source<'_, '_>) -> Result<String> {
    const OTHERS: [&str; 6] = ["x", "abc", "YWJj", "a b", "v1:x", "\u{ff}"];
    match source.int_in_range(0..=11)? {
        0..=3 => name(source).map(str::to_owned),
        4..=7 => Ok(one_of(source, &CARRIERS)?.to_owned() + one_of(source, &TEXTS)?),
        8 => Ok(one_of(source, &CARRIERS)?.to_owned() + &any_encoded(source)?),
        9 => one_of(source, &OTHERS).map(str::to_owned),
        10 => Ok(String::new()),
        _ => any_text(source),
    }
}

/// Digits of base64, or pieces of percent-encoding.
fn any_encoded(source: Source<'_, '_>) -> Result<String> {
    const DIGITS: [&str; 11] = ["A", "Y", "Q", "g", "w", "9", "+", "/", "-", "_", "="];
    const PIECES: [&str; 12] = [
        "a", "%4", "1", "%61", "%20", "%2C", "%c3", "%BC", "%0", "%7f", "+", "%",
    ];
    let pieces: &[&str] = if source.arbitrary()? {
        &DIGITS
    } else {
        &PIECES
    };
    Ok(several(source, 8, |source| one_of(source, pieces))?.concat())
}

/// Any bytes that a header's value can have.
pub fn any_text(source: Source<'_, '_>) -> Result<String> {
    let is_allowed = |byte: &u8| *byte == b'\t' || *byte >= b' ' && *byte != 0x7f;
    let most = one_of(source, &[12, 12, 12, 60])?;
    let bytes = several(source, most, u8::arbitrary)?;
    Ok(bytes
        .into_iter()
        .filter(is_allowed)
        .map(char::from)
        .collect())
}
