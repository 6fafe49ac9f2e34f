//! Python's `ocpp`, with a central system that lets charge points boot.

use axum::{
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    response::Response,
    routing::any,
};
use axum_subprotocol::SelectedSubprotocol;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Server, app, until_closed};

#[derive(Clone, Copy, Debug, Deserialize)]
enum Ocpp {
    #[serde(rename = "ocpp2.0.1")]
    V201,
    #[serde(rename = "ocpp1.6")]
    V16,
}

async fn central_system(
    SelectedSubprotocol(version): SelectedSubprotocol<Ocpp>,
    ws: WebSocketUpgrade,
) -> Response {
    ws.on_upgrade(move |socket| accept(socket, version))
}

/// Accepts the boot notification of a charge point.
async fn accept(mut socket: WebSocket, version: Ocpp) {
    let Some(Ok(Message::Text(call))) = socket.recv().await else {
        panic!("no call");
    };
    let call: Value = serde_json::from_str(&call).unwrap();
    let model = match version {
        Ocpp::V201 => &call[3]["chargingStation"]["model"],
        Ocpp::V16 => &call[3]["chargePointModel"],
    };
    assert_eq!((&call[2], model), (&json!("BootNotification"), &json!("M")));
    let result = json!({
        "currentTime": "2026-01-01T00:00:00Z",
        "interval": 300,
        "status": "Accepted",
    });
    let answer = json!([3, call[1], result]).to_string();
    socket.send(Message::text(answer)).await.unwrap();
    until_closed(socket).await;
}

#[tokio::test]
async fn ocpp() {
    let app = app(&any(central_system), &["ocpp2.0.1", "ocpp1.6"]);
    let server = Server::start(app, "charge_point.py").await;

    for (names, selected) in [
        (["ocpp1.6"].as_slice(), "ocpp1.6"),
        (&["ocpp2.0.1"], "ocpp2.0.1"),
        (&["ocpp2.1", "ocpp1.6", "ocpp2.0.1"], "ocpp1.6"),
    ] {
        let report = server.visit("/with", names).await;
        assert_eq!(
            report,
            json!({ "selected": selected, "status": "Accepted" })
        );
    }
    server.expect_failures(&["ocpp1.6"]).await;
}
