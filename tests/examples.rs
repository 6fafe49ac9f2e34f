//! The examples, as programs that real clients speak to.

use std::{
    io::{self, BufRead},
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
};

use futures_util::{SinkExt, StreamExt};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::{io::BufReader, net::TcpStream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

use crate::support::{Over, Reply, http1, in_time};

/// A running example.
struct Example {
    program: Program,
    port: u16,
    /// Read all the time, because a full pipe stops the program.
    log: JoinHandle<io::Result<String>>,
}

impl Example {
    /// Starts an example on a free port, and reads its port from what it prints.
    fn start(name: &str) -> Self {
        let mut command = command(name);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = Program(command.spawn().unwrap());
        let mut line = String::new();
        let stdout = program.0.stdout.as_mut().unwrap();
        io::BufReader::new(stdout).read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("listening on http://127.0.0.1:");
        let port = port.unwrap_or_else(|| panic!("{line:?}")).parse().unwrap();
        let stderr = program.0.stderr.take().unwrap();
        let log = thread::spawn(|| io::read_to_string(stderr));
        Self { program, port, log }
    }

    /// Ends the program, and returns what it has logged.
    fn end(self) -> String {
        drop(self.program);
        self.log.join().unwrap().unwrap()
    }

    /// Opens a WebSocket for which this subprotocol is selected.
    async fn open(&self, path: &str, offers: &str, selected: &str) -> Client {
        let mut connection = http1::Connection::open(self.port).await;
        let reply = connection.handshake(path, &[offers]).await;
        assert_eq!(reply.selected(), selected, "{reply:?}");
        Client(WebSocketStream::from_raw_socket(connection.0, Role::Client, None).await)
    }

    /// The reply to a handshake.
    async fn handshake(&self, path: &str, offers: &str) -> Reply {
        Over::Http2.handshake(self.port, path, &[offers]).await
    }

    /// Sends an ordinary request.
    async fn request(&self, start: &str, body: &str) -> Reply {
        let length = body.len();
        let request = format!(
            "{start}\r\nHost: localhost\r\nAuthorization: Bearer open.sesame\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let mut connection = http1::Connection::open(self.port).await;
        connection.exchange(request.as_bytes()).await
    }
}

struct Client(WebSocketStream<BufReader<TcpStream>>);

impl Client {
    async fn send(&mut self, text: &str) {
        in_time(self.0.send(Message::text(text))).await.unwrap();
    }

    /// The text of the next message, or the code and the reason of its closing.
    async fn next(&mut self) -> String {
        match in_time(self.0.next()).await.unwrap().unwrap() {
            Message::Text(text) => text.to_string(),
            Message::Close(Some(frame)) => format!("{} {}", u16::from(frame.code), frame.reason),
            other => panic!("{other:?}"),
        }
    }

    /// The next message in JSON, without the time.
    async fn object(&mut self) -> Value {
        let mut object: Value = serde_json::from_str(&self.next().await).unwrap();
        object.as_object_mut().unwrap().remove("at");
        object
    }
}

/// A program that ends with its owner.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program of an example. `cargo test` has built it already, and
/// `cargo test --test integration` has not.
fn command(name: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--message-format", "json"]);
    cargo.args(["--example", name]);
    if cfg!(feature = "tracing") {
        cargo.args(["--features", "tracing"]);
    }
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let output = cargo.stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{cargo:?}");
    let mut messages = serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>();
    let program = messages.find_map(|message| {
        let program = message.unwrap()["executable"].as_str()?.to_owned();
        Some(program)
    });
    Command::new(program.unwrap())
}

#[tokio::test]
#[cfg_attr(not(feature = "tracing"), ignore = "needs the feature `tracing`")]
async fn bearer_greets_the_owner_of_a_token_and_logs_none() {
    let example = Example::start("bearer");
    let offers = "greeting.v1, bearer.open.sesame";
    let mut client = example.open("/greeting", offers, "greeting.v1").await;
    assert_eq!(client.next().await, "Hello, Ann!");
    // What the page shows of the log.
    let events = |log: &str| -> Vec<String> {
        let events = log
            .lines()
            .map(|line| line.split(" axum_subprotocol: ").last());
        events.map(|event| event.unwrap().to_owned()).collect()
    };
    let selected =
        r#"selected a WebSocket subprotocol supported=["greeting.v1"] selected=greeting.v1"#;
    let moved = "moved an offered credential to a header header=authorization";
    let log = example.request("GET /log HTTP/1.1", "").await.body;
    assert_eq!(events(&log), [moved, selected]);

    let offers = "greeting.v1, bearer.sesame sesame";
    let mut client = example.open("/greeting", offers, "greeting.v1").await;
    assert_eq!(client.next().await, "3000 A token is needed.");
    let log = example.request("GET /log HTTP/1.1", "").await.body;
    assert!(events(&log)[0].starts_with("removed a malformed offered credential"));

    let reply = example.handshake("/greeting", "bearer.open.sesame").await;
    assert!(reply.body.ends_with("Offer this one: greeting.v1"));
    let reply = example.request("GET /user HTTP/1.1", "").await;
    assert_eq!(reply.body, "Ann");

    let log = example.end();
    for header in ["sec-websocket-protocol", "authorization"] {
        assert!(log.contains(&format!("\"{header}\": Sensitive")), "{log}");
    }
    assert_eq!(log.lines().find(|line| line.contains("sesame")), None);
}

#[tokio::test]
async fn chat_speaks_both_versions_in_one_room() {
    let example = Example::start("chat");
    let path = "/chat/server/never?name=Ann&tab=a1";
    let mut ann = example.open(path, "chat.v1, chat.v2", "chat.v2").await;
    let joined = json!({ "kind": "joined", "from": "Ann" });
    assert_eq!(ann.object().await, joined);
    let path = "/chat/client/always?name=Bob";
    let mut bob = example.open(path, "chat.v1, chat.v2", "chat.v1").await;
    assert_eq!(bob.next().await, "* Bob joined");
    let joined = json!({ "kind": "joined", "from": "Bob" });
    assert_eq!(ann.object().await, joined);

    // A line break can't fake a message in `chat.v1`.
    ann.send(r#"{"text":"hi,\nBob: \"b\""}"#).await;
    let sent = json!({ "kind": "message", "from": "Ann", "text": "hi,\nBob: \"b\"" });
    assert_eq!(ann.object().await, sent);
    assert_eq!(bob.next().await, "Ann: hi, Bob: \"b\"");

    // What the page shows of the handshake.
    let exchange = example.request("GET /exchanges/a1 HTTP/1.1", "").await;
    let selected = r#"["sec-websocket-protocol","chat.v2"]"#;
    assert!(exchange.body.contains(selected), "{exchange:?}");

    ann.send("no JSON").await;
    assert!(ann.next().await.starts_with("1007 "));
    assert_eq!(bob.next().await, "* Ann left");
    let reply = example.handshake("/chat/client/if-offered", "x").await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn config_serves_the_routes_of_its_file() {
    let example = Example::start("config");
    for (path, offers, selected) in [
        ("/feed", "mqtt, bearer.secret", "mqtt"),
        ("/graphql", "graphql-ws, a b", "graphql-ws"),
        ("/charging", "ocpp1.6, ocpp2.0.1", "ocpp1.6"),
    ] {
        let mut client = example.open(path, offers, selected).await;
        client.send("hi").await;
        assert_eq!(client.next().await, format!("{selected}: hi"));
    }
    let reply = example.handshake("/charging", "x").await;
    assert!(reply.body.ends_with("these: ocpp2.0.1, ocpp1.6"));

    // What the page shows of a handshake, and of a file.
    let handshake = r#"["/feed", "x, mqtt, bearer.secret"]"#;
    let shown = example.request("POST / HTTP/1.1", handshake).await.body;
    assert!(shown.contains("protocol: mqtt\r\n"), "{shown}");
    let filled = "x-from-offers: authorization (13 bytes)\r\n";
    assert!(shown.contains(filled), "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
    let faulty = "[routes]\n'/chat' = ['chat.v2', 'chat v1']\n";
    let shown = example.request("PUT / HTTP/1.1", faulty).await.body;
    assert!(shown.contains("line 2, column 11"), "{shown}");
    assert!(shown.contains("\"chat v1\": a space at byte 5"), "{shown}");

    // A mistake in the file, and a malformed port.
    for (port, file) in [("0", "missing.toml"), ("x", "routes.toml")] {
        let output = command("config").args([port, file]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(output.stdout, b"");
    }
}
