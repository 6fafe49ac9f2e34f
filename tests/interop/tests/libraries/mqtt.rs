//! MQTT.js, with a broker that delivers one message.

use axum::{
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    response::Response,
    routing::any,
};
use axum_subprotocol::SelectedSubprotocol;
use serde::Deserialize;

use crate::{Server, app, delivered, until_closed};

#[derive(Clone, Copy, Debug, Deserialize)]
enum Mqtt {
    /// MQTT 3.1.1 and 5.
    #[serde(rename = "mqtt")]
    Current,
    /// MQTT 3.1.
    #[serde(rename = "mqttv3.1")]
    Old,
}

async fn broker(
    SelectedSubprotocol(mqtt): SelectedSubprotocol<Mqtt>,
    ws: WebSocketUpgrade,
) -> Response {
    ws.on_upgrade(move |socket| deliver(socket, mqtt))
}

/// Accepts a client and its subscription, and delivers a message.
async fn deliver(mut socket: WebSocket, mqtt: Mqtt) {
    let mut read = Vec::new();

    let connect = packet(&mut socket, &mut read).await;
    let name_len = usize::from(connect[3]);
    let (name, rest) = connect[4..].split_at(name_len);
    let (version, properties): (_, &[u8]) = match (mqtt, name, rest[0]) {
        (Mqtt::Old, b"MQIsdp", 3) => ("3.1", &[]),
        (Mqtt::Current, b"MQTT", 4) => ("3.1.1", &[]),
        (Mqtt::Current, b"MQTT", 5) => ("5", &[0]),
        other => panic!("{other:?}"),
    };
    send(&mut socket, 0x20, &[&[0, 0], properties]).await;

    let subscribe = packet(&mut socket, &mut read).await;
    assert_eq!(subscribe[0], 0x82);
    send(&mut socket, 0x90, &[&subscribe[2..4], properties, &[0]]).await;

    let message = format!("MQTT {version}");
    let publish = [b"\0\x09greetings", properties, message.as_bytes()];
    send(&mut socket, 0x30, &publish).await;
    until_closed(socket).await;
}

/// The next packet, which has fewer than 128 bytes. It may come in several messages.
async fn packet(socket: &mut WebSocket, read: &mut Vec<u8>) -> Vec<u8> {
    loop {
        if let [_, len, rest @ ..] = &read[..]
            && rest.len() >= usize::from(*len)
        {
            let len = 2 + usize::from(*len);
            return read.drain(..len).collect();
        }
        match socket.recv().await {
            Some(Ok(Message::Binary(bytes))) => read.extend_from_slice(&bytes),
            other => panic!("{other:?}"),
        }
    }
}

async fn send(socket: &mut WebSocket, first_byte: u8, body: &[&[u8]]) {
    let body = body.concat();
    let mut packet = vec![first_byte, body.len().try_into().unwrap()];
    packet.extend(body);
    socket.send(Message::binary(packet)).await.unwrap();
}

#[tokio::test]
async fn mqtt_js() {
    let app = app(&any(broker), &["mqtt", "mqttv3.1"]);
    let server = Server::start(app, "mqtt.mjs").await;

    for (version, message) in [("3", "MQTT 3.1"), ("4", "MQTT 3.1.1"), ("5", "MQTT 5")] {
        assert_eq!(server.visit("/with", &[version]).await, delivered(message));
    }
    server.expect_failures(&["5"]).await;
}
