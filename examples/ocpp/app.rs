//! The endpoint, and how long a station stays.

use std::time::Duration;

use axum::{
    Router,
    extract::{
        Path,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code},
    },
    http::StatusCode,
    response::{Html, Response},
    routing::{any, get},
};
use axum_subprotocol::{Malformed, SelectedSubprotocol, SubprotocolLayer};
use serde::Deserialize;
use tokio::time::timeout;

use crate::rpc;

/// The versions of OCPP, by the names that a station offers.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum Ocpp {
    #[serde(rename = "ocpp2.0.1")]
    V201,
    #[serde(rename = "ocpp1.6")]
    V16,
}

/// How many characters the identity of a station may have.
const LONGEST_IDENTITY: usize = 48;

/// How many bytes a message may have.
const LONGEST_MESSAGE: usize = 64 * 1024;

/// How long a station has to answer the closing handshake.
const PATIENCE: Duration = Duration::from_secs(2);

const NO_VERSION: CloseFrame = CloseFrame {
    code: close_code::PROTOCOL,
    reason: Utf8Bytes::from_static("offer ocpp2.0.1 or ocpp1.6"),
};

const NOT_TEXT: CloseFrame = CloseFrame {
    code: close_code::UNSUPPORTED,
    reason: Utf8Bytes::from_static("OCPP-J is text"),
};

/// The page, and the endpoint.
///
/// A station that offers no version that is spoken here must have its handshake
/// completed all the same (OCPP-J 1.6 and 2.0.1, section 3.2). So nothing is
/// required of the offers, not even that all of them are tokens.
pub(crate) fn app() -> Router {
    let versions = SubprotocolLayer::of::<Ocpp>().malformed(Malformed::Ignore);
    Router::new()
        .route("/", get(page))
        .route("/ocpp/{station}", any(connect).layer(versions))
}

async fn page() -> Html<&'static str> {
    Html(include_str!("index.html"))
}

async fn connect(
    Path(station): Path<String>,
    version: Option<SelectedSubprotocol<Ocpp>>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, StatusCode> {
    if !is_known(&station) {
        return Err(StatusCode::NOT_FOUND);
    }
    let upgrade = upgrade
        .max_message_size(LONGEST_MESSAGE)
        .max_frame_size(LONGEST_MESSAGE);
    Ok(upgrade.on_upgrade(async move |mut socket| {
        let farewell = match version {
            Some(SelectedSubprotocol(version)) => converse(&mut socket, version, &station).await,
            None => Some(NO_VERSION),
        };
        close(socket, farewell).await;
    }))
}

/// A colon can't be part of an identity, which is also a name for HTTP's basic
/// authentication. A real endpoint knows its stations, and their passwords.
fn is_known(station: &str) -> bool {
    station.chars().count() <= LONGEST_IDENTITY && !station.contains(':')
}

/// Answers what the station asks until one side has had enough, and returns what
/// there is to say about that.
async fn converse(socket: &mut WebSocket, version: Ocpp, station: &str) -> Option<CloseFrame> {
    tracing::info!(station, ?version, "connected");
    loop {
        match socket.recv().await?.ok()? {
            Message::Text(text) => {
                if let Some(answer) = rpc::answer(version, &text) {
                    socket.send(Message::text(answer)).await.ok()?;
                }
            }
            Message::Binary(_) => return Some(NOT_TEXT),
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Close(_) => return None,
        }
    }
}

/// Says goodbye, and hears the station out: data left unread would reset the
/// connection, and it might never see why.
async fn close(mut socket: WebSocket, farewell: Option<CloseFrame>) {
    let goodbye = async {
        if farewell.is_some() {
            socket.send(Message::Close(farewell)).await.ok()?;
        }
        while socket.recv().await?.is_ok() {}
        Some(())
    };
    timeout(PATIENCE, goodbye).await.ok();
}
