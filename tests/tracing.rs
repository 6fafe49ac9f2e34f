//! What a log says about handshakes, and what it doesn't.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Router, extract::Request, routing::any};
use axum_subprotocol::{
    Malformed, OfferedCredentialLayer, Require, SelectedSubprotocol, SubprotocolLayer,
};
use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use tower_http::trace::TraceLayer;
use tracing::{Level, field, info_span, subscriber::DefaultGuard};

use crate::support::{
    BOTH, Over,
    app::{headstrong, refuse, tell},
    http1, serve,
    websocket::Client,
};

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

    /// The events of this crate in it, with their levels.
    fn events(&self) -> Vec<String> {
        let log = self.all();
        let events = log
            .lines()
            .filter_map(|line| line.split_once(" axum_subprotocol: "));
        events
            .map(|(start, event)| {
                let level = start.split_whitespace().next().unwrap();
                format!("{level} {event}")
            })
            .collect()
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

fn traced(name: &'static str, app: Router) -> Router {
    let span = move |_: &Request| info_span!("span", name, websocket.subprotocol = field::Empty);
    app.layer(TraceLayer::new_for_http().make_span_with(span))
}

fn layer() -> SubprotocolLayer {
    SubprotocolLayer::new(["v2", "v1"])
}

/// Makes each handshake over both HTTP versions, and compares how its events begin.
async fn check(log: &Log, port: u16, cases: &[(&str, &str, &[&str])]) {
    for over in BOTH {
        for (path, offers, expected) in cases {
            let _ = over.handshake(port, path, &[offers]).await;
            let events = log.events();
            let about = format!("{over:?} {path} {offers}: {events:#?}");
            assert_eq!(events.len(), expected.len(), "{about}");
            for (event, expected) in events.iter().zip(*expected) {
                assert!(event.starts_with(expected), "{about}");
                assert!(!event.contains("secr"), "{about}");
            }
        }
    }
}

const SELECTED: &str =
    "DEBUG selected a WebSocket subprotocol supported=[\"v2\", \"v1\"] selected=v1";
const NOTHING: &str = "DEBUG selected no WebSocket subprotocol supported=[\"v2\", \"v1\"]";
const REJECTED: &str = "DEBUG rejected a WebSocket handshake supported=[\"v2\", \"v1\"] rejection=";

#[tokio::test]
async fn each_layer_emits_one_event_for_each_handshake() {
    let (log, _guard) = Log::begin();
    let if_offered = layer().require(Require::IfOffered);
    let by_function = SubprotocolLayer::from_fn(|_, _| Some("v9"));
    let app = Router::new()
        .route("/list", any(tell).layer(if_offered))
        .route("/function", any(tell).layer(by_function))
        .route("/none", any(async |_: SelectedSubprotocol| ()));
    let port = serve(app).await;

    let unsupported = REJECTED.to_owned() + "None of the WebSocket subprotocols";
    let malformed = REJECTED.to_owned() + "Element 1 of";
    let cases: [(&str, &str, &[&str]); 6] = [
        ("/list", "secret, v1", &[SELECTED]),
        ("/list", "", &[NOTHING]),
        ("/list", "secret", &[&unsupported]),
        ("/list", "secr et", &[&malformed]),
        (
            "/function",
            "secret",
            &["ERROR rejected a WebSocket handshake supported=[] rejection=The server selected"],
        ),
        (
            "/none",
            "secret",
            &["ERROR could not extract the WebSocket subprotocol rejection=`SelectedSubprotocol`"],
        ),
    ];
    check(&log, port, &cases).await;
}

#[tokio::test]
async fn a_rejection_of_an_extractor_is_an_event() {
    let (log, _guard) = Log::begin();
    let handler = any(async |_: SelectedSubprotocol| ());
    let port = serve(Router::new().route("/", handler.layer(layer()))).await;
    let rejected = "DEBUG rejected a request that needs a WebSocket subprotocol rejection=";
    let unsupported = rejected.to_owned() + "None of the WebSocket";
    check(&log, port, &[("/", "secret", &[NOTHING, &unsupported])]).await;

    let page = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    http1::Connection::open(port).await.exchange(page).await;
    let no_handshake = rejected.to_owned() + "This is a WebSocket endpoint";
    let events = log.events();
    assert!(
        events.len() == 1 && events[0].starts_with(&no_handshake),
        "{events:?}"
    );
}

#[tokio::test]
async fn a_reply_that_names_another_subprotocol_is_a_warning() {
    let (log, _guard) = Log::begin();
    let own_protocols = async |ws: axum::extract::ws::WebSocketUpgrade| {
        ws.protocols(["v1", "v2"]).on_upgrade(|_| async {})
    };
    let inner = Router::new()
        .route("/nested", any(tell))
        .layer(SubprotocolLayer::new(["v1"]));
    let app = Router::new()
        .route("/other", any(headstrong))
        .route("/same", any(own_protocols))
        .route("/refuse", any(refuse))
        .merge(inner)
        .layer(layer());
    let port = serve(app).await;
    let warning = "the inner service names another WebSocket subprotocol than the selected one, \
                   and may speak it";
    let of_v1 = format!("WARN {warning} selected=\"v1\"");
    let of_nothing = format!("WARN {warning}");
    let outer = "DEBUG selected a WebSocket subprotocol supported=[\"v2\", \"v1\"] selected=v2";
    let inner = "DEBUG selected a WebSocket subprotocol supported=[\"v1\"] selected=v1";
    let cases: [(&str, &str, &[&str]); 5] = [
        ("/other", "v1", &[SELECTED, &of_v1]),
        ("/other", "x", &[NOTHING, &of_nothing]),
        ("/same", "v1", &[SELECTED]),
        ("/refuse", "v1", &[SELECTED]),
        // The reply of the inner layer names what is sent.
        ("/nested", "v2, v1", &[outer, inner]),
    ];
    check(&log, port, &cases).await;
    let _ = Over::Http1.handshake(port, "/other", &["v1"]).await;
    let events = log.events().join("\n");
    assert!(
        !events.contains("own") && !events.contains("choice"),
        "{events}"
    );
}

#[tokio::test]
async fn c7_no_event_shows_a_credential() {
    let (log, _guard) = Log::begin();
    let bearer = || OfferedCredentialLayer::after_prefix("bearer.").echo_if_alone();
    let ignoring = bearer().malformed(Malformed::Ignore);
    let credential = |layer: OfferedCredentialLayer| {
        Router::new()
            .route("/", any(tell))
            .layer(SubprotocolLayer::new(["v2", "v1"]))
            .layer(layer)
    };
    let wrong = Router::new().route("/", any(tell)).layer(bearer());
    let app = Router::new()
        .nest("/bearer", credential(bearer()))
        .nest("/ignore", credential(ignoring))
        .nest("/wrong", wrong.layer(layer()));
    let port = serve(traced("request", app)).await;

    let moved = "DEBUG moved an offered credential to a header header=authorization";
    let removed = "DEBUG removed a malformed offered credential fault=The credential in";
    let rejected = "DEBUG rejected a WebSocket handshake rejection=The credential in";
    let wrong = "ERROR rejected a WebSocket handshake rejection=`OfferedCredentialLayer` is inside";
    let cases: [(&str, &str, &[&str]); 6] = [
        ("/bearer", "v1, bearer.secret", &[moved, SELECTED]),
        ("/bearer", "bearer.secret", &[moved, NOTHING]),
        ("/bearer", "v1", &[SELECTED]),
        ("/bearer", "v1, bearer.secr et", &[rejected]),
        ("/ignore", "v1, bearer.secr et", &[removed, SELECTED]),
        ("/wrong", "v1, bearer.secret", &[SELECTED, wrong]),
    ];
    check(&log, port, &cases).await;

    let own = [
        (AUTHORIZATION, "Bearer own"),
        (SEC_WEBSOCKET_PROTOCOL, "v1, bearer.secret"),
    ];
    for over in BOTH {
        assert!(Client::open(over, port, "/bearer", &own).await.is_ok());
        let unused = "DEBUG removed an offered credential: the request has the header already \
                      header=authorization";
        assert_eq!(log.events(), [unused, SELECTED]);
    }
}

#[tokio::test]
async fn the_requests_span_has_the_name_that_is_sent_once() {
    let (log, _guard) = Log::begin();
    let v1 = || SubprotocolLayer::new(["v1"]);
    let nested = || traced("inner", Router::new().route("/", any(tell)).layer(v1()));
    let strict = v1().require(Require::Always);
    let app = Router::new()
        .route("/one", any(tell))
        .route("/refuse", any(refuse))
        .route("/strict", any(tell).layer(strict))
        .nest("/nested", nested())
        .layer(layer())
        .nest("/inner-only", nested());
    let port = serve(traced("request", app)).await;
    for (path, offers, in_request, in_inner) in [
        ("/one", "x, v1", Some("v1"), None),
        ("/one", "x", None, None),
        ("/refuse", "v1", None, None),
        ("/strict", "v2", None, None),
        ("/nested", "v2, v1", Some("v1"), None),
        ("/nested", "v1", Some("v1"), None),
        ("/nested", "v2", None, None),
        // The outermost layer is inside the inner span.
        ("/inner-only", "v1", None, Some("v1")),
    ] {
        for over in BOTH {
            let _ = over.handshake(port, path, &[offers]).await;
            let log = log.all();
            for (name, recorded) in [("request", in_request), ("inner", in_inner)] {
                let recorded = recorded
                    .map(|recorded| format!(" websocket.subprotocol={recorded:?}"))
                    .unwrap_or_default();
                let span = format!("span{{name={name:?}{recorded}}}: tower_http::trace::on_resp");
                let has_inner = path == "/nested" || path == "/inner-only";
                let expected = usize::from(name == "request" || has_inner);
                assert_eq!(
                    log.matches(&span).count(),
                    expected,
                    "{over:?} {span}\n{log}"
                );
            }
        }
    }
}
