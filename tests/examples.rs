//! The examples, as programs that real clients speak to. `cargo test` builds them first.

use std::{
    env,
    io::{self, BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
};

use http::{
    StatusCode,
    header::{ORIGIN, SEC_WEBSOCKET_PROTOCOL},
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{BOTH, Over, Reply, http1, websocket::Client};

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
        let child = command.spawn().expect("run `cargo build --examples`");
        let mut program = Program(child);
        let mut line = String::new();
        let stdout = program.0.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
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

    async fn open(&self, over: Over, path: &str, offers: &str) -> Client {
        let headers = [(SEC_WEBSOCKET_PROTOCOL, offers)];
        let opened = Client::open(over, self.port, path, &headers).await;
        opened.unwrap()
    }

    /// Sends an ordinary request.
    async fn request(&self, start: &str, body: &str) -> Reply {
        let length = body.len();
        let request = format!(
            "{start} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer open.sesame\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let mut connection = http1::Connection::open(self.port).await;
        connection.exchange(request.as_bytes()).await
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

/// The program of an example, which cargo puts beside the folder of this one.
fn command(name: &str) -> Command {
    let this = env::current_exe().unwrap();
    let target = this.parent().and_then(|deps| deps.parent()).unwrap();
    Command::new(target.join("examples").join(name))
}

#[tokio::test]
async fn bearer_greets_the_owner_of_a_token_and_logs_none() {
    let example = Example::start("bearer");
    for over in BOTH {
        let offers = "greeting.v1, bearer.open.sesame";
        let mut client = example.open(over, "/greeting", offers).await;
        assert_eq!(client.reply.selected(), "greeting.v1");
        assert_eq!(client.text().await, "Authorization: Bearer (11 characters)");
        assert_eq!(client.text().await, "Hello, Ann!");

        let offers = "greeting.v1, bearer.sesame sesame";
        let mut client = example.open(over, "/greeting", offers).await;
        assert_eq!(client.text().await, "no bearer token");
        let closed = (3000, "A token is needed.".to_owned());
        assert_eq!(client.closed().await, closed);

        let offers = ["bearer.open.sesame"];
        let reply = over.handshake(example.port, "/greeting", &offers).await;
        assert!(reply.body.ends_with("Offer this one: greeting.v1"));

        let headers = [
            (SEC_WEBSOCKET_PROTOCOL, "greeting.v1"),
            (ORIGIN, "http://localhost.evil.example"),
        ];
        let refused = Client::open(over, example.port, "/greeting", &headers).await;
        assert_eq!(refused.err().unwrap().status, StatusCode::FORBIDDEN);
    }
    assert_eq!(example.request("GET /user", "").await.body, "Ann");

    let log = example.end();
    for header in ["sec-websocket-protocol", "authorization"] {
        assert!(log.contains(&format!("\"{header}\": Sensitive")), "{log}");
    }
    assert_eq!(log.lines().find(|line| line.contains("sesame")), None);
}

/// The next frame of a `chat.v2` client, without the time.
async fn object(client: &mut Client) -> Value {
    let mut object: Value = serde_json::from_str(&client.text().await).unwrap();
    object.as_object_mut().unwrap().remove("at");
    object
}

#[tokio::test]
async fn chat_speaks_both_versions_in_one_room() {
    let example = Example::start("chat");
    for over in BOTH {
        let path = "/chat/server/never?name=Ann&tab=a1";
        let mut ann = example.open(over, path, "chat.v1, chat.v2").await;
        let joined = json!({ "kind": "joined", "from": "Ann" });
        assert_eq!(object(&mut ann).await, joined);
        let mut bob = example
            .open(over, "/chat/client/always?name=Bob", "chat.v1")
            .await;
        assert_eq!(bob.text().await, "* Bob joined");
        let joined = json!({ "kind": "joined", "from": "Bob" });
        assert_eq!(object(&mut ann).await, joined);

        // A line break can't fake a message in `chat.v1`.
        ann.send(r#"{"text":"hi,\nBob: \"b\""}"#).await;
        let sent = json!({ "kind": "message", "from": "Ann", "text": "hi,\nBob: \"b\"" });
        assert_eq!(object(&mut ann).await, sent);
        assert_eq!(bob.text().await, "Ann: hi, Bob: \"b\"");

        // What the page shows of the handshake.
        let exchange = example.request("GET /exchanges/a1", "").await.body;
        let exchange: Value = serde_json::from_str(&exchange).unwrap();
        let selected = json!(["sec-websocket-protocol", "chat.v2"]);
        let headers = exchange["reply"]["headers"].as_array().unwrap();
        assert!(headers.contains(&selected), "{exchange}");

        ann.send("no JSON").await;
        let Message::Close(Some(frame)) = ann.next().await else {
            panic!("not closed");
        };
        assert_eq!(u16::from(frame.code), 1007);
        assert_eq!(bob.text().await, "* Ann left");
        bob.send(Message::Close(None)).await;
    }
    for (path, status) in [
        ("/chat/client/if-offered", 400),
        ("/chat/client/never", 101),
    ] {
        let reply = Over::Http1
            .handshake(example.port, path, &["chat.v9"])
            .await;
        assert_eq!(reply.status, status, "{path}");
    }
}

#[tokio::test]
async fn config_serves_the_routes_of_its_file() {
    let example = Example::start("config");
    for over in BOTH {
        for (path, offers, selected) in [
            ("/feed", "mqtt, bearer.secret", "mqtt"),
            (
                "/graphql",
                "graphql-ws, a b, graphql-transport-ws",
                "graphql-transport-ws",
            ),
            ("/charging", "ocpp1.6, ocpp2.0.1", "ocpp1.6"),
        ] {
            let mut client = example.open(over, path, offers).await;
            assert_eq!(client.reply.selected(), selected);
            client.send("hi").await;
            assert_eq!(client.text().await, format!("{selected}: hi"));
        }
        let reply = over.handshake(example.port, "/charging", &["x"]).await;
        assert!(
            reply
                .body
                .ends_with("Offer one of these: ocpp2.0.1, ocpp1.6")
        );
    }

    // What the page shows of a handshake, and of a file.
    let shown = example
        .request("POST /", r#"["/feed", "x, mqtt, bearer.secret"]"#)
        .await;
    assert!(
        shown.body.contains("sec-websocket-protocol: mqtt\r\n"),
        "{shown:?}"
    );
    assert!(!shown.body.contains("secret"), "{shown:?}");
    let faulty = "[routes]\n'/chat' = ['chat.v2', 'chat v1']\n";
    let shown = example.request("PUT /", faulty).await.body;
    assert!(shown.contains("line 2, column 11"), "{shown}");
    assert!(
        shown.contains("subprotocol 2, \"chat v1\": a space at byte 5"),
        "{shown}"
    );

    // A mistake in the file, and a malformed port.
    for (port, file) in [("0", "missing.toml"), ("x", "routes.toml")] {
        let output = command("config").args([port, file]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(output.stdout, b"");
    }
}

#[tokio::test]
async fn pages_need_nothing_from_elsewhere() {
    for name in ["bearer", "chat", "config"] {
        let page = Example::start(name).request("GET /", "").await.body;
        assert!(page.contains("<title>"), "{name}");
        for elsewhere in ["http://", "https://", "src=", "@import", "url(", "{{"] {
            assert!(!page.contains(elsewhere), "{name}: {elsewhere}");
        }
    }
}
