//! The example `ocpp`, with real clients.

#[path = "../examples/ocpp/app.rs"]
mod app;
#[path = "../examples/ocpp/rpc.rs"]
mod rpc;
mod support;

use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use self::support::{BOTH, Over, http1, serve, websocket::Client};

const STATION: &str = "/ocpp/CS001";

async fn start() -> u16 {
    serve(app::app()).await
}

async fn connect(over: Over, port: u16, offers: &str) -> Client {
    Client::offer(over, port, STATION, offers).await.unwrap()
}

/// The answer to `message`, without the time, which must be the present.
async fn ask(client: &mut Client, message: &str) -> Value {
    client.send(message).await;
    let mut answer: Value = serde_json::from_str(&client.text().await).unwrap();
    if let Some(result) = answer[2].as_object_mut() {
        let time = result.remove("currentTime").unwrap();
        let time = humantime::parse_rfc3339(time.as_str().unwrap()).unwrap();
        let age = SystemTime::now().duration_since(time).unwrap();
        assert!(age < Duration::from_secs(10), "{age:?}");
    }
    answer
}

#[tokio::test]
async fn the_station_s_favourite_version_is_spoken() {
    let port = start().await;
    for over in BOTH {
        for (offers, selected) in [
            ("ocpp2.0.1, ocpp1.6", "ocpp2.0.1"),
            ("ocpp1.6, ocpp2.0.1", "ocpp1.6"),
            ("ocpp2.1, ocpp1.6", "ocpp1.6"),
            ("ocpp1.6 (J), ocpp1.6", "ocpp1.6"),
        ] {
            let mut client = connect(over, port, offers).await;
            assert_eq!(client.reply.selected(), selected, "{offers}");
            let answer = ask(&mut client, r#"[2, "7", "Heartbeat", {}]"#).await;
            assert_eq!(answer, json!([3, "7", {}]));
        }
    }
}

#[tokio::test]
async fn without_a_version_in_common_the_socket_is_completed_and_closed() {
    let port = start().await;
    for over in BOTH {
        for offers in ["ocpp1.5", "ocpp1.5, OCPP1.6", "ocpp1.6 (J)", ""] {
            let mut client = connect(over, port, offers).await;
            assert_eq!(client.reply.all("sec-websocket-protocol"), "", "{offers}");
            let (code, reason) = client.closed().await;
            assert_eq!(
                (code, &*reason),
                (1002, "offer ocpp2.0.1 or ocpp1.6"),
                "{offers}"
            );
        }
    }
}

#[tokio::test]
async fn each_version_has_its_own_fields() {
    let port = start().await;
    let booted = json!({ "status": "Accepted", "interval": 300 });
    let of_201 = r#"[2, "a", "BootNotification", {"reason": "PowerUp", "chargingStation": {"vendorName": "Acme", "model": "One"}}]"#;
    let of_16 =
        r#"[2, "a", "BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "One"}]"#;
    for over in BOTH {
        for (version, own, foreign, code) in [
            ("ocpp2.0.1", of_201, of_16, "FormatViolation"),
            ("ocpp1.6", of_16, of_201, "FormationViolation"),
        ] {
            let mut client = connect(over, port, version).await;
            assert_eq!(ask(&mut client, own).await, json!([3, "a", booted]));
            let description = "This isn't the payload of the action.";
            let refusal = json!([4, "a", code, description, {}]);
            assert_eq!(ask(&mut client, foreign).await, refusal);
        }
    }
}

#[tokio::test]
async fn what_is_no_call_gets_an_error_where_the_version_has_one() {
    let port = start().await;
    let long = format!(r#"[2, "{}", "Heartbeat", {{}}]"#, "a".repeat(37));
    let not_a_call = |id| Some(json!([4, id, "RpcFrameworkError", "This isn't a call.", {}]));
    let cases = [
        ("", not_a_call("-1")),
        ("hi", not_a_call("-1")),
        ("{}", not_a_call("-1")),
        ("[]", not_a_call("-1")),
        ("[2]", not_a_call("-1")),
        (r#"[2, 7, "Heartbeat", {}]"#, not_a_call("-1")),
        (&long, not_a_call("-1")),
        (r#"[2, "7"]"#, not_a_call("7")),
        (r#"[2, "7", "Heartbeat"]"#, not_a_call("7")),
        (r#"[2, "7", 8, {}]"#, not_a_call("7")),
        (r#"[2, "7", "Heartbeat", {}, {}]"#, not_a_call("7")),
        (
            r#"[5, "7", {}]"#,
            Some(json!([
                4,
                "7",
                "MessageTypeNotSupported",
                "Send type 2, 3 or 4.",
                {}
            ])),
        ),
        (r#"[3, "7", {}]"#, None),
        (r#"[4, "7", "InternalError", "", {}]"#, None),
    ];
    for version in ["ocpp2.0.1", "ocpp1.6"] {
        let mut client = connect(Over::Http1, port, version).await;
        for (message, expected) in &cases {
            if let (Some(expected), "ocpp2.0.1") = (expected, version) {
                assert_eq!(ask(&mut client, message).await, *expected, "{message}");
            } else {
                client.send(*message).await;
            }
            // It is the next that is answered, so the other wasn't.
            let unknown = json!([4, "8", "NotImplemented", "This action isn't known.", {}]);
            let answer = ask(&mut client, r#"[2, "8", "Reset", {}]"#).await;
            assert_eq!(answer, unknown, "{version} {message}");
        }
    }
}

/// JSON of hostile depth is not a call either.
#[tokio::test]
async fn a_hostile_station_harms_no_other() {
    let port = start().await;
    let mut other = connect(Over::Http1, port, "ocpp1.6").await;

    let mut deep = connect(Over::Http1, port, "ocpp2.0.1").await;
    let answer = ask(&mut deep, &"[".repeat(60_000)).await;
    assert_eq!(answer[2], "RpcFrameworkError");

    let mut binary = connect(Over::Http1, port, "ocpp2.0.1").await;
    binary.send(Message::binary("[]")).await;
    assert_eq!(binary.closed().await, (1003, "OCPP-J is text".to_owned()));

    let answer = ask(&mut other, r#"[2, "7", "Heartbeat", {}]"#).await;
    assert_eq!(answer, json!([3, "7", {}]));
}

#[tokio::test]
async fn an_identity_is_short_and_has_no_colon() {
    let port = start().await;
    for over in BOTH {
        let (longest, longer) = ("é".repeat(48), "é".repeat(49));
        for (identity, known) in [
            ("RDAM%20123", true),
            (&*longest.replace('é', "%C3%A9"), true),
            (&*longer.replace('é', "%C3%A9"), false),
            ("CS:1", false),
            ("CS%3A1", false),
        ] {
            let path = format!("/ocpp/{identity}");
            let reply = over.handshake(port, &path, &["ocpp1.6"]).await;
            let expected = if known {
                over.completed()
            } else {
                StatusCode::NOT_FOUND
            };
            assert_eq!(reply.status, expected, "{identity}");
        }
    }
}

#[tokio::test]
async fn the_page_says_how_to_connect() {
    let port = start().await;
    let page = http1::page(port).await;
    assert!(page.contains("/ocpp/CS001"));
}
