//! The case that an input describes.

use axum_subprotocol::{Malformed, Preference, Require};
use http::{
    Method, StatusCode, Version,
    header::{SEC_WEBSOCKET_VERSION, UPGRADE},
};

use super::*;

pub struct Case {
    pub outer: SubprotocolLayer,
    pub inner: Option<SubprotocolLayer>,
    /// Of the innermost layer, which decides.
    pub names: Vec<String>,
    pub server_prefers: bool,
    pub max_offers: usize,
    pub instances: Vec<HeaderValue>,
    pub completes: bool,
    reply: u8,
    over_http_1: bool,
}

impl Case {
    /// Nothing, if the configuration or a header is none that could exist.
    pub fn read(input: &[u8]) -> Option<Self> {
        let [outer, inner, max_offers, reply, text @ ..] = input else {
            return None;
        };
        let max_offers = usize::from(*max_offers);
        let mut lines = text.split(|&byte| byte == b'\n');
        let mut names = names(lines.next()?)?;
        let mut policy = *outer;
        let outer = layer(&names, policy, max_offers)?;
        let inner = match lines.next() {
            None | Some(b"") => None,
            Some(line) => {
                names = self::names(line)?;
                policy = *inner;
                Some(layer(&names, policy, max_offers)?)
            }
        };
        let instances = lines.map(|line| HeaderValue::from_bytes(line).ok());
        Some(Self {
            outer,
            inner,
            names,
            server_prefers: policy & 1 != 0,
            max_offers,
            instances: instances.collect::<Option<_>>()?,
            completes: reply & 2 != 0,
            reply: *reply,
            over_http_1: reply & 1 != 0,
        })
    }

    pub fn request(&self, instances: &[HeaderValue]) -> Request<()> {
        let mut request = Request::new(());
        let headers = request.headers_mut();
        if self.over_http_1 {
            headers.insert(UPGRADE, HeaderValue::from_static("h2c, WebSocket"));
        } else if self.reply & 16 == 0 || instances.is_empty() {
            // Without it, offers are what tells a handshake.
            headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        }
        for instance in instances {
            headers.append(SEC_WEBSOCKET_PROTOCOL, instance.clone());
        }
        if !self.over_http_1 {
            *request.method_mut() = Method::CONNECT;
            *request.version_mut() = Version::HTTP_2;
        }
        request
    }

    pub fn reply(&self, body: Body) -> Response<Body> {
        let mut response = Response::new(body);
        *response.status_mut() = match (self.completes, self.over_http_1) {
            (true, true) => StatusCode::SWITCHING_PROTOCOLS,
            (true, false) => StatusCode::NO_CONTENT,
            (false, true) => StatusCode::OK,
            (false, false) => StatusCode::FORBIDDEN,
        };
        let headers = response.headers_mut();
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        // What a handler writes by itself never comes through.
        for own in ["own", "a", "choice"]
            .iter()
            .take(self.reply as usize >> 2 & 3)
        {
            headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(own));
        }
        response
    }
}

fn names(line: &[u8]) -> Option<Vec<String>> {
    let line = std::str::from_utf8(line).ok()?;
    Some(line.split(',').map(str::to_owned).collect())
}

fn layer(names: &[String], policy: u8, max_offers: usize) -> Option<SubprotocolLayer> {
    let preference = [Preference::Client, Preference::Server][usize::from(policy & 1)];
    let malformed = [Malformed::Reject, Malformed::Ignore][usize::from(policy >> 1 & 1)];
    let require = match policy >> 2 & 3 {
        0 | 1 => Require::Never,
        2 => Require::IfOffered,
        _ => Require::Always,
    };
    let layer = SubprotocolLayer::try_new(names).ok()?;
    Some(
        layer
            .prefer(preference)
            .malformed(malformed)
            .require(require)
            .max_offers(max_offers),
    )
}
