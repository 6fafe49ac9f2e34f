//! Long runs, shared by all cores.

use std::{env, ops::RangeInclusive, thread};

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

/// All sequences of `values` of these lengths, of which this is one of the shares.
pub fn enumerate<T: Copy>(
    values: &[T],
    lengths: RangeInclusive<u32>,
    share: usize,
    shares: usize,
) -> impl Iterator<Item = Vec<T>> {
    let base = values.len();
    lengths.flat_map(move |length| {
        let numbers = (share..base.pow(length)).step_by(shares);
        // The digits of a number stand for the values of a sequence.
        numbers.map(move |number| {
            let digits = (0..length).map(|digit| number / base.pow(digit) % base);
            digits.map(|digit| values[digit]).collect()
        })
    })
}
