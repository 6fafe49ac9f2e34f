//! What a log says about handshakes, and what it doesn't.

use std::{
    io,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{Path, Request, ws::WebSocketUpgrade},
    middleware::map_response,
    response::Response,
    routing::any,
};
use axum_subprotocol::{
    Malformed, OfferedCredentialLayer, Require, SelectedSubprotocol, SubprotocolLayer,
};
use http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};
use tower_http::trace::TraceLayer;
use tracing::{Dispatch, Level, field, info_span, subscriber::DefaultGuard};

use crate::support::{
    BOTH, Over,
    app::{names_its_own, refuse, tell},
    serve,
};

/// What is logged from now on, on this thread, without times and colours.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn begin() -> (Self, DefaultGuard) {
        // With one subscriber, a thread without it that is the first at an event turns the
        // event off for all threads. With two, it asks both.
        static SECOND: LazyLock<Dispatch> =
            LazyLock::new(|| Dispatch::new(tracing_subscriber::registry()));
        LazyLock::force(&SECOND);
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
    pub fn all(&self) -> String {
        let log = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8(log).unwrap()
    }

    /// The events of this crate in it, with their levels.
    fn events(&self) -> Vec<String> {
        let events = self.all();
        let events = events
            .lines()
            .filter(|line| line.contains(" axum_subprotocol: "));
        events
            .map(|event| event.trim_start().replacen(" axum_subprotocol:", "", 1))
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

/// Makes each handshake over both HTTP versions, and compares how its events begin. `-` is
/// no header.
async fn check(log: &Log, port: u16, cases: &[(&str, &str, &[&str])]) {
    for over in BOTH {
        for (path, offers, expected) in cases {
            let lines: &[&str] = if *offers == "-" { &[] } else { &[offers] };
            let _ = over.handshake(port, path, lines).await;
            let events = log.events();
            let about = format!("{over:?} {path} {offers}: {events:#?}");
            assert_eq!(events.len(), expected.len(), "{about}");
            for (event, expected) in events.iter().zip(*expected) {
                assert!(event.starts_with(expected), "{about}");
                assert!(!event.contains("secr") && !event.contains("own"), "{about}");
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
    let extract = any(async |_: SelectedSubprotocol| ());
    let app = Router::new()
        .route("/list", any(tell).layer(if_offered))
        .route("/function", any(tell).layer(by_function))
        .route("/extract", extract.clone().layer(layer()))
        .route("/none", extract);
    let port = serve(app).await;

    let unsupported = REJECTED.to_owned() + "None of the WebSocket subprotocols";
    let needed = "DEBUG rejected a request that needs a WebSocket subprotocol rejection=None of";
    let cases: [(&str, &str, &[&str]); 6] = [
        ("/list", "secret, v1", &[SELECTED]),
        ("/list", "", &[NOTHING]),
        ("/list", "secret", &[&unsupported]),
        (
            "/function",
            "secret",
            &["ERROR rejected a WebSocket handshake supported=[] rejection=The server selected"],
        ),
        ("/extract", "secret", &[NOTHING, needed]),
        (
            "/none",
            "secret",
            &["ERROR rejected a request that needs a WebSocket subprotocol rejection=`SelectedSub"],
        ),
    ];
    check(&log, port, &cases).await;
}

#[tokio::test]
async fn a_reply_that_names_another_subprotocol_is_a_warning() {
    let (log, _guard) = Log::begin();
    let own_protocols =
        async |ws: WebSocketUpgrade| ws.protocols(["v1", "v2"]).on_upgrade(|_| async {});
    let named = async |Path(names): Path<String>, ws: WebSocketUpgrade| {
        let names = [(SEC_WEBSOCKET_PROTOCOL, names)];
        (names, ws.on_upgrade(|_| async {}))
    };
    let add_own = map_response(async |mut reply: Response| {
        let own = HeaderValue::from_static("own");
        reply.headers_mut().append(SEC_WEBSOCKET_PROTOCOL, own);
        reply
    });
    let inner = SubprotocolLayer::new(["v1"]);
    let app = Router::new()
        .route("/nested", any(tell))
        .layer(inner.clone())
        .route("/nested-other", any(tell).layer((add_own, inner)))
        .route("/named/{names}", any(named))
        .route("/other", any(names_its_own))
        .route("/same", any(own_protocols))
        .route("/refuse", any(refuse))
        .layer(layer());
    let port = serve(app).await;
    let warning = "WARN the inner service names a WebSocket subprotocol that was not selected, and \
                   may speak it";
    let of_v1 = format!("{warning} selected=\"v1\"");
    let outer = "DEBUG selected a WebSocket subprotocol supported=[\"v2\", \"v1\"] selected=v2";
    let inner = "DEBUG selected a WebSocket subprotocol supported=[\"v1\"] selected=v1";
    let cases: [(&str, &str, &[&str]); 11] = [
        ("/named/v1,own", "v1", &[SELECTED, &of_v1]),
        ("/named/V1", "v1", &[SELECTED, &of_v1]),
        ("/named/,v1", "v1", &[SELECTED]),
        ("/named/,", "x", &[NOTHING]),
        ("/other", "v1", &[SELECTED, &of_v1]),
        ("/other", "x", &[NOTHING, warning]),
        ("/other", "-", &[NOTHING, warning]),
        ("/same", "v1", &[SELECTED]),
        ("/refuse", "v1", &[SELECTED]),
        // The reply of the inner layer names what is sent.
        ("/nested", "v2, v1", &[outer, inner]),
        ("/nested-other", "v2, v1", &[outer, inner, &of_v1]),
    ];
    check(&log, port, &cases).await;
}

#[tokio::test]
async fn c7_no_event_shows_a_credential() {
    let (log, _guard) = Log::begin();
    let bearer = || OfferedCredentialLayer::after_prefix("bearer.").echo_if_alone();
    let ignoring = bearer().malformed(Malformed::Ignore);
    let again = OfferedCredentialLayer::after_name("v2");
    let app = Router::new()
        .route("/bearer", any(tell).layer((bearer(), layer())))
        .route("/twice", any(tell).layer((bearer(), again, layer())))
        .route("/ignore", any(tell).layer((ignoring, layer())))
        .route("/wrong", any(tell).layer((layer(), bearer())));
    let port = serve(app).await;

    let moved = "DEBUG moved an offered credential to a header header=authorization";
    let kept =
        "DEBUG removed an offered credential: the request keeps its header header=authorization";
    let removed = "DEBUG removed a malformed offered credential fault=The credential in";
    let rejected = "DEBUG rejected a WebSocket handshake rejection=The credential in";
    let wrong = "ERROR rejected a WebSocket handshake rejection=`OfferedCredentialLayer` is inside";
    let cases: [(&str, &str, &[&str]); 7] = [
        ("/bearer", "v1, bearer.secret", &[moved, SELECTED]),
        ("/bearer", "bearer.secret", &[moved, NOTHING]),
        ("/bearer", "v1", &[SELECTED]),
        ("/bearer", "v1, bearer.secr et", &[rejected]),
        (
            "/twice",
            "bearer.secret, v1, v2, secret",
            &[moved, kept, SELECTED],
        ),
        ("/ignore", "v1, bearer.secr et", &[removed, SELECTED]),
        ("/wrong", "v1, bearer.secret", &[SELECTED, wrong]),
    ];
    check(&log, port, &cases).await;
}

#[tokio::test]
async fn the_requests_span_has_the_name_that_is_sent() {
    let (log, _guard) = Log::begin();
    let v1 = SubprotocolLayer::new(["v1"]);
    let nested = traced("inner", Router::new().route("/", any(tell)).layer(v1));
    let app = Router::new()
        .route("/one", any(tell))
        .route("/refuse", any(refuse))
        .nest("/nested", nested.clone())
        .layer(layer())
        .nest("/inner-only", nested);
    let port = serve(traced("request", app)).await;
    for (path, offers, expected) in [
        (
            "/one",
            "x, v1",
            "name=\"request\" websocket.subprotocol=\"v1\"",
        ),
        ("/one", "x", "name=\"request\""),
        ("/refuse", "v1", "name=\"request\""),
        (
            "/nested",
            "v2, v1",
            "name=\"request\" websocket.subprotocol=\"v1\"",
        ),
        ("/nested", "v2", "name=\"request\""),
        ("/nested", "v2, v1", "name=\"inner\""),
        // The outermost layer is inside the inner span.
        (
            "/inner-only",
            "v1",
            "name=\"inner\" websocket.subprotocol=\"v1\"",
        ),
        ("/inner-only", "v1", "name=\"request\""),
    ] {
        let _ = Over::Http1.handshake(port, path, &[offers]).await;
        let (log, span) = (
            log.all(),
            format!("span{{{expected}}}: tower_http::trace::on_resp"),
        );
        assert_eq!(log.matches(&span).count(), 1, "{span}\n{log}");
    }
}
