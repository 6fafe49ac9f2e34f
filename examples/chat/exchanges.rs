//! What went each way in the handshakes, kept for the page to show.
//!
//! A page has no other way to see a handshake: the browser tells it the name
//! that was selected, and hides why there is none. The middleware stands outside
//! the `SubprotocolLayer`, where the client's list is still as it was sent. Don't
//! copy this into an app: clients put secrets into that list.
//!
//! Heads are as hyper shows them: names in lower case, and the instances of a
//! header together. The server adds `date` to a reply afterwards.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json,
    body::to_bytes,
    extract::{Path, Query, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, SET_COOKIE},
    },
    middleware::Next,
    response::Response,
};
use serde::{Deserialize, Serialize};

/// How many exchanges are kept.
const KEPT: usize = 64;

/// How many bytes the name of a tab may have.
const LONGEST_TAB: usize = 64;

/// How many bytes of a line are kept.
const LONGEST_LINE: usize = 1024;

/// How many bytes the text of a rejection may have.
const LONGEST_TEXT: usize = 16 * 1024;

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
) -> Result<Response, StatusCode> {
    let Some(tab) = tab.filter(|tab| tab.len() <= LONGEST_TAB) else {
        return Ok(next.run(request).await);
    };
    let version = request.version();
    let line = format!("{} {} {version:?}", request.method(), request.uri());
    let request_head = RequestHead {
        line: printable(line.as_bytes()),
        headers: lines(request.headers()),
    };

    let (response, text) = read_text(next.run(request).await).await?;
    let status = response.status();
    let reply = Reply {
        status: status.as_u16(),
        line: format!("{version:?} {status}"),
        headers: lines(response.headers()),
        text,
    };
    let exchange = Exchange {
        request: request_head,
        reply,
    };
    exchanges.push(tab, exchange);
    Ok(response)
}

/// `GET /exchanges/{tab}`
pub(crate) async fn show(
    State(exchanges): State<Exchanges>,
    Path(tab): Path<String>,
) -> Result<Json<Exchange>, StatusCode> {
    let exchange = exchanges.latest_of(&tab).ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(exchange))
}

/// Reads the text of a rejection. The body of a reply that completes a
/// handshake is left alone.
async fn read_text(response: Response) -> Result<(Response, String), StatusCode> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return Ok((response, String::new()));
    }
    let (head, body) = response.into_parts();
    let body = to_bytes(body, LONGEST_TEXT)
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let text = String::from_utf8_lossy(&body).into_owned();
    Ok((Response::from_parts(head, body.into()), text))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(line: &str) -> Exchange {
        let request = RequestHead {
            line: line.to_owned(),
            headers: Vec::new(),
        };
        let reply = Reply {
            status: 101,
            line: String::new(),
            headers: Vec::new(),
            text: String::new(),
        };
        Exchange { request, reply }
    }

    #[test]
    fn the_oldest_exchanges_are_dropped() {
        let exchanges = Exchanges::default();
        for count in 0..=KEPT {
            exchanges.push(count.to_string(), exchange("first"));
        }
        assert!(exchanges.latest_of("0").is_none());
        assert!(exchanges.latest_of("1").is_some());

        exchanges.push("1".to_owned(), exchange("second"));
        let latest = exchanges.latest_of("1").expect("it was just recorded");
        assert_eq!(latest.request.line, "second");
    }

    #[test]
    fn values_are_printable_short_and_no_secrets() {
        assert_eq!(printable(b"\"a\" \\ \xe9\t\x7f~"), r#""a" \\ \xe9\t\x7f~"#);
        let long = printable(&[b'a'; 2000]);
        assert_eq!(long, format!("{} (shortened)", "a".repeat(LONGEST_LINE)));

        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_static("session=1"));
        headers.insert("x-a", HeaderValue::from_static("1"));
        let line = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            lines(&headers),
            [line("cookie", "(not shown)"), line("x-a", "1")]
        );
    }
}
