//! What a log tells of handshakes, and what it doesn't.

mod support;

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Router, extract::Request, routing::any};
use axum_subprotocol::{OfferedCredential, Require, SelectedSubprotocol, SubprotocolLayer};
use tower_http::trace::TraceLayer;
use tracing::{Level, field, info_span, subscriber::DefaultGuard};

use self::support::{BOTH, Over, app::tell, http1, serve};

/// What is logged from now on, on this thread, without times and colours.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn begin() -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .without_time()
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    /// Everything since the last time.
    fn all(&self) -> String {
        let log = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8(log).unwrap()
    }

    /// The lines of this crate in it.
    fn lines(&self) -> Vec<String> {
        let log = self.all();
        let of_this_crate = log
            .lines()
            .filter(|line| line.contains("axum_subprotocol::"));
        of_this_crate.map(|line| line.trim().to_owned()).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn traced(app: Router) -> Router {
    let span = |request: &Request| {
        info_span!(
            "request",
            path = request.uri().path(),
            websocket.subprotocol = field::Empty
        )
    };
    app.layer(TraceLayer::new_for_http().make_span_with(span))
}

#[tokio::test]
async fn each_selection_and_each_rejection_is_an_event() {
    let (log, _guard) = Log::begin();
    let strict = SubprotocolLayer::new(["v2", "v1"])
        .require(Require::IfOffered)
        .credential(OfferedCredential::after_prefix("bearer."));
    let by_code = SubprotocolLayer::from_fn(|_, _| Some("v9"));
    let app = Router::new()
        .route("/list", any(tell).layer(strict))
        .route("/code", any(tell).layer(by_code))
        .route("/none", any(async |_: SelectedSubprotocol| ()));
    let port = serve(traced(app)).await;

    let listed = r#"supported=["v2", "v1"]"#;
    for (path, offers, level, parts) in [
        ("/list", "secret, v1", "DEBUG", [listed, r#"selected="v1""#]),
        (
            "/list",
            "v1, bearer.secret",
            "DEBUG",
            [listed, r#"selected="v1""#],
        ),
        ("/list", "", "DEBUG", [listed, "negotiated"]),
        ("/list", "secret", "DEBUG", [listed, "rejection=None of"]),
        ("/list", "secr et", "DEBUG", [listed, "rejection=Element 1"]),
        (
            "/list",
            "bearer.secr et",
            "DEBUG",
            [listed, "contains what no token"],
        ),
        (
            "/code",
            "secret",
            "ERROR",
            ["supported=[]", "rejection=The server selected"],
        ),
        (
            "/none",
            "secret",
            "ERROR",
            ["couldn't extract", "rejection=`SelectedSubprotocol`"],
        ),
    ] {
        for over in BOTH {
            let _ = over.handshake(port, path, &[offers]).await;
            let lines = log.lines();
            let [line] = &lines[..] else {
                panic!("{lines:?}");
            };
            assert!(line.starts_with(level), "{line}");
            assert!(
                parts.iter().all(|part| line.contains(part)),
                "{parts:?} {line}"
            );
            assert!(!line.contains("secr"), "{line}");
        }
    }
}

#[tokio::test]
async fn what_an_extractor_turns_down_is_an_event_too() {
    let (log, _guard) = Log::begin();
    let handler = any(async |_: SelectedSubprotocol| ());
    let app = Router::new().route("/", handler.layer(SubprotocolLayer::new(["v1"])));
    let port = serve(app).await;
    for (request, event) in [
        (
            &b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"[..],
            "rejection=This is a WebSocket endpoint",
        ),
        (
            &http1::handshake("/", &["secret"]),
            "rejection=None of the WebSocket",
        ),
    ] {
        let _ = http1::Connection::open(port).await.exchange(request).await;
        let lines = log.lines();
        let line = lines.last().unwrap();
        assert!(
            line.starts_with("DEBUG") && line.contains(event),
            "{lines:?}"
        );
        assert!(
            lines.iter().all(|line| !line.contains("secret")),
            "{lines:?}"
        );
    }
}

/// The outer layer has recorded a name already.
#[tokio::test]
async fn the_span_of_a_rejection_has_no_name() {
    let (log, _guard) = Log::begin();
    let strict = SubprotocolLayer::new(["v1"]).require(Require::Always);
    let app = Router::new()
        .route("/", any(tell).layer(strict))
        .layer(SubprotocolLayer::new(["v2"]));
    let port = serve(traced(app)).await;
    let _ = Over::Http1.handshake(port, "/", &["v2"]).await;
    let finished = log.all();
    let finished = finished
        .lines()
        .find(|line| line.contains("finished processing"));
    let fields = r#"websocket.subprotocol="v2" websocket.subprotocol="""#;
    assert!(finished.unwrap().contains(fields), "{finished:?}");
}

#[tokio::test]
async fn the_span_has_what_the_innermost_layer_selected() {
    async fn log_it() {
        tracing::info!(target: "axum_subprotocol::tests", "handled");
    }

    let (log, _guard) = Log::begin();
    let inner = || any(log_it).layer(SubprotocolLayer::new(["v1"]));
    let app = Router::new()
        .route("/agree", inner())
        .route("/differ", inner())
        .layer(SubprotocolLayer::new(["v2", "v1"]))
        .route("/one", inner());
    let app = traced(app).merge(
        // The outer layer knows another span.
        traced(Router::new().route("/within", inner())).layer(SubprotocolLayer::new(["v1"])),
    );
    let port = serve(app).await;
    for (path, offers, fields) in [
        ("/one", "x, v1", r#" websocket.subprotocol="v1""#),
        ("/one", "x", ""),
        ("/within", "x, v1", r#" websocket.subprotocol="v1""#),
        (
            "/agree",
            "x, v1",
            r#" websocket.subprotocol="v1" websocket.subprotocol="v1""#,
        ),
        (
            "/differ",
            "v2, v1",
            r#" websocket.subprotocol="v2" websocket.subprotocol="v1""#,
        ),
        (
            "/differ",
            "v2",
            r#" websocket.subprotocol="v2" websocket.subprotocol="""#,
        ),
    ] {
        for over in BOTH {
            let _ = over.handshake(port, path, &[offers]).await;
            let lines = log.lines();
            let handled = lines.last().unwrap();
            let span = format!(r#"request{{path="{path}"{fields}}}: "#);
            assert!(handled.contains(&span), "{span} {handled}");
        }
    }
}
