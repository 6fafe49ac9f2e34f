//! Short rounds in which servers take turns.

use std::time::Duration;

use super::client::Client;

/// The handshakes a second of each of `K` servers, round by round.
#[derive(Debug)]
pub(crate) struct Rounds<const K: usize>(Vec<[f64; K]>);

/// The servers of each group take turns, for `time` each. Another one is first in each
/// round.
pub(crate) async fn take_turns<const N: usize, const K: usize>(
    groups: [[&Client; K]; N],
    rounds: usize,
    time: Duration,
) -> [Rounds<K>; N] {
    let mut all = [(); N].map(|()| Rounds(Vec::with_capacity(rounds)));
    for round in 0..rounds {
        for (group, clients) in all.iter_mut().zip(groups) {
            let mut rates = [0.0; K];
            for turn in 0..K {
                let server = (round + turn) % K;
                rates[server] = clients[server].rate(time).await;
            }
            group.0.push(rates);
        }
    }
    all
}

impl<const K: usize> Rounds<K> {
    /// The median rate of a server.
    pub(crate) fn rate(&self, server: usize) -> f64 {
        let [_, median, _] = quartiles(self.0.iter().map(|rates| rates[server]));
        median
    }

    /// The quartiles of the ratio of two servers' rates in the same round.
    pub(crate) fn ratio(&self, server: usize, other: usize) -> [f64; 3] {
        quartiles(self.0.iter().map(|rates| rates[server] / rates[other]))
    }
}

/// The median is the second one.
fn quartiles(figures: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_unstable_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| figures[figures.len() * quarter / 4])
}
