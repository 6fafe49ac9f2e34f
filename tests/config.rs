//! Layers from files and the environment, and mistakes in a configuration.

use std::{collections::HashMap, env, process::Command};

use axum::{Router, routing::any};
use axum_subprotocol::{
    Malformed, OfferedCredentialLayer, Preference, Require, Subprotocol, SubprotocolLayer,
};
use figment::{Figment, providers::Env};
use serde::{Deserialize, de::DeserializeOwned};

use crate::support::{
    app::tell,
    check::{check, selected},
    panics::assert_panics,
    serve,
};

#[derive(Deserialize)]
struct Route {
    path: String,
    #[serde(flatten)]
    subprotocols: SubprotocolLayer,
}

#[derive(Deserialize)]
struct Config {
    list: SubprotocolLayer,
    text: SubprotocolLayer,
    table: SubprotocolLayer,
    routes: Vec<Route>,
    credential: OfferedCredentialLayer,
}

const TOML: &str = r#"
    list = ["v2", "v1"]
    text = "v2, v1"
    [table]
    protocols = ["v2", "v1"]
    prefer = "server"
    require = "always"
    malformed = "ignore"
    max-offers = 3
    [[routes]]
    path = "/chat"
    require = "if-offered"
    protocols = "v2,v1"
    [credential]
    after-prefix = "bearer."
    base64url = true
    max-len = 16
"#;

const YAML: &str = r"
    list: [v2, v1]
    text: v2, v1
    table:
        protocols: [v2, v1]
        prefer: server
        require: always
        malformed: ignore
        max-offers: 3
    routes:
        - path: /chat
          require: if-offered
          protocols: v2,v1
    credential: { after-prefix: bearer., base64url: true, max-len: 16 }
";

const JSON: &str = r#"{
    "list": ["v2", "v1"],
    "text": "v2, v1",
    "table": {
        "protocols": ["v2", "v1"], "prefer": "server", "require": "always",
        "malformed": "ignore", "max-offers": 3
    },
    "routes": [{ "protocols": "v2,v1", "path": "/chat", "require": "if-offered" }],
    "credential": { "after-prefix": "bearer.", "base64url": true, "max-len": 16 }
}"#;

#[tokio::test]
async fn a_file_has_lists_strings_and_tables() {
    for config in [
        toml::from_str::<Config>(TOML).unwrap(),
        serde_norway::from_str(YAML).unwrap(),
        serde_json::from_str(JSON).unwrap(),
    ] {
        let [route] = config.routes.try_into().ok().unwrap();
        let Route { path, subprotocols } = route;
        let app = Router::new()
            .route("/list", any(tell).layer(config.list))
            .route("/text", any(tell).layer(config.text))
            .route("/table", any(tell).layer(config.table))
            .route(&path, any(tell).layer(subprotocols))
            .layer(config.credential);
        let port = serve(app).await;
        for path in ["/list", "/text"] {
            let cases = ["v1, v2, bearer.YQ => v1", "x => -", "a b => 400 Element 1…"];
            check(port, path, selected, &cases).await;
        }
        let cases = [
            "v1, a b, v2 => v2",
            " => 400 A WebSocket subprotocol is required here…",
            "v1,x,x,x => 400 Sec-WebSocket-Protocol has more than 3 elements…",
            "v1, bearer.Y => 400 The credential in Sec-WebSocket-Protocol is not base64url…",
        ];
        check(port, "/table", selected, &cases).await;
        let cases = ["v1, v2 => v1", "- => -", "x => 400 None of…"];
        check(port, "/chat", selected, &cases).await;
    }
}

/// A program's whole configuration, from its environment.
#[derive(Deserialize)]
struct Service {
    list: SubprotocolLayer,
    chat: SubprotocolLayer,
    bearer: OfferedCredentialLayer,
}

const ENVIRONMENT: [(&str, &str); 6] = [
    ("CHATTER__LIST", "a,b"),
    ("CHATTER__CHAT__PROTOCOLS", "a, b"),
    ("CHATTER__CHAT__MAX_OFFERS", "16"),
    ("CHATTER__CHAT__REQUIRE", "if-offered"),
    ("CHATTER__BEARER__AFTER_PREFIX", "bearer."),
    ("CHATTER__BEARER__ECHO_IF_ALONE", "true"),
];

fn check_service(service: &Service) {
    let list = SubprotocolLayer::new(["a", "b"]);
    assert_same(&service.list, &list);
    let chat = list.max_offers(16).require(Require::IfOffered);
    assert_same(&service.chat, &chat);
    let bearer = OfferedCredentialLayer::after_prefix("bearer.").echo_if_alone();
    assert_same(&service.bearer, &bearer);
}

/// `Debug` shows all settings.
fn assert_same<T: std::fmt::Debug>(read: &T, made: &T) {
    assert_eq!(format!("{read:?}"), format!("{made:?}"));
}

/// Runs itself once more, as a program with this environment.
#[test]
fn figment_reads_the_environment() {
    if env::var_os("CHATTER__LIST").is_none() {
        let mut this = Command::new(env::current_exe().unwrap());
        this.args(["--exact", "config::figment_reads_the_environment"]);
        let output = this.envs(ENVIRONMENT).output().unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        assert!(output.contains("1 passed"), "{output}");
        return;
    }
    let environment = Env::prefixed("CHATTER__").split("__");
    check_service(&Figment::from(environment).extract().unwrap());
}

#[test]
fn config_reads_the_environment() {
    let variables = ENVIRONMENT.map(|(name, value)| (name.to_owned(), value.to_owned()));
    for parses in [false, true] {
        let environment = config::Environment::with_prefix("CHATTER")
            .prefix_separator("__")
            .separator("__")
            .try_parsing(parses)
            .source(Some(HashMap::from(variables.clone())));
        let config = config::Config::builder().add_source(environment);
        check_service(&config.build().unwrap().try_deserialize().unwrap());
    }
}

#[test]
fn keys_have_snake_case_aliases_and_the_defaults_of_the_code() {
    let credential = |json| serde_json::from_str::<OfferedCredentialLayer>(json).unwrap();
    let layer = |json| serde_json::from_str::<SubprotocolLayer>(json).unwrap();

    let code = SubprotocolLayer::new(["v1"])
        .require(Require::default())
        .prefer(Preference::default())
        .malformed(Malformed::default())
        .max_offers(64);
    assert_same(&layer(r#"{"protocols": ["v1"]}"#), &code);
    assert_same(&SubprotocolLayer::new(["v1"]), &code);
    let table = r#"{"protocols": ["v1"], "max_offers": 3}"#;
    assert_same(&layer(table), &code.max_offers(3));

    let code = OfferedCredentialLayer::after_name("token")
        .max_len(8192)
        .malformed(Malformed::Reject);
    assert_same(&credential(r#"{"after-name": "token"}"#), &code);
    let table =
        r#"{"after_name": "token", "scheme": "Token", "max_len": 9, "malformed": "ignore"}"#;
    let code = code.scheme("Token").max_len(9).malformed(Malformed::Ignore);
    assert_same(&credential(table), &code);
    let table = r#"{"after_prefix": "t.", "header": "x-tenant", "echo_if_alone": true}"#;
    let code = OfferedCredentialLayer::after_prefix("t.")
        .header("x-tenant")
        .echo_if_alone();
    assert_same(&credential(table), &code);
}

/// Each case is a text, and how the error begins that it leads to.
fn check_errors(cases: &[&str], read: impl Fn(&str) -> String) {
    for case in cases {
        let (text, message) = case.split_once(" => ").unwrap();
        let error = read(text);
        assert!(error.starts_with(message), "{text}: {error}");
    }
}

#[test]
fn an_error_names_the_entry_and_the_reason() {
    let cases = [
        r"[] => the list of supported subprotocols is empty",
        r#"["v1", "v 2"] => subprotocol 2, "v 2": a space at byte 2"#,
        r#"["v1", "v2", "v1"] => subprotocol 3, "v1": already listed as number 1"#,
        r#"["v1", 2] => invalid type: integer `2`, expected a string"#,
        r#""v1,,v2" => subprotocol 2, "": it is empty"#,
        r#""" => subprotocol 1, "": it is empty"#,
        r"1 => invalid type: integer `1`, expected a list or a comma-separated string of subprotocol names, or a table with",
        r"{} => missing field `protocols`",
        r#"{"protocols": [""]} => subprotocol 1, "": it is empty"#,
        r#"{"protocols": {}} => invalid type: map, expected a list or a comma-separated string of subprotocol names"#,
        r#"{"protocols": "a", "requires": 1} => unknown field `requires`, expected one of `protoc"#,
        r#"{"protocols": "a", "protocols": "b"} => duplicate field `protocols`"#,
        r#"{"protocols": "a", "require": "sometimes"} => unknown variant `sometimes`, expected o"#,
        r#"{"protocols": "a", "prefer": "Server"} => unknown variant `Server`, expected `client`"#,
        r#"{"protocols": "a", "malformed": true} => expected value"#,
        r#"{"protocols": "a", "max-offers": -1} => invalid value: integer `-1`"#,
    ];
    check_errors(&cases, |json| {
        let error = serde_json::from_str::<SubprotocolLayer>(json).unwrap_err();
        error.to_string()
    });
    let cases = [
        r"{} => a credential needs exactly one of `after-prefix` and `after-name`",
        r#"{"after-name": "a", "after-prefix": "b"} => a credential needs exactly one of"#,
        r#"{"after-prefix": "a b"} => credential prefix "a b": a space at byte 2"#,
        r#"{"after-name": ""} => credential name "": it is empty"#,
        r#"{"after-name": "a", "scheme": "b,"} => authentication scheme "b,": a delimiter at byt"#,
        r#"{"after-name": "a", "header": "cookie"} => header "cookie": servers and proxies give"#,
        r#"{"after-name": "a", "header": "x y"} => header "x y": it is not the name of a header"#,
        r#"{"after-name": "a", "header": "x", "scheme": "y"} => `scheme` and `header` exclude ea"#,
        r#"{"after-name": "a", "echo-if-alone": true} => `echo_if_alone` needs `after_prefix`"#,
        r#"{"after-name": "a", "schema": "y"} => unknown field `schema`, expected one of `after-"#,
    ];
    check_errors(&cases, |json| {
        let error = serde_json::from_str::<OfferedCredentialLayer>(json).unwrap_err();
        error.to_string()
    });
}

/// The line, the column and the message of a TOML error.
fn placed<T: DeserializeOwned>(toml: &str) -> String {
    let error = toml::from_str::<T>(toml).err().unwrap().to_string();
    let place = error.strip_prefix("TOML parse error at line ").unwrap();
    let (place, quote) = place.split_once('\n').unwrap();
    let message = quote.lines().last().unwrap();
    format!("{}: {message}", place.replace(", column ", ":"))
}

#[test]
fn an_error_points_at_the_place_in_a_file() {
    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only errors are of interest")]
    struct File {
        chat: Option<SubprotocolLayer>,
        bearer: Option<OfferedCredentialLayer>,
    }

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only errors are of interest")]
    struct Routes {
        routes: Vec<Route>,
    }

    let cases = [
        "chat = ['v1', 'v 2'] => 1:8: subprotocol 2, \"v 2\": a space at byte 2",
        "[chat]; protocols = ['v2', 'v2'] => 2:13: subprotocol 2, \"v2\": already listed",
        "[chat]; protocols = 'v1'; requires = 'always' => 3:1: unknown field `requires`",
        "[chat]; protocols = 'v1'; require = 'sometimes' => 3:11: unknown variant `sometimes`",
        "[chat]; protocols = 'v1'; max-offers = -1 => 3:14: invalid value: integer `-1`",
        "[chat]; prefer = 'server' => 1:1: missing field `protocols`",
        "[bearer]; after-name = 'a'; header = 'cookie' => 3:10: header \"cookie\"",
        "[bearer]; after-prefix = 'a b' => 2:16: credential prefix \"a b\"",
        "[bearer]; after-name = 'a'; schema = 'x' => 3:1: unknown field `schema`",
        "[bearer]; scheme = 'x' => 1:1: a credential needs exactly one",
    ];
    check_errors(&cases, |toml| placed::<File>(&toml.replace("; ", "\n")));

    // serde keeps no places for a flattened layer: the error points at its table.
    let cases = [
        "requires = 'always'; protocols = ['v1'] => 4:1: unknown field `requires`",
        "protocols = ['v 1'] => 4:1: subprotocol 1, \"v 1\": a space at byte 2",
        "protocols = ['v1']; max-offers = -1 => 4:1: invalid value: integer `-1`",
    ];
    let first = "[[routes]]; path = '/a'; protocols = ['a']; [[routes]]; path = '/b'; ";
    check_errors(&cases, |toml| {
        placed::<Routes>(&(first.to_owned() + toml).replace("; ", "\n"))
    });
}

/// As with a `SubprotocolLayer`.
#[test]
fn a_flattened_credential_layer_rejects_unknown_keys_and_lists() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only errors are of interest")]
    struct Flat {
        path: String,
        #[serde(flatten)]
        bearer: OfferedCredentialLayer,
    }

    let toml = "path = '/'; after-prefix = 'bearer.'; echo = true".replace("; ", "\n");
    let error = toml::from_str::<Flat>(&toml).unwrap_err().to_string();
    assert!(error.contains("unknown field `echo`"), "{error}");
    let list = serde_json::from_str::<OfferedCredentialLayer>(r#"["bearer."]"#);
    assert!(list.is_err(), "{list:?}");
}

#[test]
fn a_layer_shows_its_configuration() {
    let layer = SubprotocolLayer::new(["v2", "v1"]).max_offers(3);
    let debug = format!("{layer:?}");
    assert!(debug.contains(r#"["v2", "v1"]"#), "{debug}");
    assert!(debug.contains("max_offers: 3"), "{debug}");
}

#[test]
fn new_takes_all_kinds_of_names() {
    const NAMES: &[Subprotocol] = &[Subprotocol::from_static("v2")];
    const FORBIDDEN: Subprotocol = Subprotocol::non_token_from_static("v:2");
    let owned = "v2".to_owned();
    for layer in [
        SubprotocolLayer::new(NAMES),
        SubprotocolLayer::new(NAMES.iter().cloned()),
        SubprotocolLayer::new(["v2"]),
        SubprotocolLayer::new(&["v2"]),
        SubprotocolLayer::new([&owned]),
        SubprotocolLayer::new([owned]),
        SubprotocolLayer::new([Box::from("v2")]),
        SubprotocolLayer::new([std::borrow::Cow::from("v2")]),
        SubprotocolLayer::new("v2".split(',')),
    ] {
        assert_eq!(layer.supported(), ["v2"]);
    }
    assert_eq!(SubprotocolLayer::new([FORBIDDEN]).supported(), ["v:2"]);
}

#[test]
fn constructors_panic_at_their_callers_location() {
    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only the names matter")]
    enum Chat {
        #[serde(rename = "chat v1")]
        V1,
    }

    assert_panics(
        "a WebSocket subprotocol name must be an RFC 9110 token",
        || Subprotocol::from_static("v 2"),
    );
    assert_panics(
        "SubprotocolLayer::new: the list of supported subprotocols is empty",
        || SubprotocolLayer::new([""; 0]),
    );
    assert_panics(
        "SubprotocolLayer::new: subprotocol 2, \"v 2\": a space at byte 2",
        || SubprotocolLayer::new(["v1", "v 2"]),
    );
    let message = "Chat>: subprotocol 1, \"chat v1\": a space at byte 5";
    assert_panics(message, || SubprotocolLayer::of::<Chat>());
    let message = "list the names with `SubprotocolLayer::new`";
    assert_panics(message, || SubprotocolLayer::of::<String>());
}
