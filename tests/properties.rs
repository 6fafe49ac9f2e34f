//! What holds for random requests, without an oracle.

mod full_maps;
mod secrets;

use arbitrary::Unstructured;
use http::{HeaderValue, Method, Version, header::SEC_WEBSOCKET_KEY};

use crate::{
    harness::{Case, Form, Middleware, Piece},
    support::{
        exchange::{exchange, handshake, switch},
        random::check_random,
    },
};

fn for_each_case(check: impl Fn(&mut Unstructured<'_>) + Sync) {
    check_random("CASES", 256, check);
}

#[test]
fn r1_and_c1_allocate_nothing_for_a_request_that_is_not_a_handshake() {
    for_each_case(|source| {
        let mut case: Case = source.arbitrary().unwrap();
        case.request.version = Version::HTTP_10;
        if case.request.method == Method::CONNECT {
            case.request.headers.remove(&SEC_WEBSOCKET_KEY);
        }
        case.stack
            .retain(|piece| !matches!(piece, Piece::Middleware(_)));
        let (request, reply) = (case.request.request(), case.replies[0].response());
        let (inward, outward, allocated) = exchange(&case.stack, request, reply);
        assert_eq!(allocated.count_total, 0);
        assert_eq!(inward.unwrap().extensions().len(), 1);
        assert_eq!(outward.extensions().len(), 1);
    });
}

/// The bound depends on the configuration alone; the input is longer by far.
#[test]
fn no_allocation_grows_with_the_input() {
    for_each_case(|source| {
        let parts: [&[u8]; 7] = [b"v1", b"v1,", b"x", b"a b,", b",", b"\xe9", b" "];
        let part = *source.choose(&parts).unwrap();
        let length = source.int_in_range(0..=60_000).unwrap();
        let long_lines = source.int_in_range(0..=20).unwrap();
        let blank_lines = *source.choose(&[0, 1, 2000]).unwrap();
        let mut stack: [Piece; 2] = source.arbitrary().unwrap();
        let mut most = 64;
        for piece in &mut stack {
            match piece {
                Piece::Subprotocol(config) => {
                    config.max_offers = config.max_offers.min(100);
                    most = most.max(config.max_offers);
                }
                // A line with a credential is copied.
                Piece::Credential(config) => config.form = Form::AfterName("bearer"),
                Piece::Middleware(_) => *piece = Piece::Middleware(Middleware::RebuildReply),
            }
        }
        let long = HeaderValue::from_bytes(&part.repeat(length / part.len())).unwrap();
        let mut lines = vec![long; long_lines];
        lines.extend(vec![HeaderValue::from_static(""); blank_lines]);

        let (_, _, allocated) = exchange(&stack, handshake(&lines), switch());
        let bound = 4096 + 3 * most * size_of::<HeaderValue>() * stack.len();
        assert!(
            allocated.bytes_total <= bound as u64,
            "{allocated:?}, bound {bound}"
        );
        assert!(allocated.count_total <= 48, "{allocated:?}");
    });
}
