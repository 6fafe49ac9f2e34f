//! tower's middleware between two layers, in use by many threads at once.

use std::{
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum_subprotocol::{SelectedSubprotocol, SubprotocolLayer};
use http::{Method, Request, Response, Version, header::SEC_WEBSOCKET_PROTOCOL};
use tokio::{task::JoinSet, time::sleep};
use tower::{
    BoxError, Layer, ServiceExt,
    buffer::Buffer,
    hedge::{self, Hedge},
    load_shed::LoadShed,
    retry::{self, Retry},
    service_fn,
    steer::Steer,
    timeout::Timeout,
    util::BoxCloneSyncService,
};

type Reply<E> = Result<Response<String>, E>;
type Service = BoxCloneSyncService<Request<()>, Response<String>, BoxError>;

/// Says in the body what it speaks, as it learnt from the request.
async fn speak(request: Request<()>) -> Reply<BoxError> {
    sleep(Duration::from_millis(2)).await;
    let selected = SelectedSubprotocol::<String>::from_extensions(request.extensions())?;
    Ok(Response::new(selected.ok_or("nothing selected")?.0))
}

/// In turn fails, refuses, speaks `v1`, speaks `v2`.
fn fickle() -> Service {
    let turn = Arc::new(AtomicUsize::new(0));
    let [v1, v2] =
        [["v1"], ["v2"]].map(|names| SubprotocolLayer::new(names).layer(service_fn(speak)));
    Service::new(service_fn(move |request| {
        let turn = turn.fetch_add(1, Ordering::Relaxed) % 4;
        let service = if turn == 2 { v1.clone() } else { v2.clone() };
        async move {
            match turn {
                0 => Err("on purpose".into()),
                1 => Ok(Response::builder().status(403).body(String::new())?),
                _ => service.oneshot(request).await,
            }
        }
    }))
}

fn in_turn(_: &Request<()>, services: &[Service]) -> usize {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    TURN.fetch_add(1, Ordering::Relaxed) % services.len()
}

/// Tries each request twice, and a third time if the second try failed.
#[derive(Clone)]
struct Again(u8);

impl<R: Clone, E> retry::Policy<R, Response<String>, E> for Again {
    type Future = Ready<()>;

    fn retry(&mut self, _: &mut R, reply: &mut Reply<E>) -> Option<Ready<()>> {
        self.0 += 1;
        let again = self.0 == 1 || self.0 == 2 && reply.is_err();
        again.then(|| ready(()))
    }

    fn clone_request(&mut self, request: &R) -> Option<R> {
        Some(request.clone())
    }
}

#[derive(Clone)]
struct Hedged;

impl hedge::Policy<Request<()>> for Hedged {
    fn clone_request(&self, request: &Request<()>) -> Option<Request<()>> {
        Some(request.clone())
    }

    fn can_retry(&self, _: &Request<()>) -> bool {
        true
    }
}

fn handshake() -> Request<()> {
    Request::builder()
        .method(Method::CONNECT)
        .version(Version::HTTP_2)
        .uri("https://localhost/")
        .header(SEC_WEBSOCKET_PROTOCOL, "x, v1, v2")
        .body(())
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn r9_each_completed_reply_names_what_its_handler_spoke() {
    let second = Duration::from_secs(1);
    // Tries again after a millisecond.
    let hedge = Hedge::new_with_mock_latencies(fickle(), Hedged, 1, 0.5, second, &[1; 9]);
    let steer = Steer::new([fickle(), fickle()], in_turn);
    let between = [
        ("nothing", fickle()),
        ("retry", Service::new(Retry::new(Again(0), fickle()))),
        ("buffer", Service::new(Buffer::new(fickle(), 8))),
        ("timeout", Service::new(Timeout::new(fickle(), 10 * second))),
        ("load-shed", Service::new(LoadShed::new(fickle()))),
        ("steer", Service::new(steer)),
        ("hedge", Service::new(Buffer::new(hedge, 8))),
    ];
    let mut work = JoinSet::new();
    for (name, between) in between {
        let service = SubprotocolLayer::new(["x", "v1"]).layer(between);
        for _ in 0..8 {
            let service = service.clone();
            work.spawn(async move {
                let mut completed = 0;
                for _ in 0..100 {
                    let Ok(reply) = service.clone().oneshot(handshake()).await else {
                        continue;
                    };
                    let named = reply.headers().get(SEC_WEBSOCKET_PROTOCOL);
                    let named = named.map_or("", |name| name.to_str().unwrap());
                    assert_eq!(named, reply.body(), "{name}");
                    completed += usize::from(!named.is_empty());
                }
                assert!(completed > 10, "{name}: {completed}");
            });
        }
    }
    while let Some(done) = work.join_next().await {
        done.unwrap();
    }
}
