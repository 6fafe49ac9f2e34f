//! Configuration: what is refused when an app starts, and what a file can say.

mod support;

use axum::{Router, routing::any};
use axum_subprotocol::{Malformed, Preference, Require, Subprotocol, SubprotocolLayer};
use serde::Deserialize;

use self::support::{Over, app::tell, serve};

/// What a handshake with `offers` leads to behind `layer`.
async fn outcome(layer: &SubprotocolLayer, offers: &str) -> String {
    let port = serve(Router::new().route("/", any(tell).layer(layer.clone()))).await;
    let reply = Over::Http1.handshake(port, "/", &[offers]).await;
    if reply.status == 400 {
        reply.body
    } else {
        reply.selected()
    }
}

#[tokio::test]
async fn a_file_has_a_list_or_a_table() {
    #[derive(Deserialize)]
    struct Route {
        path: String,
        #[serde(flatten)]
        subprotocols: SubprotocolLayer,
    }
    #[derive(Deserialize)]
    struct Config {
        list: SubprotocolLayer,
        table: SubprotocolLayer,
        routes: Vec<Route>,
    }

    let toml: Config = toml::from_str(
        r#"
        list = ["v2", "v1"]
        [table]
        protocols = ["v2", "v1"]
        prefer = "server"
        require = "always"
        malformed = "ignore"
        max-offers = 3
        [[routes]]
        path = "/chat"
        require = "if-offered"
        protocols = ["v2", "v1"]
        "#,
    )
    .unwrap();
    let json: Config = serde_json::from_str(
        r#"{
            "list": ["v2", "v1"],
            "table": {
                "protocols": ["v2", "v1"], "prefer": "server", "require": "always",
                "malformed": "ignore", "max-offers": 3
            },
            "routes": [{ "protocols": ["v2", "v1"], "path": "/chat", "require": "if-offered" }]
        }"#,
    )
    .unwrap();

    let yaml: Config = serde_norway::from_str(
        r"
        list: [v2, v1]
        table:
            protocols: [v2, v1]
            prefer: server
            require: always
            malformed: ignore
            max-offers: 3
        routes:
            - path: /chat
              require: if-offered
              protocols: [v2, v1]
        ",
    )
    .unwrap();

    for config in [toml, json, yaml] {
        assert_eq!(outcome(&config.list, "v1, v2").await, "v1");
        assert_eq!(outcome(&config.list, "x").await, "");
        assert!(outcome(&config.list, "a b").await.starts_with("Element 1"));

        assert_eq!(outcome(&config.table, "v1, a b, v2").await, "v2");
        assert!(
            outcome(&config.table, "")
                .await
                .contains("is required here")
        );
        assert!(
            outcome(&config.table, "v1,x,x,x")
                .await
                .contains("more elements than the 3")
        );

        let [route] = &config.routes[..] else {
            panic!("one route")
        };
        assert_eq!(route.path, "/chat");
        assert_eq!(outcome(&route.subprotocols, "v1, v2").await, "v1");
        assert!(
            outcome(&route.subprotocols, "x")
                .await
                .starts_with("None of")
        );
    }
}

#[test]
fn the_error_of_a_file_names_the_entry_and_the_reason() {
    for (json, message) in [
        (r"[]", "the list of supported subprotocols is empty"),
        (
            r#"["v1", "v 2"]"#,
            "subprotocol 2, \"v 2\": byte 2 is not allowed",
        ),
        (
            r#"["v1", "v2", "v1"]"#,
            "subprotocol 3, \"v1\": it is in the list already, as number 1",
        ),
        (
            r#"["v1", 2]"#,
            "invalid type: integer `2`, expected a string",
        ),
        (
            r#""v1""#,
            "invalid type: string \"v1\", expected a list of subprotocol names, or a table",
        ),
        (r"{}", "missing field `protocols`"),
        (
            r#"{"protocols": [""]}"#,
            "subprotocol 1, \"\": a subprotocol name can't be empty",
        ),
        (
            r#"{"protocols": ["v1"], "requires": "always"}"#,
            "unknown field `requires`, expected one of `protocols`, `require`, `prefer`, `malformed`, `max-offers`",
        ),
        (
            r#"{"protocols": ["v1"], "max_offers": 1}"#,
            "unknown field `max_offers`",
        ),
        (
            r#"{"protocols": ["v1"], "protocols": ["v2"]}"#,
            "duplicate field `protocols`",
        ),
        (
            r#"{"protocols": ["v1"], "require": "sometimes"}"#,
            "unknown variant `sometimes`, expected one of `never`, `if-offered`, `always`",
        ),
        (
            r#"{"protocols": ["v1"], "prefer": "Server"}"#,
            "unknown variant `Server`, expected `client` or `server`",
        ),
        (
            r#"{"protocols": ["v1"], "malformed": true}"#,
            "invalid type: boolean `true`, expected one of `reject`, `ignore`",
        ),
        (
            r#"{"protocols": ["v1"], "max-offers": -1}"#,
            "invalid value: integer `-1`, expected a number, 0 or more",
        ),
    ] {
        let error = serde_json::from_str::<SubprotocolLayer>(json).unwrap_err();
        assert!(error.to_string().starts_with(message), "{json}: {error}");
    }
}

#[test]
fn a_misspelt_key_under_flatten_is_reported() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only errors are of interest")]
    struct Route {
        path: String,
        #[serde(flatten)]
        subprotocols: SubprotocolLayer,
    }
    let file = "path = '/'\nprotocols = ['v1']\nrequires = 'always'\n";
    let error = toml::from_str::<Route>(file).unwrap_err();
    assert!(
        error.to_string().contains("unknown field `requires`"),
        "{error}"
    );
}

#[test]
fn what_is_left_out_of_a_table_has_the_defaults_of_the_code() {
    let table: SubprotocolLayer = serde_json::from_str(r#"{"protocols": ["v1"]}"#).unwrap();
    let code = SubprotocolLayer::new(["v1"])
        .require(Require::default())
        .prefer(Preference::default())
        .malformed(Malformed::default())
        .max_offers(64);
    for layer in [table, SubprotocolLayer::new(["v1"])] {
        assert_eq!(format!("{layer:?}"), format!("{code:?}"));
    }
}

#[test]
fn a_layer_shows_its_configuration() {
    let layer = SubprotocolLayer::new(["v2", "v1"]).max_offers(3);
    let debug = format!("{layer:?}");
    assert!(
        debug.contains(r#"["v2", "v1"]"#) && debug.contains("max_offers: 3"),
        "{debug}"
    );
}

#[test]
fn new_takes_whatever_derefs_to_names() {
    const NAMES: &[Subprotocol] = &[Subprotocol::from_static("v2")];
    let _ = SubprotocolLayer::new(NAMES);
    let _ = SubprotocolLayer::new(["v2"]);
    let _ = SubprotocolLayer::new(vec!["v2".to_owned()]);
    let _ = SubprotocolLayer::new(&["v2".to_owned()]);
    let _ = SubprotocolLayer::new(NAMES.iter().cloned());
    let _ = SubprotocolLayer::new("v2,v1".split(','));
}

mod panics {
    use std::{
        panic::{catch_unwind, set_hook, take_hook},
        sync::{Arc, Mutex},
    };

    use axum_subprotocol::{Subprotocol, SubprotocolLayer};
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only the names matter")]
    enum Chat {
        #[serde(rename = "chat v1")]
        V1,
    }

    /// The hook is the whole process's, so this is one test.
    #[test]
    fn new_and_of_panic_with_the_location_of_their_caller() {
        let cases: [(fn(), &str); 5] = [
            (
                || drop(Subprotocol::from_static("v 2")),
                "a WebSocket subprotocol name must be a token",
            ),
            (
                || drop(SubprotocolLayer::new([""; 0])),
                "SubprotocolLayer::new: the list of supported subprotocols is empty",
            ),
            (
                || drop(SubprotocolLayer::new(["v1", "v 2"])),
                "SubprotocolLayer::new: subprotocol 2, \"v 2\": byte 2",
            ),
            (
                || drop(SubprotocolLayer::of::<Chat>()),
                "Chat>: subprotocol 1, \"chat v1\": byte 5 is not allowed",
            ),
            (
                || drop(SubprotocolLayer::of::<String>()),
                "list the names with `SubprotocolLayer::new`",
            ),
        ];

        let seen = Arc::new(Mutex::new(String::new()));
        let previous = take_hook();
        set_hook(Box::new({
            let seen = Arc::clone(&seen);
            move |panic| *seen.lock().unwrap() = panic.to_string()
        }));
        let outcomes = cases.map(|(construct, message)| {
            let panicked = catch_unwind(construct).is_err();
            (
                panicked,
                std::mem::take(&mut *seen.lock().unwrap()),
                message,
            )
        });
        set_hook(previous);

        for (panicked, seen, message) in outcomes {
            assert!(panicked, "{message}");
            assert!(
                seen.starts_with(concat!("panicked at ", file!(), ":")),
                "{seen}"
            );
            assert!(seen.contains(message), "{seen}");
        }
    }
}
