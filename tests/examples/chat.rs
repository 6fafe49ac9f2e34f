//! The example `chat`.

use http::{
    StatusCode,
    header::{COOKIE, SEC_WEBSOCKET_PROTOCOL},
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::Example;
use crate::support::{BOTH, Over, http1, websocket::Client};

/// Opens a socket on `/chat/{route}`, and offers nothing if `offers` is empty.
async fn join(over: Over, example: &Example, route: &str, offers: &str) -> Client {
    let path = format!("/chat/{route}");
    let offers = [(SEC_WEBSOCKET_PROTOCOL, offers)];
    let headers = if offers[0].1.is_empty() {
        &[][..]
    } else {
        &offers
    };
    let opened = Client::open(over, example.port, &path, headers).await;
    opened.unwrap()
}

/// The next frame of a `chat.v2` client, without the time, which is a number.
async fn object(client: &mut Client) -> Value {
    let mut object: Value = serde_json::from_str(&client.text().await).unwrap();
    let at = object.as_object_mut().unwrap().remove("at");
    assert!(at.is_some_and(|at| at.is_u64()), "{object}");
    object
}

/// The close code of the server, after any messages.
async fn close_code(client: &mut Client) -> u16 {
    loop {
        if let Message::Close(frame) = client.next().await {
            return frame.unwrap().code.into();
        }
    }
}

/// The record of a handshake, or `None` if there is none.
async fn exchange(example: &Example, tab: &str) -> Option<Value> {
    let request = format!("GET /exchanges/{tab} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut connection = http1::Connection::open(example.port).await;
    let reply = connection.exchange(request.as_bytes()).await;
    match reply.status {
        StatusCode::NOT_FOUND => None,
        _ => Some(serde_json::from_str(&reply.body).unwrap()),
    }
}

/// The values of one header in a recorded head.
fn values<'a>(head: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = head["headers"].as_array().unwrap().iter();
    let named = headers.filter(|header| header[0] == name);
    named.map(|header| header[1].as_str().unwrap()).collect()
}

#[tokio::test]
async fn both_versions_talk_in_one_room() {
    let example = Example::start("chat");
    for over in BOTH {
        let mut ann = join(over, &example, "client/never?name=Ann+%22A%22", "chat.v2").await;
        let from = "Ann \"A\"";
        assert_eq!(
            object(&mut ann).await,
            json!({ "kind": "joined", "from": from })
        );
        let mut bob = join(over, &example, "server/always?name=Bob", "chat.v1").await;
        assert_eq!(bob.text().await, "* Bob joined");
        assert_eq!(
            object(&mut ann).await,
            json!({ "kind": "joined", "from": "Bob" })
        );

        // Other fields are ignored. A line break can't fake a message in `chat.v1`.
        ann.send(r#"{"text":"hi,\nBob: \"b\"","more":[1]}"#).await;
        let sent = json!({ "kind": "message", "from": from, "text": "hi,\nBob: \"b\"" });
        assert_eq!(object(&mut ann).await, sent);
        assert_eq!(bob.text().await, "Ann \"A\": hi, Bob: \"b\"");

        let text = r#"{"text":"hi"}"#;
        bob.send(text).await;
        let sent = json!({ "kind": "message", "from": "Bob", "text": text });
        assert_eq!(object(&mut ann).await, sent);
        assert_eq!(bob.text().await, format!("Bob: {text}"));

        bob.send(Message::Close(None)).await;
        assert_eq!(
            object(&mut ann).await,
            json!({ "kind": "left", "from": "Bob" })
        );
        let mut eve = join(over, &example, "client/never?name=Eve", "chat.v1").await;
        assert_eq!(eve.text().await, "* Eve joined");
        ann.send(Message::Close(None)).await;
        assert_eq!(eve.text().await, "* Ann \"A\" left");
    }
}

#[tokio::test]
async fn the_route_has_the_preference() {
    let example = Example::start("chat");
    for (route, selected) in [("client/never", "chat.v1"), ("server/never", "chat.v2")] {
        let offers = "chat.v9, chat.v1, chat.v2";
        let client = join(Over::Http1, &example, route, offers).await;
        assert_eq!(client.reply.selected(), selected, "{route}");
    }
}

#[tokio::test]
async fn the_route_has_the_requirement() {
    let example = Example::start("chat");
    for prefer in ["client", "server"] {
        for (require, offers, is_rejected) in [
            ("never", "", false),
            ("never", "chat.v9", false),
            ("if-offered", "", false),
            ("if-offered", "chat.v9", true),
            ("always", "", true),
            ("always", "chat.v9", true),
        ] {
            let path = format!("/chat/{prefer}/{require}");
            let reply = Over::Http1.handshake(example.port, &path, &[offers]).await;
            assert_eq!(reply.status, if is_rejected { 400 } else { 101 }, "{path}");
            assert_eq!(reply.selected(), "", "{path}");
            assert_eq!(reply.body.contains("chat.v2, chat.v1"), is_rejected);
        }
    }
}

#[tokio::test]
async fn speaks_v1_if_nothing_is_offered() {
    let example = Example::start("chat");
    let mut client = join(Over::Http1, &example, "client/never", "").await;
    assert_eq!(client.text().await, "* guest-1 joined");
    client.send("hi").await;
    assert_eq!(client.text().await, "guest-1: hi");
}

#[tokio::test]
async fn names_are_short_single_lines() {
    let example = Example::start("chat");
    for (wanted, name) in [
        ("++Ann%0d%0aLee+", "Ann  Lee"),
        (&*"%c3%a9".repeat(30), &*"é".repeat(24)),
        (&*format!("{}+x", "a".repeat(23)), &*"a".repeat(23)),
        ("", "guest-1"),
        ("+%09", "guest-2"),
    ] {
        let route = format!("client/never?name={wanted}");
        let mut client = join(Over::Http1, &example, &route, "chat.v1").await;
        let joined = format!("* {name} joined");
        // Those before leave meanwhile.
        while client.text().await != joined {}
    }
}

#[tokio::test]
async fn closes_the_socket_for_what_the_version_lacks() {
    let example = Example::start("chat");
    for malformed in ["", "hi", "{}", r#"{"text":1}"#, r#"{"text":"a"} b"#] {
        let mut client = join(Over::Http1, &example, "client/never", "chat.v2").await;
        client.send(malformed).await;
        assert_eq!(close_code(&mut client).await, 1007, "{malformed}");
    }
    for version in ["chat.v1", "chat.v2"] {
        let mut client = join(Over::Http1, &example, "client/never", version).await;
        client.send(Message::binary("hi")).await;
        assert_eq!(close_code(&mut client).await, 1003);
    }
}

#[tokio::test]
async fn passes_no_message_on_that_is_too_long() {
    let example = Example::start("chat");
    let mut ann = join(Over::Http1, &example, "client/never?name=Ann", "chat.v1").await;
    assert_eq!(ann.text().await, "* Ann joined");
    let mut bob = join(Over::Http1, &example, "client/never?name=Bob", "chat.v1").await;
    assert_eq!(bob.text().await, "* Bob joined");

    ann.send("a".repeat(4096)).await;
    assert!(bob.text().await.starts_with("Ann: aaa"));
    ann.send("a".repeat(4097)).await;
    assert_eq!(bob.text().await, "* Ann left");
}

/// More is sent than the window of HTTP/2 and the backlog of the room hold.
#[tokio::test]
async fn a_slow_reader_misses_messages_and_stays() {
    const SENT: usize = 1_500;

    let example = Example::start("chat");
    let mut slow = join(Over::Http2, &example, "client/never?name=Slow", "chat.v1").await;
    assert_eq!(slow.text().await, "* Slow joined");
    let mut ann = join(Over::Http1, &example, "client/never?name=Ann", "chat.v1").await;
    assert_eq!(ann.text().await, "* Ann joined");
    let padding = "a".repeat(4_000);
    for count in 0..SENT {
        ann.send(format!("{count} {padding}")).await;
        assert!(ann.text().await.starts_with(&format!("Ann: {count} ")));
    }

    assert_eq!(slow.text().await, "* Ann joined");
    let last = format!("Ann: {} ", SENT - 1);
    let mut received = 1;
    while !slow.text().await.starts_with(&last) {
        received += 1;
    }
    assert!(received < SENT, "{received}");
    slow.send("done").await;
    assert_eq!(ann.text().await, "Slow: done");
}

#[tokio::test]
async fn a_record_has_both_heads() {
    let example = Example::start("chat");
    let path = "/chat/client/never?name=Ann&tab=a1";
    let long = "a".repeat(2000);
    let headers = [
        (SEC_WEBSOCKET_PROTOCOL, "chat.v9,chat.v1 ,, chat.v2"),
        (SEC_WEBSOCKET_PROTOCOL, "chat.v3"),
        (COOKIE, "session=1"),
        ("x-cafe".parse().unwrap(), "\"caf\u{e9}\"\t\\"),
        ("x-long".parse().unwrap(), &long),
    ];
    let opened = Client::open(Over::Http1, example.port, path, &headers).await;
    assert!(opened.is_ok());

    let exchange = exchange(&example, "a1").await.unwrap();
    let (request, reply) = (&exchange["request"], &exchange["reply"]);
    assert_eq!(request["line"], format!("GET {path} HTTP/1.1"));
    assert_eq!(
        values(request, "sec-websocket-protocol"),
        ["chat.v9,chat.v1 ,, chat.v2", "chat.v3"]
    );
    assert_eq!(values(request, "cookie"), ["(not shown)"]);
    assert_eq!(values(request, "x-cafe"), [r#""caf\xc3\xa9"\t\\"#]);
    let shortened = format!("{} (shortened)", "a".repeat(1024));
    assert_eq!(values(request, "x-long"), [shortened]);
    assert_eq!(reply["line"], "HTTP/1.1 101 Switching Protocols");
    assert_eq!(values(reply, "sec-websocket-protocol"), ["chat.v1"]);
}

#[tokio::test]
async fn a_record_has_the_text_of_a_rejection() {
    let example = Example::start("chat");
    let path = "/chat/client/always?tab=a1";
    let rejection = Over::Http1
        .handshake(example.port, path, &["chat.v9"])
        .await;
    let reply = &exchange(&example, "a1").await.unwrap()["reply"];
    assert_eq!(reply["status"], 400);
    assert_eq!(reply["text"], rejection.body);
    assert_eq!(values(reply, "sec-websocket-protocol"), [""; 0]);
}

#[tokio::test]
async fn records_the_latest_handshakes_of_named_tabs() {
    let example = Example::start("chat");
    let long = "a".repeat(65);
    let mut connection = http1::Connection::open(example.port).await;
    let path = format!("/chat/client/always?tab={long}");
    connection.handshake(&path, &["chat.v9"]).await;
    assert_eq!(exchange(&example, &long).await, None);
    for tab in 0..=64 {
        let path = format!("/chat/client/always?tab={tab}");
        connection.handshake(&path, &["chat.v9"]).await;
    }
    assert_eq!(exchange(&example, "0").await, None);
    assert!(exchange(&example, "1").await.is_some());
    connection
        .handshake("/chat/client/always?tab=1&name=Ann", &["chat.v9"])
        .await;
    let latest = exchange(&example, "1").await.unwrap();
    assert_eq!(
        latest["request"]["line"],
        "GET /chat/client/always?tab=1&name=Ann HTTP/1.1"
    );
}
