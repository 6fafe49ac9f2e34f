//! What one request costs, above the same service without a layer.
//!
//! ```sh
//! cargo bench --bench cost
//! cargo bench --bench cost --features tracing   # with events and no subscriber
//! ```
//!
//! valgrind, which must be installed, counts instructions and allocations, in Cargo's
//! default release profile. The times that follow are for comparisons within one run.

use std::{convert::Infallible, env, hint::black_box, process::Command, str};

use axum::extract::{FromRequestParts, ws::WebSocketUpgrade as Upgrade};
use axum_subprotocol::{Encoding, OfferedCredentialLayer, SubprotocolLayer};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, future::BoxFuture};
use http::{
    HeaderName, HeaderValue, Request, Response, StatusCode,
    header::{AUTHORIZATION, CONNECTION, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
    request::Parts,
};
use tower::{Layer, Service, layer::layer_fn, service_fn, util::ServiceFn};

/// The header lines of the first row, and of all others before their offers.
const PLAIN_GET: &str = include_str!("plain-get.txt");
const HANDSHAKE: &str = include_str!("handshake.txt");
const WANTED: &str = "graphql-transport-ws";
const KIB_60: usize = 60 * 1024;

/// A title, lines of offers, this crate's layer, and code for the same job by hand. What
/// the second code costs without offers is not part of the job.
type Row = (
    &'static str,
    fn() -> String,
    fn() -> Serve,
    Option<[ByHand; 2]>,
);

/// A server in one function.
type Serve = Box<dyn FnMut(Request<()>) -> Response<String>>;
/// Code in the handler, which returns the name for the reply.
type ByHand = fn(&mut Parts) -> Option<HeaderValue>;
const NOTHING: ByHand = |_| None;

const ROWS: [Row; 19] = {
    let list: fn() -> Serve = || serve(names(2));
    let nested = || serve((names(2), names(2)));
    let from_fn = || serve(SubprotocolLayer::from_fn(|offers, _| offers.get(WANTED)));
    let by_prefix = || serve(OfferedCredentialLayer::after_prefix("bearer."));
    let base64 = || serve(encoded(Encoding::Base64));
    let percent = || serve(encoded(Encoding::Percent));
    let by_name = || serve(OfferedCredentialLayer::after_name("bearer"));
    let protocols: ByHand = |head| axum(head, |ws| ws.protocols([WANTED, "graphql-ws"]));
    let axum = Some([protocols, |head| axum(head, |ws| ws)]);
    let plain: ByHand = |head| take(head, str::to_owned);
    let from_base64: ByHand = |head| take(head, from_base64);
    let from_percent: ByHand = |head| take(head, from_percent);
    let two = || "graphql-ws, graphql-transport-ws".to_owned();
    let lines = || "soap\ngraphql-ws\ngraphql-transport-ws".to_owned();
    let long = || vec!["a".repeat(960); 64].join(",");
    let of_one_length = || serve(SubprotocolLayer::new(numbered("x")));
    let unsupported = || numbered("y").collect::<Vec<_>>().join(",");
    let prefixed = || "chat, bearer.mF_9.B5f".to_owned();
    let in_base64 = || "chat, bearer.bUZfOS5CNWY".to_owned();
    let in_percent = || "chat, bearer.mF%2F9.B5f".to_owned();
    let named = || "bearer, mF_9.B5f".to_owned();
    [
        ("plain GET", String::new, list, None),
        ("nothing offered", String::new, list, axum),
        (
            "one name, the first of two",
            || WANTED.to_owned(),
            list,
            axum,
        ),
        (
            "one name, the second",
            || "graphql-ws".to_owned(),
            list,
            axum,
        ),
        ("two names", two, list, axum),
        ("two names of 64", two, || serve(names(64)), axum),
        ("three header lines", lines, list, axum),
        (
            "64 names of one length, none of 64",
            unsupported,
            of_one_length,
            axum,
        ),
        ("60 KiB of `a,a,…`", || "a,".repeat(KIB_60 / 2), list, axum),
        ("60 KiB of commas", || ",".repeat(KIB_60), list, axum),
        ("60 KiB of one name", || "a".repeat(KIB_60), list, axum),
        ("two nested layers", two, nested, None),
        ("`from_fn`", two, from_fn, Some([select, NOTHING])),
        ("`from_fn`, `contains` 64 times", two, contains, None),
        ("`contains` 64 times, 64 names of 960", long, contains, None),
        (
            "credential by prefix",
            prefixed,
            by_prefix,
            Some([plain, NOTHING]),
        ),
        (
            "credential after a name",
            named,
            by_name,
            Some([plain, NOTHING]),
        ),
        (
            "credential in base64",
            in_base64,
            base64,
            Some([from_base64, NOTHING]),
        ),
        (
            "credential, percent-encoded",
            in_percent,
            percent,
            Some([from_percent, NOTHING]),
        ),
    ]
};

/// A request whose header values are slices of one buffer, as hyper makes them.
fn request(head: &Bytes) -> Request<()> {
    let mut request = Request::new(());
    let on_upgrade = hyper::upgrade::on(Request::new(()));
    request.extensions_mut().insert(on_upgrade);
    request.headers_mut().reserve(16);
    for line in str::from_utf8(head).expect("text").lines() {
        let (name, value) = line.split_once(": ").expect("a header line");
        let value = HeaderValue::from_maybe_shared(head.slice_ref(value.as_bytes()));
        let name: HeaderName = name.parse().expect("a token");
        request.headers_mut().append(name, value.expect("ASCII"));
    }
    request
}

type Answer = BoxFuture<'static, Result<Response<String>, Infallible>>;

/// The inner service behind a layer.
fn serve<L>(layer: L) -> Serve
where
    L: Layer<ServiceFn<fn(Request<()>) -> Answer>>,
    L::Service: Service<Request<()>, Response = Response<String>, Error = Infallible> + 'static,
{
    let mut service = layer.layer(service_fn(|request| answer(request, NOTHING)));
    Box::new(move |request| {
        let Ok(response) = service.call(request).now_or_never().expect("ready at once");
        response
    })
}

fn serve_by_hand(code: ByHand) -> Serve {
    let handler = move |request| answer(request, code);
    serve(layer_fn(move |_| service_fn(handler)))
}

/// The future is boxed, as those of axum's routes are.
fn answer(request: Request<()>, by_hand: ByHand) -> Answer {
    Box::pin(async move {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        let selected = by_hand(&mut request.into_parts().0);
        headers.extend(selected.map(|name| (SEC_WEBSOCKET_PROTOCOL, name)));
        Ok(response)
    })
}

/// A layer with this many names.
fn names(count: usize) -> SubprotocolLayer {
    let others = (2..count).map(|number| format!("graphql-ws-{number:02}"));
    let wanted = [WANTED, "graphql-ws"].map(str::to_owned);
    SubprotocolLayer::new(wanted.into_iter().chain(others))
}

fn encoded(encoding: Encoding) -> OfferedCredentialLayer {
    OfferedCredentialLayer::after_prefix("bearer.").encoding(encoding)
}

/// 64 names of one length.
fn numbered(letter: &str) -> impl Iterator<Item = String> {
    (0..64).map(move |number| format!("graphql-{letter}-{number:02}"))
}

/// Looks for 64 names that are not offered.
fn contains() -> Serve {
    let name = |number| format!("graphql-ws-{number:02}");
    let names: Vec<String> = (0..64).map(name).collect();
    serve(SubprotocolLayer::from_fn(move |offers, _| {
        names.iter().any(|name| offers.contains(name)).then_some("")
    }))
}

/// What `WebSocketUpgrade` does, and the name that its `on_upgrade` sends.
fn axum(head: &mut Parts, select: fn(Upgrade) -> Upgrade) -> Option<HeaderValue> {
    let ws = Upgrade::from_request_parts(head, &()).now_or_never();
    let ws = select(ws.expect("ready at once").expect("a handshake"));
    ws.selected_protocol().cloned()
}

/// The elements of the first header line, which is all that most handlers read.
fn offers(head: &Parts) -> impl Iterator<Item = &str> {
    let line = head.headers.get(SEC_WEBSOCKET_PROTOCOL);
    let line = line.and_then(|line| line.to_str().ok()).unwrap_or_default();
    line.split(',').map(str::trim)
}

fn select(head: &mut Parts) -> Option<HeaderValue> {
    let selected = offers(head).find(|name| *name == WANTED)?;
    HeaderValue::from_str(selected).ok()
}

/// Takes `bearer.<credential>`, or the credential after `bearer`.
fn take(head: &mut Parts, decode: impl Fn(&str) -> String) -> Option<HeaderValue> {
    let (mut others, mut credential) = (Vec::new(), None);
    for offer in offers(head) {
        match offer.strip_prefix("bearer.") {
            Some(rest) => credential = Some(rest),
            None if others.last() == Some(&"bearer") => credential = Some(offer),
            None => others.push(offer),
        }
    }
    let credential = HeaderValue::try_from(format!("Bearer {}", decode(credential?))).ok()?;
    let others = HeaderValue::try_from(others.join(", ")).ok()?;
    head.headers.insert(AUTHORIZATION, credential);
    head.headers.insert(SEC_WEBSOCKET_PROTOCOL, others);
    None
}

fn from_base64(credential: &str) -> String {
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(credential);
    String::from_utf8(decoded.unwrap_or_default()).unwrap_or_default()
}

fn from_percent(credential: &str) -> String {
    let decoded = percent_encoding::percent_decode_str(credential);
    decoded.decode_utf8_lossy().into_owned()
}

/// The header lines and a server: the inner service, the layer, code by hand, and then,
/// for a handshake without offers, the inner service and the second code by hand.
fn prepare(row: usize, server: usize) -> (Bytes, Serve) {
    let (_, offers, layered, by_hand) = ROWS[row];
    let [by_hand, alone] = by_hand.unwrap_or([NOTHING; 2]);
    let serve = match server {
        1 => layered(),
        2 => serve_by_hand(by_hand),
        4 => serve_by_hand(alone),
        _ => serve(()),
    };
    let mut head = if row == 0 { PLAIN_GET } else { HANDSHAKE }.to_owned();
    for line in offers().lines().filter(|_| server < 3) {
        head.extend(["Sec-WebSocket-Protocol: ", line, "\n"]);
    }
    (BytesMut::from(&*head).split().freeze(), serve)
}

fn main() {
    let numbers: Vec<usize> = env::args().filter_map(|text| text.parse().ok()).collect();
    let [row, server, requests] = numbers[..] else {
        table();
        return divan::main();
    };
    // valgrind counts this process.
    let (head, mut serve) = prepare(row, server);
    for _ in 0..requests {
        black_box(serve(request(&head)));
    }
}

fn table() {
    println!("| | instructions | by hand | ratio | allocations | by hand |");
    println!("| --- | --: | --: | --: | --: | --: |");
    for (row, (title, .., by_hand)) in ROWS.iter().enumerate() {
        let above = |server, base| {
            let [more, less] = [server, base].map(|server| count(row, server));
            [more[0] - less[0], more[1] - less[1]]
        };
        let [ours, allocations] = above(1, 0);
        print!("| {title} | {ours:.0} | ");
        if by_hand.is_none() {
            println!("– | – | {allocations:.0} | – |");
        } else {
            let [whole, rest] = [above(2, 0), above(4, 3)];
            let [theirs, their_allocations] = [0, 1].map(|figure| whole[figure] - rest[figure]);
            let ratio = ours / theirs;
            let digits = if ratio < 0.1 { 5 } else { 2 };
            print!("{theirs:.0} | {ratio:.digits$} | ");
            println!("{allocations:.0} | {their_allocations:.0} |");
        }
    }
}

/// The instructions and the allocations of one request. A process that serves twenty is
/// compared to one that serves ten.
fn count(row: usize, server: usize) -> [f64; 2] {
    let [ten, twenty] = [10, 20].map(|requests| {
        let numbers = [row, server, requests].map(|number| number.to_string());
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/stdout"]);
        valgrind.arg("--compress-strings=no");
        let program = env::current_exe().expect("a path");
        valgrind.arg(program).args(numbers);
        let profile = valgrind.output().expect("valgrind is installed").stdout;
        let profile = String::from_utf8(profile).expect("text");
        let sum = |label: &str| -> f64 {
            let counts = profile.split(label).skip(1);
            let counts = counts.filter_map(|rest| rest.split_whitespace().next());
            counts.map(|count| count.parse::<f64>().unwrap()).sum()
        };
        let calls = ["malloc", "calloc", "realloc"].map(|name| sum(&format!("cfn={name}\ncalls=")));
        [sum("summary: "), calls.iter().sum()]
    });
    [0, 1].map(|figure| (twenty[figure] - ten[figure]) / 10.0)
}

/// 0 is the inner service, 1 is the layer, and 2 is code by hand.
#[divan::bench(args = ROWS.iter().map(|row| row.0), consts = [0, 1, 2])]
fn time<const SERVER: usize>(bencher: divan::Bencher<'_, '_>, title: &str) {
    let row = ROWS.iter().position(|row| row.0 == title).expect("a row");
    let (head, serve) = prepare(row, SERVER);
    let bencher = bencher.with_inputs(|| request(&head));
    bencher.bench_local_values(serve);
}
