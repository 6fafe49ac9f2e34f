//! Whole WebSocket handshakes a second over loopback, with the layer and without.
//!
//! ```sh
//! cargo bench --bench handshakes
//! ```
//!
//! Each handshake has a connection of its own, and the server is an axum app. Client
//! and servers share one thread, so that all work on both sides counts.
//!
//! Two servers are compared in short rounds that take turns, so that other work on the
//! machine slows both down alike. *Ratio* is the median of the ratios of such pairs,
//! and the quartiles stand beside it. The last row compares a server with its equal:
//! the error of the other rows is at least as large.

mod client;
mod rounds;
mod servers;

use std::{io, time::Duration};

use self::{
    client::{Client, OFFERED},
    rounds::take_turns,
};

const ROUNDS: usize = 800;
const ROUND: Duration = Duration::from_millis(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let selects = |address| Client::new(address, Some("chat.v1"));
    let selects_nothing = |address| Client::new(address, None);
    let layer = selects(servers::start(servers::layer()).await?);
    let protocols = selects(servers::start(servers::protocols()).await?);
    let nothing = selects_nothing(servers::start(servers::nothing()).await?);
    let nothing_again = selects_nothing(servers::start(servers::nothing()).await?);

    let titles = [
        "the layer / nothing negotiated",
        "the layer / axum's `protocols()`",
        "nothing, twice",
    ];
    let pairs = [
        [&layer, &nothing],
        [&layer, &protocols],
        [&nothing, &nothing_again],
    ];
    let rounds = take_turns(pairs, ROUNDS, ROUND).await;

    println!("`{OFFERED}` is offered.\n");
    println!("| Handshakes a second | first | second | ratio | quartiles |");
    println!("| --- | --: | --: | --: | --: |");
    for (title, rounds) in titles.into_iter().zip(rounds) {
        let [first, second] = [0, 1].map(|server| rounds.rate(server));
        let [lower, ratio, upper] = rounds.ratio(0, 1);
        println!("| {title} | {first:.0} | {second:.0} | {ratio:.3} | {lower:.3} to {upper:.3} |");
    }
    Ok(())
}
