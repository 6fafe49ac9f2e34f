//! Clients in other languages: Node's `ws`, Python's `websockets`, and curl.

use axum_subprotocol_interop::{Daemon, Handshake, Server, path, report};
use http::Version;
use serde_json::{Value, json};
use tokio::process::Command;

/// Where to, and the header lines to send.
type Offer<'a> = (&'a str, &'a [&'a str]);

/// What is selected, whichever client offers.
const SELECTED: [(Offer<'_>, &str); 7] = [
    (("/chat", &["chat.v2"]), "chat.v2"),
    (("/chat", &["chat.v1, chat.v2"]), "chat.v1"),
    (("/chat", &["chat.v2, chat.v1"]), "chat.v2"),
    (("/chat", &["soap, Chat.v2, chat.v1"]), "chat.v1"),
    (("/chat", &["soap", "chat.v1", "chat.v2"]), "chat.v1"),
    (("/by-server", &["chat.v1, soap", "chat.v2"]), "chat.v2"),
    (("/strict", &["soap, mqtt", "chat.v1"]), "chat.v1"),
];

/// What a client reports of handshakes in which nothing is selected.
struct Reports {
    nothing_offered: Value,
    nothing_selected: Value,
    refused: Value,
}

impl Reports {
    fn cases(self) -> [(Offer<'static>, Value); 4] {
        [
            (("/chat", &[]), self.nothing_offered.clone()),
            (("/strict", &[]), self.nothing_offered),
            (("/chat", &["soap, mqtt"]), self.nothing_selected),
            (("/strict", &["soap", "mqtt"]), self.refused),
        ]
    }
}

/// Has a library's client make all the handshakes.
async fn try_library(command: impl Fn() -> Command, reports: Reports) {
    let server = Server::start().await;
    let selected = SELECTED.map(|(offer, selected)| {
        let said = format!("{selected}: hello");
        (offer, json!({ "selected": selected, "said": said }))
    });
    for ((path, offers), outcome) in selected.into_iter().chain(reports.cases()) {
        let url = server.url("ws", path);
        let reported = report(command().arg(url).args(offers)).await;
        assert_eq!(reported, [outcome], "{path} {offers:?}");

        let handshake = server.handshake();
        assert_eq!(handshake.version, Version::HTTP_11);
        assert_eq!(spaced(&handshake.offered), offers, "{path}");
        let inward = handshake.inward.unwrap_or_default();
        assert_eq!(inward, handshake.selected, "{path} {offers:?}");
    }
}

/// The lines with a space after each comma, which not every client writes.
fn spaced(lines: &[String]) -> Vec<String> {
    let spaced = |line: &String| line.replace(", ", ",").replace(',', ", ");
    lines.iter().map(spaced).collect()
}

#[tokio::test]
async fn node_ws() {
    let command = || {
        let mut command = Command::new("node");
        command.arg(path("clients/node.mjs"));
        command
    };
    let reports = Reports {
        nothing_offered: json!({ "selected": "", "said": "nothing: hello" }),
        nothing_selected: json!({ "error": "Server sent no subprotocol" }),
        refused: json!({ "error": "Unexpected server response: 400" }),
    };
    try_library(command, reports).await;
}

#[tokio::test]
async fn python_websockets() {
    let command = || {
        let mut command = Command::new(path(".venv/bin/python"));
        command.arg(path("clients/python.py"));
        command
    };
    let reports = Reports {
        nothing_offered: json!({ "selected": null, "said": "nothing: hello" }),
        nothing_selected: json!({ "selected": null, "said": "nothing: hello" }),
        refused: json!({
            "error": "InvalidStatus: server rejected WebSocket connection: HTTP 400"
        }),
    };
    try_library(command, reports).await;
}

/// curl, which sends a handshake and prints the reply with its head.
///
/// After a 101 it waits for another reply. `stdbuf` makes it print the head before
/// that.
fn curl(url: &str, offers: &[&str]) -> Command {
    let mut command = Command::new("stdbuf");
    command.args(["--output=L", "curl"]);
    command.args(["--disable", "--silent", "--show-error", "--no-buffer"]);
    command.args(["--include", "--max-time", "30", "--noproxy", "*", url]);
    command.args(["--header", "Sec-WebSocket-Version: 13"]);
    command.args(["--header", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]);
    for offer in offers {
        command.args(["--header", &format!("Sec-WebSocket-Protocol: {offer}")]);
    }
    command
}

/// The same, with the headers that make it a handshake on HTTP/1.1.
fn upgrading_curl(url: &str, offers: &[&str]) -> Command {
    let mut command = curl(url, offers);
    command.args(["--http1.1", "--header", "Connection: Upgrade"]);
    command.args(["--header", "Upgrade: websocket"]);
    command
}

/// The status and the selected names that curl shows.
async fn shown(curl: &mut Daemon) -> (String, Vec<String>) {
    let status = curl.line().await;
    let mut selected = Vec::new();
    loop {
        let line = curl.line().await.to_ascii_lowercase();
        if let Some(name) = line.strip_prefix("sec-websocket-protocol: ") {
            selected.push(name.to_owned());
        }
        if line.is_empty() {
            return (status, selected);
        }
    }
}

#[tokio::test]
async fn curl_over_http_1_1() {
    let server = Server::start().await;
    for ((path, offers), selected) in SELECTED {
        let mut command = upgrading_curl(&server.url("http", path), offers);

        let (status, shown) = shown(&mut Daemon::start(&mut command)).await;
        assert_eq!(status, "HTTP/1.1 101 Switching Protocols");
        assert_eq!(shown, [selected], "{path} {offers:?}");

        let Handshake {
            offered, inward, ..
        } = server.handshake();
        assert_eq!(offered, offers, "{path}");
        assert_eq!(inward.unwrap(), [selected], "{path}");
    }

    // curl sends whatever its user writes.
    for (path, offers, refusal) in [
        (
            "/strict",
            ["soap", "mqtt"],
            "None of the WebSocket subprotocols",
        ),
        ("/chat", ["chat.v1,", "\"chat.v2\""], "Element 3 of"),
    ] {
        let mut command = upgrading_curl(&server.url("http", path), &offers);

        let mut curl = Daemon::start(&mut command);
        let (status, shown) = shown(&mut curl).await;
        assert_eq!(status, "HTTP/1.1 400 Bad Request");
        assert_eq!(shown, [""; 0], "{path} {offers:?}");
        let text = curl.line().await;
        assert!(text.starts_with(refusal), "{text}");
        assert_eq!(server.handshake().inward, None, "{path}");
    }
}

/// curl sends no extended CONNECT. On HTTP/2, a `GET` with the headers of a
/// handshake is not a handshake.
#[tokio::test]
async fn curl_over_http_2() {
    let server = Server::start().await;
    let offers = ["soap", "chat.v1, \"chat.v2\""];
    let mut command = curl(&server.url("http", "/strict"), &offers);
    command.arg("--http2-prior-knowledge");

    let (status, shown) = shown(&mut Daemon::start(&mut command)).await;
    assert_eq!(status, "HTTP/2 405 ");
    assert_eq!(shown, [""; 0]);

    let handshake = server.handshake();
    assert_eq!(handshake.version, Version::HTTP_2);
    assert_eq!(handshake.offered, offers);
    assert_eq!(handshake.inward.unwrap(), offers);
}
