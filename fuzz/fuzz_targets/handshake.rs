//! One handshake through the whole service, with one layer or two.
//!
//! The input says all of it, and stays legible: a byte for the policy of the
//! outer layer, one for the inner, one for `max_offers`, one for the reply; then
//! lines: the names of the outer layer, those of the inner one (if blank, there
//! is none), and an instance of the client's header each. The bits of a policy say
//! whether credentials are taken, and whether the names are no tokens or known to
//! a function only.

#![no_main]

mod case;

use axum_core::extract::FromRequestParts;
use axum_subprotocol::{
    AuthorizationFromOffers, OfferedSubprotocols, Preference, SelectedSubprotocol, Subprotocol,
    SubprotocolLayer, SubprotocolRejection,
};
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
};
use libfuzzer_sys::fuzz_target;
use std::{convert::Infallible, future::ready};
use tower::{Layer, Service, service_fn};

use crate::case::{Case, Choice, MAX_LEN, OWN_AUTHORIZATION, PREFIXES};

fuzz_target!(|input: &[u8]| {
    if let Some(case) = Case::read(input) {
        let answer = answer(&case, &case.instances);
        check(&case, &answer);

        // RFC 9110 §5.3: it makes no difference whether a list comes in one.
        if !case.instances.is_empty() {
            let instances: Vec<_> = case.instances.iter().map(HeaderValue::as_bytes).collect();
            let joined = HeaderValue::from_bytes(&instances.join(&b',')).unwrap();
            assert_eq!(answer, self::answer(&case, &[joined]));
        }
    }
});

/// What came back.
#[derive(Debug, PartialEq)]
struct Answer {
    status: StatusCode,
    lines: Vec<HeaderValue>,
    rejection: Option<String>,
    body: Body,
}

#[derive(Debug, PartialEq)]
enum Body {
    Rejection(String),
    Handler(Seen),
}

/// What the handler was given.
#[derive(Debug, PartialEq)]
struct Seen {
    inward: Vec<HeaderValue>,
    selected: Option<Subprotocol>,
    offered: Vec<String>,
    authorization: Vec<HeaderValue>,
    from_offers: bool,
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Rejection(text)
    }
}

fn answer(case: &Case, instances: &[HeaderValue]) -> Answer {
    let request = case.request(instances);
    let handler = service_fn(|request| ready(Ok(handle(case, request))));
    let response = match &case.inner {
        Some(inner) => case.outer.layer(inner.layer(handler)).call(request),
        None => return finish(case.outer.layer(handler).call(request)),
    };
    finish(response)
}

fn finish(response: impl Future<Output = Result<Response<Body>, Infallible>>) -> Answer {
    let Ok(response) = response.now_or_never().expect("nothing waits here");
    let rejection = response.extensions().get::<SubprotocolRejection>();
    Answer {
        status: response.status(),
        lines: lines(response.headers()),
        rejection: rejection.map(SubprotocolRejection::body_text),
        body: response.into_body(),
    }
}

fn handle(case: &Case, request: Request<()>) -> Response<Body> {
    let (mut head, ()) = request.into_parts();
    let from_offers = head.extensions.get::<AuthorizationFromOffers>().is_some();
    let authorization = head.headers.get_all(AUTHORIZATION).iter();
    let authorization: Vec<_> = authorization.cloned().collect();
    let mut values = authorization.iter();
    assert!(values.all(|value| value.is_sensitive() == from_offers));
    let selected = Option::<SelectedSubprotocol>::from_request_parts(&mut head, &());
    let selected = selected.now_or_never().unwrap().unwrap();
    let offered = OfferedSubprotocols::from_request_parts(&mut head, &());
    let Ok(offered) = offered.now_or_never().unwrap();
    case.reply(Body::Handler(Seen {
        inward: lines(&head.headers),
        selected: selected.map(|SelectedSubprotocol(name)| name),
        offered: offered.iter().map(str::to_owned).collect(),
        authorization,
        from_offers,
    }))
}

fn lines(headers: &HeaderMap) -> Vec<HeaderValue> {
    let lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL);
    lines.iter().cloned().collect()
}

fn check(case: &Case, answer: &Answer) {
    let seen = match &answer.body {
        Body::Rejection(text) => {
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
            assert_eq!(answer.rejection.as_ref(), Some(text));
            assert!(answer.lines.is_empty());
            assert!(case.takes_credentials || !text.contains("redential"));
            return;
        }
        Body::Handler(seen) => seen,
    };
    assert_eq!(answer.rejection, None);

    check_authorization(case, seen);

    // The list: names, each of which the client wrote, no more than may be.
    assert!(seen.offered.len() <= case.max_offers);
    let is_written = |text: &str| {
        let mut written = case.instances.iter().map(HeaderValue::as_bytes);
        written.any(|line| line.windows(text.len()).any(|part| part == text.as_bytes()))
    };
    for name in &seen.offered {
        assert!(name.parse::<Subprotocol>().is_ok() || case.names.contains(name));
        assert!(is_written(name));
        let is_credential = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        assert!(!(case.takes_credentials && is_credential));
    }

    // The selection: among the supported that were offered, the preferred one.
    let offered = || seen.offered.iter().map(String::as_str);
    let supported = || case.names.iter().map(String::as_str);
    let mut both = offered().filter(|offer| supported().any(|name| name == *offer));
    let preferred = match case.choice {
        Choice::Preferred(Preference::Server) => {
            supported().find(|name| offered().any(|offer| offer == *name))
        }
        Choice::Last => both.next_back(),
        _ => both.next(),
    };
    assert_eq!(seen.selected.as_deref(), preferred);

    // One truth inwards and outwards.
    let header: Vec<_> = seen.selected.iter().map(HeaderValue::from).collect();
    assert_eq!(seen.inward, header);
    if case.completes {
        assert_eq!(answer.lines, header);
    } else {
        assert!(answer.lines.is_empty());
    }
}

/// The client's own, or a token that it sent, marked, in one header.
fn check_authorization(case: &Case, seen: &Seen) {
    if case.has_own_authorization {
        assert_eq!(seen.authorization, [OWN_AUTHORIZATION]);
        assert!(!seen.from_offers);
        return;
    }
    assert_eq!(seen.authorization.len(), usize::from(seen.from_offers));
    let Some(authorization) = seen.authorization.first() else {
        return;
    };
    assert!(case.takes_credentials);
    // Without an offer beside it a credential is rejected. An inner layer may not know
    // that offer, if it is no token.
    assert!(!seen.offered.is_empty() || case.inner.is_some());
    let token = authorization.to_str().unwrap().strip_prefix("Bearer ");
    let token = token.unwrap();
    let characters = token.trim_end_matches('=');
    assert!((1..=MAX_LEN).contains(&token.len()) && !characters.is_empty());
    let is_character = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    assert!(characters.bytes().all(is_character));
}
