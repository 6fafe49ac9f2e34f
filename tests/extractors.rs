//! What handlers extract, in every form, and what they reject.

mod support;

use std::{error::Error, fmt::Debug};

use axum::{
    Json, Router,
    extract::FromRequestParts,
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{MethodRouter, any},
};
use axum_subprotocol::{
    OfferedSubprotocols, Require, SelectedSubprotocol, SelectedSubprotocolRejection, Subprotocol,
    SubprotocolLayer, SubprotocolRejection,
};
use http::{StatusCode, header::UPGRADE};
use serde::{Deserialize, de::DeserializeOwned};

use self::support::{BOTH, Over, Reply, http1, http2, serve};

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

/// Answers with the extracted value's `Debug`, in a refusal, whose body both
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

/// The status and the body.
fn told(reply: &Reply) -> (u16, &str) {
    (reply.status.as_u16(), &reply.body)
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
    for over in BOTH {
        for (path, offers, expected) in [
            ("/enum", "chat.v1, chat.v2", "SelectedSubprotocol(V1)"),
            ("/enum", "chat.v2", "SelectedSubprotocol(V2)"),
            ("/enum", "chat", "SelectedSubprotocol(V1)"),
            ("/option", "chat.v2", "Some(SelectedSubprotocol(V2))"),
            ("/option", "soap", "None"),
            ("/inner-option", "chat.v2", "SelectedSubprotocol(Some(V2))"),
            ("/name", "chat", "SelectedSubprotocol(\"chat\")"),
            ("/string", "chat", "SelectedSubprotocol(\"chat\")"),
            ("/newtype", "chat", "SelectedSubprotocol(Name(\"chat\"))"),
        ] {
            let reply = over.handshake(port, path, &[offers]).await;
            assert_eq!(told(&reply), (418, expected), "{over:?} {path} {offers}");
        }
    }
}

#[tokio::test]
async fn nothing_selected_is_answered_as_the_layer_does() {
    /// Shows that the rejection is among the extensions of the response.
    async fn restyle(response: Response) -> Response {
        match response.extensions().get::<SubprotocolRejection>() {
            Some(SubprotocolRejection::NothingSelected(cause)) => {
                let supported: Vec<_> = cause.supported().iter().map(Subprotocol::as_str).collect();
                let body = Json((cause.offered(), supported));
                (StatusCode::CONFLICT, body).into_response()
            }
            _ => response,
        }
    }

    let plain = show::<SelectedSubprotocol<Chat>>();
    let inner = Router::new().route("/", plain.clone().layer(of_chat()));
    let app = Router::new()
        .nest("/nested", inner.layer(SubprotocolLayer::new(["mqtt"])))
        .route("/plain", plain.clone().layer(of_chat()))
        .route(
            "/layer",
            plain.clone().layer(of_chat().require(Require::Always)),
        )
        .route(
            "/restyled",
            plain.clone().layer(of_chat()).layer(map_response(restyle)),
        )
        .route(
            "/restyled-layer",
            plain
                .layer(of_chat().require(Require::Always))
                .layer(map_response(restyle)),
        )
        .route(
            "/result",
            any(
                async |result: Result<SelectedSubprotocol<Chat>, SelectedSubprotocolRejection>| {
                    let rejection = result.unwrap_err();
                    let text = (
                        rejection.status(),
                        rejection.body_text(),
                        rejection.source().is_some(),
                    );
                    (StatusCode::IM_A_TEAPOT, format!("{text:?}"))
                },
            )
            .layer(of_chat()),
        );
    let port = serve(app).await;
    for over in BOTH {
        for offers in ["soap", ""] {
            let reply = over.handshake(port, "/plain", &[offers]).await;
            let by_layer = over.handshake(port, "/layer", &[offers]).await;
            assert_eq!(told(&reply), told(&by_layer));
            assert_eq!(reply.status, StatusCode::BAD_REQUEST);
            assert!(
                reply
                    .body
                    .ends_with("Offer one of these: chat.v2, chat, chat.v1")
            );
            assert_eq!(reply.all("content-type"), by_layer.all("content-type"));

            let nested = over.handshake(port, "/nested", &[offers]).await;
            assert_eq!(told(&nested), told(&by_layer), "{over:?}");

            let offered = !offers.is_empty();
            let json = format!(r#"[{offered},["chat.v2","chat","chat.v1"]]"#);
            for path in ["/restyled", "/restyled-layer"] {
                let reply = over.handshake(port, path, &[offers]).await;
                assert_eq!(told(&reply), (409, json.as_str()), "{over:?} {path}");
            }

            let reply = over.handshake(port, "/result", &[offers]).await;
            assert_eq!(
                reply.body,
                format!("{:?}", (StatusCode::BAD_REQUEST, by_layer.body, false))
            );
        }
    }
}

#[tokio::test]
async fn a_request_that_is_no_handshake_is_offered_the_upgrade() {
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
    let text = "This is a WebSocket endpoint, and the request is not a WebSocket handshake.";

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
        assert_eq!(told(&reply), (status, body), "{path} {version}");
        let upgrade = if status == 426 { "websocket" } else { "" };
        assert_eq!(reply.all("upgrade"), upgrade, "{path} {version}");
        if status == 426 {
            assert_eq!(reply.all("connection"), "upgrade", "{path}");
        }
        let text = "text/plain; charset=utf-8";
        assert_eq!(reply.all("content-type"), text, "{path} {version}");
    }

    let mut get = http2::handshake("/plain", &["chat"]);
    *get.method_mut() = http::Method::GET;
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
    for over in BOTH {
        for path in ["/plain", "/option"] {
            for offers in [&["chat"][..], &[]] {
                let reply = over.handshake(port, path, offers).await;
                assert_eq!(
                    reply.status,
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "{over:?} {path}"
                );
                assert!(
                    reply.body.contains("no `SubprotocolLayer` has seen"),
                    "{reply:?}"
                );
            }
        }
        let reply = over.handshake(port, "/offered", &["a, b c", "d"]).await;
        assert_eq!(told(&reply), (418, "OfferedSubprotocols { count: 2 }"));
    }
}

#[tokio::test]
async fn a_name_that_the_type_does_not_know_is_a_mistake_of_the_program() {
    fn route<T: DeserializeOwned + Debug + Send + 'static>() -> MethodRouter {
        any(
            async |result: Result<SelectedSubprotocol<T>, SelectedSubprotocolRejection>| {
                let rejection = result.unwrap_err();
                let source = rejection.source().unwrap().to_string();
                ([("x-source", source)], rejection)
            },
        )
    }
    let app = Router::new()
        .route("/enum", route::<Chat>())
        .route("/number", route::<u8>())
        .route("/option", show::<Option<SelectedSubprotocol<Chat>>>())
        .layer(SubprotocolLayer::new(["chat.v3"]));
    let port = serve(app).await;
    let reply = Over::Http1
        .handshake(port, "/enum", &["secret, chat.v3"])
        .await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        reply
            .body
            .starts_with("The selected subprotocol \"chat.v3\" can't be read as "),
        "{reply:?}"
    );
    assert!(reply.body.contains("Chat`"), "{reply:?}");
    assert_eq!(
        reply.all("x-source"),
        "unknown variant `chat.v3`, expected one of `chat.v2`, `chat`, `chat.v1`"
    );
    for path in ["/number", "/option"] {
        let reply = Over::Http1.handshake(port, path, &["chat.v3"]).await;
        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    }
}
