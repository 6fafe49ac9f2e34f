//! Headers of tens of kilobytes. A layer reads nothing after its limit, so they cost
//! what a header at the limit costs.

use std::{hint::black_box, time::Instant};

use allocation_counter::AllocationInfo;
use axum_subprotocol::{
    Encoding, Malformed,
    rejection::{CredentialRejection, SubprotocolRejection},
};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};

use crate::{
    harness::{Choice, CredentialConfig, Form, Pick, Piece, SubprotocolConfig, service},
    support::exchange::{exchange, handshake},
};

const KIB: usize = 1024;

/// Of most of the layers below.
const MAX_OFFERS: usize = 64;

/// In a debug build a `HeaderMap` checks all values for each that it removes.
const MANY_LINES: usize = if cfg!(debug_assertions) { 1000 } else { 20_000 };

const fn encoded(encoding: Encoding, prefix: &'static str) -> CredentialConfig {
    CredentialConfig {
        encoding,
        ..CredentialConfig::new(Form::AfterPrefix(prefix))
    }
}

/// Layers for prefixes and for a name. They read the whole list.
fn credentials() -> Vec<Piece> {
    let layers = [
        encoded(Encoding::Plain, "bearer."),
        encoded(Encoding::Base64, "b64."),
        CredentialConfig::new(Form::AfterName("bearer")),
    ];
    layers.map(Piece::Credential).into()
}

fn with_credentials() -> Vec<Piece> {
    let inside = SubprotocolConfig::new(&["v2", "v1", "bearer"]);
    [credentials(), vec![Piece::Subprotocol(inside)]].concat()
}

/// Stacks that read nothing after their limit: with the defaults, lenient, with a
/// function, nested, and inside credential layers.
fn stacks() -> [Vec<Piece>; 5] {
    let config = SubprotocolConfig::new(&["v2", "v1", "bearer"]);
    let lenient = SubprotocolConfig {
        malformed: Malformed::Ignore,
        ..config.clone()
    };
    let by_function = SubprotocolConfig {
        choice: Choice::ByFunction(Pick::First),
        ..config
    };
    let [plain, lenient, by_function] = [config, lenient, by_function].map(Piece::Subprotocol);
    [
        vec![plain.clone()],
        vec![lenient],
        vec![by_function],
        vec![plain.clone(), plain],
        with_credentials(),
    ]
}

/// The outer layer has no limit.
fn unlimited() -> Vec<Piece> {
    let inner = SubprotocolConfig::new(&["v1"]);
    let outer = SubprotocolConfig {
        max_offers: usize::MAX,
        ..inner.clone()
    };
    [outer, inner].map(Piece::Subprotocol).into()
}

/// `part` again and again, up to `length` bytes.
fn header(part: &str, length: usize) -> HeaderValue {
    let value = Bytes::from(part.repeat(length / part.len()));
    HeaderValue::from_maybe_shared(value).unwrap()
}

fn reply() -> Response<String> {
    Response::new(String::new())
}

/// The reply to a request with these `lines`, and what is allocated until then.
fn measured(layers: &[Piece], lines: &[HeaderValue]) -> (Response<String>, AllocationInfo) {
    let (_, response, allocated) = exchange(layers, handshake(lines), reply());
    (response, allocated)
}

fn is_too_many(response: &Response<String>) -> bool {
    let reason = response.extensions().get();
    matches!(reason, Some(SubprotocolRejection::TooManyOffers { .. }))
}

/// The time that each of `lines` takes. The repetitions take turns, so that other work
/// slows all of them down alike.
fn medians(layers: &[Piece], lines: &[HeaderValue]) -> Vec<u128> {
    let mut service = service(layers, Box::new(|_| reply()));
    let mut times = vec![Vec::new(); lines.len()];
    for _ in 0..51 {
        for (line, times) in lines.iter().zip(&mut times) {
            let requests: Vec<_> = (0..8).map(|_| handshake([line])).collect();
            let start = Instant::now();
            for request in requests {
                black_box(service(request));
            }
            times.push(start.elapsed().as_nanos());
        }
    }
    let median = |mut times: Vec<u128>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    times.into_iter().map(median).collect()
}

#[test]
fn r3_rejects_too_many_offers_at_the_same_cost_however_many() {
    let all = stacks().into_iter().chain([unlimited()]);
    // The last two read the whole list, to look for credentials or without a limit.
    for (number, layers) in all.enumerate() {
        let is_limited = number < 4;
        for part in ["a,", ",", "v1, ", "x-protocol-of-some-length\t,"] {
            // The shortest has 65 elements, one more than are read.
            let lengths = [(MAX_OFFERS + 1) * part.len(), 60 * KIB, 600 * KIB];
            let lines = lengths.map(|length| header(part, length));
            let allocated = lines.clone().map(|line| {
                let (response, allocated) = measured(&layers, &[line]);
                assert!(is_too_many(&response), "{layers:?}, {part:?}");
                allocated
            });
            assert_eq!(allocated, [allocated[0]; 3], "{layers:?}, {part:?}");
            let (count, bytes) = (allocated[0].count_total, allocated[0].bytes_total);
            assert!(count <= 24 && bytes <= 4 * KIB as u64, "{layers:?}");

            // Reading them all takes a hundred times as long, or more.
            if is_limited {
                let times = medians(&layers, &lines);
                println!(
                    "{} layers, {part:?}: {times:?} ns for 8 handshakes",
                    layers.len()
                );
                assert!(times[2] < times[0] * 8, "{layers:?}, {part:?}: {times:?}");
            }
        }
    }
}

/// A layer keeps one line more than it reads elements.
#[test]
fn r3_rejects_too_many_lines_at_the_same_cost_however_many() {
    for layers in stacks() {
        for line in ["", "a", "v1"].map(HeaderValue::from_static) {
            let [few, many] = [MAX_OFFERS + 2, MANY_LINES].map(|count| {
                let (response, allocated) = measured(&layers, &vec![line.clone(); count]);
                assert!(is_too_many(&response), "{layers:?}, {line:?}");
                (allocated.count_total, allocated.bytes_total)
            });
            assert_eq!(few, many, "{layers:?}, {line:?}");
            let bound = 4 * KIB + 4 * MAX_OFFERS * size_of::<HeaderValue>();
            assert!(few.1 <= bound as u64, "{layers:?}: {few:?}");
        }
    }
}

/// All of its bytes are read, since the last one may be wrong, and none is copied.
#[test]
fn one_long_name_is_read_without_a_copy() {
    for layers in stacks().into_iter().chain([unlimited()]) {
        let allocated = [1, 60 * KIB, 600 * KIB].map(|length| {
            let (response, allocated) = measured(&layers, &[header("x", length)]);
            assert_eq!(response.status(), StatusCode::OK);
            (allocated.count_total, allocated.bytes_total)
        });
        assert_eq!(allocated, [allocated[0]; 3], "{layers:?}");
        let (count, bytes) = allocated[0];
        assert!(
            count <= 12 && bytes <= 2 * KIB as u64,
            "{layers:?}: {allocated:?}"
        );
    }
}

/// The line without the credential is a copy. The credential is neither copied nor
/// decoded.
#[test]
fn c3_rejects_a_long_credential_at_the_same_cost_however_long() {
    let percent = encoded(Encoding::Percent, "pct.");
    let bare = CredentialConfig::new(Form::Bare { except: &["v1"] });
    let more = [percent, bare].map(Piece::Credential);
    let layers = [credentials(), more.into()].concat();
    for before in [
        "v1, bearer.",
        "v1, b64.",
        "v1, pct.",
        "v1, bearer, ",
        "v1, ",
    ] {
        let allocated = [12 * KIB, 60 * KIB, 600 * KIB].map(|length| {
            let offers = [before.as_bytes(), header("a", length).as_bytes()].concat();
            let offers = HeaderValue::from_bytes(&offers).unwrap();
            let (response, allocated) = measured(&layers, &[offers]);
            assert_eq!(response.status(), StatusCode::BAD_REQUEST);
            assert!(response.extensions().get::<CredentialRejection>().is_some());
            allocated
        });
        assert_eq!(allocated, [allocated[0]; 3], "{before}");
        let bytes = allocated[0].bytes_total;
        assert!(bytes <= 2 * KIB as u64, "{before}: {bytes} bytes");
    }
}

/// What is left of the list is copied.
#[test]
fn c4_removing_a_credential_allocates_little_more_than_the_list() {
    for (before, part) in [
        ("bearer.a,", "a,"),
        ("bearer.a,", ","),
        ("bearer,a,", "v1, "),
    ] {
        let list = before.to_owned() + &part.repeat(200_000);
        let length = list.len() as u64;
        let line = HeaderValue::from_maybe_shared(Bytes::from(list)).unwrap();
        let (_, allocated) = measured(&with_credentials(), &[line]);
        let bytes = allocated.bytes_total;
        println!("{before}{part}: {bytes} bytes for a list of {length}");
        assert!(bytes <= 4 * length, "{before}{part}: {bytes} bytes");
    }
}
