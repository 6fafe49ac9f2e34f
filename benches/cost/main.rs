//! What one request costs, above the same service without a layer.
//!
//! ```sh
//! cargo bench --bench cost
//! cargo bench --bench cost --features tracing   # with events that nobody reads
//! ```
//!
//! valgrind counts instructions and allocations, in Cargo's default release profile.
//! These are the figures to rely on. The times that follow are for comparisons within
//! one run.

mod client;
mod servers;

use std::{env, hint::black_box, process::Command};

use self::servers::{ROWS, Row, Run};

fn main() {
    let numbers: Vec<usize> = env::args().filter_map(|text| text.parse().ok()).collect();
    if let [row, run, requests] = numbers[..] {
        // Valgrind counts this process.
        let (client, mut serve) = ROWS[row].prepare(Run::ALL[run]);
        for _ in 0..requests {
            black_box(serve(client.request()));
        }
    } else {
        table();
        divan::main();
    }
}

fn table() {
    println!("| | instructions | by hand | ratio | allocations | by hand |");
    println!("| --- | --: | --: | --: | --: | --: |");
    for (index, row) in ROWS.iter().enumerate() {
        let [ours, by_hand] = costs(row, |run| instructions(index, run));
        let [allocations, allocations_by_hand] = costs(row, |run| allocations(index, run));
        let ratio = ours.zip(by_hand).map(|(ours, by_hand)| ours / by_hand);
        let ratio = ratio.map(|ratio| {
            let digits = if ratio < 0.1 { 5 } else { 2 };
            format!("{ratio:.digits$}")
        });
        let count = |count: Option<f64>| count.map(|count| format!("{count:.0}"));
        let cells = [
            count(ours),
            count(by_hand),
            ratio,
            count(allocations),
            count(allocations_by_hand),
        ];
        let cells = cells.map(|cell| cell.unwrap_or("–".to_owned()));
        println!("| {} | {} |", row.title, cells.join(" | "));
    }
}

/// What this crate costs, and what the same job costs by hand.
///
/// `WebSocketUpgrade` always reads the header. So axum's share is what a handshake
/// with offers and `protocols()` costs, less one with neither.
fn costs(row: &Row, cost: impl Fn(Run) -> Option<f64>) -> [Option<f64>; 2] {
    let above = |run, base| Some(cost(run)? - cost(base)?);
    let by_hand = row.by_hand.and_then(|_| above(Run::ByHand, Run::Identity));
    let alone = if row.is_axum {
        above(Run::AxumAlone, Run::IdentityAlone)
    } else {
        Some(0.0)
    };
    let by_hand = by_hand.zip(alone).map(|(whole, alone)| whole - alone);
    [above(Run::Layered, Run::Identity), by_hand]
}

fn instructions(row: usize, run: Run) -> Option<f64> {
    let arguments = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    count(arguments, "Collected : ", row, run)
}

fn allocations(row: usize, run: Run) -> Option<f64> {
    count(
        ["--tool=memcheck", "--leak-check=no"],
        "total heap usage: ",
        row,
        run,
    )
}

/// Counts a process that serves some requests, and one that serves twice as many, so
/// that only the requests count. `None` without valgrind.
fn count(arguments: [&str; 2], before: &str, row: usize, run: Run) -> Option<f64> {
    let requests = if ROWS[row].is_hostile() { 5 } else { 100 };
    let of_process = |requests: u32| -> Option<f64> {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(arguments).arg(env::current_exe().ok()?);
        valgrind.args([
            row.to_string(),
            (run as usize).to_string(),
            requests.to_string(),
        ]);
        let report = valgrind.output().ok()?.stderr;
        let report = String::from_utf8_lossy(&report);
        let figure = report.split_once(before)?.1.split_whitespace().next()?;
        figure.replace(',', "").parse().ok()
    };
    Some((of_process(2 * requests)? - of_process(requests)?) / f64::from(requests))
}

#[divan::bench(args = ROWS, consts = [Run::IDENTITY, Run::LAYERED, Run::BY_HAND])]
fn time<const RUN: usize>(bencher: divan::Bencher<'_, '_>, row: &Row) {
    let (client, serve) = row.prepare(Run::ALL[RUN]);
    bencher
        .with_inputs(|| client.request())
        .bench_local_values(serve);
}
