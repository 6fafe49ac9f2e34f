//! Random inputs, and runs that all cores share.

use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use arbitrary::Unstructured;

/// Calls `check` with as many random inputs as the environment variable says, or the
/// `default`. The variable `SEED` is the number of the first input.
pub fn check_random(variable: &str, default: u32, check: impl Fn(&mut Unstructured<'_>) + Sync) {
    let (count, first) = (
        number_from_env(variable, default),
        number_from_env("SEED", 0),
    );
    on_all_cores(|share, shares| {
        for seed in (first..first + count).skip(share).step_by(shares) {
            let mut bytes = [0; 600];
            fastrand::Rng::with_seed(seed.into()).fill(&mut bytes);
            let run = || check(&mut Unstructured::new(&bytes));
            let outcome = catch_unwind(AssertUnwindSafe(run));
            assert!(
                outcome.is_ok(),
                "for this input again: {variable}=1 SEED={seed}"
            );
        }
        0
    });
}

/// Calls `check` on each core, with the number of its share and how many shares
/// there are. Returns the sum of the results.
pub fn on_all_cores(check: impl Fn(usize, usize) -> u64 + Sync) -> u64 {
    let shares = thread::available_parallelism().map_or(1, usize::from);
    let check = &check;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..shares)
            .map(|share| scope.spawn(move || check(share, shares)))
            .collect();
        let results = threads.into_iter().map(thread::ScopedJoinHandle::join);
        results
            .map(|result| result.expect("the reason is above"))
            .sum()
    })
}

/// The value of the environment variable `name`, or the `default`.
pub fn number_from_env(name: &str, default: u32) -> u32 {
    env::var(name).map_or(default, |number| number.parse().expect("a number"))
}

/// All sequences of up to `longest` of `values`, of which this is one of the shares.
pub fn enumerate<T: Copy>(
    values: &[T],
    longest: u32,
    share: usize,
    shares: usize,
) -> impl Iterator<Item = Vec<T>> {
    let base = values.len();
    (0..=longest).flat_map(move |length| {
        let numbers = (share..base.pow(length)).step_by(shares);
        // The digits of a number stand for the values of a sequence.
        numbers.map(move |number| {
            let digits = (0..length).map(|digit| number / base.pow(digit) % base);
            digits.map(|digit| values[digit]).collect()
        })
    })
}
