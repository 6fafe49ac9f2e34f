//! Chromium, as the page and its user see it.

use std::{env, path::PathBuf, process::Stdio};

use axum_subprotocol_interop::{Daemon, Server, path, report};
use serde_json::{Value, json};
use tokio::process::Command;

fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(path(script));
    command
}

/// What a page gets to know of a socket.
enum Seen {
    /// The socket opened with this as its `protocol`, and the server's handler
    /// spoke the same.
    Open(&'static str),
    /// An `error` and a `close` with nothing to tell them apart. The console has
    /// a reason, for whoever opens it.
    Failed(&'static str),
    /// The constructor's arguments were at fault: nothing was sent.
    SyntaxError,
}

impl Seen {
    fn report(&self, url: &str) -> Value {
        match self {
            Self::Open(protocol) => {
                let spoken = if protocol.is_empty() {
                    "nothing"
                } else {
                    protocol
                };
                json!({
                    "protocol": protocol,
                    "events": ["open", format!("{spoken}: hello"), "close"],
                    "code": 1000,
                    "reason": "",
                    "wasClean": true,
                    "console": [],
                })
            }
            Self::Failed(reason) => {
                let handshake = "Error during WebSocket handshake";
                let message =
                    format!("WebSocket connection to '{url}' failed: {handshake}: {reason}");
                json!({
                    "protocol": "",
                    "events": ["error", "close"],
                    "code": 1006,
                    "reason": "",
                    "wasClean": false,
                    "console": [message],
                })
            }
            Self::SyntaxError => json!({ "thrown": "SyntaxError", "console": [] }),
        }
    }
}

const NO_REPLY_TO_OFFERS: &str =
    "Sent non-empty 'Sec-WebSocket-Protocol' header but no response was received";

#[tokio::test]
async fn a_page_makes_sockets() {
    use Seen::{Failed, Open, SyntaxError};

    let server = Server::start().await;
    // The path, the constructor's second argument if any, what the page sees,
    // the status, and whether the handler started.
    let cases = [
        ("/chat", None, Open(""), Some(("", 101, true))),
        ("/chat", Some(json!([])), Open(""), Some(("", 101, true))),
        ("/strict", Some(json!([])), Open(""), Some(("", 101, true))),
        (
            "/chat",
            Some(json!("chat.v1")),
            Open("chat.v1"),
            Some(("chat.v1", 101, true)),
        ),
        (
            "/chat",
            Some(json!(["soap", "chat.v1", "chat.v2"])),
            Open("chat.v1"),
            Some(("soap, chat.v1, chat.v2", 101, true)),
        ),
        (
            "/by-server",
            Some(json!(["soap", "chat.v1", "chat.v2"])),
            Open("chat.v2"),
            Some(("soap, chat.v1, chat.v2", 101, true)),
        ),
        (
            "/chat",
            Some(json!(["soap", "Chat.v1"])),
            Failed(NO_REPLY_TO_OFFERS),
            Some(("soap, Chat.v1", 101, true)),
        ),
        (
            "/strict",
            Some(json!(["soap", "Chat.v1"])),
            Failed("Unexpected response code: 400"),
            Some(("soap, Chat.v1", 400, false)),
        ),
        (
            "/chat",
            Some(json!(["chat.v1", "chat.v1"])),
            SyntaxError,
            None,
        ),
        ("/chat", Some(json!(["chat.v1", "a b"])), SyntaxError, None),
        ("/chat", Some(json!("")), SyntaxError, None),
        (
            "/chat",
            Some(json!("chat.v2")),
            Open("chat.v2"),
            Some(("chat.v2", 101, true)),
        ),
    ];
    let url = |path: &str| server.url("ws", path);
    let sockets: Vec<_> = cases
        .iter()
        .map(|(path, protocols, ..)| match protocols {
            Some(protocols) => json!([url(path), protocols]),
            None => json!([url(path)]),
        })
        .collect();

    let mut browser = node("browser/sockets.mjs");
    browser.args([server.url("http", "/"), json!(sockets).to_string()]);
    let reports = report(&mut browser).await;

    assert_eq!(reports.len(), cases.len());
    let mut handshakes = server.handshakes().into_iter();
    for ((path, protocols, seen, on_the_wire), reported) in cases.iter().zip(&reports) {
        assert_eq!(*reported, seen.report(&url(path)), "{path} {protocols:?}");
        let Some((offered, status, handler_started)) = *on_the_wire else {
            continue;
        };
        let handshake = handshakes.next().expect("a handshake for each request");
        assert_eq!(handshake.path, *path);
        assert_eq!(handshake.offered.join("|"), offered, "{path}");
        assert_eq!(handshake.status, status, "{path} {offered}");
        assert_eq!(
            handshake.inward.is_some(),
            handler_started,
            "{path} {offered}"
        );
    }
    assert!(handshakes.next().is_none());
}

/// Builds the library's chat example, and returns the path of the program.
async fn build_chat() -> PathBuf {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap());
    cargo.args(["build", "--locked", "--example", "chat"]);
    cargo.args(["--quiet", "--message-format", "json", "--manifest-path"]);
    cargo.arg(path("../../Cargo.toml"));
    let output = cargo.stderr(Stdio::inherit()).output().await.unwrap();
    assert!(output.status.success(), "{cargo:?}");
    let messages = output.stdout.split(|byte| *byte == b'\n');
    messages
        .filter_map(|message| serde_json::from_slice::<Value>(message).ok())
        .filter(|message| message["target"]["name"] == "chat")
        .find_map(|message| Some(message["executable"].as_str()?.into()))
        .expect("cargo says where it puts an executable")
}

/// The pictures are kept: `tmp/chat-v1.png` and others in the target folder.
#[tokio::test]
async fn tabs_of_both_versions_talk_in_the_chat_example() {
    let mut chat = Daemon::start(&mut Command::new(build_chat().await));
    let line = chat.line().await;
    let url = line.strip_prefix("listening on ").unwrap();
    let pictures = env!("CARGO_TARGET_TMPDIR");

    let reports = report(node("browser/chat.mjs").args([url, pictures])).await;

    let first = "By the client’s preference: of the names that the server supports, it is the \
                 first in your list. The server’s preference would have led to the same.";
    let closed = "The server let the handshake go on without a subprotocol. A browser that offered \
                  names takes that for a failure: yours closed the socket.";
    let refused = "None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported here. \
                   Offer one of these: chat.v2, chat.v1";
    let nobody: [&str; 0] = [];
    assert_eq!(
        reports,
        [
            json!({
                "headline": "Selected chat.v2",
                "detail": first,
                "log": [
                    "you speak chat.v2",
                    "Ann joined",
                    "Bob joined",
                    "Ann Good morning",
                    "Bob And to you",
                ],
            }),
            json!({
                "headline": "Selected chat.v1",
                "detail": first,
                "log": [
                    "you speak chat.v1",
                    "* Bob joined",
                    "Ann: Good morning",
                    "Bob: And to you",
                ],
            }),
            json!({ "headline": "Nothing selected", "detail": closed, "log": nobody }),
            json!({ "headline": "Refused: 400", "detail": refused, "log": nobody }),
        ]
    );
}
