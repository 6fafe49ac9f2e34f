//! Clients that put a credential among their offers.
//!
//! The handler rejects a handshake in which it finds no credential, so each client is
//! rejected without the credential layer.

use std::collections::BTreeMap;

use axum::{
    Extension, Router,
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    http::{HeaderMap, HeaderName, StatusCode},
    response::{IntoResponse, Response},
    routing::any,
};
use axum_subprotocol::{
    CredentialFromOffers, Encoding, OfferedCredentialLayer, OfferedSubprotocols,
    SelectedSubprotocol,
};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::{Server, app};

/// A JSON Web Token.
const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.kX0k8-pB_2o";

/// The headers in which the handler looks for credentials.
const HEADERS: [&str; 5] = [
    "authorization",
    "openai-organization",
    "openai-project",
    "x-appsync-header",
    "x-deepgram-session-id",
];

/// What the handler finds in a handshake.
#[derive(Debug, PartialEq)]
struct Found {
    selected: Option<String>,
    offers: Vec<String>,
    /// Those of [`HEADERS`] that the request has.
    headers: BTreeMap<&'static str, String>,
    /// Those of them that were filled from offers.
    from_offers: Vec<&'static str>,
}

impl Found {
    /// The first of `offers` is selected, and all `headers` were filled from offers.
    fn new(offers: &[&str], headers: &[(&'static str, &str)]) -> Self {
        let owned = |&(name, value): &(_, &str)| (name, value.to_owned());
        let headers: BTreeMap<_, _> = headers.iter().map(owned).collect();
        Self {
            selected: offers.first().map(ToString::to_string),
            offers: offers.iter().map(ToString::to_string).collect(),
            from_offers: headers.keys().copied().collect(),
            headers,
        }
    }

    /// The same with one header, `Authorization`.
    fn with_authorization(offers: &[&str], value: &str) -> Self {
        Self::new(offers, &[("authorization", value)])
    }
}

/// Sends what it finds to the test, and opens the socket if it finds a credential.
async fn handler(
    Extension(sender): Extension<UnboundedSender<Found>>,
    selected: Option<SelectedSubprotocol>,
    offers: OfferedSubprotocols,
    from_offers: Option<Extension<CredentialFromOffers>>,
    headers: HeaderMap,
    ws: WebSocketUpgrade,
) -> Response {
    let headers: BTreeMap<_, _> = HEADERS
        .into_iter()
        .filter_map(|name| Some((name, headers.get(name)?.to_str().unwrap().to_owned())))
        .collect();
    let is_from_offers = |name: &&'static str| {
        let name = HeaderName::from_static(name);
        from_offers
            .as_ref()
            .is_some_and(|list| list.contains(&name))
    };
    let has_credential = !headers.is_empty();
    let found = Found {
        selected: selected.map(|name| name.0.to_string()),
        offers: offers.iter().map(ToString::to_string).collect(),
        from_offers: headers.keys().copied().filter(is_from_offers).collect(),
        headers,
    };
    sender.send(found).unwrap();
    if has_credential {
        ws.on_upgrade(answer)
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}

/// Echoes each message. The type of AWS's messages becomes that of the answer, and the
/// channel of Kubernetes becomes that for the standard output.
async fn answer(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        let answer = match message {
            Message::Text(text) => text
                .replace(r#""connection_init""#, r#""connection_ack""#)
                .replace(r#""publish""#, r#""publish_success""#)
                .replace('\0', "\x01")
                .into(),
            Message::Binary(bytes) => Message::binary([b"\x01", &bytes[1..]].concat()),
            _ => continue,
        };
        socket.send(answer).await.unwrap();
    }
}

/// What a client reports, and what the handler finds. The handler is behind a
/// subprotocol layer for `names`, which is behind `layers`, the innermost first.
async fn visit(
    program: &'static str,
    arguments: &[&str],
    names: &[&str],
    layers: impl IntoIterator<Item = OfferedCredentialLayer>,
) -> (Value, Found) {
    let (sender, mut receiver) = unbounded_channel();
    let app = app(&any(handler), names).layer(Extension(sender));
    let app = layers.into_iter().fold(app, Router::layer);
    let server = Server::start(app, program).await;

    let report = server.visit("/with", arguments).await;
    (report, receiver.try_recv().expect("a handshake"))
}

/// The same. The client is also seen to be rejected without `layers`, because its
/// credential stays an offer.
async fn try_client(
    program: &'static str,
    arguments: &[&str],
    names: &[&str],
    layers: impl IntoIterator<Item = OfferedCredentialLayer>,
) -> (Value, Found) {
    let (report, without) = visit(program, arguments, names, []).await;
    let error = report["error"].as_str().expect("an error");
    assert!(error.contains("401"), "{error}");

    let (report, found) = visit(program, arguments, names, layers).await;
    assert!(found.offers.len() < without.offers.len(), "{without:?}");
    (report, found)
}

/// The report of a client whose socket opens with `selected` and delivers a message.
fn opened(selected: &str) -> Value {
    json!({ "selected": selected, "delivered": "hello" })
}

#[tokio::test]
async fn phoenix() {
    let layer =
        OfferedCredentialLayer::after_prefix("base64url.bearer.phx.").encoding(Encoding::Base64);

    // In base64, the first has a `+`, and the second needs padding, which is not sent.
    for token in ["ab~ab~", JWT] {
        let (report, found) =
            try_client("phoenix.mjs", &[token], &["phoenix"], [layer.clone()]).await;
        assert_eq!(report, opened("phoenix"));
        let authorization = format!("Bearer {token}");
        assert_eq!(
            found,
            Found::with_authorization(&["phoenix"], &authorization)
        );
    }
}

#[tokio::test]
async fn openai() {
    let layers = [
        OfferedCredentialLayer::after_prefix("openai-insecure-api-key."),
        OfferedCredentialLayer::after_prefix("openai-organization.").header("openai-organization"),
        OfferedCredentialLayer::after_prefix("openai-project.").header("openai-project"),
    ];

    let arguments = ["ek_open-sesame", "org-1", "proj_1"];
    let (report, found) = try_client("openai.mjs", &arguments, &["realtime"], layers).await;
    assert_eq!(report, opened("realtime"));
    let headers = [
        ("authorization", "Bearer ek_open-sesame"),
        ("openai-organization", "org-1"),
        ("openai-project", "proj_1"),
    ];
    assert_eq!(found, Found::new(&["realtime"], &headers));
}

#[tokio::test]
async fn deepgram() {
    let session = "x-deepgram-session-id";
    let layers = [
        OfferedCredentialLayer::after_name("token").scheme("Token"),
        OfferedCredentialLayer::after_name("bearer"),
        OfferedCredentialLayer::after_name(session).header(session),
    ];

    for (arguments, name, authorization) in [
        (["apiKey", "0a1b2c"], "token", "Token 0a1b2c"),
        (["accessToken", JWT], "bearer", &format!("Bearer {JWT}")),
    ] {
        let (report, mut found) = try_client(
            "deepgram.mjs",
            &arguments,
            &["token", "bearer"],
            layers.clone(),
        )
        .await;
        assert_eq!(report, opened(name));
        // The library generates it.
        let id = found.headers.insert(session, "a UUID".into()).unwrap();
        assert_eq!(id.len(), 36);
        let headers = [("authorization", authorization), (session, "a UUID")];
        assert_eq!(found, Found::new(&[name, session], &headers));
    }
}

/// The libraries send `Authorization`, which the layer keeps. With the token among their
/// offers, as pages send it, the layer adds the header.
#[tokio::test]
async fn kubernetes() {
    let names = [
        "v5.channel.k8s.io",
        "v4.channel.k8s.io",
        "v3.channel.k8s.io",
        "v2.channel.k8s.io",
        "channel.k8s.io",
    ];
    let layer = OfferedCredentialLayer::after_prefix("base64url.bearer.authorization.k8s.io.")
        .encoding(Encoding::Base64);

    for (program, in_header, in_offers) in [
        ("kubernetes.mjs", &names[..], &names[..]),
        ("pod.py", &names[..2], &names[..1]),
    ] {
        let arguments = ["open.sesame", "offers"];
        let (report, found) = try_client(program, &arguments, &names, [layer.clone()]).await;
        assert_eq!(report, opened(names[0]));
        let mut expected = Found::with_authorization(in_offers, "Bearer open.sesame");
        assert_eq!(found, expected);

        let arguments = ["open.sesame", "header"];
        let (report, found) = visit(program, &arguments, &names, [layer.clone()]).await;
        assert_eq!(report, opened(names[0]));
        expected.offers = Found::new(in_header, &[]).offers;
        expected.from_offers.clear();
        assert_eq!(found, expected);
    }

    // A handler that checks the token, and can't do without a name.
    let exec = async |headers: HeaderMap, _: SelectedSubprotocol, ws: WebSocketUpgrade| {
        let authorization = headers.get("authorization");
        if authorization.is_none_or(|value| value != "Bearer open.sesame") {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        ws.on_upgrade(answer)
    };
    let app = app(&any(exec), &names).layer(layer);
    let server = Server::start(app, "kubernetes.mjs").await;
    let report = server.visit("/with", &["open.sesame", "offers"]).await;
    assert_eq!(report, opened(names[0]));
    let report = server.visit("/with", &["close.sesame", "offers"]).await;
    assert!(report["error"].as_str().unwrap().ends_with("401"));
    server.expect_failures(&["open.sesame", "offers"]).await;
}

#[tokio::test]
async fn jupyter() {
    let names = [
        "v1.kernel.websocket.jupyter.org",
        "v1.token.websocket.jupyter.org",
    ];
    let layer = OfferedCredentialLayer::after_prefix("v1.token.websocket.jupyter.org.")
        .encoding(Encoding::Percent);

    let (report, found) = try_client("jupyter.mjs", &["a/b+c=="], &names, [layer]).await;
    assert_eq!(report, opened(names[0]));
    assert_eq!(found, Found::with_authorization(&names, "Bearer a/b+c=="));
}

#[tokio::test]
async fn appsync() {
    let names = ["aws-appsync-event-ws"];
    let layer = OfferedCredentialLayer::after_prefix("header-")
        .encoding(Encoding::Base64)
        .header("x-appsync-header");

    let (report, found) = try_client("appsync.mjs", &["da2-opensesame"], &names, [layer]).await;
    assert_eq!(report, opened(names[0]));
    let header = found.headers["x-appsync-header"].clone();
    assert_eq!(found, Found::new(&names, &[("x-appsync-header", &header)]));

    let header: BTreeMap<String, String> = serde_json::from_str(&header).unwrap();
    assert!(header["host"].starts_with("127.0.0.1:"));
    assert_eq!(header["x-amz-date"].len(), "20260102T030405Z".len());
    assert_eq!(header["x-api-key"], "da2-opensesame");
    assert_eq!(header.len(), 3);
}

#[tokio::test]
async fn bare_tokens() {
    let authorization = format!("Bearer {JWT}");

    let layer = OfferedCredentialLayer::bare().echo_if_alone();
    let (report, found) = try_client("bare.mjs", &[JWT], &["chat.v1"], [layer]).await;
    assert_eq!(report, opened(JWT));
    assert_eq!(found, Found::with_authorization(&[], &authorization));

    let layer = OfferedCredentialLayer::bare().except(["chat.v1"]);
    let (report, found) = try_client("bare.mjs", &[JWT, "chat.v1"], &["chat.v1"], [layer]).await;
    assert_eq!(report, opened("chat.v1"));
    assert_eq!(
        found,
        Found::with_authorization(&["chat.v1"], &authorization)
    );
}
