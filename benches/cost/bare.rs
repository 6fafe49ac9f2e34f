//! A Tower service without axum around it: what the layer itself costs.

use std::{convert::Infallible, hint::black_box};

use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{CONNECTION, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
    request::Parts,
};
use tower::{Layer, Service, layer::layer_fn, service_fn, util::ServiceFn};

use super::{
    Serve,
    count::count,
    request::{HANDSHAKE, PLAIN_GET, head},
    rows::{PAGE, ROWS},
};

/// Code in the handler, which returns the name for the reply.
pub(crate) type ByHand = fn(&mut Parts) -> Option<HeaderValue>;
pub(crate) const NOTHING: ByHand = |_| None;

type Answer = BoxFuture<'static, Result<Response<String>, Infallible>>;

/// The inner service behind a layer.
pub(crate) fn serve<L>(layer: L) -> Serve
where
    L: Layer<ServiceFn<fn(Request<()>) -> Answer>>,
    L::Service: Service<Request<()>, Response = Response<String>, Error = Infallible> + 'static,
{
    let mut service = layer.layer(service_fn(|request| answer(request, NOTHING)));
    Box::new(move |request| {
        let reply = service.call(request).now_or_never();
        black_box(reply.expect("ready at once").is_ok());
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

/// The header lines and a server: the inner service, the layer, code by hand, and then,
/// for a handshake without offers, the inner service and the second code by hand.
pub(crate) fn prepare(row: usize, server: usize) -> (Bytes, Serve) {
    let (title, offers, layered, by_hand) = ROWS[row];
    let [by_hand, alone] = by_hand.unwrap_or([NOTHING; 2]);
    let serve = match server {
        1 => layered(),
        2 => serve_by_hand(by_hand),
        4 => serve_by_hand(alone),
        _ => serve(()),
    };
    let lines = if title == PAGE { PLAIN_GET } else { HANDSHAKE };
    let offers = if server < 3 { offers() } else { String::new() };
    (head(lines, &offers), serve)
}

pub(crate) fn table() {
    println!("| In a bare service | instructions | by hand | ratio | allocations | by hand |");
    println!("| --- | --: | --: | --: | --: | --: |");
    for (row, (title, .., by_hand)) in ROWS.iter().enumerate() {
        let above = |server, base| {
            let [more, less] = [server, base].map(|server| count("bare", row, server));
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
    println!();
}
