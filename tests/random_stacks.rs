//! Random requests through random stacks of both layers and other middleware, against
//! the oracle.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{harness::Case, support::random::check_random};

#[test]
fn every_random_stack_does_what_the_rules_say() {
    let handled = AtomicUsize::new(0);
    check_random("STACKS", 20_000, |source| {
        let case: Case = source.arbitrary().unwrap();
        handled.fetch_add(case.check().min(1), Ordering::Relaxed);
    });
    println!("{handled:?} requests reached the handler");
}
