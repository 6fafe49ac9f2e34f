//! The room, in which clients of both versions meet.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::timeout,
};

use crate::{
    app::Chat,
    wire::{Event, Kind},
};

/// How many bytes a client's message may have.
pub(crate) const LONGEST_MESSAGE: usize = 4 * 1024;

/// How many characters a name may have.
const LONGEST_NAME: usize = 24;

/// How many events the room keeps for a slow reader.
const BACKLOG: usize = 128;

/// How long a client has to answer the closing handshake.
const PATIENCE: Duration = Duration::from_secs(2);

const NOT_V2: CloseFrame = CloseFrame {
    code: close_code::INVALID,
    reason: Utf8Bytes::from_static(r#"a message in chat.v2 looks like this: {"text":"..."}"#),
};

const NOT_TEXT: CloseFrame = CloseFrame {
    code: close_code::UNSUPPORTED,
    reason: Utf8Bytes::from_static("this room takes text frames only"),
};

/// A room that sends each event to all clients in it, also to the one that caused it. A
/// clone is the same room.
#[derive(Clone)]
pub(crate) struct Room {
    events: broadcast::Sender<Event>,
    guests: Arc<AtomicU64>,
}

impl Default for Room {
    fn default() -> Self {
        let events = broadcast::Sender::new(BACKLOG);
        let guests = Arc::default();
        Self { events, guests }
    }
}

impl Room {
    /// The name of a client that asks for the name `wanted`.
    pub(crate) fn name(&self, wanted: &str) -> Arc<str> {
        let wanted = wanted.replace(char::is_control, " ");
        let name: String = wanted.trim().chars().take(LONGEST_NAME).collect();
        if name.is_empty() {
            let guest = self.guests.fetch_add(1, Ordering::Relaxed) + 1;
            format!("guest-{guest}").into()
        } else {
            name.trim_end().into()
        }
    }

    /// Serves a client until it leaves.
    pub(crate) async fn host(self, mut socket: WebSocket, version: Chat, name: Arc<str>) {
        // Before the event is sent, so that the client receives it too.
        let events = self.events.subscribe();
        self.tell(&name, Kind::Joined);
        let farewell = self.converse(&mut socket, events, version, &name).await;
        self.tell(&name, Kind::Left);
        close(socket, farewell).await;
    }

    /// Passes messages on in both directions until one side closes. If the room closes,
    /// the result says why.
    async fn converse(
        &self,
        socket: &mut WebSocket,
        mut events: broadcast::Receiver<Event>,
        version: Chat,
        name: &Arc<str>,
    ) -> Option<CloseFrame> {
        loop {
            tokio::select! {
                frame = socket.recv() => match frame?.ok()? {
                    Message::Text(frame) => match version.decode(&frame) {
                        Ok(text) => self.tell(name, Kind::Message(text.into())),
                        Err(_) => return Some(NOT_V2),
                    },
                    Message::Binary(_) => return Some(NOT_TEXT),
                    Message::Ping(_) | Message::Pong(_) => {}
                    Message::Close(_) => return None,
                },
                event = events.recv() => match event {
                    Ok(event) => {
                        let frame = version.encode(&event);
                        socket.send(frame.into()).await.ok()?;
                    }
                    // A slow client misses the oldest events.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    fn tell(&self, from: &Arc<str>, kind: Kind) {
        let event = Event {
            from: Arc::clone(from),
            kind,
            at: now(),
        };
        // This fails if nobody is in the room.
        self.events.send(event).ok();
    }
}

/// Closes the socket, and reads what the client still sends: unread data would reset the
/// connection, and the client might not see the reason.
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

fn now() -> u64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since_1970.unwrap_or_default().as_millis();
    millis.try_into().unwrap_or(u64::MAX)
}
