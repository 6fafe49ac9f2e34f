//! The example `config`.

use std::{fs, path::PathBuf};

use serde_json::json;

use super::{Example, command};
use crate::support::{BOTH, Over, Reply, http1, websocket::Client};

/// Mistakes in a file, and what the example says about them.
const FAULTY: [(&str, &str); 12] = [
    (
        "[routes]\n'/feed' = ['mqtt']\n\n[routes.'/chat']\nprotocols = ['v1']\nrequires = 'always'\n",
        "line 6, column 1\n  |\n6 | requires = 'always'\n  | ^^^^^^^^\n\
         unknown field `requires`, expected one of ",
    ),
    (
        "[credential]\nafter-prefix = 'bearer '\n",
        "line 2, column 16\n  |\n2 | after-prefix = 'bearer '\n  |                ^^^^^^^^^\n\
         credential prefix \"bearer \": a space at byte 7",
    ),
    (
        "[routes]\n'/chat' = ['chat.v2', 'chat v1']\n",
        "line 2, column 11\n  |\n2 | '/chat' = ['chat.v2', 'chat v1']\n  |           \
         ^^^^^^^^^^^^^^^^^^^^^^\n\
         subprotocol 2, \"chat v1\": a space at byte 5",
    ),
    (
        "[routes.'/chat']\nprotocols = ['v2', 'v1', 'v2']\n",
        "line 2, column 13\n  |\n2 | protocols = ['v2', 'v1', 'v2']\n  |             \
         ^^^^^^^^^^^^^^^^^^\n\
         subprotocol 3, \"v2\": already listed as number 1",
    ),
    (
        "[routes.'/chat']\nprotocols = ['v1']\nrequire = 'sometimes'\n",
        "line 3, column 11\n  |\n3 | require = 'sometimes'\n  |           ^^^^^^^^^^^\n\
         unknown variant `sometimes`, expected one of `never`, `if-offered`, `always`",
    ),
    (
        "[routes.'/chat']\nprotocols = ['v1']\nmax-offers = -1\n",
        "line 3, column 14\n  |\n3 | max-offers = -1\n  |              ^^\n\
         invalid value: integer `-1`",
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
    // axum would panic.
    (
        "[routes]\n'chat' = ['v1']\n",
        "line 2, column 1\n  |\n2 | 'chat' = ['v1']\n  | ^^^^^^\n\
         \"chat\" is not the path of a route: write one like \"/chat\", of letters, digits and -._~/",
    ),
    (
        "[routes]\n'/{a}{b}' = ['v1']\n",
        "line 2, column 1\n  |\n2 | '/{a}{b}' = ['v1']\n  | ^^^^^^^^^\n\
         \"/{a}{b}\" is not the path of a route",
    ),
    // The page is there.
    (
        "[routes]\n'/' = ['v1']\n",
        "line 2, column 1\n  |\n2 | '/' = ['v1']\n  | ^^^\n\"/\" is not the path of a route",
    ),
    (
        "[routes]\n'/chat' = ['v1'\n",
        "line 2, column 16\n  |\n2 | '/chat' = ['v1'\n  |                ^\n\
         unclosed array, expected `]`",
    ),
];

async fn send(port: u16, method: &str, body: &str) -> Reply {
    let length = body.len();
    let request = format!(
        "{method} / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    let mut connection = http1::Connection::open(port).await;
    connection.exchange(request.as_bytes()).await
}

#[tokio::test]
async fn shows_the_place_of_a_mistake_and_the_reason() {
    let example = Example::start("config");
    for (file, mistake) in FAULTY {
        let reply = send(example.port, "PUT", file).await;
        let expected = format!("TOML parse error at {mistake}");
        assert!(reply.body.starts_with(&expected), "{}", reply.body);
    }
    let committed = include_str!("../../examples/config/routes.toml");
    let reply = send(example.port, "PUT", committed).await;
    assert_eq!(reply.body, "The file has no mistake.");
}

#[test]
fn does_not_start_without_a_correct_file() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let [missing, faulty] = ["missing.toml", "repeated.toml"].map(|name| folder.join(name));
    fs::write(&faulty, "[routes]\n'/a' = ['v1', 'v1']\n").unwrap();
    for (path, reason) in [
        (missing, "No such file"),
        (faulty, "TOML parse error at line 2, column 8"),
    ] {
        let output = command("config").arg("0").arg(&path).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        let expected = format!("{}: {reason}", path.display());
        assert!(error.starts_with(&expected), "{error}");
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(output.stdout, b"");
    }
}

#[tokio::test]
async fn each_route_has_the_subprotocols_of_the_file() {
    let example = Example::start("config");
    for over in BOTH {
        for (path, offers, selected) in [
            ("/feed", "x, mqtt", "mqtt"),
            ("/feed", "mqtt, bearer.secret", "mqtt"),
            ("/feed", "x", ""),
            ("/feed", "", ""),
            (
                "/graphql",
                "graphql-ws, a b, graphql-transport-ws",
                "graphql-transport-ws",
            ),
            ("/graphql", "", ""),
            ("/charging", "ocpp1.6, ocpp2.0.1, ocpp2.1", "ocpp1.6"),
        ] {
            let client = Client::offer(over, example.port, path, offers).await;
            let mut client = client.unwrap();
            assert_eq!(client.reply.selected(), selected, "{path} {offers:?}");
            client.send("hi").await;
            let name = if selected.is_empty() {
                "no subprotocol"
            } else {
                selected
            };
            assert_eq!(client.text().await, format!("{name}: hi"));
        }
    }
}

/// Real replies, and those that the server gets for the page.
#[tokio::test]
async fn each_route_has_the_settings_of_the_file() {
    let example = Example::start("config");
    let many = ["graphql-ws"; 17].join(",");
    for (path, offers, reason) in [
        ("/feed", "a b", "Element 1 of"),
        ("/feed", "mqtt, bearer.", "The credential in"),
        (
            "/graphql",
            "mqtt",
            "Offer one of these: graphql-transport-ws, graphql-ws",
        ),
        ("/graphql", &many, "more than 16 elements"),
        ("/charging", "", "Offer one of these: ocpp2.0.1, ocpp1.6"),
    ] {
        let reply = Over::Http1.handshake(example.port, path, &[offers]).await;
        assert_eq!(reply.status, 400, "{path} {offers}");
        assert!(reply.body.contains(reason), "{path}: {}", reply.body);

        let body = json!([path, offers]).to_string();
        let shown = send(example.port, "POST", &body).await.body;
        assert!(shown.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{shown}");
        assert!(shown.ends_with(&reply.body), "{shown}");
    }

    let body = json!(["/feed", "x, mqtt, bearer.secret"]).to_string();
    let shown = send(example.port, "POST", &body).await.body;
    assert!(shown.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
    assert!(
        shown.contains("sec-websocket-protocol: mqtt\r\n"),
        "{shown}"
    );
    assert!(!shown.contains("secret"), "{shown}");
}

#[tokio::test]
async fn the_page_lists_the_routes() {
    let example = Example::start("config");
    let page = super::page(example.port).await;
    assert!(page.contains(r#""/feed":["mqtt"]"#), "{page}");
    assert!(page.contains(r#""require":"if-offered""#), "{page}");
}
