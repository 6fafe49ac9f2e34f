//! The case that an input describes.

use axum_subprotocol::{Malformed, OfferedCredential, Preference, Require};
use http::{
    Method, StatusCode, Version,
    header::{AUTHORIZATION, SEC_WEBSOCKET_VERSION, UPGRADE},
};

use super::*;

/// Which of the supported names that were offered is selected.
#[derive(Clone, Copy)]
pub enum Choice {
    /// By a list.
    Preferred(Preference),
    /// By a function: the client's first or last.
    First,
    Last,
}

/// What an element begins with that is a credential.
pub const PREFIXES: [&str; 2] = ["bearer.", "b64."];

/// Of a token.
pub const MAX_LEN: usize = 8;

pub const OWN_AUTHORIZATION: HeaderValue = HeaderValue::from_static("Basic eDp5");

pub struct Case {
    pub outer: SubprotocolLayer,
    pub inner: Option<SubprotocolLayer>,
    /// Of the innermost layer, which decides.
    pub names: Vec<String>,
    pub choice: Choice,
    pub takes_credentials: bool,
    pub has_own_authorization: bool,
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
        let mut takes_credentials = policy & TAKES_CREDENTIALS != 0;
        let outer = layer(&names, policy, max_offers)?;
        let inner = match lines.next() {
            None | Some(b"") => None,
            Some(line) => {
                names = self::names(line)?;
                policy = *inner;
                takes_credentials |= policy & TAKES_CREDENTIALS != 0;
                Some(layer(&names, policy, max_offers)?)
            }
        };
        let instances = lines.map(|line| HeaderValue::from_bytes(line).ok());
        Some(Self {
            outer,
            inner,
            names,
            choice: choice(policy),
            takes_credentials,
            has_own_authorization: reply & 32 != 0,
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
        if self.has_own_authorization {
            headers.insert(AUTHORIZATION, OWN_AUTHORIZATION);
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

const TAKES_CREDENTIALS: u8 = 16;

fn choice(policy: u8) -> Choice {
    match (policy & 32 != 0, policy & 1 != 0) {
        (false, false) => Choice::Preferred(Preference::Client),
        (false, true) => Choice::Preferred(Preference::Server),
        (true, false) => Choice::First,
        (true, true) => Choice::Last,
    }
}

fn layer(names: &[String], policy: u8, max_offers: usize) -> Option<SubprotocolLayer> {
    let layer = if policy & 128 != 0 {
        SubprotocolLayer::try_new_with_non_tokens(names)
    } else {
        SubprotocolLayer::try_new(names)
    };
    let list = layer.ok()?;
    let known = names.to_vec();
    let layer = match choice(policy) {
        Choice::Preferred(preference) => list.prefer(preference),
        Choice::First => SubprotocolLayer::from_fn(move |offered, _| {
            offered
                .iter()
                .find(|name| known.iter().any(|known| known == name))
        }),
        Choice::Last => SubprotocolLayer::from_fn(move |offered, _| {
            let known = |name: &&str| known.iter().any(|known| known == name);
            offered.iter().filter(known).last()
        }),
    };
    let malformed = [Malformed::Reject, Malformed::Ignore][usize::from(policy >> 1 & 1)];
    let require = match policy >> 2 & 3 {
        0 | 1 => Require::Never,
        2 => Require::IfOffered,
        _ => Require::Always,
    };
    let mut layer = layer
        .malformed(malformed)
        .require(require)
        .max_offers(max_offers);
    if policy & TAKES_CREDENTIALS != 0 {
        let [plain, encoded] = PREFIXES;
        for credential in [
            OfferedCredential::after_prefix(plain),
            OfferedCredential::base64url_after_prefix(encoded),
            OfferedCredential::after_name(names.first()?),
        ] {
            layer = layer.try_credential(credential.max_len(MAX_LEN)).ok()?;
        }
    }
    Some(layer)
}
