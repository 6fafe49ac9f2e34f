//! Random requests through random stacks of both layers and other middleware, against
//! an oracle that is written from the rules.
//!
//! A test run takes some thousand requests. For more, on all cores:
//!
//! ```sh
//! STACKS=100000000 cargo test --release --test integration random_stacks -- --nocapture
//! ```

use std::panic::catch_unwind;

use arbitrary::{Arbitrary, Unstructured};

use crate::harness::{Case, number_from_env, on_all_cores};

#[test]
fn every_random_stack_does_what_the_rules_say() {
    let (count, first) = (
        number_from_env("STACKS", 20_000),
        number_from_env("SEED", 0),
    );
    let handled = on_all_cores(|share, shares| {
        let mut handled = 0;
        for seed in (first..first + count).skip(share).step_by(shares) {
            let is_handled = catch_unwind(|| check(seed));
            handled += u64::from(is_handled.unwrap_or_else(|_| {
                panic!("this case again: STACKS=1 SEED={seed} cargo test random_stacks")
            }));
        }
        handled
    });
    println!("{count} requests, of which {handled} reached the handler");
}

/// Returns whether the request reached the handler.
fn check(number: u32) -> bool {
    let mut bytes = [0; 600];
    fastrand::Rng::with_seed(number.into()).fill(&mut bytes);
    let case = Case::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
    let (seen, expected) = (case.seen(), case.expected());
    assert_eq!(seen, expected, "{case:#?}");
    !seen.inward.is_empty()
}
