//! What two threads that share one layer pay for a handshake, against one thread.
//!
//! ```sh
//! cargo bench --bench threads
//! ```
//!
//! Threads that write to the same memory wait for each other, so the processor time of
//! each grows. Threads are pinned to cores. *Ratio* is the median of pairs: one thread,
//! and then two. Each pair has a layer of its own, at another place in memory. The first row
//! has no layer: the error of the other rows is at least as large as its distance from 1.

use std::{
    convert::Infallible,
    hint::black_box,
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use axum_subprotocol::{OfferedCredentialLayer, SubprotocolLayer};
use core_affinity::CoreId;
use cpu_time::ThreadTime;
use futures_util::FutureExt;
use http::{
    HeaderName, HeaderValue, Request, Response, StatusCode,
    header::{CONNECTION, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
};
use serde::Deserialize;
use tower::{Layer, Service, service_fn, util::ServiceFn};

const HANDSHAKE: &str = include_str!("../cost/handshake.txt");
const NAMES: [&str; 2] = ["chat.v2", "chat.v1"];
const PAIRS: usize = 60;
const HANDSHAKES: u32 = 20_000;

#[derive(Debug, Deserialize)]
enum Chat {
    #[serde(rename = "chat.v2")]
    V2,
    #[serde(rename = "chat.v1")]
    V1,
}

fn main() {
    println!("| Nanoseconds a handshake | one thread | two threads | ratio | quartiles |");
    println!("| --- | --: | --: | --: | --: |");
    row("no layer", "chat.v1", || ());
    row("`of`, an enum", "chat.v1", SubprotocolLayer::of::<Chat>);
    row("`new`, texts", "chat.v1", || SubprotocolLayer::new(NAMES));
    row("`from_fn`", "chat.v1", || {
        SubprotocolLayer::from_fn(|offers, _| offers.get("chat.v1"))
    });
    row("a credential", "chat.v1, bearer.mF_9.B5f", || {
        OfferedCredentialLayer::after_prefix("bearer.")
    });
}

type Reply = std::future::Ready<Result<Response<String>, Infallible>>;

fn row<L>(title: &str, offers: &'static str, layer: fn() -> L)
where
    L: Layer<ServiceFn<fn(Request<()>) -> Reply>>,
    L::Service: Service<Request<()>, Error = Infallible> + Clone + Sync,
{
    // A block of another size before each layer moves it. A ratio depends on what shares a
    // cache line with the counts.
    let services = (0..PAIRS).map(|number| {
        let gap = vec![0_u8; 24 + number % 8 * 16];
        (layer().layer(service_fn(answer as fn(_) -> _)), gap)
    });
    let services: Vec<_> = services.collect();
    let cores = core_affinity::get_core_ids().expect("the cores");
    let [first, second, ..] = cores[..] else {
        panic!("two cores are needed");
    };
    let pairs: Vec<[f64; 2]> = services
        .iter()
        .map(|(service, _)| {
            let measure = |cores: &[CoreId]| time(service, offers, cores);
            [measure(&[first]), measure(&[first, second])]
        })
        .collect();
    let one = quartiles(pairs.iter().map(|[one, _]| *one))[1];
    let two = quartiles(pairs.iter().map(|[_, two]| *two))[1];
    let [lower, ratio, upper] = quartiles(pairs.iter().map(|[one, two]| two / one));
    println!("| {title} | {one:.0} | {two:.0} | {ratio:.2} | {lower:.2} to {upper:.2} |");
}

/// The processor time of a handshake, in nanoseconds, with a thread on each core.
fn time<S>(service: &S, offers: &'static str, cores: &[CoreId]) -> f64
where
    S: Service<Request<()>, Error = Infallible> + Clone + Sync,
{
    let (start, busy) = (Barrier::new(cores.len()), AtomicUsize::new(cores.len()));
    let serve = || {
        // A connection has a service of its own.
        let reply = service.clone().call(request(offers)).now_or_never();
        black_box(reply.is_some());
    };
    let work = |core| {
        core_affinity::set_for_current(core);
        start.wait();
        let time = ThreadTime::now();
        (0..HANDSHAKES).for_each(|_| serve());
        let time = time.elapsed();
        // The other thread is not alone before it has its time.
        busy.fetch_sub(1, Ordering::Relaxed);
        while busy.load(Ordering::Relaxed) > 0 {
            serve();
        }
        time.as_secs_f64() * 1e9 / f64::from(HANDSHAKES)
    };
    let times: Vec<f64> = thread::scope(|scope| {
        let threads = cores.iter().map(|core| scope.spawn(|| work(*core)));
        let threads: Vec<_> = threads.collect();
        let times = threads.into_iter().map(thread::ScopedJoinHandle::join);
        times.map(|time| time.expect("no panic")).collect()
    });
    times.iter().sum::<f64>() / f64::from(u32::try_from(times.len()).expect("few threads"))
}

fn request(offers: &'static str) -> Request<()> {
    let mut request = Request::new(());
    request.headers_mut().reserve(16);
    for line in HANDSHAKE.lines() {
        let (name, value) = line.split_once(": ").expect("a header line");
        let name: HeaderName = name.parse().expect("a token");
        request
            .headers_mut()
            .append(name, HeaderValue::from_static(value));
    }
    let offers = HeaderValue::from_static(offers);
    request.headers_mut().append(SEC_WEBSOCKET_PROTOCOL, offers);
    request
}

fn answer(_: Request<()>) -> Reply {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    std::future::ready(Ok(response))
}

/// The median is the second one.
fn quartiles(figures: impl Iterator<Item = f64>) -> [f64; 3] {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_unstable_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| figures[figures.len() * quarter / 4])
}
