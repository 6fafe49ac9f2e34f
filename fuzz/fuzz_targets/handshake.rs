//! One handshake through the whole service, with one layer or two.
//!
//! The input says all of it, and stays legible: a byte for the policy of the
//! outer layer, one for the inner, one for `max_offers`, one for the reply; then
//! lines: the names of the outer layer, those of the inner one (if blank, there
//! is none), and an instance of the client's header each.

#![no_main]

mod case;

use axum_core::extract::FromRequestParts;
use axum_subprotocol::{
    OfferedSubprotocols, SelectedSubprotocol, Subprotocol, SubprotocolLayer, SubprotocolRejection,
};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header::SEC_WEBSOCKET_PROTOCOL};
use libfuzzer_sys::fuzz_target;
use std::{convert::Infallible, future::ready};
use tower::{Layer, Service, service_fn};

use crate::case::Case;

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
    let selected = Option::<SelectedSubprotocol>::from_request_parts(&mut head, &());
    let selected = selected.now_or_never().unwrap().unwrap();
    let offered = OfferedSubprotocols::from_request_parts(&mut head, &());
    let Ok(offered) = offered.now_or_never().unwrap();
    case.reply(Body::Handler(Seen {
        inward: lines(&head.headers),
        selected: selected.map(|SelectedSubprotocol(name)| name),
        offered: offered.iter().map(str::to_owned).collect(),
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
            return;
        }
        Body::Handler(seen) => seen,
    };
    assert_eq!(answer.rejection, None);

    // The list: tokens, each of which the client wrote, no more than may be.
    assert!(seen.offered.len() <= case.max_offers);
    for name in &seen.offered {
        let token: Subprotocol = name.parse().unwrap();
        let mut written = case.instances.iter().map(HeaderValue::as_bytes);
        assert!(written.any(|line| {
            line.windows(token.len())
                .any(|part| part == token.as_bytes())
        }));
    }

    // The selection: among the supported that were offered, the preferred one.
    let offered = || seen.offered.iter().map(String::as_str);
    let supported = || case.names.iter().map(String::as_str);
    let preferred = if case.server_prefers {
        supported().find(|name| offered().any(|offer| offer == *name))
    } else {
        offered().find(|offer| supported().any(|name| name == *offer))
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
