//! Random cases, likely and unlikely.

use arbitrary::{Arbitrary, Result, Unstructured};
use axum_subprotocol::{Encoding, Malformed};
use http::{
    HeaderName, Method, Version,
    header::{
        AUTHORIZATION, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
    },
};

use super::{
    Case, Headers, Line, NAMES, Piece, ReplyCase, RequestCase, X_TOKEN,
    elements::{any_text, element},
};

pub type Source<'a, 'b> = &'a mut Unstructured<'b>;

pub fn one_of<T: Clone>(source: Source<'_, '_>, choices: &[T]) -> Result<T> {
    source.choose(choices).cloned()
}

/// Up to `most` values.
pub fn several<'b, T>(
    source: Source<'_, 'b>,
    most: usize,
    make: impl Fn(Source<'_, 'b>) -> Result<T>,
) -> Result<Vec<T>> {
    let count = source.int_in_range(0..=most)?;
    (0..count).map(|_| make(source)).collect()
}

pub fn malformed(source: Source<'_, '_>) -> Result<Malformed> {
    one_of(source, &[Malformed::Reject, Malformed::Ignore])
}

pub fn encoding(source: Source<'_, '_>) -> Result<Encoding> {
    use Encoding::{Base64, Percent, Plain};

    one_of(source, &[Plain, Base64, Percent])
}

pub fn name(source: Source<'_, '_>) -> Result<&'static str> {
    one_of(source, &NAMES)
}

/// One or more of `NAMES`, in any order.
pub fn names(source: Source<'_, '_>) -> Result<Vec<&'static str>> {
    let mut names = vec![name(source)?];
    for name in several(source, 5, name)? {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

pub fn prefix(source: Source<'_, '_>) -> Result<&'static str> {
    one_of(source, &["bearer.", "bearer.t", "b64.", "v"])
}

pub fn credential_name(source: Source<'_, '_>) -> Result<&'static str> {
    one_of(source, &["bearer", "v1", "bearer.t"])
}

/// Names that are no credentials.
pub fn except(source: Source<'_, '_>) -> Result<&'static [&'static str]> {
    let names: [&[&str]; 5] = [
        &[],
        &["v1"],
        &["v1", "v2", "bearer"],
        &["v/0", "bearer.t"],
        &["x", "V1", "v", "v2", "v1"],
    ];
    one_of(source, &names)
}

pub fn status(source: Source<'_, '_>) -> Result<u16> {
    let any = source.int_in_range(100..=999)?;
    one_of(source, &[101, 101, 101, 200, 200, 204, 400, any])
}

fn list(source: Source<'_, '_>) -> Result<String> {
    let elements = several(source, 5, |source| {
        let blanks = ["", "", "", " ", " ", "\t", " \t "];
        let before = one_of(source, &blanks)?;
        let after = one_of(source, &blanks)?;
        Ok(format!("{before}{}{after}", element(source)?))
    })?;
    // Once in a while, more elements than a layer reads.
    let times = if source.ratio(1, 32)? { 30 } else { 1 };
    Ok(vec![elements.join(","); times].join(","))
}

pub fn request_header(source: Source<'_, '_>) -> Result<HeaderName> {
    let names = [SEC_WEBSOCKET_PROTOCOL, AUTHORIZATION, X_TOKEN, UPGRADE];
    one_of(source, &names)
}

pub fn request_line(source: Source<'_, '_>) -> Result<(HeaderName, Line)> {
    let name = request_header(source)?;
    let line = line(source, &name)?;
    Ok((name, line))
}

pub fn reply_line(source: Source<'_, '_>) -> Result<(HeaderName, Line)> {
    let name = one_of(source, &[SEC_WEBSOCKET_PROTOCOL, UPGRADE])?;
    let line = line(source, &name)?;
    Ok((name, line))
}

/// A line that the header `name` may have.
fn line(source: Source<'_, '_>, name: &HeaderName) -> Result<Line> {
    const UPGRADES: [&str; 6] = [
        "websocket",
        "WebSocket",
        " websocket\t",
        "h2c",
        "h2c ,\twebSocket",
        "",
    ];
    const AUTHORIZATIONS: [&str; 7] = [
        "",
        "Basic eDp5",
        "bEARER \tx",
        "Bearer ",
        "Bearerx y",
        "token\tx",
        "Bearer,x",
    ];
    let text = match name.as_str() {
        "sec-websocket-protocol" => list(source)?,
        "upgrade" => one_of(source, &UPGRADES)?.to_owned(),
        "authorization" => one_of(source, &AUTHORIZATIONS)?.to_owned(),
        _ => any_text(source)?,
    };
    let is_sensitive = source.ratio(1, 4)?;
    Ok(Line { text, is_sensitive })
}

/// Some lines for each of `names`, with the most that there are of it.
fn headers(source: Source<'_, '_>, names: &[(HeaderName, usize)]) -> Result<Headers> {
    let mut headers = Headers::default();
    for (name, most) in names {
        for line in several(source, *most, |source| line(source, name))? {
            headers.append(name, line);
        }
    }
    Ok(headers)
}

impl<'a> Arbitrary<'a> for RequestCase {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        const NAMES: [(HeaderName, usize); 7] = [
            (SEC_WEBSOCKET_PROTOCOL, 4),
            (AUTHORIZATION, 2),
            (X_TOKEN, 1),
            (UPGRADE, 2),
            (SEC_WEBSOCKET_KEY, 1),
            (SEC_WEBSOCKET_VERSION, 1),
            (HeaderName::from_static("x-other"), 2),
        ];
        let versions = [
            Version::HTTP_11,
            Version::HTTP_2,
            Version::HTTP_3,
            Version::HTTP_10,
        ];
        let methods = [Method::GET, Method::CONNECT, Method::CONNECT, Method::POST];
        let uris = ["/chat?a=b", "http://host", "*", "host:443"];
        let mut case = Self {
            version: one_of(source, &versions)?,
            method: one_of(source, &methods)?,
            uri: one_of(source, &uris)?,
            headers: headers(source, &NAMES)?,
        };
        // A handshake, by as little as it takes.
        if source.ratio(2, 3)? {
            if case.version == Version::HTTP_11 {
                case.headers.append(&UPGRADE, Line::new("h2c ,\tWebSocket"));
            } else {
                case.method = Method::CONNECT;
            }
        }
        Ok(case)
    }
}

impl<'a> Arbitrary<'a> for ReplyCase {
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self {
            status: status(source)?,
            headers: headers(source, &[(UPGRADE, 2), (SEC_WEBSOCKET_PROTOCOL, 2)])?,
        })
    }
}

impl<'a> Arbitrary<'a> for Case {
    /// One to three layers, with and without middleware around each.
    fn arbitrary(source: &mut Unstructured<'a>) -> Result<Self> {
        let mut stack = Vec::new();
        for _ in 0..source.int_in_range(1..=3)? {
            if source.arbitrary()? {
                stack.push(Piece::Middleware(source.arbitrary()?));
            }
            stack.push(if source.arbitrary()? {
                Piece::Subprotocol(source.arbitrary()?)
            } else {
                Piece::Credential(source.arbitrary()?)
            });
        }
        if source.arbitrary()? {
            stack.push(Piece::Middleware(source.arbitrary()?));
        }
        Ok(Self {
            stack,
            request: source.arbitrary()?,
            replies: source.arbitrary()?,
        })
    }
}
