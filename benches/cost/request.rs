//! The requests that are served: the header lines of Chromium, and a list of offers.

use std::str;

use bytes::{Bytes, BytesMut};
use http::{HeaderName, HeaderValue, Request};

/// The header lines of a page, and of a handshake before its offers.
pub(crate) const PLAIN_GET: &str = include_str!("plain-get.txt");
pub(crate) const HANDSHAKE: &str = include_str!("handshake.txt");

/// The header lines of a request with these lines of offers.
pub(crate) fn head(lines: &str, offers: &str) -> Bytes {
    let mut head = BytesMut::from(lines);
    for line in offers.lines() {
        for part in ["Sec-WebSocket-Protocol: ", line, "\n"] {
            head.extend_from_slice(part.as_bytes());
        }
    }
    head.split().freeze()
}

/// A request whose header values are slices of one buffer, as hyper makes them.
pub(crate) fn request(head: &Bytes) -> Request<()> {
    let mut request = Request::new(());
    let on_upgrade = hyper::upgrade::on(Request::new(()));
    request.extensions_mut().insert(on_upgrade);
    request.headers_mut().reserve(16);
    for line in str::from_utf8(head).expect("text").lines() {
        let (name, value) = line.split_once(": ").expect("a header line");
        let value = HeaderValue::from_maybe_shared(head.slice_ref(value.as_bytes()));
        let name: HeaderName = name.parse().expect("a token");
        request.headers_mut().append(name, value.expect("ASCII"));
    }
    request
}
