//! A page that logs in with a token among the offers of its WebSocket.
//!
//! `cargo run --example bearer --features tracing` serves the page on a free port, and with
//! ` -- 3000` after that on port 3000. Open the address that it prints, and look at the log: it
//! has the events of the layers, and no token.

use std::{
    env, io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    RequestPartsExt, Router,
    extract::{
        FromRequestParts, Request,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    },
    http::{
        HeaderName, StatusCode,
        header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL, WWW_AUTHENTICATE},
        request::Parts,
    },
    response::{Html, Response},
    routing::{any, get},
};
use axum_extra::{
    TypedHeader,
    headers::{Authorization, authorization::Bearer},
};
use axum_subprotocol::{Malformed, OfferedCredentialLayer, Require, SubprotocolLayer};
use tokio::{net::TcpListener, time::timeout};
use tower_http::{sensitive_headers::SetSensitiveRequestHeadersLayer, trace::TraceLayer};
use tracing::{Level, Span, debug};

/// The tokens and their owners. An application checks a signature, or looks up a hash.
const USERS: [(&str, &str); 2] = [("open.sesame", "Ann"), ("xyzzy-42", "Bob")];

/// "Unauthorized" in IANA's registry of WebSocket close codes.
const UNAUTHORIZED: u16 = 3000;

/// How long a client has to answer the closing handshake.
const PATIENCE: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> io::Result<()> {
    tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_writer(|| Log)
        .init();
    let port = env::args().nth(1).unwrap_or_else(|| "0".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app()).await
}

fn app() -> Router {
    // The first layer of the two is outside. A faulty credential is left to `greet`, which
    // can tell a page about it.
    let layers = (
        OfferedCredentialLayer::after_prefix("bearer.").malformed(Malformed::Ignore),
        SubprotocolLayer::new(["greeting.v1"]).require(Require::Always),
    );
    let log = TraceLayer::new_for_http()
        .on_request(|request: &Request, _: &Span| debug!(headers = ?request.headers()));
    // Each layer is outside the ones above it.
    Router::new()
        .route("/greeting", any(greet).layer(layers))
        .route("/user", get(user))
        .layer(log)
        // Outside the log, which shows "Sensitive" instead of the tokens in these.
        .layer(SetSensitiveRequestHeadersLayer::new([
            AUTHORIZATION,
            SEC_WEBSOCKET_PROTOCOL,
        ]))
        .route("/", get(page))
        .route("/log", get(async || latest().concat()))
}

async fn page() -> Html<String> {
    Html(include_str!("index.html").replace("/* style.css */", include_str!("../style.css")))
}

/// An ordinary route, with the same authentication as the WebSocket.
async fn user(User(name): User) -> &'static str {
    name
}

/// Greets the owner of the token, and closes the socket of everyone else.
///
/// A browser hides the status and the text of a refused handshake from its page, and
/// shows it a close code. For other clients a handler takes a plain `User`, and the
/// rejection is a 401.
async fn greet(user: Result<User, Unauthorized>, ws: WebSocketUpgrade) -> Response {
    let answer = match user {
        Ok(User(name)) => Message::text(format!("Hello, {name}!")),
        Err((.., reason)) => Message::Close(Some(CloseFrame {
            code: UNAUTHORIZED,
            reason: reason.into(),
        })),
    };
    ws.on_upgrade(async move |mut socket: WebSocket| {
        let is_closed = matches!(answer, Message::Close(_));
        let _ = socket.send(answer).await;
        let drain = async { while let Some(Ok(_)) = socket.recv().await {} };
        if is_closed {
            let _ = timeout(PATIENCE, drain).await;
        } else {
            drain.await;
        }
    })
}

/// The owner of the token in `Authorization`, as for any request.
struct User(&'static str);

type Unauthorized = (StatusCode, [(HeaderName, &'static str); 1], &'static str);

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Unauthorized;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Unauthorized> {
        let bearer: Result<TypedHeader<Authorization<Bearer>>, _> = parts.extract().await;
        let reason = match &bearer {
            Ok(TypedHeader(bearer)) => match USERS.iter().find(|user| user.0 == bearer.token()) {
                Some((_, name)) => return Ok(Self(name)),
                None => "The token is unknown.",
            },
            Err(_) => "A token is needed.",
        };
        let challenge = [(WWW_AUTHENTICATE, "Bearer")];
        Err((StatusCode::UNAUTHORIZED, challenge, reason))
    }
}

/// Writes the log to stderr, and keeps the two latest lines of the layers for the page. An
/// application has no need of this.
struct Log;

impl io::Write for Log {
    /// Gets a whole line each time.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        if text.contains(" axum_subprotocol: ") {
            let mut latest = latest();
            latest.rotate_left(1);
            latest[1] = text.into_owned();
        }
        io::stderr().write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn latest() -> MutexGuard<'static, [String; 2]> {
    static LATEST: Mutex<[String; 2]> = Mutex::new([String::new(), String::new()]);
    LATEST.lock().unwrap_or_else(PoisonError::into_inner)
}
