//! Every list of a few elements, split over header lines in every way, through
//! layers that take credentials out of it, against an oracle that is written from
//! the rules in the documentation.
//!
//! A test run takes the lists of up to 2 elements. For all of up to 4, in a minute or two:
//!
//! ```sh
//! LONGEST_LIST=4 cargo test --release --test every_short_list -- --nocapture
//! ```

#![allow(unreachable_pub, reason = "a test has no public face")]

mod oracle;
#[path = "../support/shares.rs"]
mod shares;
mod stacks;
mod token;

use std::future::ready;

use axum::extract::FromRequestParts;
use axum_subprotocol::{
    AuthorizationFromOffers, OfferedSubprotocols, SelectedSubprotocol, SubprotocolRejection,
};
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION},
};
use tower::{Layer, Service, service_fn, util::BoxCloneService};

use self::{
    oracle::{Outcome, Seen},
    stacks::Told,
};

/// What a list is made of. In base64url: `a`, the same with bits that mean nothing,
/// `a b`, and four bytes, which are one too many.
const ELEMENTS: [&[u8]; 15] = [
    b"",
    b"chat",
    b"x",
    b"bearer",
    b"bearer.a",
    b"bearer.",
    b"bearer.a b",
    b"bearer.abcd",
    b"b64.YQ",
    b"b64.YR",
    b"b64.YSBi",
    b"b64.YWJjZA",
    b"a b",
    b"a=",
    b"\xff",
];

/// The client's own `Authorization`.
const OWN: &str = "Basic eDp5";

/// The body of a reply: what the handler was given, or the text of a 400.
enum Body {
    Handler(Seen),
    Text(String),
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

type Stack = BoxCloneService<Request<()>, Response<Body>, ()>;

fn service(stack: &[Told]) -> Stack {
    let handler = service_fn(|request| ready(Ok(handler(request))));
    let layers = stack.iter().rev().map(Told::layer);
    layers.fold(BoxCloneService::new(handler), |inner, layer| {
        BoxCloneService::new(layer.layer(inner))
    })
}

fn lines(headers: &HeaderMap, name: HeaderName) -> Vec<&HeaderValue> {
    headers.get_all(name).iter().collect()
}

fn handler(request: Request<()>) -> Response<Body> {
    let (mut head, ()) = request.into_parts();
    let from_offers = head.extensions.get::<AuthorizationFromOffers>().is_some();
    let authorization = lines(&head.headers, AUTHORIZATION);
    assert!(authorization.len() <= 1);
    let authorization = authorization.first().map(|value| {
        // The client's own is left as it is.
        assert_eq!(value.is_sensitive(), from_offers);
        value.to_str().unwrap().to_owned()
    });
    let selected = Option::<SelectedSubprotocol>::from_request_parts(&mut head, &());
    let selected = selected.now_or_never().unwrap().unwrap();
    let selected = selected.map(|SelectedSubprotocol(name)| name);
    let inward = lines(&head.headers, SEC_WEBSOCKET_PROTOCOL);
    assert_eq!(inward, selected.as_deref().into_iter().collect::<Vec<_>>());
    let offered = OfferedSubprotocols::from_request_parts(&mut head, &());
    let Ok(offered) = offered.now_or_never().unwrap();
    Response::new(Body::Handler(Seen {
        selected: selected.map(|name| name.to_string()),
        offered: offered.iter().map(str::to_owned).collect(),
        authorization,
        from_offers,
    }))
}

fn request(instances: &[HeaderValue], own: Option<&'static str>) -> Request<()> {
    let mut request = Request::new(());
    *request.method_mut() = Method::CONNECT;
    *request.version_mut() = Version::HTTP_2;
    let headers = request.headers_mut();
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    for instance in instances {
        headers.append(SEC_WEBSOCKET_PROTOCOL, instance.clone());
    }
    if let Some(own) = own {
        headers.insert(AUTHORIZATION, HeaderValue::from_static(own));
    }
    request
}

/// The outcome that `response` tells.
fn told(response: Response<Body>) -> Outcome {
    let (head, body) = response.into_parts();
    let outward = lines(&head.headers, SEC_WEBSOCKET_PROTOCOL);
    let rejection = head.extensions.get::<SubprotocolRejection>();
    match (body, rejection) {
        (Body::Handler(seen), None) => {
            assert_eq!(head.status, StatusCode::OK);
            let selected = seen.selected.as_deref();
            assert_eq!(outward, selected.into_iter().collect::<Vec<_>>());
            Outcome::Onwards(seen)
        }
        (Body::Text(text), Some(rejection)) => {
            assert_eq!(head.status, StatusCode::BAD_REQUEST);
            assert_eq!(outward, [""; 0]);
            assert_eq!(text, rejection.body_text());
            match rejection {
                SubprotocolRejection::FaultyCredential(cause) => Outcome::Faulty(cause.fault()),
                SubprotocolRejection::MalformedOffer(cause) => Outcome::Malformed {
                    index: cause.index(),
                },
                SubprotocolRejection::TooManyOffers(cause) => Outcome::TooMany {
                    limit: cause.limit(),
                },
                other => panic!("unknown: {other:?}"),
            }
        }
        _ => panic!("a 400 has a reason, and nothing else has"),
    }
}

/// `elements` on as many lines as the bits of `breaks` say.
fn split(elements: &[&[u8]], breaks: u32) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for (at, element) in elements.iter().enumerate() {
        match lines.last_mut() {
            Some(line) if breaks >> (at - 1) & 1 == 0 => {
                line.extend_from_slice(b",\t");
                line.extend_from_slice(element);
            }
            _ => lines.push(element.to_vec()),
        }
    }
    lines
}

/// Puts the lists whose number in their length is `share` modulo `shares` through
/// all stacks, and counts the lists and the handshakes.
fn check_share(share: usize, shares: usize, longest: u32) -> (u64, u64) {
    let mut services: Vec<_> = stacks::stacks()
        .map(|stack| (service(&stack), stack))
        .collect();
    let (mut lists, mut handshakes) = (0, 0);
    let mut check = |instances: &[Vec<u8>]| {
        let list = instances.join(&b',').into_iter().map(char::from);
        let list: Option<String> = (!instances.is_empty()).then(|| list.collect());
        let instances: Vec<_> = instances
            .iter()
            .map(|instance| HeaderValue::from_bytes(instance).unwrap())
            .collect();
        lists += 1;
        for (service, stack) in &mut services {
            for own in [None, Some(OWN)] {
                let response = service.call(request(&instances, own));
                let told = told(response.now_or_never().unwrap().unwrap());
                let expected = oracle::outcome(list.as_deref(), own, stack);
                assert_eq!(told, expected, "{instances:?}, {own:?}, {stack:#?}");
                handshakes += 1;
            }
        }
    };

    if share == 0 {
        check(&[]);
    }
    for length in 1..=longest {
        for number in (share..ELEMENTS.len().pow(length)).step_by(shares) {
            // The digits of a number in base 15 are the elements of a list.
            let digits = (0..length).map(|digit| number / ELEMENTS.len().pow(digit));
            let elements: Vec<_> = digits
                .map(|digit| ELEMENTS[digit % ELEMENTS.len()])
                .collect();
            for breaks in 0..1 << (length - 1) {
                check(&split(&elements, breaks));
            }
        }
    }
    (lists, handshakes)
}

#[test]
fn every_short_list_has_the_outcome_of_the_rules() {
    let longest = std::env::var("LONGEST_LIST").map_or(2, |length| length.parse().unwrap());
    let (lists, handshakes) = shares::sum(|share, shares| check_share(share, shares, longest));
    println!("{lists} lists of up to {longest} elements, in {handshakes} handshakes");
}
