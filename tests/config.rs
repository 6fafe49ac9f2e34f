//! Layers from files, and mistakes in a configuration.

use axum_subprotocol::{
    Encoding, Malformed, OfferedCredentialLayer, Preference, Require, Subprotocol, SubprotocolLayer,
};
use cpu_time::ThreadTime;
use serde::{Deserialize, de::DeserializeOwned};

use crate::support::panics::assert_panics;

#[derive(Debug, Deserialize)]
struct Route {
    path: String,
    #[serde(flatten)]
    subprotocols: SubprotocolLayer,
}

#[derive(Debug, Deserialize)]
struct Config {
    list: SubprotocolLayer,
    text: SubprotocolLayer,
    table: SubprotocolLayer,
    routes: Vec<Route>,
    credential: OfferedCredentialLayer,
    bare: OfferedCredentialLayer,
}

const TOML: &str = r#"
    list = ["v2", "v1"]
    text = "v2 , v1"
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
    encoding = "base64"
    max-len = 16
    [bare]
    bare = true
    except = "v2, v1"
    encoding = "percent"
"#;

const YAML: &str = r"
    list: [v2, v1]
    text: v2, v1
    table:
        { protocols: [v2, v1], prefer: server, require: always, malformed: ignore, max-offers: 3 }
    routes: [{ path: /chat, require: if-offered, protocols: 'v2,v1' }]
    credential: { after-prefix: bearer., encoding: base64url, max-len: 16 }
    bare: { bare: true, except: [v2, v1], encoding: percent }
";

/// `Debug` shows all settings.
fn assert_same<T: std::fmt::Debug>(read: &T, made: &T) {
    assert_eq!(format!("{read:?}"), format!("{made:?}"));
}

#[test]
fn a_file_has_lists_strings_and_tables() {
    let layer = SubprotocolLayer::new(["v2", "v1"]);
    let table = layer.clone().prefer(Preference::Server);
    let table = table.require(Require::Always).malformed(Malformed::Ignore);
    let table = table.max_offers(3);
    let credential = OfferedCredentialLayer::after_prefix("bearer.");
    let credential = credential.encoding(Encoding::Base64).max_len(16);
    let bare = OfferedCredentialLayer::bare().except(layer.supported());
    let bare = bare.encoding(Encoding::Percent);
    assert_eq!(layer.supported(), ["v2", "v1"]);
    for config in [
        toml::from_str::<Config>(TOML).unwrap(),
        serde_norway::from_str(YAML).unwrap(),
    ] {
        assert_same(&config.list, &layer);
        assert_same(&config.text, &layer);
        assert_same(&config.table, &table);
        let route = &config.routes[0];
        assert_eq!(route.path, "/chat");
        let if_offered = layer.clone().require(Require::IfOffered);
        assert_same(&route.subprotocols, &if_offered);
        assert_same(&config.credential, &credential);
        assert_same(&config.bare, &bare);
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
    assert_same(&layer(table), &code.clone().max_offers(3));
    let table = r#"{"protocols": ["v1"], "require": "if_offered"}"#;
    assert_same(&layer(table), &code.require(Require::IfOffered));

    let code = OfferedCredentialLayer::after_name("token")
        .max_len(8192)
        .malformed(Malformed::Reject);
    assert_same(&credential(r#"{"after-name": "token"}"#), &code);
    let table =
        r#"{"after_name": "token", "scheme": "Token", "max_len": 9, "malformed": "ignore"}"#;
    let code = code.scheme("Token").max_len(9).malformed(Malformed::Ignore);
    assert_same(&credential(table), &code);
    let table = r#"{"after_prefix": "t.", "header": "x-tenant", "echo_if_alone": true}"#;
    let code = OfferedCredentialLayer::after_prefix("t.").header("x-tenant");
    assert_same(&credential(table), &code.echo_if_alone());
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
    fn read<T: DeserializeOwned + std::fmt::Debug>(json: &str) -> String {
        serde_json::from_str::<T>(json).unwrap_err().to_string()
    }

    let cases = [
        r"[] => the list of subprotocols is empty",
        r#"["v1", 2] => invalid type: integer `2`, expected a string"#,
        r#""v1,,v2" => subprotocol 2, "": it is empty"#,
        r"1 => invalid type: integer `1`, expected a list or a comma-separated string of subprotocol names, or a table with",
        r#"{"protocols": {}} => invalid type: map, expected a list or a comma-separated string of subprotocol names"#,
        r#"{"protocols": "a", "protocols": "b"} => duplicate field `protocols`"#,
        r#"{"protocols": "a", "require": "sometimes"} => unknown variant `sometimes`, expected o"#,
        r#"{"protocols": "a", "prefer": "Server"} => unknown variant `Server`, expected `client`"#,
    ];
    check_errors(&cases, read::<SubprotocolLayer>);
    let cases = [
        r#"["bearer."] => invalid type: sequence, expected a table with `after-prefix`, `after-name` or `bare`"#,
        r"{} => a credential needs one of `after-prefix`, `after-name` and",
        r#"{"bare": false} => a credential needs one of `after-prefix`, `after-name` and"#,
        r#"{"after-name": "a", "after-prefix": "b"} => a credential needs one of `after-p"#,
        r#"{"after-name": "a", "bare": true} => a credential needs one of `after-prefix`"#,
        r#"{"after-name": "a", "except": "b"} => `except` needs `bare`"#,
        r#"{"bare": true, "except": ["a", "b c"]} => subprotocol 2, "b c": a space at byte 2"#,
        r#"{"bare": true, "except": []} => the list of subprotocols is empty"#,
        r#"{"bare": true, "except": null} => invalid type: null, expected a list or a comma"#,
        r#"{"bare": true, "encoding": "base32"} => unknown variant `base32`, expected one of"#,
        r#"{"after-name": ""} => credential name "": it is empty"#,
        r#"{"after-name": "a", "scheme": "b,"} => authentication scheme "b,": a comma at byte"#,
        r#"{"after-name": "a", "header": "x y"} => header "x y": it is not the name of a header"#,
        r#"{"after-name": "a", "header": "x", "scheme": "y"} => `scheme` and `header` exclude ea"#,
        r#"{"after-name": "a", "echo-if-alone": true} => `echo_if_alone` needs `after_pref"#,
        r#"{"after-name": "a", "schema": "y"} => unknown field `schema`, expected one of `after-"#,
    ];
    check_errors(&cases, read::<OfferedCredentialLayer>);
}

/// The line, the column and the message of a TOML error.
fn placed<T: DeserializeOwned>(toml: &str) -> String {
    let error = toml::from_str::<T>(&toml.replace("; ", "\n"));
    let error = error.err().unwrap().to_string();
    let place = error.strip_prefix("TOML parse error at line ").unwrap();
    let (place, quote) = place.split_once('\n').unwrap();
    let message = quote.lines().last().unwrap();
    format!("{}: {message}", place.replace(", column ", ":"))
}

#[test]
fn an_error_points_at_the_place_in_a_file() {
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only errors are of interest")]
    struct File {
        chat: Option<SubprotocolLayer>,
        bearer: Option<OfferedCredentialLayer>,
    }

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only errors are of interest")]
    struct Flat {
        path: String,
        #[serde(flatten)]
        bearer: OfferedCredentialLayer,
    }

    let cases = [
        "chat = ['v1', 'v 2'] => 1:8: subprotocol 2, \"v 2\": a space at byte 2",
        "[chat]; protocols = ['v2', 'v2'] => 2:13: subprotocol 2, \"v2\": already listed",
        "[chat]; protocols = 'v1'; requires = 'always' => 3:1: unknown field `requires`",
        "[chat]; protocols = 'v1'; max-offers = -1 => 3:14: invalid value: integer `-1`",
        "[chat]; prefer = 'server' => 1:1: missing field `protocols`",
        "[bearer]; after-name = 'a'; header = 'cookie' => 3:10: header \"cookie\": browsers, servers \
         and proxies give it a meaning of their own; use `scheme` for `authorization`",
        "[bearer]; bare = true; except = ['a b'] => 3:10: subprotocol 1, \"a b\": a space",
        "[bearer]; after-prefix = 'a b' => 2:16: credential prefix \"a b\"",
        "[bearer]; scheme = 'x' => 1:1: a credential needs one of `after-prefix`, `after-name`",
    ];
    check_errors(&cases, placed::<File>);

    // serde keeps no places for a flattened layer.
    let cases = [
        "path = '/'; requires = 'always'; protocols = ['v1'] => 1:1: unknown field `requires`",
        "path = '/'; protocols = ['v 1'] => 1:1: subprotocol 1, \"v 1\": a space at byte 2",
    ];
    check_errors(&cases, placed::<Route>);
    let cases = ["path = '/'; after-prefix = 'bearer.'; echo = true => 1:1: unknown field `echo`"];
    check_errors(&cases, placed::<Flat>);
}

#[test]
fn the_enums_are_written_as_they_are_read() {
    fn check<T>(value: &T, text: &str)
    where
        T: serde::Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        assert_eq!(serde_json::to_value(value).unwrap(), text);
        assert_eq!(&serde_json::from_value::<T>(text.into()).unwrap(), value);
    }

    check(&Require::Never, "never");
    check(&Require::IfOffered, "if-offered");
    check(&Require::Always, "always");
    check(&Preference::Client, "client");
    check(&Preference::Server, "server");
    check(&Malformed::Reject, "reject");
    check(&Malformed::Ignore, "ignore");
    check(&Encoding::Plain, "plain");
    check(&Encoding::Base64, "base64");
    check(&Encoding::Percent, "percent");
}

#[test]
fn check_finds_the_first_name_that_the_type_lacks() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only the names matter")]
    enum Chat {
        #[serde(rename = "v1", alias = "v0")]
        V1,
        #[serde(rename = "v/2")]
        V2,
        V3(u8),
    }

    const SPECIAL: Subprotocol = Subprotocol::non_token_from_static("v/2");

    let check = |layer: &SubprotocolLayer| layer.check::<Chat>().map_err(|error| error.to_string());
    assert_eq!(check(&SubprotocolLayer::new(["v1", "v0"])), Ok(()));
    assert_eq!(check(&SubprotocolLayer::new([SPECIAL])), Ok(()));
    let any = SubprotocolLayer::new(["v1", "x"]);
    assert!(any.check::<String>().is_ok() && any.check::<Option<Subprotocol>>().is_ok());
    for (layer, beginning) in [
        (any, "subprotocol 2, \"x\": it can't be read as `"),
        (
            SubprotocolLayer::new(["V3"]),
            "subprotocol 1, \"V3\": it can't be read as `",
        ),
        (
            SubprotocolLayer::from_fn(|_, _| None),
            "the function that is passed to `from_fn` may select a name that can't be read as `",
        ),
    ] {
        let error = check(&layer).unwrap_err();
        assert!(
            error.starts_with(beginning) && error.contains("Chat`"),
            "{error}"
        );
    }
}

/// 40,000 names took two seconds when each was compared with all. Processor time doesn't
/// depend on the other tests.
#[test]
fn many_names_take_no_longer_than_they_must() {
    let names = |count| (0..count).map(|number| format!("chat.v{number}"));
    let time = |count| {
        let began = ThreadTime::now();
        assert_eq!(SubprotocolLayer::new(names(count)).supported().len(), count);
        began.elapsed()
    };
    let few = (0..5).map(|_| time(2_000)).min().unwrap();
    let many = (0..5).map(|_| time(20_000)).min().unwrap();
    assert!(many < few * 40, "{few:?}, ten times as many: {many:?}");
    let repeated = names(20_000).chain(["chat.v7".to_owned()]);
    let error = SubprotocolLayer::try_new(repeated).unwrap_err().to_string();
    let expected = "subprotocol 20001, \"chat.v7\": already listed as number 8; name each once";
    assert_eq!(error, expected);
}

#[test]
fn new_takes_all_kinds_of_names() {
    const NAMES: &[Subprotocol] = &[Subprotocol::from_static("v2")];

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
    ] {
        assert_eq!(layer.supported(), ["v2"]);
    }
}

#[test]
fn constructors_panic_at_their_callers_location() {
    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only the names matter")]
    enum Chat {
        #[serde(rename = "chat v1")]
        V1,
    }

    let message = "a WebSocket subprotocol name must be an RFC 9110 token";
    assert_panics(message, || Subprotocol::from_static("v 2"));
    let message = "a WebSocket subprotocol name must be visible ASCII without commas";
    assert_panics(message, || Subprotocol::non_token_from_static("a,b"));
    let message = "SubprotocolLayer::new: the list of subprotocols is empty";
    assert_panics(message, || SubprotocolLayer::new([""; 0]));
    let message = "Chat>: subprotocol 1, \"chat v1\": a space at byte 5";
    assert_panics(message, || SubprotocolLayer::of::<Chat>());
}
