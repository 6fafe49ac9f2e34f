//! What one request costs, with a layer and without.
//!
//! ```sh
//! cargo bench --bench cost
//! cargo bench --bench cost --features tracing   # with events and no subscriber
//! ```
//!
//! valgrind, which must be installed, counts instructions and allocations, in Cargo's
//! default release profile. The times that follow are for comparisons within one run.

mod bare;
mod by_hand;
mod count;
mod request;
mod router;
mod rows;

use std::env;

use self::{request::request, rows::ROWS};

/// Answers a request, and drops the reply.
type Serve = Box<dyn FnMut(http::Request<()>)>;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let numbers: Vec<usize> = arguments
        .iter()
        .filter_map(|text| text.parse().ok())
        .collect();
    let [row, server, requests] = numbers[..] else {
        router::table();
        bare::table();
        return divan::main();
    };
    // valgrind counts this process.
    let (head, mut serve) = match &*arguments[0] {
        "router" => router::prepare(row, server),
        _ => bare::prepare(row, server),
    };
    for _ in 0..requests {
        serve(request(&head));
    }
}

/// 0 is the inner service, 1 is the layer, and 2 is code by hand.
#[divan::bench(args = ROWS.iter().map(|row| row.0), consts = [0, 1, 2])]
fn time<const SERVER: usize>(bencher: divan::Bencher<'_, '_>, title: &str) {
    let row = ROWS.iter().position(|row| row.0 == title).expect("a row");
    let (head, serve) = bare::prepare(row, SERVER);
    let bencher = bencher.with_inputs(|| request(&head));
    bencher.bench_local_values(serve);
}
