//! A record of the handshakes, which the page shows.
//!
//! A browser tells its page the selected name, and hides the rest of the reply. The
//! middleware stands outside the `SubprotocolLayer`, where the client's list is still
//! as it was sent. Don't copy this into an application: clients put secrets into that
//! list.
//!
//! Heads are as hyper shows them: names in lower case, and all lines of one header
//! together. The server adds `date` to a reply afterwards.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json,
    extract::{Path, Query, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, SET_COOKIE},
    },
    middleware::Next,
    response::Response,
};
use axum_subprotocol::rejection::SubprotocolRejection;
use serde::{Deserialize, Serialize};

/// How many exchanges are kept.
const KEPT: usize = 64;

/// How many bytes the name of a tab may have.
const LONGEST_TAB: usize = 64;

/// How many bytes of a line are kept.
const LONGEST_LINE: usize = 1024;

/// The latest exchanges of all tabs. A clone is the same store.
#[derive(Clone, Default)]
pub(crate) struct Exchanges(Arc<Mutex<VecDeque<(String, Exchange)>>>);

#[derive(Clone, Serialize)]
pub(crate) struct Exchange {
    request: RequestHead,
    reply: Reply,
}

#[derive(Clone, Serialize)]
struct RequestHead {
    line: String,
    headers: Vec<(String, String)>,
}

#[derive(Clone, Serialize)]
struct Reply {
    status: u16,
    line: String,
    headers: Vec<(String, String)>,
    /// Empty unless the handshake was rejected.
    text: String,
}

impl Exchanges {
    fn push(&self, tab: String, exchange: Exchange) {
        let mut exchanges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        exchanges.truncate(KEPT - 1);
        exchanges.push_front((tab, exchange));
    }

    fn latest_of(&self, tab: &str) -> Option<Exchange> {
        let exchanges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, exchange) = exchanges.iter().find(|(of, _)| of == tab)?;
        Some(exchange.clone())
    }
}

#[derive(Deserialize)]
pub(crate) struct Recorded {
    tab: Option<String>,
}

/// Records the exchange if the client names a tab to record it for.
pub(crate) async fn record(
    State(exchanges): State<Exchanges>,
    Query(Recorded { tab }): Query<Recorded>,
    request: Request,
    next: Next,
) -> Response {
    let Some(tab) = tab.filter(|tab| tab.len() <= LONGEST_TAB) else {
        return next.run(request).await;
    };
    let version = request.version();
    let line = format!("{} {} {version:?}", request.method(), request.uri());
    let request_head = RequestHead {
        line: printable(line.as_bytes()),
        headers: lines(request.headers()),
    };

    let response = next.run(request).await;
    let status = response.status();
    let rejection: Option<&SubprotocolRejection> = response.extensions().get();
    let reply = Reply {
        status: status.as_u16(),
        line: format!("{version:?} {status}"),
        headers: lines(response.headers()),
        text: rejection.map_or_else(String::new, SubprotocolRejection::body_text),
    };
    let exchange = Exchange {
        request: request_head,
        reply,
    };
    exchanges.push(tab, exchange);
    response
}

/// `GET /exchanges/{tab}`
pub(crate) async fn show(
    State(exchanges): State<Exchanges>,
    Path(tab): Path<String>,
) -> Result<Json<Exchange>, StatusCode> {
    let exchange = exchanges.latest_of(&tab).ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(exchange))
}

fn lines(headers: &HeaderMap) -> Vec<(String, String)> {
    let line = |(name, value): (&HeaderName, &HeaderValue)| {
        let value = if is_secret(name) {
            "(not shown)".to_owned()
        } else {
            printable(value.as_bytes())
        };
        (name.to_string(), value)
    };
    headers.iter().map(line).collect()
}

fn is_secret(name: &HeaderName) -> bool {
    [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, SET_COOKIE].contains(name)
}

/// Escapes what is not printable ASCII, and the backslash itself, as in a Rust
/// literal.
fn printable(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes.iter().take(LONGEST_LINE) {
        match byte {
            b'\\' | ..b' ' | b'\x7f'.. => text.extend(byte.escape_ascii().map(char::from)),
            _ => text.push(char::from(*byte)),
        }
    }
    if bytes.len() > LONGEST_LINE {
        text.push_str(" (shortened)");
    }
    text
}
