//! What begins a handshake, and what completes it (R1, R8).

pub(crate) mod header;
pub(crate) mod list;

use http::{
    HeaderMap, HeaderName, Method, StatusCode, Uri, Version,
    header::{SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
};

use self::list::{elements, trim_ows};

/// The two ways to ask for a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handshake {
    /// `Upgrade` on HTTP/1.1 (RFC 6455 §4.1), or a `CONNECT` with a key on HTTP/1.0.
    Upgrade,
    /// Extended CONNECT, on HTTP/2 (RFC 8441 §4) and HTTP/3 (RFC 9220 §3).
    ExtendedConnect,
}

impl Handshake {
    /// The handshake that a request with this head begins, if it begins one.
    pub(crate) fn begun_by(
        version: Version,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Option<Self> {
        match version {
            Version::HTTP_11 if asks_for_websocket(headers) => Some(Self::Upgrade),
            Version::HTTP_2 | Version::HTTP_3 if method == Method::CONNECT => {
                is_extended(uri, headers).then_some(Self::ExtendedConnect)
            }
            // hyper ignores `Upgrade` here (RFC 9110 §7.8), but it upgrades a CONNECT.
            Version::HTTP_10 if method == Method::CONNECT => {
                header::has(headers, &SEC_WEBSOCKET_KEY).then_some(Self::Upgrade)
            }
            _ => None,
        }
    }

    /// Whether a reply with this head turns the connection into a WebSocket.
    pub(crate) fn is_completed_by(self, status: StatusCode, headers: &HeaderMap) -> bool {
        match self {
            Self::Upgrade => {
                status == StatusCode::SWITCHING_PROTOCOLS && names_websocket_alone(headers)
            }
            Self::ExtendedConnect => status.is_success(),
        }
    }
}

/// Whether the headers have `Sec-WebSocket-Key`, or list `websocket` in `Upgrade`. Walks the
/// names once: nearly all handshakes have the key, and nearly all other requests have
/// neither. Some WebSocket implementations look at nothing but the key.
#[inline]
fn asks_for_websocket(headers: &HeaderMap) -> bool {
    let is_key = |name: &HeaderName| *name == SEC_WEBSOCKET_KEY;
    let mut names = headers.keys();
    match names.find(|name| is_key(name) || **name == UPGRADE) {
        None => false,
        Some(name) if is_key(name) => true,
        Some(_) => names.any(is_key) || elements(headers.get_all(UPGRADE)).any(is_websocket),
    }
}

/// `:protocol` is not part of a request's head here. A plain CONNECT has no path
/// (RFC 9113 §8.5), and an `http::Uri` of an authority alone has none either.
fn is_extended(uri: &Uri, headers: &HeaderMap) -> bool {
    !uri.path().is_empty() || headers.contains_key(&SEC_WEBSOCKET_VERSION)
}

/// Whether a reply switches to `websocket`, and to nothing else: a client fails the
/// connection otherwise (RFC 6455 §4.1). Middleware may have dropped the header,
/// which a server adds again.
fn names_websocket_alone(headers: &HeaderMap) -> bool {
    // A walk over the few headers of a reply costs less than a look-up.
    for (name, line) in headers {
        if name == UPGRADE {
            if !is_websocket(line.as_bytes()) {
                return false;
            }
            // There is no second `Upgrade` line to look for.
            if header::have_one_line_each(headers) {
                return true;
            }
        }
    }
    true
}

fn is_websocket(protocol: &[u8]) -> bool {
    // Nearly all clients and servers write it like this.
    protocol == b"websocket" || trim_ows(protocol).eq_ignore_ascii_case(b"websocket")
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Request};

    use super::*;

    type Headers<'a> = &'a [(&'static str, &'a [u8])];

    fn request(
        version: Version,
        method: Method,
        uri: &'static str,
        headers: Headers<'_>,
    ) -> Request<()> {
        let mut request = Request::new(());
        *request.version_mut() = version;
        *request.method_mut() = method;
        *request.uri_mut() = Uri::from_static(uri);
        for (name, value) in headers {
            let value = HeaderValue::from_bytes(value).unwrap();
            request.headers_mut().append(*name, value);
        }
        request
    }

    fn begun_by(request: &Request<()>) -> Option<Handshake> {
        let (version, method) = (request.version(), request.method());
        Handshake::begun_by(version, method, request.uri(), request.headers())
    }

    #[test]
    fn r1_on_http_1_1_upgrade_lists_websocket_or_there_is_a_key() {
        let cases: [(Headers<'_>, bool); 15] = [
            (&[("upgrade", b"websocket")], true),
            (&[("upgrade", b"WebSocket")], true),
            (&[("upgrade", b"h2c, websocket")], true),
            (&[("upgrade", b" h2c\t,\twebsocket , x")], true),
            (&[("upgrade", b"h2c"), ("upgrade", b"websocket")], true),
            (&[("upgrade", b"\xff, websocket")], true),
            (&[("sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ==")], true),
            (&[("sec-websocket-key", b"")], true),
            (&[("upgrade", b"foo"), ("sec-websocket-key", b"x")], true),
            (&[], false),
            (&[("upgrade", b"")], false),
            (&[("upgrade", b"websocket2")], false),
            (&[("upgrade", b"websocket/13")], false),
            (&[("upgrade", b"h2c websocket")], false),
            (
                &[
                    ("sec-websocket-version", b"13"),
                    ("sec-websocket-protocol", b"a"),
                ],
                false,
            ),
        ];
        for (headers, expected) in cases {
            let begun = |version, method| begun_by(&request(version, method, "/", headers));
            let expected = expected.then_some(Handshake::Upgrade);
            for method in [Method::GET, Method::POST, Method::CONNECT, Method::OPTIONS] {
                assert_eq!(begun(Version::HTTP_11, method), expected, "{headers:?}");
            }
            let has_key = headers.iter().any(|(name, _)| *name == "sec-websocket-key");
            let of_connect = has_key.then_some(Handshake::Upgrade);
            assert_eq!(begun(Version::HTTP_10, Method::CONNECT), of_connect);
            assert_eq!(begun(Version::HTTP_10, Method::GET), None);
            assert_eq!(begun(Version::HTTP_2, Method::GET), None);
        }
    }

    #[test]
    fn r1_on_http_2_and_3_a_connect_with_a_path_or_a_version() {
        const VERSION: Headers<'_> = &[("sec-websocket-version", b"13")];
        const OTHERS: Headers<'_> = &[
            ("sec-websocket-key", b"x"),
            ("sec-websocket-protocol", b"a"),
            ("upgrade", b"websocket"),
        ];
        let cases: [(Method, &str, Headers<'_>, bool); 9] = [
            (Method::CONNECT, "https://host/chat", VERSION, true),
            (Method::CONNECT, "https://host/chat", &[], true),
            (Method::CONNECT, "https://host", &[], true),
            (Method::CONNECT, "/chat", &[], true),
            (Method::CONNECT, "host:443", VERSION, true),
            (Method::CONNECT, "host:443", &[], false),
            (Method::CONNECT, "host:443", OTHERS, false),
            (Method::GET, "/chat", VERSION, false),
            (Method::POST, "/chat", OTHERS, false),
        ];
        for (method, uri, headers, expected) in cases {
            for version in [Version::HTTP_2, Version::HTTP_3] {
                let request = request(version, method.clone(), uri, headers);
                let expected = expected.then_some(Handshake::ExtendedConnect);
                assert_eq!(begun_by(&request), expected, "{request:?}");
            }
        }
    }

    #[test]
    fn r8_what_completes_a_handshake() {
        let cases: [(u16, &[&'static str], bool, bool); 12] = [
            (101, &["websocket"], true, false),
            (101, &["WebSocket"], true, false),
            (101, &[], true, false),
            (101, &["websocket", "websocket"], true, false),
            (101, &["h2c"], false, false),
            (101, &[""], false, false),
            (101, &["websocket, h2c"], false, false),
            (101, &["websocket", "h2c"], false, false),
            (200, &["websocket"], false, true),
            (204, &[], false, true),
            (302, &[], false, false),
            (426, &["websocket"], false, false),
        ];
        for (status, upgrade, on_http_1_1, on_http_2) in cases {
            let status = StatusCode::from_u16(status).unwrap();
            let mut headers = HeaderMap::new();
            for line in upgrade {
                headers.append(UPGRADE, HeaderValue::from_static(line));
            }
            let completes = |handshake: Handshake| handshake.is_completed_by(status, &headers);
            assert_eq!(
                completes(Handshake::Upgrade),
                on_http_1_1,
                "{status} {upgrade:?}"
            );
            assert_eq!(completes(Handshake::ExtendedConnect), on_http_2, "{status}");
        }
    }
}
