//! A client that sends equal requests.

use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Request,
    header::{
        CONNECTION, HOST, ORIGIN, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
        UPGRADE, USER_AGENT,
    },
};

const COMMON: [(HeaderName, &str); 3] = [
    (HOST, "example.com"),
    (USER_AGENT, "Mozilla/5.0"),
    (ORIGIN, "https://example.com"),
];

const OF_HANDSHAKES: [(HeaderName, &str); 4] = [
    (UPGRADE, "websocket"),
    (CONNECTION, "Upgrade"),
    (SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ=="),
    (SEC_WEBSOCKET_VERSION, "13"),
];

/// Its values are slices of one buffer, as hyper makes them.
pub(crate) struct Client(Vec<(HeaderName, HeaderValue)>);

impl Client {
    /// Of `lines`, each is a text, and how often it is repeated.
    pub(crate) fn new(lines: &[(&str, usize)], is_handshake: bool) -> Self {
        let mut headers: Vec<(HeaderName, String)> = Vec::new();
        let of_handshakes = OF_HANDSHAKES.into_iter().filter(|_| is_handshake);
        for (name, value) in COMMON.into_iter().chain(of_handshakes) {
            headers.push((name, value.to_owned()));
        }
        for (text, times) in lines {
            headers.push((SEC_WEBSOCKET_PROTOCOL, text.repeat(*times)));
        }
        let values: Vec<&str> = headers.iter().map(|(_, value)| value.as_str()).collect();
        let mut buffer = Bytes::from(values.concat());
        let slices = headers.into_iter().map(|(name, value)| {
            let slice = buffer.split_to(value.len());
            (
                name,
                HeaderValue::from_maybe_shared(slice).expect("visible ASCII"),
            )
        });
        Self(slices.collect())
    }

    pub(crate) fn request(&self) -> Request<()> {
        let mut request = Request::new(());
        let on_upgrade = hyper::upgrade::on(Request::new(()));
        request.extensions_mut().insert(on_upgrade);
        request.headers_mut().reserve(self.0.len());
        for (name, value) in &self.0 {
            request.headers_mut().append(name, value.clone());
        }
        request
    }
}
