//! What holds for random requests, without an oracle for the whole.
//!
//! A test run takes 256 cases of each property. For more:
//!
//! ```sh
//! PROPTEST_CASES=20000 cargo test --release --test integration properties
//! ```

mod full_maps;
mod secrets;

use std::{cell::RefCell, rc::Rc};

use allocation_counter::{AllocationInfo, measure};
use arbitrary::{Arbitrary, Unstructured};
use axum::extract::FromRequestParts;
use axum_subprotocol::{
    Malformed, OfferedSubprotocols, Preference, Require, SelectedSubprotocol, Subprotocol,
    rejection::SubprotocolRejection,
};
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode, Version,
    header::{SEC_WEBSOCKET_PROTOCOL, UPGRADE},
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::harness::{
    Body, Case, Line, Middleware, Piece, ReplyCase, RequestCase, Selector, Shape,
    SubprotocolConfig, is_completed_by, is_handshake, service,
};

/// Anything that can be made of random bytes.
fn any_of<T>() -> impl Strategy<Value = T>
where
    T: for<'a> Arbitrary<'a> + std::fmt::Debug,
{
    let make = |bytes: Vec<u8>| T::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
    vec(any::<u8>(), 600).prop_map(make)
}

/// Sends `request` through the layers, to a handler that replies `response`. Returns
/// what the handler got, if anything, what came out, and what the layers allocated.
fn exchange(
    stack: &[Piece],
    request: Request<Vec<u8>>,
    response: Response<Body>,
) -> (Option<Request<Vec<u8>>>, Response<Body>, AllocationInfo) {
    let inward = Rc::new(RefCell::new(None));
    let (slot, mut response) = (Rc::clone(&inward), Some(response));
    let handler = move |request| {
        *slot.borrow_mut() = Some(request);
        response.take().expect("the handler is called once")
    };
    let mut service = service(stack, Box::new(handler));
    let mut outward = None;
    let allocated = measure(|| outward = Some(service(request)));
    (inward.take(), outward.unwrap(), allocated)
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

/// The results of the extractors for the request that the handler got.
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
    fn r1_and_c1_keep_a_request_that_is_not_a_handshake_as_it_is(mut case in any_of::<Case>()) {
        let Case { request, replies: [reply, _], stack } = &mut case;
        if is_handshake(request, &request.headers) {
            request.version = Version::HTTP_10;
        }
        stack.retain(|piece| !matches!(piece, Piece::Middleware(_)));
        let (inward, outward, allocated) = exchange(stack, request.request(), reply.response());
        prop_assert_eq!(allocated.count_total, 0);

        let (inward, request) = (inward.unwrap(), request.request());
        prop_assert_eq!(inward.method(), request.method());
        prop_assert_eq!(inward.uri(), request.uri());
        prop_assert_eq!(inward.version(), request.version());
        prop_assert!(inward.headers().iter().eq(request.headers()));
        prop_assert_eq!(inward.extensions().len(), 1);
        prop_assert_eq!(inward.body(), request.body());

        let reply = reply.response();
        prop_assert_eq!(outward.status(), reply.status());
        prop_assert!(outward.headers().iter().eq(reply.headers()));
        prop_assert_eq!(outward.extensions().len(), 1);
        prop_assert_eq!(outward.body(), reply.body());
    }

    #[test]
    fn r3_to_r10_show_one_truth_of_a_handshake(
        config in any_of::<SubprotocolConfig>(),
        mut request in any_of::<RequestCase>(),
        reply in any_of::<ReplyCase>(),
    ) {
        if !is_handshake(&request, &request.headers) {
            request.version = Version::HTTP_11;
            request.headers.append(&UPGRADE, Line::new("h2c ,\tWebSocket"));
        }
        let stack = [Piece::Subprotocol(config.clone())];
        let (inward, outward, _) = exchange(&stack, request.request(), reply.response());
        let Some(inward) = inward else {
            return check_rejection(&config, &request, &outward);
        };

        let before = request.request();
        prop_assert_eq!(inward.method(), before.method());
        prop_assert_eq!(inward.uri(), before.uri());
        prop_assert_eq!(inward.version(), before.version());
        prop_assert!(others_equal(inward.headers(), before.headers()));
        prop_assert_eq!(inward.body(), before.body());

        let inward_lines: Vec<_> = lines(inward.headers()).into_iter().cloned().collect();
        let (selected, offered) = extract(inward);
        let selected: Vec<_> = selected.as_deref().into_iter().collect();
        prop_assert_eq!(&inward_lines, &selected);
        prop_assert!(offered.iter().count() <= config.max_offers);
        prop_assert!(selected.iter().all(|name| offered.contains(name)));
        let supported = config.names();
        let preferred = match config.selector {
            Selector::Function(_) => selected.first().copied(),
            Selector::Names { preference: Preference::Server, .. } => {
                supported.iter().copied().find(|name| offered.contains(name))
            }
            Selector::Names { .. } => offered.iter().find(|name| supported.contains(name)),
        };
        prop_assert_eq!(selected.first().copied(), preferred);

        let is_completed = is_completed_by(&request, reply.status, &reply.headers);
        let expected = if is_completed { selected } else { Vec::new() };
        prop_assert_eq!(lines(outward.headers()), expected);
        let response = reply.response();
        prop_assert_eq!(outward.status(), response.status());
        prop_assert!(others_equal(outward.headers(), response.headers()));
        prop_assert_eq!(outward.body(), response.body());
    }

    #[test]
    fn r2_lines_are_one_list(mut case in any_of::<Case>()) {
        // Which of the empty elements go with a credential depends on the lines.
        case.stack.retain(|piece| !matches!(piece, Piece::Credential(_)));
        let seen = case.seen().without_lists();
        prop_assert_eq!(case.on_one_line().seen().without_lists(), seen);
    }

    /// The bound depends on the configuration alone; the input is longer by far.
    #[test]
    fn no_allocation_grows_with_the_input(
        part in select(&["v1", "v1,", "x", "a b,", ",", "\u{e9}", " "][..]),
        length in 0..60_000_usize,
        long_lines in 0..20_usize,
        blank_lines in select(&[0, 1, 2000][..]),
        mut stack in any_of::<[Piece; 2]>(),
    ) {
        let mut most = 64;
        for piece in &mut stack {
            match piece {
                Piece::Subprotocol(config) => {
                    config.max_offers = config.max_offers.min(100);
                    most = most.max(config.max_offers);
                }
                // A line with a credential is copied.
                Piece::Credential(config) => config.shape = Shape::AfterName("bearer"),
                Piece::Middleware(_) => *piece = Piece::Middleware(Middleware::RebuildReply),
            }
        }
        let mut request = Request::new(Vec::new());
        request.extensions_mut().insert("of the server");
        let headers = request.headers_mut();
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        let value = HeaderValue::from_bytes(&part.as_bytes().repeat(length / part.len()));
        let value = value.unwrap();
        let blank = HeaderValue::from_static("");
        // A server's values are parts of a buffer, and clones of one another.
        let lines = std::iter::repeat_n(&value, long_lines);
        for line in lines.chain(std::iter::repeat_n(&blank, blank_lines)) {
            headers.append(SEC_WEBSOCKET_PROTOCOL, line.clone());
        }
        let mut response = Response::new(Body::OfHandler(Vec::new()));
        response.headers_mut().reserve(8);

        let (_, _, allocated) = exchange(&stack, request, response);
        let bound = 4096 + 3 * most * size_of::<HeaderValue>() * stack.len();
        prop_assert!(allocated.bytes_total <= bound as u64, "{allocated:?}, bound {bound}");
        prop_assert!(allocated.count_total <= 48, "{allocated:?}");
    }
}

fn check_rejection(
    config: &SubprotocolConfig,
    request: &RequestCase,
    response: &Response<Body>,
) -> Result<(), TestCaseError> {
    prop_assert!(lines(response.headers()).is_empty());
    let Some(rejection) = response.extensions().get::<SubprotocolRejection>() else {
        return Err(TestCaseError::fail("a rejection without its reason"));
    };
    prop_assert_eq!(response.body(), &Body::OfLayer(rejection.body_text()));
    let mut status = StatusCode::BAD_REQUEST;
    match rejection {
        SubprotocolRejection::MalformedOffer(fault) => {
            prop_assert_eq!(config.malformed, Malformed::Reject);
            prop_assert!(fault.index() < config.max_offers);
        }
        SubprotocolRejection::TooManyOffers(fault) => {
            prop_assert_eq!(fault.limit(), config.max_offers);
            let elements = request.headers.list(SEC_WEBSOCKET_PROTOCOL).count();
            prop_assert!(elements > fault.limit());
        }
        SubprotocolRejection::NothingSelected(fault) => {
            prop_assert!(config.require != Require::Never);
            prop_assert!(fault.supported().iter().eq(config.names().iter()));
        }
        SubprotocolRejection::UnofferedSelection(_) => {
            prop_assert!(matches!(config.selector, Selector::Function(_)));
            status = StatusCode::INTERNAL_SERVER_ERROR;
        }
        other => prop_assert!(false, "unknown: {other:?}"),
    }
    prop_assert_eq!(response.status(), status);
    Ok(())
}
