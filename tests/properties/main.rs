//! Long and wild input through the whole service.
//!
//! A test run takes 256 cases of each property. For more:
//!
//! ```sh
//! PROPTEST_CASES=100000 cargo test --release --test properties
//! ```

#![allow(unreachable_pub, reason = "a test has no public face")]

mod full_maps;
mod secrets;
mod wild;

use std::future::ready;

use allocation_counter::{AllocationInfo, measure};
use axum::extract::FromRequestParts;
use axum_subprotocol::{
    Malformed, OfferedSubprotocols, Preference, Require, SelectedSubprotocol, Subprotocol,
    SubprotocolLayer, SubprotocolRejection,
};
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version,
    header::{SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE},
};
use proptest::prelude::*;
use tower::{Layer, Service, service_fn};

use self::wild::{Answered, Asked, Configured, SECRET, answered, asked, configured, handshake};

/// The body of a reply.
#[derive(Debug, PartialEq)]
pub(crate) enum Body {
    Own(Vec<u8>),
    Rejection(String),
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Rejection(text)
    }
}

/// Puts `request` through the layer, before a handler that says `response`.
/// Returns what the handler got, if anything, what came out, and what the layer
/// allocated meanwhile.
fn exchange<B>(
    layer: &SubprotocolLayer,
    request: Request<B>,
    response: Response<Body>,
) -> (Option<Request<B>>, Response<Body>, AllocationInfo) {
    let (mut inward, mut outward) = (None, None);
    let mut response = Some(response);
    let handler = service_fn(|request| {
        inward = Some(request);
        ready(Ok::<_, ()>(response.take().expect("it is called once")))
    });
    let mut service = layer.layer(handler);
    let allocated = measure(|| outward = service.call(request).now_or_never());
    (inward, outward.unwrap().unwrap(), allocated)
}

/// R1, on whole strings.
fn is_handshake(asked: &Asked) -> bool {
    let upgrades = asked.upgrades.join(&b',').to_ascii_lowercase();
    let upgrades: String = upgrades.into_iter().map(char::from).collect();
    let mut upgrades = upgrades
        .split(',')
        .map(|name| name.trim_matches([' ', '\t']));
    match asked.version {
        Version::HTTP_11 => asked.method == Method::GET && upgrades.any(|name| name == "websocket"),
        Version::HTTP_2 | Version::HTTP_3 => {
            asked.method == Method::CONNECT
                && asked.uri != "host:443"
                && (asked.websocket_version.is_some() || !asked.offers.is_empty())
        }
        _ => false,
    }
}

/// R8, likewise.
fn completes(asked: &Asked, answered: &Answered) -> bool {
    if asked.version == Version::HTTP_11 {
        let upgrades = answered.upgrades.join(&b',').to_ascii_lowercase();
        answered.status == 101
            && answered.upgrades.len() == 1
            && upgrades.trim_ascii() == b"websocket"
    } else {
        (200..300).contains(&answered.status.as_u16())
    }
}

fn lines(headers: &HeaderMap) -> Vec<&HeaderValue> {
    headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().collect()
}

/// Whether the two are equal, `Sec-WebSocket-Protocol` left aside.
fn others_equal(one: &HeaderMap, other: &HeaderMap) -> bool {
    let [one, other] = [one, other].map(|headers| {
        let mut headers = headers.clone();
        headers.remove(SEC_WEBSOCKET_PROTOCOL);
        headers
    });
    one == other
}

/// What the extractors make of the request that the handler got.
fn extract<B>(request: Request<B>) -> (Option<Subprotocol>, OfferedSubprotocols) {
    let (mut head, _) = request.into_parts();
    let selected = Option::<SelectedSubprotocol>::from_request_parts(&mut head, &());
    let selected = selected.now_or_never().unwrap().unwrap();
    let offered = OfferedSubprotocols::from_request_parts(&mut head, &());
    let Ok(offered) = offered.now_or_never().unwrap();
    (selected.map(|SelectedSubprotocol(name)| name), offered)
}

proptest! {
    /// In order, byte for byte, with whatever else is in its head.
    #[test]
    fn r1_what_is_no_handshake_comes_out_as_it_went_in(
        asked in asked().prop_filter("a handshake", |asked| !is_handshake(asked)),
        answered in answered(),
        configured in configured(),
    ) {
        let (inward, outward, allocated) =
            exchange(&configured.layer(), asked.request(), answered.response());
        prop_assert_eq!(allocated.count_total, 0);

        let (inward, asked) = (inward.unwrap(), asked.request());
        prop_assert_eq!(inward.method(), asked.method());
        prop_assert_eq!(inward.uri(), asked.uri());
        prop_assert_eq!(inward.version(), asked.version());
        prop_assert!(inward.headers().iter().eq(asked.headers()));
        prop_assert_eq!(inward.extensions().len(), 1);
        prop_assert_eq!(inward.body(), asked.body());

        let answered = answered.response();
        prop_assert_eq!(outward.status(), answered.status());
        prop_assert!(outward.headers().iter().eq(answered.headers()));
        prop_assert_eq!(outward.extensions().len(), 1);
        prop_assert_eq!(outward.body(), answered.body());
    }

    #[test]
    fn r3_to_r10_a_handshake_has_one_truth(
        asked in handshake(),
        answered in answered(),
        configured in configured(),
    ) {
        prop_assert!(is_handshake(&asked));
        let (inward, outward, _) =
            exchange(&configured.layer(), asked.request(), answered.response());
        let Some(inward) = inward else {
            check_rejection(&configured, &asked, &outward)?;
            return Ok(());
        };

        let before = asked.request();
        prop_assert_eq!(inward.method(), before.method());
        prop_assert_eq!(inward.uri(), before.uri());
        prop_assert_eq!(inward.version(), before.version());
        prop_assert!(others_equal(inward.headers(), before.headers()));
        prop_assert_eq!(inward.body(), before.body());

        let inward_lines: Vec<_> = lines(inward.headers()).into_iter().cloned().collect();
        let shown = format!("{:?} {:?}", lines(inward.headers()), inward.extensions());
        prop_assert!(!shown.contains(SECRET));
        let (selected, offered) = extract(inward);
        let selected: Vec<_> = selected.as_deref().into_iter().collect();
        prop_assert_eq!(&inward_lines, &selected);
        let is_supported = |name: &&str| configured.names.contains(name);
        let preferred = match configured.preference {
            Preference::Server => configured.names.iter().copied().find(|name| offered.contains(name)),
            _ => offered.iter().find(is_supported),
        };
        prop_assert_eq!(selected.first().copied(), preferred);
        prop_assert!(offered.iter().count() <= configured.max_offers);

        let expected = if completes(&asked, &answered) { selected } else { Vec::new() };
        prop_assert_eq!(lines(outward.headers()), expected);
        let response = answered.response();
        prop_assert_eq!(outward.status(), response.status());
        prop_assert!(others_equal(outward.headers(), response.headers()));
        prop_assert_eq!(outward.body(), response.body());
    }

    /// The bound is made of the configuration alone; the input is longer by far.
    #[test]
    fn no_allocation_grows_with_the_input(
        part in prop::sample::select(&["v1", "v1,", "x", "a b,", ",", "\u{e9}", " "][..]),
        length in 0..60_000_usize,
        long_lines in 0..20_usize,
        blank_lines in prop::sample::select(&[0, 1, 2000][..]),
        configured in configured(),
    ) {
        let mut request = Request::new(());
        request.extensions_mut().insert("of the server");
        let headers = request.headers_mut();
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        let value = HeaderValue::from_bytes(&part.as_bytes().repeat(length / part.len()));
        let value = value.unwrap();
        let blank = HeaderValue::from_static("");
        // A server's values are parts of a buffer, and clones of one another.
        let lines = std::iter::repeat_n(&value, long_lines);
        for line in lines.chain(std::iter::repeat_n(&blank, blank_lines)) {
            headers.append(SEC_WEBSOCKET_PROTOCOL, line.clone());
        }
        let mut response = Response::new(Body::Own(Vec::new()));
        response.headers_mut().reserve(8);

        let (_, _, allocated) = exchange(&configured.layer(), request, response);
        let instance = size_of::<HeaderValue>();
        let bound = 4096 + 3 * configured.max_offers * instance;
        prop_assert!(allocated.bytes_total <= bound as u64, "{allocated:?}, bound {bound}");
        prop_assert!(allocated.count_total <= 24, "{allocated:?}");
    }
}

fn check_rejection(
    configured: &Configured,
    asked: &Asked,
    response: &Response<Body>,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    prop_assert!(lines(response.headers()).is_empty());
    let Some(rejection) = response.extensions().get::<SubprotocolRejection>() else {
        return Err(TestCaseError::fail("a rejection without its reason"));
    };
    prop_assert_eq!(response.body(), &Body::Rejection(rejection.body_text()));
    let shown = format!("{response:?} {rejection:?}");
    prop_assert!(!shown.contains(SECRET));
    match rejection {
        SubprotocolRejection::MalformedOffer(fault) => {
            prop_assert_eq!(configured.malformed, Malformed::Reject);
            prop_assert!(fault.index() < configured.max_offers);
        }
        SubprotocolRejection::TooManyOffers(fault) => {
            prop_assert_eq!(fault.limit(), configured.max_offers);
            let separators = asked
                .offers
                .iter()
                .flatten()
                .filter(|byte| **byte == b',')
                .count();
            prop_assert!(asked.offers.len() + separators > fault.limit());
        }
        SubprotocolRejection::NothingSelected(fault) => {
            prop_assert!(configured.require != Require::Never);
            let supported = fault.supported().iter();
            prop_assert!(supported.eq(configured.names.iter()));
        }
        other => prop_assert!(false, "unknown: {other:?}"),
    }
    Ok(())
}
