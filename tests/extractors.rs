//! What handlers extract, in every form, and what they reject.

use std::{error::Error, fmt::Debug};

use axum::{
    Json, Router,
    extract::{FromRequestParts, Request},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{MethodRouter, any},
};
use axum_subprotocol::{
    OfferedSubprotocols, Require, SelectedSubprotocol, SubprotocolLayer,
    rejection::{SelectedSubprotocolRejection, SubprotocolRejection},
};
use http::{Method, StatusCode, header::UPGRADE};
use serde::{Deserialize, de::DeserializeOwned};

use crate::support::{
    BOTH, Over,
    check::{check, selected},
    http1, http2, serve,
};

#[derive(Clone, Copy, Debug, Deserialize)]
enum Chat {
    #[serde(rename = "chat.v2")]
    V2,
    #[serde(rename = "chat.v1", alias = "chat")]
    V1,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "`Debug` reads it")]
struct Name(String);

/// Answers with the `Debug` of what it extracts, in a refusal, whose body both
/// versions of HTTP can carry.
fn show<E>() -> MethodRouter
where
    E: FromRequestParts<()> + Debug + Send + 'static,
{
    any(async |extracted: E| (StatusCode::IM_A_TEAPOT, format!("{extracted:?}")))
}

fn of_chat() -> SubprotocolLayer {
    SubprotocolLayer::of::<Chat>()
}

#[tokio::test]
async fn a_selected_name_becomes_what_the_handler_asks_for() {
    let app = Router::new()
        .route("/enum", show::<SelectedSubprotocol<Chat>>())
        .route("/option", show::<Option<SelectedSubprotocol<Chat>>>())
        .route("/inner-option", show::<SelectedSubprotocol<Option<Chat>>>())
        .route("/name", show::<SelectedSubprotocol>())
        .route("/string", show::<SelectedSubprotocol<String>>())
        .route("/newtype", show::<SelectedSubprotocol<Name>>())
        .layer(of_chat());
    let port = serve(app).await;
    for case in [
        "/enum chat.v1, chat.v2 => 418 SelectedSubprotocol(V1)",
        "/enum chat.v2 => 418 SelectedSubprotocol(V2)",
        "/enum chat => 418 SelectedSubprotocol(V1)",
        "/option chat.v2 => 418 Some(SelectedSubprotocol(V2))",
        "/option soap => 418 None",
        "/inner-option chat.v2 => 418 SelectedSubprotocol(Some(V2))",
        "/name chat => 418 SelectedSubprotocol(\"chat\")",
        "/string chat => 418 SelectedSubprotocol(\"chat\")",
        "/newtype chat => 418 SelectedSubprotocol(Name(\"chat\"))",
    ] {
        let (path, case) = case.split_once(' ').unwrap();
        check(port, path, selected, &[case]).await;
    }
}

#[tokio::test]
async fn a_handler_of_the_whole_request_reads_the_extensions() {
    async fn handler(request: Request) -> (StatusCode, String) {
        let extensions = request.extensions();
        let selected = SelectedSubprotocol::<Chat>::from_extensions(extensions).map_err(drop);
        let offered = OfferedSubprotocols::from_extensions(extensions);
        let offered = offered.map(|offered| offered.iter().collect::<Vec<_>>().join(" "));
        (StatusCode::IM_A_TEAPOT, format!("{selected:?} {offered:?}"))
    }

    let chat_and_v3 = SubprotocolLayer::new(["chat", "chat.v3"]);
    let app = Router::new()
        .route("/", any(handler).layer(chat_and_v3))
        .route("/no-layer", any(handler));
    let port = serve(app).await;
    let cases = [
        "x, chat => 418 Ok(Some(SelectedSubprotocol(V1))) Some(\"x chat\")",
        "x => 418 Ok(None) Some(\"x\")",
        "- => 418 Ok(None) Some(\"\")",
        "chat.v3 => 418 Err(()) Some(\"chat.v3\")",
    ];
    check(port, "/", selected, &cases).await;
    check(port, "/no-layer", selected, &["chat => 418 Ok(None) None"]).await;

    let page = b"GET / HTTP/1.1\r\nHost: localhost\r\nSec-WebSocket-Protocol: chat\r\n\r\n";
    let reply = http1::Connection::open(port).await.exchange(page).await;
    assert_eq!(reply.body, "Ok(None) None");
}

#[tokio::test]
async fn nothing_selected_is_answered_as_the_layer_does() {
    /// Finds the rejection among the extensions of the response.
    async fn restyle(response: Response) -> Response {
        match response.extensions().get::<SubprotocolRejection>() {
            Some(SubprotocolRejection::NothingSelected(cause)) => {
                let body = Json((cause.offered(), cause.supported()));
                (StatusCode::CONFLICT, body).into_response()
            }
            _ => response,
        }
    }
    async fn result(
        result: Result<SelectedSubprotocol<Chat>, SelectedSubprotocolRejection>,
    ) -> (StatusCode, String) {
        let rejection = result.unwrap_err();
        let (status, text) = (rejection.status().as_u16(), rejection.body_text());
        let source = rejection.source().is_some();
        (StatusCode::IM_A_TEAPOT, format!("{status} {source} {text}"))
    }

    let plain = show::<SelectedSubprotocol<Chat>>();
    let always = of_chat().require(Require::Always);
    let inner = Router::new().route("/", plain.clone().layer(of_chat()));
    let restyled = Router::new()
        .route("/extractor", plain.clone().layer(of_chat()))
        .route("/layer", plain.clone().layer(always.clone()))
        .layer(map_response(restyle));
    let app = Router::new()
        .nest("/nested", inner.layer(SubprotocolLayer::new(["mqtt"])))
        .nest("/restyled", restyled)
        .route("/plain", plain.clone().layer(of_chat()))
        .route("/layer", plain.layer(always))
        .route("/result", any(result).layer(of_chat()));
    let port = serve(app).await;

    let unsupported = "None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported \
                       here. Offer one of these: chat.v2, chat, chat.v1";
    let nothing = "A WebSocket subprotocol is required here, and Sec-WebSocket-Protocol offers \
                   none. Offer one of these: chat.v2, chat, chat.v1";
    for (offers, text) in [("soap", unsupported), ("", nothing)] {
        for path in ["/plain", "/layer", "/nested"] {
            let case = format!("{offers} => 400 {text}");
            check(port, path, selected, &[&case]).await;
        }
        let case = format!("{offers} => 418 400 false {text}");
        check(port, "/result", selected, &[&case]).await;
        for path in ["/restyled/extractor", "/restyled/layer"] {
            let offered = !offers.is_empty();
            let case = format!(r#"{offers} => 409 [{offered},["chat.v2","chat","chat.v1"]]"#);
            check(port, path, selected, &[&case]).await;
        }
    }
    for over in BOTH {
        let reply = over.handshake(port, "/plain", &["soap"]).await;
        assert_eq!(reply.all("content-type"), "text/plain; charset=utf-8");
    }
}

#[tokio::test]
async fn a_request_that_is_not_a_handshake_is_offered_the_upgrade() {
    let app = Router::new()
        .route("/plain", show::<SelectedSubprotocol<Chat>>())
        .route("/option", show::<Option<SelectedSubprotocol<Chat>>>())
        .route("/offered", show::<OfferedSubprotocols>())
        .layer(of_chat())
        .route("/no-layer", show::<SelectedSubprotocol<Chat>>())
        .route(
            "/no-layer-option",
            show::<Option<SelectedSubprotocol<Chat>>>(),
        );
    let port = serve(app).await;
    let text = "This is a WebSocket endpoint, and the request is not a WebSocket handshake. \
                Connect with a WebSocket client.";

    for (path, version, status, body) in [
        ("/plain", "1.1", 426, text),
        ("/no-layer", "1.1", 426, text),
        ("/plain", "1.0", 400, text),
        ("/option", "1.1", 418, "None"),
        ("/no-layer-option", "1.1", 418, "None"),
        ("/offered", "1.1", 418, "OfferedSubprotocols { count: 0 }"),
    ] {
        let mut connection = http1::Connection::open(port).await;
        let request = format!(
            "GET {path} HTTP/{version}\r\nHost: localhost\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
        );
        let reply = connection.exchange(request.as_bytes()).await;
        assert_eq!(reply.status.as_u16(), status, "{path} {version}");
        assert_eq!(reply.body, body, "{path} {version}");
        let upgrade = if status == 426 { "websocket" } else { "" };
        assert_eq!(reply.all("upgrade"), upgrade, "{path} {version}");
        if status == 426 {
            assert_eq!(reply.all("connection"), "upgrade", "{path}");
        }
        let text = "text/plain; charset=utf-8";
        assert_eq!(reply.all("content-type"), text, "{path} {version}");
    }

    let mut get = http2::handshake("/plain", &["chat"]);
    *get.method_mut() = Method::GET;
    get.extensions_mut().clear();
    let reply = http2::Connection::open(port).await.exchange(get).await;
    assert_eq!(reply.status(), StatusCode::BAD_REQUEST);
    assert!(!reply.headers().contains_key(UPGRADE));
}

#[tokio::test]
async fn a_forgotten_layer_is_named() {
    let app = Router::new()
        .route("/plain", show::<SelectedSubprotocol<Chat>>())
        .route("/option", show::<Option<SelectedSubprotocol<Chat>>>())
        .route("/offered", show::<OfferedSubprotocols>());
    let port = serve(app).await;
    for path in ["/plain", "/option"] {
        let text = "500 `SelectedSubprotocol` was extracted where no `SubprotocolLayer` has seen…";
        let cases = [format!("chat => {text}"), format!("- => {text}")];
        check(port, path, selected, &[&cases[0], &cases[1]]).await;
    }
    let cases = ["a, b c|d => 418 OfferedSubprotocols { count: 2 }"];
    check(port, "/offered", selected, &cases).await;
}

#[tokio::test]
async fn a_name_that_the_type_does_not_know_is_a_mistake_of_the_program() {
    fn route<T: DeserializeOwned + Debug + Send + 'static>() -> MethodRouter {
        any(
            async |result: Result<SelectedSubprotocol<T>, SelectedSubprotocolRejection>| {
                let rejection = result.unwrap_err();
                let for_logs = rejection.to_string();
                let source = rejection.source().unwrap().to_string();
                ([("x-log", for_logs), ("x-source", source)], rejection)
            },
        )
    }
    let app = Router::new()
        .route("/enum", route::<Chat>())
        .route("/number", route::<u8>())
        .route("/option", show::<Option<SelectedSubprotocol<Chat>>>())
        .layer(SubprotocolLayer::new(["chat.v3"]));
    let port = serve(app).await;
    // The text names no type of the program.
    let case = "secret, chat.v3 => 500 The server selected the WebSocket subprotocol \"chat.v3\", \
                and its handler has no implementation for it. This is a mistake of the server.";
    for path in ["/enum", "/number", "/option"] {
        check(port, path, selected, &[case]).await;
    }
    let reply = Over::Http1.handshake(port, "/enum", &["chat.v3"]).await;
    let log = reply.all("x-log");
    assert!(log.contains("extractors::Chat`: unknown variant"), "{log}");
    let source = "unknown variant `chat.v3`, expected one of `chat.v2`, `chat`, `chat.v1`";
    assert_eq!(reply.all("x-source"), source);
}
