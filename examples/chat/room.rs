//! The room, where clients of both versions meet.

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

/// Everyone hears everything, themselves included. A clone is the same room.
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
    /// The name that someone gets who wants to be called `wanted`.
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

    /// Stays with a client from its joining to its leaving.
    pub(crate) async fn host(self, mut socket: WebSocket, version: Chat, name: Arc<str>) {
        // Before the client is announced, so that it sees itself join.
        let events = self.events.subscribe();
        self.tell(&name, Kind::Joined);
        let farewell = self.converse(&mut socket, events, version, &name).await;
        self.tell(&name, Kind::Left);
        close(socket, farewell).await;
    }

    /// Carries words to and fro until one side has had enough, and returns what
    /// the room has to say about that.
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
                    // A slow reader misses the oldest events, and stays.
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
        // It fails if nobody is there to hear it, which is no harm.
        self.events.send(event).ok();
    }
}

/// Says goodbye, and hears the client out: data left unread would reset the
/// connection, and the client might never see why.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_single_lines() {
        let room = Room::default();
        assert_eq!(&*room.name("Ann"), "Ann");
        assert_eq!(&*room.name("  Ann\r\nLee "), "Ann  Lee");
        assert_eq!(&*room.name(&"é".repeat(30)), "é".repeat(24));
        assert_eq!(
            &*room.name(&format!("{} x", "a".repeat(23))),
            "a".repeat(23)
        );
    }

    #[test]
    fn the_nameless_are_numbered() {
        let room = Room::default();
        assert_eq!(&*room.name(""), "guest-1");
        assert_eq!(&*room.name(" \t"), "guest-2");
    }
}
