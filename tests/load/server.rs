//! A server on a thread of its own, which is asked at the end what it kept.

use std::{future::pending, panic::resume_unwind, thread, time::Duration};

use allocation_counter::{AllocationInfo, measure};
use axum::{
    Router,
    extract::ws::{WebSocket, WebSocketUpgrade},
    response::Response,
    routing::any,
};
use axum_subprotocol::{Preference, SelectedSubprotocol, SubprotocolLayer};
use http::{HeaderValue, StatusCode};
use tokio::{
    net::TcpListener,
    runtime::{Builder, Handle},
    sync::oneshot,
    task::spawn_blocking,
    time::sleep,
};

pub struct Server {
    pub port: u16,
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<Remains>,
}

/// What is left after all clients have gone, and the server stopped: tasks, and memory. All
/// of the server's work is done on one thread. A few bytes are released there that were
/// taken elsewhere, for the channels to it.
pub type Remains = (usize, AllocationInfo);

impl Server {
    pub async fn start() -> Self {
        let (stop, stopped) = oneshot::channel();
        let (tell_port, port) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            let mut tasks = 0;
            let memory = measure(|| {
                tasks = runtime.block_on(async {
                    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                    let address = listener.local_addr().unwrap();
                    tell_port.send(address.port()).unwrap();
                    tokio::select! {
                        _ = axum::serve(listener, app()).into_future() => {}
                        _ = stopped => {}
                    }
                    tasks_left().await
                });
            });
            (tasks, memory)
        });
        let port = port.await.unwrap();
        Self { port, stop, thread }
    }

    pub async fn stop(self) -> Remains {
        self.stop.send(()).unwrap();
        // Clients may still have goodbyes to send meanwhile.
        let remains = spawn_blocking(|| self.thread.join().unwrap());
        remains.await.unwrap()
    }
}

/// Gives the tasks of clients that have gone a while to notice.
async fn tasks_left() -> usize {
    let tasks = || Handle::current().metrics().num_alive_tasks();
    for _ in 0..500 {
        if tasks() == 0 {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    tasks()
}

fn app() -> Router {
    let layer = SubprotocolLayer::new(["v2", "v1"]);
    let by_server = layer.clone().prefer(Preference::Server);
    Router::new()
        .route("/", any(stay))
        .route("/panic", any(panic))
        .route("/hang", any(pending::<Response>))
        .route("/error", any(StatusCode::FORBIDDEN))
        .layer(layer)
        .route("/by-server", any(stay).layer(by_server))
}

/// Keeps the socket until the client has gone, and tells what was extracted.
async fn stay(selected: Option<SelectedSubprotocol>, ws: WebSocketUpgrade) -> Response {
    let extracted = selected.as_deref().map(HeaderValue::from);
    let mut response = ws.on_upgrade(async move |mut socket: WebSocket| {
        while let Some(Ok(_)) = socket.recv().await {}
        drop(selected);
    });
    if let Some(extracted) = extracted {
        response.headers_mut().insert("x-extracted", extracted);
    }
    response
}

/// A panic without a message on the terminal.
async fn panic(_: WebSocketUpgrade) -> Response {
    resume_unwind(Box::new("on purpose"))
}
