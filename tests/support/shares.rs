//! Work that is shared by all cores.

#![allow(unreachable_pub, reason = "a test has no public face")]

use std::thread;

/// Calls `check` with the number of each share and how many there are, and sums up
/// the lists and the handshakes that it returns.
pub fn sum(check: impl Fn(usize, usize) -> (u64, u64) + Sync) -> (u64, u64) {
    let shares = thread::available_parallelism().map_or(1, usize::from);
    let check = &check;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..shares)
            .map(|share| scope.spawn(move || check(share, shares)))
            .collect();
        threads.into_iter().fold((0, 0), |sum, thread| {
            let (lists, handshakes) = thread.join().expect("the reason is above");
            (sum.0 + lists, sum.1 + handshakes)
        })
    })
}
