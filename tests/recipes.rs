//! The parts of this crate that the documentation's recipes rely on: a server for OCPP
//! and one for clients of the Kubernetes API.

use axum::{
    Router,
    extract::ws::{CloseFrame, Message, WebSocketUpgrade, close_code},
    response::Response,
    routing::any,
};
use axum_subprotocol::{
    Malformed, OfferedCredentialLayer, Require, SelectedSubprotocol, Subprotocol, SubprotocolLayer,
};
use http::{
    HeaderMap, StatusCode,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
};
use serde::Deserialize;

use crate::support::{BOTH, serve, websocket::Client};

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
    let versions = SubprotocolLayer::of::<Ocpp>().malformed(Malformed::Ignore);
    let port = serve(Router::new().route("/", any(station).layer(versions))).await;
    for over in BOTH {
        for (offers, selected, version) in [
            ("ocpp2.0.1, ocpp1.6", "ocpp2.0.1", "V201"),
            ("ocpp1.6, ocpp2.0.1", "ocpp1.6", "V16"),
            ("ocpp2.1, ocpp1.6", "ocpp1.6", "V16"),
            ("ocpp1.6 (J), ocpp1.6", "ocpp1.6", "V16"),
        ] {
            let mut client = Client::offer(over, port, "/", offers).await.unwrap();
            assert_eq!(client.reply.selected(), selected, "{offers}");
            assert_eq!(client.text().await, version);
        }
        for offers in ["ocpp1.5", "ocpp1.5, OCPP1.6", "ocpp1.6 (J)", ""] {
            let mut client = Client::offer(over, port, "/", offers).await.unwrap();
            assert_eq!(client.reply.selected(), "", "{offers}");
            let reason = "offer ocpp2.0.1 or ocpp1.6".to_owned();
            assert_eq!(client.closed().await, (1002, reason), "{offers}");
        }
    }
}

const TUNNEL: &str = "SPDY/3.1+portforward.k8s.io";
const TOKEN: &str = "base64url.bearer.authorization.k8s.io.b3Blbi5zZXNhbWU";

/// Completes the handshake of a client with the right token.
async fn pod(headers: HeaderMap, ws: WebSocketUpgrade) -> Result<Response, StatusCode> {
    match headers.get(AUTHORIZATION) {
        Some(token) if token == "Bearer open.sesame" => Ok(ws.on_upgrade(async |_| {})),
        _ => Err(StatusCode::UNAUTHORIZED),
    }
}

async fn kubernetes() -> u16 {
    let exec = SubprotocolLayer::new(["v5.channel.k8s.io", "v4.channel.k8s.io"]);
    // RFC 6455 forbids this name because of the slash.
    let forward = SubprotocolLayer::new([Subprotocol::non_token_from_static(TUNNEL)]);
    let token = OfferedCredentialLayer::after_prefix("base64url.bearer.authorization.k8s.io.");
    let app = Router::new()
        .route("/exec", any(pod).layer(exec.require(Require::Always)))
        .route("/forward", any(pod).layer(forward.require(Require::Always)))
        .route_layer(token.base64url());
    serve(app).await
}

#[tokio::test]
async fn kubernetes_clients_get_their_subprotocol_and_their_token() {
    let port = kubernetes().await;
    let javascript = "v5.channel.k8s.io, v4.channel.k8s.io, v3.channel.k8s.io, \
                      v2.channel.k8s.io, channel.k8s.io";
    let gardener = format!("{TOKEN}, v4.channel.k8s.io");
    let dashboard = format!("v5.channel.k8s.io, v4.channel.k8s.io, {TOKEN}");
    let proxy = format!("{TUNNEL}, {TOKEN}");
    for over in BOTH {
        for (path, offers, own, selected) in [
            // kubectl exec, attach and cp
            ("/exec", "v5.channel.k8s.io", true, "v5.channel.k8s.io"),
            ("/forward", TUNNEL, true, TUNNEL),
            ("/exec", javascript, true, "v5.channel.k8s.io"),
            ("/exec", &gardener, false, "v4.channel.k8s.io"),
            ("/exec", &dashboard, false, "v5.channel.k8s.io"),
            ("/forward", &proxy, false, TUNNEL),
        ] {
            let mut headers = vec![(SEC_WEBSOCKET_PROTOCOL, offers)];
            if own {
                headers.push((AUTHORIZATION, "Bearer open.sesame"));
            }
            let client = Client::open(over, port, path, &headers).await.unwrap();
            assert_eq!(client.reply.selected(), selected, "{over:?} {offers}");
        }
    }
}

#[tokio::test]
async fn kubernetes_clients_are_told_what_to_offer() {
    let port = kubernetes().await;
    let padded = format!("v5.channel.k8s.io, {TOKEN}=");
    let twice = format!("v5.channel.k8s.io, {TOKEN}, {TOKEN}");
    for over in BOTH {
        for (path, offers, reason) in [
            (
                "/exec",
                "channel.k8s.io",
                "Offer one of these: v5.channel.k8s.io, v4.channel.k8s.io",
            ),
            ("/exec", "", "Offer one of these: v5"),
            ("/exec", TOKEN, "Offer one of these: v5"),
            ("/exec", &padded, "is not base64url"),
            ("/exec", &twice, "more than one credential"),
            (
                "/forward",
                "portforward.k8s.io",
                "Offer this one: SPDY/3.1+",
            ),
            // A layer accepts no other non-token than the configured one.
            ("/exec", TUNNEL, "Element 1 of"),
            ("/forward", "SPDY/3.2+portforward.k8s.io", "Element 1 of"),
        ] {
            let reply = over.handshake(port, path, &[offers]).await;
            assert_eq!(reply.status, 400, "{offers}");
            assert!(reply.body.contains(reason), "{offers}: {}", reply.body);
            assert!(!reply.body.contains("b3Bl"), "{offers}: {}", reply.body);
        }
    }
}
