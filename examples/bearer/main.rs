//! A page that logs in with a token among the offers of its WebSocket.
//!
//! `cargo run --example bearer` serves the page on a free port, and
//! `cargo run --example bearer 3000` on port 3000. Open the address that it prints, and
//! look at the log: no line shows a token. With `--features tracing` the log has the
//! events of the layers too.

use std::{env, io, time::Duration};

use axum::{
    RequestPartsExt, Router,
    extract::{
        FromRequestParts, Request,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    },
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{AUTHORIZATION, HOST, ORIGIN, SEC_WEBSOCKET_PROTOCOL, WWW_AUTHENTICATE},
        request::Parts,
    },
    middleware::{Next, from_fn},
    response::{Html, IntoResponse, Response},
    routing::{any, get},
};
use axum_extra::{
    TypedHeader,
    headers::{Authorization, authorization::Bearer},
};
use axum_subprotocol::{Malformed, OfferedCredentialLayer, Require, SubprotocolLayer};
use tokio::{net::TcpListener, time::timeout};
use tower_http::{
    sensitive_headers::SetSensitiveRequestHeadersLayer,
    trace::{DefaultMakeSpan, DefaultOnResponse, TraceLayer},
};
use tracing::Level;

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
        .with_writer(io::stderr)
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
        .make_span_with(DefaultMakeSpan::new().include_headers(true))
        .on_response(DefaultOnResponse::new().include_headers(true));
    // Each layer is outside the ones above it.
    Router::new()
        .route("/", get(page))
        .route("/user", get(user))
        .route("/greeting", any(greet).layer(layers))
        .route_layer(from_fn(same_origin))
        .layer(log)
        // Outside the log, which shows "Sensitive" instead of the tokens in these.
        .layer(SetSensitiveRequestHeadersLayer::new([
            AUTHORIZATION,
            SEC_WEBSOCKET_PROTOCOL,
        ]))
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
async fn greet(
    headers: HeaderMap,
    user: Result<User, Unauthorized>,
    ws: WebSocketUpgrade,
) -> Response {
    let seen = Message::text(describe(&headers));
    ws.on_upgrade(async move |mut socket| {
        let _ = socket.send(seen).await;
        match user {
            Ok(User(name)) => {
                let _ = socket.send(format!("Hello, {name}!").into()).await;
                drain(socket).await;
            }
            Err((.., reason)) => {
                let (code, reason) = (UNAUTHORIZED, reason.into());
                let close = Message::Close(Some(CloseFrame { code, reason }));
                let _ = socket.send(close).await;
                let _ = timeout(PATIENCE, drain(socket)).await;
            }
        }
    })
}

/// What the page shows of the `Authorization` behind the layers. The token is not sent.
fn describe(headers: &HeaderMap) -> String {
    let value = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    match value.and_then(|value| value.strip_prefix(b"Bearer ")) {
        Some(token) => format!("Authorization: Bearer ({} characters)", token.len()),
        None => "no bearer token".to_owned(),
    }
}

/// Reads until the client closes the socket.
async fn drain(mut socket: WebSocket) {
    while let Some(Ok(_)) = socket.recv().await {}
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

/// Refuses requests that the page of another site makes: a browser lets any page open a
/// WebSocket to any server. Clients other than browsers need not send an `Origin`.
async fn same_origin(request: Request, next: Next) -> Response {
    let headers = request.headers();
    // HTTP/2 has `:authority` instead of `Host`.
    let host = match request.uri().authority() {
        Some(authority) => Some(authority.as_str().as_bytes()),
        None => headers.get(HOST).map(HeaderValue::as_bytes),
    };
    // The scheme is that of a proxy that speaks TLS, and not known here.
    let is_same = headers.get(ORIGIN).is_none_or(|origin| {
        let origin = origin.as_bytes();
        let site = origin.strip_prefix(b"http://");
        let site = site.or_else(|| origin.strip_prefix(b"https://"));
        site.zip(host)
            .is_some_and(|(site, host)| site.eq_ignore_ascii_case(host))
    });
    if is_same {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "This page belongs to another site.").into_response()
    }
}
