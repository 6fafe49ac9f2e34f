//! Whole WebSocket handshakes a second, of servers in several languages.
//!
//! ```sh
//! throughput/install && cargo run --release --locked --bin throughput
//! ```
//!
//! Each server is a process of its own that works on one thread, Go's on one at a
//! time. All serve `/chat`, support `chat.v2` and `chat.v1`, in this order, and end
//! the connection when the handshake is complete. The client is that of the
//! library's bench `handshakes`, on one thread too, and visits the servers in short
//! rounds, in turns. Each row has the median of all rounds, and that of the ratios
//! to axum alone in the same round, with quartiles.

#[path = "../../../benches/handshakes/client.rs"]
mod client;
mod programs;
#[path = "../../../benches/handshakes/rounds.rs"]
mod rounds;
#[expect(dead_code, reason = "the bench has more of them")]
#[path = "../../../benches/handshakes/servers.rs"]
mod servers;

use std::{env, future::pending, io, time::Duration};

use self::{
    client::{Client, OFFERED},
    programs::Program,
    rounds::take_turns,
};

const ROUNDS: usize = 300;
const ROUND: Duration = Duration::from_millis(25);
/// For the compilers that work while their program runs.
const WARM_UP: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    match env::args().nth(1).as_deref() {
        None => report().await,
        Some("layer") => serve("this crate on axum", servers::layer()).await?,
        Some("axum") => serve("axum alone", servers::protocols()).await?,
        Some(other) => panic!("there is no server {other}"),
    }
    Ok(())
}

/// What the child processes do that are of this crate.
async fn serve(title: &str, app: axum::Router) -> io::Result<()> {
    println!("{} {title}", servers::start(app).await?);
    pending().await
}

async fn report() {
    let programs = Program::start_all().await;
    let clients = programs
        .each_ref()
        .map(|program| Client::new(program.address, Some("chat.v1")));
    for client in &clients {
        client.rate(WARM_UP).await;
    }
    let [rounds] = take_turns([clients.each_ref()], ROUNDS, ROUND).await;

    println!("`{OFFERED}` is offered.\n");
    println!("| Handshakes a second | | to axum alone | quartiles |");
    println!("| --- | --: | --: | --: |");
    for (server, program) in programs.iter().enumerate() {
        let rate = rounds.rate(server);
        let [lower, ratio, upper] = rounds.ratio(server, programs::AXUM_ALONE);
        println!(
            "| {} | {rate:.0} | {ratio:.3} | {lower:.3} to {upper:.3} |",
            program.title
        );
    }
}
