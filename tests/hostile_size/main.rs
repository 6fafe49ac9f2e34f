//! Headers of tens of kilobytes: nothing after the limit is looked at, so they
//! cost what a header at the limit costs.

mod apart;

use std::{future::ready, hint::black_box, slice, time::Instant};

use allocation_counter::measure;
use axum_subprotocol::{Malformed, SubprotocolLayer, SubprotocolRejection};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderValue, Request, Response, StatusCode, header::SEC_WEBSOCKET_PROTOCOL};
use http_body_util::Full;
use tower::{Layer, Service, service_fn};

const KIB: usize = 1024;

fn layers() -> [SubprotocolLayer; 2] {
    let layer = SubprotocolLayer::new(["v2", "v1"]);
    [layer.clone(), layer.malformed(Malformed::Ignore)]
}

/// `part` again and again, up to `length` bytes.
fn header(part: &str, length: usize) -> HeaderValue {
    let value = Bytes::from(part.repeat(length / part.len()));
    HeaderValue::from_maybe_shared(value).unwrap()
}

fn request(instances: &[HeaderValue]) -> Request<()> {
    let mut request = Request::new(());
    request.extensions_mut().insert("of the server");
    let headers = request.headers_mut();
    headers.insert("upgrade", HeaderValue::from_static("websocket"));
    for instance in instances {
        // A server's values are parts of a buffer, and clones of one another.
        headers.append(SEC_WEBSOCKET_PROTOCOL, instance.clone());
    }
    request
}

fn exchange(layer: &SubprotocolLayer, request: Request<()>) -> Response<Full<Bytes>> {
    through(slice::from_ref(layer), request)
}

/// Sends `request` through one layer, or through two.
fn through(stack: &[SubprotocolLayer], request: Request<()>) -> Response<Full<Bytes>> {
    let handler = service_fn(|_| ready(Ok::<_, ()>(Response::default())));
    let response = match stack {
        [layer] => layer.layer(handler).call(request).now_or_never(),
        [outer, inner] => {
            let mut service = outer.layer(inner.layer(handler));
            service.call(request).now_or_never()
        }
        _ => panic!("one or two"),
    };
    response.unwrap().unwrap()
}

/// The time that `request` takes, with those of other lengths measured between
/// the repetitions, so that a busy machine is as unfair to each.
fn medians(stack: &[SubprotocolLayer], instances: &[Vec<HeaderValue>]) -> Vec<u128> {
    let mut times = vec![Vec::new(); instances.len()];
    for _ in 0..51 {
        for (instances, times) in instances.iter().zip(&mut times) {
            let requests: Vec<_> = (0..8).map(|_| request(instances)).collect();
            let start = Instant::now();
            for request in requests {
                black_box(through(stack, request));
            }
            times.push(start.elapsed().as_nanos());
        }
    }
    let median = |mut times: Vec<u128>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    times.into_iter().map(median).collect()
}

/// The shortest has 65 elements, one more than are read; the longest 600 KiB.
fn of_all_lengths(part: &str) -> Vec<Vec<HeaderValue>> {
    [65 * part.len(), 60 * KIB, 600 * KIB]
        .map(|length| vec![header(part, length)])
        .into()
}

#[test]
fn r3_too_many_offers_are_refused_at_the_same_cost_however_many() {
    for layer in layers() {
        for part in ["a,", ",", "v1, ", "x-protocol-of-some-length\t,"] {
            let lists = of_all_lengths(part);
            let allocated: Vec<_> = lists
                .iter()
                .map(|instances| {
                    let request = request(instances);
                    measure(|| {
                        let response = exchange(&layer, request);
                        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
                        let reason = response.extensions().get();
                        let is_too_many =
                            matches!(reason, Some(SubprotocolRejection::TooManyOffers(_)));
                        assert!(is_too_many, "{reason:?}");
                    })
                })
                .collect();
            assert_eq!(allocated[0], allocated[1], "{part:?}");
            assert_eq!(allocated[0], allocated[2], "{part:?}");

            // Whoever counts them all takes a hundred times as long, or more.
            let times = medians(slice::from_ref(&layer), &lists);
            println!("{part:?}: {times:?} ns for 8 handshakes");
            assert!(times[2] < times[0] * 8, "{part:?}: {times:?}");
        }
    }
}

#[test]
fn r3_too_many_instances_are_refused_at_the_same_cost_however_many() {
    for layer in layers() {
        for line in ["", "a", "v1"] {
            let line = HeaderValue::from_static(line);
            // The head itself is built and dropped at the client's expense: the
            // layer is measured by what it allocates.
            let allocated = [70, 20_000].map(|count| {
                let request = request(&vec![line.clone(); count]);
                measure(|| {
                    let response = exchange(&layer, request);
                    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
                })
            });
            assert_eq!(allocated[0].count_total, allocated[1].count_total);
            assert_eq!(allocated[0].bytes_total, allocated[1].bytes_total);
        }
    }
}

/// All of its bytes are read, since the last one may spoil it, and none is copied.
#[test]
fn one_long_name_is_read_without_a_copy() {
    for layer in layers() {
        let allocated = [1, 60 * KIB, 600 * KIB].map(|length| {
            let request = request(&[header("x", length)]);
            measure(|| {
                let response = exchange(&layer, request);
                assert_eq!(response.status(), StatusCode::OK);
            })
        });
        assert_eq!(allocated[0].bytes_total, allocated[1].bytes_total);
        assert_eq!(allocated[0].bytes_total, allocated[2].bytes_total);
        assert!(allocated[0].count_total <= 2, "{:?}", allocated[0]);
    }
}
