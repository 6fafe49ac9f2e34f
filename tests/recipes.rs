//! The servers of two recipes in the documentation, as their clients meet them.

use axum::{
    Router,
    extract::ws::{CloseFrame, Message, WebSocketUpgrade, close_code},
    response::Response,
    routing::any,
};
use axum_subprotocol::{
    OfferedCredentialLayer, Require, SelectedSubprotocol, Subprotocol, SubprotocolLayer,
};
use http::{
    HeaderMap, StatusCode,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
};
use serde::Deserialize;

use crate::support::{BOTH, Reply, check::check, serve, websocket::Client};

#[derive(Clone, Copy, Debug, Deserialize)]
enum Ocpp {
    #[serde(rename = "ocpp2.0.1")]
    V201,
    #[serde(rename = "ocpp1.6")]
    V16,
}

/// Completes each handshake, and closes the socket if nothing is selected (OCPP-J 1.6 and
/// 2.0.1, section 3.2).
async fn station(version: Option<SelectedSubprotocol<Ocpp>>, ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(async move |mut socket| {
        let message = match version {
            Some(SelectedSubprotocol(version)) => Message::text(format!("{version:?}")),
            None => Message::Close(Some(CloseFrame {
                code: close_code::PROTOCOL,
                reason: "offer ocpp2.0.1 or ocpp1.6".into(),
            })),
        };
        socket.send(message).await.unwrap();
    })
}

#[tokio::test]
async fn ocpp_completes_and_closes_if_nothing_is_selected() {
    let versions = SubprotocolLayer::of::<Ocpp>();
    let port = serve(Router::new().route("/", any(station).layer(versions))).await;
    for over in BOTH {
        let connect = async |offers| {
            let headers = [(SEC_WEBSOCKET_PROTOCOL, offers)];
            Client::open(over, port, "/", &headers).await.unwrap()
        };
        let mut client = connect("ocpp2.1, ocpp1.6, ocpp2.0.1").await;
        assert_eq!(client.reply.selected(), "ocpp1.6");
        assert_eq!(client.text().await, "V16");
        let mut client = connect("ocpp1.5, OCPP1.6").await;
        assert_eq!(client.reply.selected(), "");
        let reason = "offer ocpp2.0.1 or ocpp1.6".to_owned();
        assert_eq!(client.closed().await, (1002, reason));
    }
}

/// Completes the handshake of a client with the right token.
async fn pod(headers: HeaderMap, ws: WebSocketUpgrade) -> Result<Response, StatusCode> {
    match headers.get(AUTHORIZATION) {
        Some(token) if token == "Bearer open.sesame" => Ok(ws.on_upgrade(async |_| {})),
        _ => Err(StatusCode::UNAUTHORIZED),
    }
}

#[tokio::test]
async fn kubernetes_clients_get_their_subprotocol_and_their_token() {
    const TUNNEL: &str = "SPDY/3.1+portforward.k8s.io";
    const TOKEN: &str = "base64url.bearer.authorization.k8s.io.b3Blbi5zZXNhbWU";

    let exec = SubprotocolLayer::new(["v5.channel.k8s.io", "v4.channel.k8s.io"]);
    let forward = SubprotocolLayer::new([Subprotocol::non_token_from_static(TUNNEL)]);
    let token = OfferedCredentialLayer::after_prefix("base64url.bearer.authorization.k8s.io.");
    let app = Router::new()
        .route("/exec", any(pod).layer(exec.require(Require::Always)))
        .route("/forward", any(pod).layer(forward.require(Require::Always)))
        .route_layer(token.base64url());
    let port = serve(app).await;
    let cases = [
        &*format!("{TOKEN}, v4.channel.k8s.io => v4.channel.k8s.io"),
        &format!("{TOKEN} => 400 A WebSocket subprotocol is required here…"),
        &format!("v5.channel.k8s.io, {TOKEN}= => 400 The credential in Sec-WebSocket-Protocol is…"),
        "v5.channel.k8s.io => 401 ",
    ];
    check(port, "/exec", Reply::selected, &cases).await;
    let cases = [
        &*format!("{TUNNEL}, {TOKEN} => {TUNNEL}"),
        &format!("SPDY/3.2+portforward.k8s.io, {TOKEN} => 400 Element 1 of…"),
    ];
    check(port, "/forward", Reply::selected, &cases).await;
}
