//! What the layer costs, beside what the same job costs elsewhere.
//!
//! ```sh
//! cargo bench --bench cost
//! ```
//!
//! Each figure is for one request, above a layer that does nothing. The columns
//! are
//!
//! - *floor*: hand-written calls to the maps of a request and a reply that no
//!   layer for this job can avoid. It reads no list, and judges nothing;
//! - *this crate*;
//! - *axum*: what `WebSocketUpgrade` takes for the header and for `protocols()`:
//!   both, less its extraction without either.
//!
//! Instructions and allocations are counted by valgrind, if it is installed.
//! They are the figures to rely on; times are medians of batches that take turns.

mod measure;
mod shapes;
mod stacks;

use std::{env, process::ExitCode};

use self::{
    measure::{Count, Load, nanoseconds, serve_in_child},
    shapes::SHAPES,
    stacks::Stack::{self, Axum, AxumAlone, Floor, Identity, Ours},
};

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if arguments.is_empty() {
        report();
    } else if serve_in_child(&arguments).is_none() {
        eprintln!("usage: cargo bench --bench cost");
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}

type Runs = [(Stack, Load); 6];

fn report() {
    table("Instructions", |runs| counts(runs, Count::Instructions));
    table("Allocations", |runs| counts(runs, Count::Allocations));
    table("Nanoseconds", |runs| Some(nanoseconds(runs)));
}

fn counts(runs: Runs, count: Count) -> Option<[f64; 6]> {
    let mut figures = [0.0; 6];
    for (figure, (stack, load)) in figures.iter_mut().zip(runs) {
        *figure = count.of(stack, load)?;
    }
    Some(figures)
}

/// Prints a row for each shape.
fn table(title: &str, measure: impl Fn(Runs) -> Option<[f64; 6]>) {
    println!("| {title} | floor | this crate | axum | to floor | to axum |");
    println!("| --- | --: | --: | --: | --: | --: |");
    for (index, shape) in SHAPES.iter().enumerate() {
        let [all, none] = [true, false].map(|offers| Load {
            shape: index,
            offers,
        });
        let runs = [
            (Identity, all),
            (Floor, all),
            (Ours, all),
            (Axum, all),
            (Identity, none),
            (AxumAlone, none),
        ];
        let Some([identity, floor, ours, axum, no_offers, axum_alone]) = measure(runs) else {
            println!("| valgrind is needed for this |\n");
            return;
        };
        let [floor, ours] = [floor, ours].map(|cost| cost - identity);
        // Of any other request axum takes no header.
        let axum = if shape.is_handshake {
            (axum - identity) - (axum_alone - no_offers)
        } else {
            0.0
        };
        println!(
            "| {} | {floor:.0} | {ours:.0} | {axum:.0} | {} | {} |",
            shape.title,
            ratio(ours, floor),
            ratio(ours, axum),
        );
    }
    println!();
}

/// A dash, if one of the two is nothing, or lost in the noise.
fn ratio(ours: f64, other: f64) -> String {
    match ours / other {
        _ if ours <= 0.0 || other <= 0.0 => "–".to_owned(),
        ratio if ratio < 0.01 => format!("{ratio:.5}"),
        ratio => format!("{ratio:.2}"),
    }
}
