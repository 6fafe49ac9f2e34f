//! Three ways to measure one request.

use std::{
    env, hint,
    process::Command,
    time::{Duration, Instant},
};

use super::{
    shapes::{Client, SHAPES, Shape},
    stacks::Stack,
};

/// Requests of a shape, or the same without offers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) shape: usize,
    pub(crate) offers: bool,
}

impl Load {
    const fn shape(self) -> Shape {
        SHAPES[self.shape]
    }

    fn client(self) -> Client {
        if self.offers {
            Client::new(self.shape())
        } else {
            Client::offering_nothing(self.shape())
        }
    }
}

/// What valgrind can count.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    Instructions,
    Allocations,
}

impl Count {
    /// The figure for one request; `None` without valgrind.
    ///
    /// A child process serves some requests, and another one twice as many, so
    /// that only the requests count.
    pub(crate) fn of(self, stack: Stack, load: Load) -> Option<f64> {
        let requests = if load.shape().is_hostile() { 10 } else { 200 };
        let once = self.of_child(stack, load, requests)?;
        let twice = self.of_child(stack, load, 2 * requests)?;
        Some((twice - once) / f64::from(requests))
    }

    fn of_child(self, stack: Stack, load: Load, requests: u32) -> Option<f64> {
        let (options, before, after): (&[&str], _, _) = match self {
            Self::Instructions => (
                &["--tool=callgrind", "--callgrind-out-file=/dev/null"],
                "Collected : ",
                "\n",
            ),
            Self::Allocations => (&["--leak-check=no"], "total heap usage: ", " allocs"),
        };
        let output = Command::new("valgrind")
            .args(options)
            .arg(env::current_exe().ok()?)
            .arg(format!("{stack:?}"))
            .args([
                load.shape.to_string(),
                load.offers.to_string(),
                requests.to_string(),
            ])
            .output()
            .ok()?;
        let report = String::from_utf8_lossy(&output.stderr);
        let (_, count) = report.split_once(before)?;
        let (count, _) = count.split_once(after)?;
        count.replace(',', "").trim().parse().ok()
    }
}

/// What a child does: `STACK SHAPE OFFERS REQUESTS`.
pub(crate) fn serve_in_child(arguments: &[String]) -> Option<()> {
    let [stack, shape, offers, requests] = arguments else {
        return None;
    };
    let stack = Stack::ALL
        .into_iter()
        .find(|known| format!("{known:?}") == *stack)?;
    let load = Load {
        shape: shape.parse().ok().filter(|shape| *shape < SHAPES.len())?,
        offers: offers.parse().ok()?,
    };
    let client = load.client();
    let mut serve = stack.serve(load.shape());
    for _ in 0..requests.parse::<u32>().ok()? {
        drop(hint::black_box(serve(client.request())));
    }
    Some(())
}

/// Nanoseconds for one request, a median for each of `runs`.
///
/// The runs take turns, batch by batch, so that the machine's moods meet all of
/// them alike.
pub(crate) fn nanoseconds<const N: usize>(runs: [(Stack, Load); N]) -> [f64; N] {
    const ROUNDS: usize = 201;
    let mut runs = runs.map(|(stack, load)| {
        let batch = if load.shape().is_hostile() { 2 } else { 200 };
        (
            load.client(),
            stack.serve(load.shape()),
            batch,
            Vec::with_capacity(ROUNDS),
        )
    });
    for _ in 0..ROUNDS {
        for (client, serve, batch, times) in &mut runs {
            let requests: Vec<_> = (0..*batch).map(|_| client.request()).collect();
            let start = Instant::now();
            for request in requests {
                drop(hint::black_box(serve(request)));
            }
            times.push(start.elapsed() / *batch);
        }
    }
    runs.map(|(_, _, _, mut times)| {
        times.sort_unstable();
        let median: Duration = times[ROUNDS / 2];
        median.as_secs_f64() * 1e9
    })
}
