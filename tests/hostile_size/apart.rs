//! The same for layers that work on a copy of the list: those that take a
//! credential out of it, that select by code, and nested ones.

use allocation_counter::{AllocationInfo, measure};
use axum_subprotocol::{OfferedCredential, SubprotocolLayer, SubprotocolRejection};
use http::{HeaderValue, StatusCode};

use crate::{KIB, header, medians, of_all_lengths, request, through};

/// Of most of the layers below.
const MAX_OFFERS: usize = 64;

/// In a debug build a `HeaderMap` checks all values for each that it removes.
const MANY_LINES: usize = if cfg!(debug_assertions) { 1000 } else { 20_000 };

fn taking() -> SubprotocolLayer {
    SubprotocolLayer::new(["v2", "v1", "bearer"])
        .credential(OfferedCredential::after_prefix("bearer."))
        .credential(OfferedCredential::base64url_after_prefix("b64."))
        .credential(OfferedCredential::after_name("bearer"))
}

fn by_code() -> SubprotocolLayer {
    SubprotocolLayer::from_fn(|offered, _| offered.iter().find(|name| *name == "v1"))
}

/// With their names, from the outermost layer to the innermost.
fn stacks() -> [(&'static str, Vec<SubprotocolLayer>); 6] {
    let plain = || SubprotocolLayer::new(["v2", "v1"]);
    let wide = || plain().max_offers(usize::MAX);
    [
        ("credentials", vec![taking()]),
        ("from_fn", vec![by_code()]),
        ("plain, plain", vec![plain(), plain()]),
        ("plain, credentials", vec![plain(), taking()]),
        ("credentials, from_fn", vec![taking(), by_code()]),
        // The outer layer reads all of it, by its own limit.
        ("unlimited, credentials", vec![wide(), taking()]),
    ]
}

/// What is allocated until the 400, and why that is.
fn refused(
    stack: &[SubprotocolLayer],
    instances: &[HeaderValue],
) -> (AllocationInfo, SubprotocolRejection) {
    let request = request(instances);
    let mut response = None;
    let allocated = measure(|| response = Some(through(stack, request)));
    let response = response.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let reason = response.extensions().get::<SubprotocolRejection>();
    (allocated, reason.unwrap().clone())
}

#[test]
fn r3_too_many_offers_are_refused_at_the_same_cost_however_many() {
    for (name, stack) in stacks() {
        for part in ["a,", ",", "v1, ", "x-protocol-of-some-length\t,"] {
            let lists = of_all_lengths(part);
            let allocated: Vec<_> = lists
                .iter()
                .map(|instances| {
                    let (allocated, reason) = refused(&stack, instances);
                    let is_too_many = matches!(reason, SubprotocolRejection::TooManyOffers(_));
                    assert!(is_too_many, "{name}, {part:?}: {reason:?}");
                    allocated
                })
                .collect();
            assert_eq!(allocated[0], allocated[1], "{name}, {part:?}");
            assert_eq!(allocated[0], allocated[2], "{name}, {part:?}");
            let (count, bytes) = (allocated[0].count_total, allocated[0].bytes_total);
            println!("{name}, {part:?}: {count} allocations, {bytes} bytes");
            assert!(count <= 24 && bytes <= 4 * KIB as u64, "{name}, {part:?}");

            if name != "unlimited, credentials" {
                let times = medians(&stack, &lists);
                println!("{name}, {part:?}: {times:?} ns for 8 handshakes");
                assert!(times[2] < times[0] * 8, "{name}, {part:?}: {times:?}");
            }
        }
    }
}

/// A layer keeps so many of the lines, a credential aside, as it reads elements.
#[test]
fn r3_too_many_instances_are_refused_at_the_same_cost_however_many() {
    for (name, stack) in stacks() {
        if name == "unlimited, credentials" {
            continue;
        }
        for line in ["", "a", "v1"] {
            let line = HeaderValue::from_static(line);
            let allocated = [MAX_OFFERS + 2, MANY_LINES]
                .map(|count| refused(&stack, &vec![line.clone(); count]).0);
            let [few, many] = &allocated;
            assert_eq!(few.count_total, many.count_total, "{name}, {line:?}");
            assert_eq!(few.bytes_total, many.bytes_total, "{name}, {line:?}");
            let bound = 4 * KIB + 4 * MAX_OFFERS * size_of::<HeaderValue>();
            assert!(few.bytes_total <= bound as u64, "{name}: {few:?}");
        }
    }
}

/// A credential that is too long is not copied, let alone decoded.
#[test]
fn a_long_credential_is_refused_at_the_same_cost_however_long() {
    for before in ["v1, bearer.", "v1, b64.", "v1, bearer, "] {
        let allocated = [12 * KIB, 60 * KIB, 600 * KIB].map(|length| {
            let offers = [before.as_bytes(), header("a", length).as_bytes()].concat();
            let offers = HeaderValue::from_bytes(&offers).unwrap();
            let (allocated, reason) = refused(&[taking()], &[offers]);
            let is_faulty = matches!(reason, SubprotocolRejection::FaultyCredential(_));
            assert!(is_faulty, "{before}: {reason:?}");
            allocated
        });
        assert_eq!(allocated[0], allocated[1], "{before}");
        assert_eq!(allocated[0], allocated[2], "{before}");
        let bytes = allocated[0].bytes_total;
        assert!(bytes <= 2 * KIB as u64, "{before}: {bytes} bytes");
    }
}

/// None of the layers copies a name, unless it is selected.
#[test]
fn one_long_name_is_read_without_a_copy() {
    for (name, stack) in stacks() {
        let allocated = [1, 60 * KIB, 600 * KIB].map(|length| {
            let request = request(&[header("x", length)]);
            let allocated =
                measure(|| assert_eq!(through(&stack, request).status(), StatusCode::OK));
            (allocated.count_total, allocated.bytes_total)
        });
        assert_eq!(allocated, [allocated[0]; 3], "{name}");
        let (count, bytes) = allocated[0];
        println!("{name}: {count} allocations, {bytes} bytes");
        assert!(count <= 12 && bytes <= 2 * KIB as u64, "{name}");
    }
}

/// What is left of the list is copied, and no more of it than is read.
#[test]
fn too_many_offers_beside_a_credential_cost_the_same_however_many() {
    for (before, part) in [
        ("bearer.a,", "a,"),
        ("bearer.a,", ","),
        ("bearer,a,", "v1, "),
    ] {
        let allocated = [MAX_OFFERS + 2, 30_000, 200_000].map(|count| {
            let offers = before.to_owned() + &part.repeat(count);
            let offers = HeaderValue::from_maybe_shared(bytes::Bytes::from(offers)).unwrap();
            let (allocated, reason) = refused(&[taking()], &[offers]);
            let is_too_many = matches!(reason, SubprotocolRejection::TooManyOffers(_));
            assert!(is_too_many, "{before}{part}: {reason:?}");
            allocated.bytes_total
        });
        println!("{before}{part}: {allocated:?} bytes");
        assert!(
            allocated[2] <= 16 * KIB as u64,
            "{before}{part}: {allocated:?}"
        );
    }
}
