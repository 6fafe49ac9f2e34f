//! Where a WebSocket handshake begins and where it is complete (R1, R8).

use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, Version,
    header::{SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE},
    request::Parts,
};

use crate::elements::trim_ows;

/// The two ways to ask for a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handshake {
    /// HTTP/1.1 `Upgrade` (RFC 6455 §4.1).
    Upgrade,
    /// Extended CONNECT, on HTTP/2 (RFC 8441 §4, §5) and HTTP/3 (RFC 9220 §3).
    ExtendedConnect,
}

impl Handshake {
    /// The handshake that `request` begins, if it begins one.
    #[inline]
    pub(crate) fn of<B>(request: &Request<B>) -> Option<Self> {
        Self::begun(
            request.method(),
            request.uri(),
            request.version(),
            request.headers(),
        )
    }

    /// The same, for the head of a request.
    pub(crate) fn of_parts(parts: &Parts) -> Option<Self> {
        Self::begun(&parts.method, &parts.uri, parts.version, &parts.headers)
    }

    #[inline]
    fn begun(method: &Method, uri: &Uri, version: Version, headers: &HeaderMap) -> Option<Self> {
        match version {
            Version::HTTP_11 => {
                (method == Method::GET && offers_websocket(headers)).then_some(Self::Upgrade)
            }
            // `:protocol` isn't part of a request's head here. A path is: a
            // plain CONNECT has none (RFC 9113 §8.5).
            Version::HTTP_2 | Version::HTTP_3 => (method == Method::CONNECT
                && !uri.path().is_empty()
                && (headers.contains_key(SEC_WEBSOCKET_VERSION)
                    || headers.contains_key(SEC_WEBSOCKET_PROTOCOL)))
            .then_some(Self::ExtendedConnect),
            _ => None,
        }
    }

    /// Whether a reply with this head turns the connection into a WebSocket.
    pub(crate) fn is_completed_by(self, status: StatusCode, headers: &HeaderMap) -> bool {
        match self {
            Self::Upgrade => {
                status == StatusCode::SWITCHING_PROTOCOLS && switches_to_websocket(headers)
            }
            Self::ExtendedConnect => status.is_success(),
        }
    }
}

/// Whether a request lists `websocket` among the protocols to upgrade to.
#[inline]
fn offers_websocket(headers: &HeaderMap) -> bool {
    // Nearly all handshakes name it alone, and other requests nothing.
    let first = headers.get(UPGRADE);
    first.is_some_and(|first| is_websocket(first.as_bytes()) || lists_websocket(headers))
}

fn lists_websocket(headers: &HeaderMap) -> bool {
    let mut instances = headers.get_all(UPGRADE).iter().map(HeaderValue::as_bytes);
    instances.any(|instance| instance.split(|&byte| byte == b',').any(is_websocket))
}

/// Whether a reply names `websocket`, and nothing else: a client fails the
/// connection otherwise (RFC 6455 §4.1).
fn switches_to_websocket(headers: &HeaderMap) -> bool {
    let is_named = |instance: &HeaderValue| is_websocket(instance.as_bytes());
    headers.get(UPGRADE).is_some_and(is_named) && {
        // Nearly always no header at all has a second instance.
        headers.len() == headers.keys_len() || headers.get_all(UPGRADE).iter().count() == 1
    }
}

fn is_websocket(protocol: &[u8]) -> bool {
    // Nearly everybody spells it like this.
    protocol == b"websocket" || trim_ows(protocol).eq_ignore_ascii_case(b"websocket")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(
        version: Version,
        method: Method,
        uri: &'static str,
        headers: &[(&'static str, &[u8])],
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

    #[test]
    fn r1_on_http_1_1_a_get_that_lists_websocket() {
        let cases: [(&[&[u8]], bool); 11] = [
            (&[b"websocket"], true),
            (&[b"WebSocket"], true),
            (&[b"h2c, websocket"], true),
            (&[b" h2c\t,\twebsocket , x"], true),
            (&[b"h2c", b"websocket"], true),
            (&[b"\xff, websocket"], true),
            (&[], false),
            (&[b""], false),
            (&[b"websocket2"], false),
            (&[b"websocket/13"], false),
            (&[b"h2c websocket"], false),
        ];
        for (instances, expected) in cases {
            let headers: Vec<_> = instances.iter().map(|value| ("upgrade", *value)).collect();
            let begins = |version, method| Handshake::of(&request(version, method, "/", &headers));
            let expected = expected.then_some(Handshake::Upgrade);
            assert_eq!(
                begins(Version::HTTP_11, Method::GET),
                expected,
                "{instances:?}"
            );
            assert_eq!(begins(Version::HTTP_10, Method::GET), None);
            assert_eq!(begins(Version::HTTP_11, Method::POST), None);
            assert_eq!(begins(Version::HTTP_11, Method::CONNECT), None);
            assert_eq!(begins(Version::HTTP_2, Method::GET), None);
        }
    }

    #[test]
    fn r1_on_http_2_and_3_a_connect_with_a_path_and_a_websocket_header() {
        type Case = (
            Method,
            &'static str,
            &'static [(&'static str, &'static [u8])],
            bool,
        );
        let cases: [Case; 8] = [
            (
                Method::CONNECT,
                "https://host/chat",
                &[("sec-websocket-version", b"13")],
                true,
            ),
            (
                Method::CONNECT,
                "https://host",
                &[("sec-websocket-version", b"13")],
                true,
            ),
            (
                Method::CONNECT,
                "/chat",
                &[("sec-websocket-protocol", b"")],
                true,
            ),
            (
                Method::CONNECT,
                "/chat",
                &[("sec-websocket-key", b"x"), ("upgrade", b"websocket")],
                false,
            ),
            (Method::CONNECT, "/chat", &[], false),
            (
                Method::CONNECT,
                "host:443",
                &[("sec-websocket-version", b"13")],
                false,
            ),
            (
                Method::GET,
                "/chat",
                &[("sec-websocket-version", b"13")],
                false,
            ),
            (
                Method::POST,
                "/chat",
                &[("sec-websocket-protocol", b"a")],
                false,
            ),
        ];
        for (method, uri, headers, expected) in cases {
            for version in [Version::HTTP_2, Version::HTTP_3] {
                let request = request(version, method.clone(), uri, headers);
                let expected = expected.then_some(Handshake::ExtendedConnect);
                assert_eq!(Handshake::of(&request), expected, "{request:?}");
            }
            let request = request(Version::HTTP_11, method, uri, headers);
            assert_eq!(Handshake::of(&request), None, "{request:?}");
        }
    }

    #[test]
    fn r8_what_completes_a_handshake() {
        let cases: [(u16, &[&str], bool, bool); 9] = [
            (101, &["websocket"], true, false),
            (101, &["WebSocket"], true, false),
            (101, &[], false, false),
            (101, &["h2c"], false, false),
            (101, &["websocket", "h2c"], false, false),
            (200, &["websocket"], false, true),
            (204, &[], false, true),
            (302, &[], false, false),
            (426, &["websocket"], false, false),
        ];
        for (status, upgrade, on_http_1_1, on_http_2) in cases {
            let status = StatusCode::from_u16(status).unwrap();
            let headers = upgrade
                .iter()
                .map(|value| (UPGRADE, HeaderValue::from_static(value)))
                .fold(HeaderMap::new(), |mut headers, (name, value)| {
                    headers.append(name, value);
                    headers
                });
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
