//! Every header value over a small alphabet, whole and split over two
//! instances, against an oracle that is written from the words of the RFCs.
//!
//! A test run takes the values of up to 3 bytes. For all of up to 7, in two minutes:
//!
//! ```sh
//! LONGEST_HEADER=7 cargo test --release --test every_short_header -- --nocapture
//! ```

#[path = "support/shares.rs"]
mod shares;

use std::{collections::HashSet, future::ready, sync::LazyLock};

use axum::extract::FromRequestParts;
use axum_subprotocol::{
    Malformed, OfferedSubprotocols, Preference, Require, SelectedSubprotocol, Subprotocol,
    SubprotocolLayer, SubprotocolRejection,
};
use futures_util::FutureExt;
use http::{
    HeaderValue, Method, Request, Response, StatusCode, Version,
    header::{SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION},
};
use tower::{Layer, Service, service_fn};

/// Two letters that make names, what separates them, and what no name contains.
const ALPHABET: [u8; 7] = *b"ab, \t/\xff";

/// In the server's order.
const SUPPORTED: [&str; 2] = ["b", "a"];

const MAX_OFFERS: usize = 3;

#[derive(Clone, Copy, Debug)]
struct Rules {
    malformed: Malformed,
    preference: Preference,
    require: Require,
}

fn all_rules() -> impl Iterator<Item = Rules> {
    let requires = [Require::Never, Require::IfOffered, Require::Always];
    let preferences = [Preference::Client, Preference::Server];
    requires.into_iter().flat_map(move |require| {
        preferences.into_iter().flat_map(move |preference| {
            [Malformed::Reject, Malformed::Ignore].map(|malformed| Rules {
                malformed,
                preference,
                require,
            })
        })
    })
}

/// What comes of a handshake.
#[derive(Debug, PartialEq)]
enum Outcome<'a> {
    Selected(Option<&'a str>),
    Malformed { index: usize },
    TooMany { limit: usize },
    Refused { offered: bool },
}

/// The rules once more, on whole strings and sets. The list is looked at once,
/// and judged in as many ways as are asked for.
struct Oracle<'a> {
    names: Vec<&'a str>,
    first_bad: Option<usize>,
    too_many: bool,
}

static TCHARS: LazyLock<HashSet<char>> = LazyLock::new(|| {
    let alphanumeric = ('0'..='9').chain('a'..='z').chain('A'..='Z');
    alphanumeric.chain("!#$%&'*+-.^_`|~".chars()).collect()
});

impl<'a> Oracle<'a> {
    /// Of a list in one string, with a `char` for each byte.
    fn of(list: &'a str) -> Self {
        let blank = [' ', '\t'];
        let elements: Vec<&str> = list
            .split(',')
            .map(|part| part.trim_matches(blank))
            .collect();
        let is_bad = |element: &&str| element.chars().any(|char| !TCHARS.contains(&char));
        let mut names = elements.clone();
        names.retain(|element| !element.is_empty() && !is_bad(element));
        Self {
            names,
            first_bad: elements.iter().take(MAX_OFFERS).position(is_bad),
            too_many: elements.len() > MAX_OFFERS,
        }
    }

    fn outcome(&self, rules: Rules) -> Outcome<'a> {
        if let (Some(index), Malformed::Reject) = (self.first_bad, rules.malformed) {
            return Outcome::Malformed { index };
        }
        if self.too_many {
            return Outcome::TooMany { limit: MAX_OFFERS };
        }
        let names = &self.names;
        let selected = match rules.preference {
            Preference::Server => SUPPORTED.into_iter().find(|name| names.contains(name)),
            _ => names.iter().copied().find(|name| SUPPORTED.contains(name)),
        };
        let offered = !names.is_empty();
        match (rules.require, selected) {
            (Require::Always, None) => Outcome::Refused { offered },
            (Require::IfOffered, None) if offered => Outcome::Refused { offered },
            _ => Outcome::Selected(selected),
        }
    }
}

/// The body of a reply: what the handler was given, or the text of a 400.
enum Body {
    Handler {
        inward: Vec<HeaderValue>,
        selected: Option<Subprotocol>,
        offered: OfferedSubprotocols,
    },
    Text(String),
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

fn handler(request: Request<()>) -> Response<Body> {
    let (mut head, ()) = request.into_parts();
    let inward = head.headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let inward = inward.cloned().collect();
    let selected = Option::<SelectedSubprotocol>::from_request_parts(&mut head, &());
    let selected = selected.now_or_never().unwrap().unwrap();
    let offered = OfferedSubprotocols::from_request_parts(&mut head, &());
    let Ok(offered) = offered.now_or_never().unwrap();
    Response::new(Body::Handler {
        inward,
        selected: selected.map(|SelectedSubprotocol(name)| name),
        offered,
    })
}

fn request(instances: &[HeaderValue]) -> Request<()> {
    let mut request = Request::new(());
    *request.method_mut() = Method::CONNECT;
    *request.version_mut() = Version::HTTP_2;
    let headers = request.headers_mut();
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    for instance in instances {
        headers.append(SEC_WEBSOCKET_PROTOCOL, instance.clone());
    }
    request
}

/// The outcome that `response` tells, in all the places where it does.
fn told<'a>(response: &'a Response<Body>, oracle: &Oracle<'_>) -> Outcome<'a> {
    let lines = response.headers().get_all(SEC_WEBSOCKET_PROTOCOL);
    let lines: Vec<_> = lines.iter().collect();
    let rejection = response.extensions().get::<SubprotocolRejection>();
    match (response.body(), rejection) {
        (
            Body::Handler {
                inward,
                selected,
                offered,
            },
            None,
        ) => {
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(lines, inward.iter().collect::<Vec<_>>());
            assert_eq!(lines, selected.as_deref().into_iter().collect::<Vec<_>>());
            assert!(offered.iter().eq(oracle.names.iter().copied()));
            Outcome::Selected(selected.as_deref())
        }
        (Body::Text(text), Some(rejection)) => {
            assert_eq!(response.status(), StatusCode::BAD_REQUEST);
            assert_eq!(lines, [""; 0]);
            assert_eq!(*text, rejection.body_text());
            match rejection {
                SubprotocolRejection::MalformedOffer(fault) => Outcome::Malformed {
                    index: fault.index(),
                },
                SubprotocolRejection::TooManyOffers(fault) => Outcome::TooMany {
                    limit: fault.limit(),
                },
                SubprotocolRejection::NothingSelected(fault) => Outcome::Refused {
                    offered: fault.offered(),
                },
                other => panic!("unknown: {other:?}"),
            }
        }
        _ => panic!("a 400 has a reason, and nothing else has"),
    }
}

/// Puts the values whose number in their length is `share` modulo `shares`
/// through the services of all rules, and counts the lists and the handshakes.
fn check_share(share: usize, shares: usize, longest: u32) -> (u64, u64) {
    let mut services: Vec<_> = all_rules()
        .map(|rules| {
            let layer = SubprotocolLayer::new(SUPPORTED)
                .malformed(rules.malformed)
                .prefer(rules.preference)
                .require(rules.require)
                .max_offers(MAX_OFFERS);
            let inner = service_fn(|request| ready(Ok::<_, ()>(handler(request))));
            (rules, layer.layer(inner))
        })
        .collect();

    let (mut lists, mut handshakes) = (0, 0);
    let mut check = |instances: &[&[u8]]| {
        // "a single value with all instances, separated by commas" (RFC 9110 §5.2)
        let list: String = instances.join(&b',').into_iter().map(char::from).collect();
        let oracle = Oracle::of(&list);
        let instances: Vec<_> = instances
            .iter()
            .map(|instance| HeaderValue::from_bytes(instance).unwrap())
            .collect();
        lists += 1;
        for (rules, service) in &mut services {
            let response = service.call(request(&instances));
            let response = response.now_or_never().unwrap().unwrap();
            let (told, expected) = (told(&response, &oracle), oracle.outcome(*rules));
            assert_eq!(told, expected, "{instances:?} with {rules:?}");
            handshakes += 1;
        }
    };

    if share == 0 {
        check(&[]);
    }
    for length in 0..=longest {
        for number in (share..ALPHABET.len().pow(length)).step_by(shares) {
            // The digits of a number in base 7 are the letters of a value.
            let digits = (0..length).map(|digit| number / ALPHABET.len().pow(digit));
            let value: Vec<u8> = digits
                .map(|digit| ALPHABET[digit % ALPHABET.len()])
                .collect();
            check(&[&value]);
            for at in 0..=value.len() {
                let (first, second) = value.split_at(at);
                check(&[first, second]);
            }
        }
    }
    (lists, handshakes)
}

#[test]
fn every_short_header_has_the_outcome_of_the_rfc() {
    let longest = std::env::var("LONGEST_HEADER").map_or(3, |length| length.parse().unwrap());
    let (lists, handshakes) = shares::sum(|share, shares| check_share(share, shares, longest));
    println!("{lists} lists of up to {longest} bytes, in {handshakes} handshakes");
}
