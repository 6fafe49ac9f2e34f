//! The page of the library's chat example.

use std::{path::PathBuf, process::Stdio};

use axum_subprotocol_interop::{Daemon, path, report};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::node;

/// Builds the example, and returns the path of the program.
async fn build_chat() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
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

#[tokio::test]
async fn tabs_of_both_versions_talk_in_chromium() {
    talk("chromium").await;
}

#[tokio::test]
async fn tabs_of_both_versions_talk_in_firefox() {
    talk("firefox").await;
}

/// The pictures are kept: `tmp/firefox-light.png` and others in the target folder.
async fn talk(browser: &str) {
    let mut chat = Daemon::start(&mut Command::new(build_chat().await));
    let line = chat.line().await;
    let url = line.strip_prefix("listening on ").unwrap();
    let pictures = env!("CARGO_TARGET_TMPDIR");

    let reports = report(node("browser/chat.mjs").args([browser, url, pictures])).await;

    let first = "It is the first name in the page’s list that the server supports. The server’s \
                 order selects the same.";
    let without = "The page offered nothing. The server speaks chat.v1 with such clients.";
    let closed = "The server completed the handshake without a subprotocol. This browser closes such \
                  a socket, because the page offered names. Others keep it.";
    let kept = "The server completed the handshake without a subprotocol, and speaks chat.v1 with such \
                clients. This browser keeps the socket, although the page offered names. Others close it.";
    let rejected = "None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported here. \
                    Offer one of these: chat.v2, chat.v1";
    let nobody: [&str; 0] = [];
    let unsupported = match browser {
        "chromium" => (closed, json!([])),
        _ => (kept, json!(["you speak chat.v1", "* Eve joined"])),
    };
    assert_eq!(
        reports,
        [
            json!({
                "kind": "good",
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
                "kind": "good",
                "headline": "Selected chat.v1",
                "detail": first,
                "log": [
                    "you speak chat.v1",
                    "* Bob joined",
                    "Ann: Good morning",
                    "Bob: And to you",
                ],
            }),
            json!({
                "kind": "good",
                "headline": "Connected without a subprotocol",
                "detail": without,
                "log": ["you speak chat.v1", "* visitor joined"],
            }),
            json!({
                "kind": "warn",
                "headline": "Nothing selected",
                "detail": unsupported.0,
                "log": unsupported.1,
            }),
            json!({
                "kind": "bad",
                "headline": "Rejected: 400",
                "detail": rejected,
                "log": nobody,
            }),
            json!({ "isButtonVisible": true, "isRoomFirst": true }),
            json!({ "isButtonVisible": true, "isRoomFirst": true }),
        ]
    );
}
