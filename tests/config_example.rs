//! The example `config`, with files good and bad.

#[path = "../examples/config/app.rs"]
mod app;
#[path = "../examples/config/file.rs"]
mod file;
mod support;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use self::support::{BOTH, Over, http1, serve, websocket::Client};

/// Writes a file, and returns its path.
fn write(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    path
}

/// What a file says, and what its writer is told of it.
const FAULTY: [(&str, &str); 12] = [
    (
        "[routes]\n'/feed' = ['mqtt']\n\n[routes.'/chat']\nprotocols = ['v1']\nrequires = 'always'\n",
        "line 6, column 1\n  |\n6 | requires = 'always'\n  | ^^^^^^^^\n\
         unknown field `requires`, expected one of `protocols`, `require`, `prefer`, `malformed`, \
         `max-offers`",
    ),
    (
        "[routes]\n'/chat' = ['chat.v2', 'chat v1']\n",
        "line 2, column 11\n  |\n2 | '/chat' = ['chat.v2', 'chat v1']\n  |           \
         ^^^^^^^^^^^^^^^^^^^^^^\n\
         subprotocol 2, \"chat v1\": byte 5 is not allowed in a subprotocol name, which is made of \
         letters, digits and !#$%&'*+-.^_`|~ (RFC 9110 section 5.6.2)",
    ),
    (
        "[routes.'/chat']\nprotocols = ['v2', 'v1', 'v2']\n",
        "line 2, column 13\n  |\n2 | protocols = ['v2', 'v1', 'v2']\n  |             \
         ^^^^^^^^^^^^^^^^^^\n\
         subprotocol 3, \"v2\": it is in the list already, as number 1; name each once",
    ),
    (
        "[routes.'/chat']\nprotocols = ['v1']\nrequire = 'sometimes'\n",
        "line 3, column 11\n  |\n3 | require = 'sometimes'\n  |           ^^^^^^^^^^^\n\
         unknown variant `sometimes`, expected one of `never`, `if-offered`, `always`",
    ),
    (
        "[routes.'/chat']\nprotocols = ['v1']\nmax-offers = -1\n",
        "line 3, column 14\n  |\n3 | max-offers = -1\n  |              ^^\n\
         invalid value: integer `-1`, expected a number, 0 or more",
    ),
    (
        "[routes.'/chat']\nprefer = 'server'\n",
        "line 1, column 1\n  |\n1 | [routes.'/chat']\n  | ^^^^^^^^^^^^^^^^\n\
         missing field `protocols`",
    ),
    (
        "[routes]\n'/chat' = []\n",
        "line 2, column 11\n  |\n2 | '/chat' = []\n  |           ^^\n\
         the list of supported subprotocols is empty: name at least one",
    ),
    (
        "[routes]\n'/chat' = 'chat.v1'\n",
        "line 2, column 11\n  |\n2 | '/chat' = 'chat.v1'\n  |           ^^^^^^^^^\n\
         invalid type: string \"chat.v1\", expected a list of subprotocol names, or a table with \
         `protocols`",
    ),
    // A router would panic.
    (
        "[routes]\n'chat' = ['v1']\n",
        "line 2, column 1\n  |\n2 | 'chat' = ['v1']\n  | ^^^^^^\n\
         \"chat\" can't be the path of a route: write one like \"/chat\", of letters, digits and \
         -._~/",
    ),
    (
        "[routes]\n'/{a}{b}' = ['v1']\n",
        "line 2, column 1\n  |\n2 | '/{a}{b}' = ['v1']\n  | ^^^^^^^^^\n\
         \"/{a}{b}\" can't be the path of a route: write one like \"/chat\", of letters, digits and \
         -._~/",
    ),
    (
        "[routes]\n'/' = ['v1']\n",
        "line 2, column 1\n  |\n2 | '/' = ['v1']\n  | ^^^\n\
         \"/\" can't be the path of a route: write one like \"/chat\", of letters, digits and -._~/",
    ),
    (
        "[routes]\n'/chat' = ['v1'\n",
        "line 2, column 16\n  |\n2 | '/chat' = ['v1'\n  |                ^\n\
         unclosed array, expected `]`",
    ),
];

#[test]
fn a_faulty_file_is_named_with_the_line_and_the_reason() {
    for (text, mistake) in FAULTY {
        let path = write("faulty.toml", text);
        let error = file::read(&path).unwrap_err().to_string();
        let shown = path.display();
        let expected = format!(
            "{shown} has a mistake. Correct it, and start again.\n\nTOML parse error at {mistake}"
        );
        assert_eq!(error, expected);
    }
}

/// Runs the example, which `cargo test` has built before.
fn run(path: &Path) -> Output {
    let test = env::current_exe().unwrap();
    let target = test.parent().and_then(Path::parent).unwrap();
    let example = target.join("examples/config");
    let mut command = Command::new(example);
    command.arg("0").arg(path);
    command.output().expect("run `cargo build --examples`")
}

#[test]
fn the_app_does_not_start_with_a_faulty_file() {
    let missing = Path::new(env!("CARGO_TARGET_TMPDIR")).join("missing.toml");
    let faulty = write("repeated.toml", "[routes]\n'/a' = ['v1', 'v1']\n");
    let texts = [
        format!(
            "{} can't be read: No such file or directory (os error 2)\n\
             Give a file like examples/config/routes.toml.\n",
            missing.display()
        ),
        format!("{}\n", file::read(&faulty).unwrap_err()),
    ];
    for (path, text) in [missing, faulty].iter().zip(texts) {
        let output = run(path);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), text);
        assert_eq!(output.stdout, b"");
    }
}

async fn start() -> u16 {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/config/routes.toml");
    serve(app::app(file::read(Path::new(committed)).unwrap())).await
}

#[tokio::test]
async fn each_route_speaks_what_the_file_says() {
    let port = start().await;
    for over in BOTH {
        for (path, offers, spoken) in [
            ("/feed", "x, mqtt", "speaking mqtt"),
            ("/feed", "x", "speaking no subprotocol"),
            ("/feed", "", "speaking no subprotocol"),
            (
                "/graphql",
                "graphql-ws, a b, graphql-transport-ws",
                "speaking graphql-transport-ws",
            ),
            ("/graphql", "", "speaking no subprotocol"),
            (
                "/charging",
                "ocpp1.6, ocpp2.0.1, ocpp2.1",
                "speaking ocpp1.6",
            ),
        ] {
            let mut client = Client::offer(over, port, path, offers).await.unwrap();
            assert_eq!(client.text().await, spoken, "{path} {offers:?}");
            client.send("hi").await;
            assert_eq!(client.text().await, "hi");
        }
    }
}

#[tokio::test]
async fn each_route_refuses_what_the_file_says() {
    let port = start().await;
    let many = ["graphql-ws"; 17].join(",");
    for (path, offers, reason) in [
        ("/feed", "a b", "Element 1 of"),
        (
            "/graphql",
            "mqtt",
            "Offer one of these: graphql-transport-ws, graphql-ws",
        ),
        ("/graphql", &many, "more elements than the 16"),
        ("/charging", "", "Offer one of these: ocpp2.0.1, ocpp1.6"),
    ] {
        let reply = Over::Http1.handshake(port, path, &[offers]).await;
        assert_eq!(reply.status, 400, "{path} {offers}");
        assert!(reply.body.contains(reason), "{path}: {}", reply.body);
    }
}

#[tokio::test]
async fn the_page_lists_the_routes() {
    let path = write("ampersand.toml", "[routes]\n'/a' = ['b&c', 'd']\n");
    let port = serve(app::app(file::read(&path).unwrap())).await;
    let page = http1::page(port).await;
    let row = "<dt><code>/a</code></dt><dd><code>b&amp;c</code>, <code>d</code></dd>";
    assert!(page.contains(row), "{}", page);
}
