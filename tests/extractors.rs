//! What handlers extract, and what the extractors reject.

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
    rejection::SubprotocolRejection,
};
use http::{Method, StatusCode};
use serde::Deserialize;

use crate::support::{
    Over, Reply,
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

type Selected = SelectedSubprotocol<Chat>;

/// Supports a name that the enum lacks.
fn layer() -> SubprotocolLayer {
    SubprotocolLayer::new(["chat.v2", "chat", "chat.v3"])
}

/// Answers with the `Debug` of what it extracts, in a refusal, whose body both
/// versions of HTTP can carry.
fn show<E>() -> MethodRouter
where
    E: FromRequestParts<()> + Debug + Send + 'static,
{
    any(async |extracted: E| (StatusCode::IM_A_TEAPOT, format!("{extracted:?}")))
}

/// A handler for each form.
fn forms() -> Router {
    async fn of_request(request: Request) -> (StatusCode, String) {
        let extensions = request.extensions();
        let selected = Selected::from_extensions(extensions).map_err(drop);
        let offered = OfferedSubprotocols::from_extensions(extensions);
        let offered = offered.map(|offered| offered.iter().collect::<Vec<_>>().join(" "));
        (StatusCode::IM_A_TEAPOT, format!("{selected:?} {offered:?}"))
    }

    async fn result(result: Result<Selected, SubprotocolRejection>) -> Response {
        let rejection = result.unwrap_err();
        let (status, text) = (rejection.status().as_u16(), rejection.body_text());
        assert!(rejection.source().is_none(), "the message is complete");
        let log = [("x-log", rejection.to_string())];
        let text = format!("{status} {text}");
        (StatusCode::IM_A_TEAPOT, log, text).into_response()
    }

    Router::new()
        .route("/plain", show::<Selected>())
        .route("/option", show::<Option<Selected>>())
        .route("/name", show::<SelectedSubprotocol>())
        .route("/offered", show::<OfferedSubprotocols>())
        .route("/request", any(of_request))
        .route("/result", any(result))
}

/// Each case begins with the path.
async fn check_forms(app: Router, cases: &[&str]) {
    let port = serve(app).await;
    for case in cases {
        let (path, case) = case.split_once(' ').unwrap();
        check(port, path, selected, &[case]).await;
    }
}

#[tokio::test]
async fn a_selected_name_becomes_what_the_handler_asks_for() {
    let cases = [
        "/plain chat, chat.v2 => 418 SelectedSubprotocol(V1)",
        "/option chat.v2 => 418 Some(SelectedSubprotocol(V2))",
        "/option soap => 418 None",
        "/option - => 418 None",
        "/name chat.v3 => 418 SelectedSubprotocol(\"chat.v3\")",
        "/offered a, b|chat => 418 OfferedSubprotocols { count: 3 }",
        "/request x, chat => 418 Ok(Some(SelectedSubprotocol(V1))) Some(\"x chat\")",
        "/request x => 418 Ok(None) Some(\"x\")",
        "/request chat.v3 => 418 Err(()) Some(\"chat.v3\")",
    ];
    check_forms(forms().layer(layer()), &cases).await;
}

#[tokio::test]
async fn nothing_selected_is_answered_as_the_layer_does() {
    /// Finds the rejection among the extensions of the response.
    async fn restyle(response: Response) -> Response {
        match response.extensions().get::<SubprotocolRejection>() {
            Some(SubprotocolRejection::NothingSelected(cause)) => {
                let body = Json((cause.has_offers(), cause.supported()));
                (StatusCode::CONFLICT, body).into_response()
            }
            _ => response,
        }
    }

    let unsupported = "None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported \
                       here. Offer one of these: chat.v2, chat, chat.v3";
    let nothing = "A WebSocket subprotocol is required here, and Sec-WebSocket-Protocol offers \
                   none (a credential is not an offer). Offer one of these: chat.v2, chat, chat.v3";
    let cases = [
        &*format!("/plain soap => 400 {unsupported}"),
        &format!("/plain - => 400 {nothing}"),
        &format!("/result soap => 418 400 {unsupported}"),
    ];
    check_forms(forms().layer(layer()), &cases).await;

    let restyled = map_response(restyle);
    let cases = [
        r#"/plain soap => 409 [true,["chat.v2","chat","chat.v3"]]"#,
        r#"/plain - => 409 [false,["chat.v2","chat","chat.v3"]]"#,
    ];
    check_forms(forms().layer(layer()).layer(restyled.clone()), &cases).await;
    let always = layer().require(Require::Always);
    check_forms(forms().layer(always).layer(restyled), &cases).await;
}

#[tokio::test]
async fn a_request_that_is_not_a_handshake_is_offered_the_upgrade() {
    let app = forms().layer(layer()).nest("/no-layer", forms());
    let port = serve(app).await;
    let text = "This is a WebSocket endpoint, and the request is not a WebSocket handshake. \
                Connect with a WebSocket client.";
    let check = |reply: &Reply, status: u16, body: &str| {
        assert_eq!((reply.status.as_u16(), &*reply.body), (status, body));
        assert_eq!(reply.all("content-type"), "text/plain; charset=utf-8");
        let upgrade = if status == 426 {
            "websocket upgrade"
        } else {
            " "
        };
        let headers = reply.all("upgrade") + " " + &reply.all("connection");
        assert!(headers.starts_with(upgrade), "{reply:?}");
    };
    for (path, version, status, body) in [
        ("/plain", "1.1", 426, text),
        ("/plain", "1.0", 400, text),
        ("/option", "1.1", 418, "None"),
        ("/offered", "1.1", 418, "OfferedSubprotocols { count: 0 }"),
        ("/request", "1.1", 418, "Ok(None) None"),
        ("/no-layer/plain", "1.1", 426, text),
        ("/no-layer/option", "1.1", 418, "None"),
    ] {
        let request = format!(
            "GET {path} HTTP/{version}\r\nHost: localhost\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
        );
        let mut connection = http1::Connection::open(port).await;
        check(&connection.exchange(request.as_bytes()).await, status, body);
    }

    let mut get = http2::handshake("/plain", &["chat"]);
    *get.method_mut() = Method::GET;
    get.extensions_mut().clear();
    let mut connection = http2::Connection::open(port).await;
    let reply = connection.exchange(get).await.unwrap();
    check(&http2::read(reply).await, 400, text);
}

#[tokio::test]
async fn a_forgotten_layer_is_named() {
    let text = "500 `SelectedSubprotocol` found no `SubprotocolLayer` in the request. Add one to the \
                route…";
    let cases = [
        &*format!("/plain chat => {text}"),
        &format!("/option - => {text}"),
        "/offered a, b c|d => 418 OfferedSubprotocols { count: 2 }",
        "/request chat => 418 Ok(None) None",
    ];
    check_forms(forms(), &cases).await;
}

#[tokio::test]
async fn a_name_that_the_type_does_not_know_is_a_mistake_of_the_program() {
    // The text names no type of the program.
    let text = "The server selected the WebSocket subprotocol \"chat.v3\", and the type that its \
                handler extracts has no value for it. This is a mistake of the server: use one enum \
                for the layer and the extractor.";
    let cases = [
        &*format!("/plain secret, chat.v3 => 500 {text}"),
        &format!("/option chat.v3 => 500 {text}"),
        &format!("/result chat.v3 => 418 500 {text}"),
    ];
    let app = forms().layer(layer());
    check_forms(app.clone(), &cases).await;
    let port = serve(app).await;
    let reply = Over::Http1.handshake(port, "/result", &["chat.v3"]).await;
    let log = reply.all("x-log");
    let cause = "extractors::Chat`: unknown variant `chat.v3`, expected one of `chat.v2`, `chat`, \
                 `chat.v1`.";
    assert!(log.contains(cause), "{log}");
    assert!(log.contains("needs a unit variant"), "{log}");
}
