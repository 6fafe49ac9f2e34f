//! Requests, replies and configurations, likely and wild.

use axum_subprotocol::{Malformed, Preference, Require, SubprotocolLayer};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version,
    header::{SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE},
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::Body;

/// What no configuration contains, and many offers do.
pub const SECRET: &str = "s3cr3t";

const NAMES: [&str; 6] = ["v1", "v2", "V1", "v", "own", "!#$%&'*+-.^_`|~"];

/// Any bytes that a header's value can hold.
fn any_value() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..100).prop_map(|mut bytes| {
        bytes.retain(|byte| *byte == b'\t' || *byte >= b' ' && *byte != 0x7f);
        bytes
    })
}

/// The value of a list: elements of all sorts, or what looks like nothing at all.
fn list(known: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let element = prop_oneof![
        4 => select(known).prop_map(|name| name.as_bytes().to_vec()),
        2 => "[!-~]{0,8}".prop_map(|text| format!("{SECRET}{text}").into_bytes()),
        1 => any_value(),
        1 => Just(Vec::new()),
    ];
    let element = ("[ \t]{0,2}", element, "[ \t]{0,2}").prop_map(|(before, element, after)| {
        [before.as_bytes(), &element, after.as_bytes()].concat()
    });
    prop_oneof![
        8 => vec(element.clone(), 0..8).prop_map(|elements| elements.join(&b',')),
        1 => (vec(element, 0..3), 0..200_usize).prop_map(|(elements, times)| {
            let elements = [elements.join(&b','), b",".to_vec()].concat();
            elements.repeat(times)
        }),
        1 => any_value(),
    ]
}

fn append(headers: &mut HeaderMap, name: &HeaderName, values: &[Vec<u8>]) {
    for value in values {
        let value = HeaderValue::from_bytes(value).expect("made for a header");
        headers.append(name, value);
    }
}

/// The head of a request, and a body.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    pub version: Version,
    pub uri: &'static str,
    pub upgrades: Vec<Vec<u8>>,
    pub websocket_version: Option<Vec<u8>>,
    pub offers: Vec<Vec<u8>>,
    pub others: Vec<Vec<u8>>,
    pub body: Vec<u8>,
}

pub fn asked() -> impl Strategy<Value = Asked> {
    let method = prop_oneof![
        4 => Just(Method::GET),
        4 => Just(Method::CONNECT),
        1 => "[!#-'*+.A-Z^-z|~-]{1,9}".prop_map(|method| method.parse().unwrap()),
    ];
    let version = prop_oneof![
        4 => Just(Version::HTTP_11),
        2 => Just(Version::HTTP_2),
        1 => Just(Version::HTTP_3),
        1 => select(&[Version::HTTP_09, Version::HTTP_10][..]),
    ];
    let uri = select(
        &[
            "/chat?a=b",
            "http://host/chat",
            "http://host",
            "host:443",
            "*",
        ][..],
    );
    let upgrade = list(&[
        "websocket",
        "WebSocket",
        "websocket/13",
        "h2c",
        "web socket",
    ]);
    let lines = || vec(list(&NAMES), 0..5);
    let headers = (vec(upgrade, 0..3), option::of(any_value()), lines());
    let others = vec(any_value(), 0..3);
    (method, version, uri, headers, others, any_value()).prop_map(
        |(method, version, uri, (upgrades, websocket_version, offers), others, body)| Asked {
            method,
            version,
            uri,
            upgrades,
            websocket_version,
            offers,
            others,
            body,
        },
    )
}

/// The same, made a handshake by as little as it takes.
pub fn handshake() -> impl Strategy<Value = Asked> {
    asked().prop_map(|mut asked| {
        if matches!(asked.version, Version::HTTP_2 | Version::HTTP_3) {
            asked.method = Method::CONNECT;
            if asked.offers.is_empty() {
                asked.websocket_version.get_or_insert_default();
            }
            if asked.uri == "host:443" {
                asked.uri = "http://host:443";
            }
        } else {
            asked.method = Method::GET;
            asked.version = Version::HTTP_11;
            asked.upgrades.push(b"h2c ,\tWebSocket".to_vec());
        }
        asked
    })
}

impl Asked {
    pub fn request(&self) -> Request<Vec<u8>> {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.version_mut() = self.version;
        *request.uri_mut() = Uri::from_static(self.uri);
        request.extensions_mut().insert("of the server");
        let headers = request.headers_mut();
        append(headers, &HeaderName::from_static("x-other"), &self.others);
        append(headers, &SEC_WEBSOCKET_PROTOCOL, &self.offers);
        append(headers, &UPGRADE, &self.upgrades);
        append(
            headers,
            &SEC_WEBSOCKET_VERSION,
            self.websocket_version.as_slice(),
        );
        request
    }
}

/// A reply, of a handler with a mind of its own.
#[derive(Clone, Debug)]
pub struct Answered {
    pub status: StatusCode,
    pub upgrades: Vec<Vec<u8>>,
    pub own: Vec<Vec<u8>>,
    pub body: Vec<u8>,
}

pub fn answered() -> impl Strategy<Value = Answered> {
    let status = prop_oneof![Just(101), Just(200), 100..=999_u16];
    let upgrade = prop_oneof![
        8 => Just(b"websocket".to_vec()),
        1 => Just(b"WebSocket".to_vec()),
        1 => Just(b"h2c".to_vec()),
        1 => any_value(),
    ];
    (
        status,
        vec(upgrade, 0..3),
        vec(list(&NAMES), 0..3),
        any_value(),
    )
        .prop_map(|(status, upgrades, own, body)| Answered {
            status: StatusCode::from_u16(status).unwrap(),
            upgrades,
            own,
            body,
        })
}

impl Answered {
    pub fn response(&self) -> Response<Body> {
        let mut response = Response::new(Body::Own(self.body.clone()));
        *response.status_mut() = self.status;
        response.extensions_mut().insert("of the handler");
        let headers = response.headers_mut();
        append(headers, &UPGRADE, &self.upgrades);
        append(headers, &SEC_WEBSOCKET_PROTOCOL, &self.own);
        response
    }
}

/// What a layer is told.
#[derive(Clone, Debug)]
pub struct Configured {
    pub names: Vec<&'static str>,
    pub require: Require,
    pub preference: Preference,
    pub malformed: Malformed,
    pub max_offers: usize,
}

pub fn configured() -> impl Strategy<Value = Configured> {
    let names = proptest::sample::subsequence(NAMES.to_vec(), 1..=NAMES.len()).prop_shuffle();
    let require = select(&[Require::Never, Require::IfOffered, Require::Always][..]);
    let preference = select(&[Preference::Client, Preference::Server][..]);
    let malformed = select(&[Malformed::Reject, Malformed::Ignore, Malformed::Ignore][..]);
    let max_offers = prop_oneof![4 => Just(64_usize), 1 => 0..100_usize];
    (names, require, preference, malformed, max_offers).prop_map(
        |(names, require, preference, malformed, max_offers)| Configured {
            names,
            require,
            preference,
            malformed,
            max_offers,
        },
    )
}

impl Configured {
    pub fn layer(&self) -> SubprotocolLayer {
        SubprotocolLayer::new(&self.names)
            .require(self.require)
            .prefer(self.preference)
            .malformed(self.malformed)
            .max_offers(self.max_offers)
    }
}
