//! The two versions on the wire, which the selected subprotocol stands for.
//!
//! | | `chat.v2` | `chat.v1` |
//! | --- | --- | --- |
//! | a client sends | `{"text":"hi"}` | `hi` |
//! | the room sends | `{"kind":"message","from":"Ann","text":"hi","at":1735689600000}` | `Ann: hi` |
//! | a client joins | `{"kind":"joined","from":"Ann","at":1735689600000}` | `* Ann joined` |
//! | a client leaves | `{"kind":"left","from":"Ann","at":1735689600000}` | `* Ann left` |
//!
//! Both use text frames only. If a `chat.v2` client sends anything else, the room closes
//! its socket with the code 1007 and a reason.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use crate::app::Chat;

/// An event, which the room sends to clients of both versions.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) from: Arc<str>,
    pub(crate) kind: Kind,
    /// Milliseconds since 1970, as in JavaScript.
    pub(crate) at: u64,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Joined,
    Message(Arc<str>),
    Left,
}

/// A message of a `chat.v2` client.
#[derive(Deserialize)]
struct Said {
    text: String,
}

impl Chat {
    /// The text that a client's frame carries.
    pub(crate) fn decode(self, frame: &str) -> Result<String, serde_json::Error> {
        match self {
            Self::V2 => serde_json::from_str(frame).map(|Said { text }| text),
            Self::V1 => Ok(frame.to_owned()),
        }
    }

    /// The frame for an event.
    pub(crate) fn encode(self, event: &Event) -> String {
        match self {
            Self::V2 => json(event),
            Self::V1 => line(event),
        }
    }
}

fn json(Event { from, kind, at }: &Event) -> String {
    let (from, at) = (&**from, *at);
    let object = match kind {
        Kind::Joined => json!({ "kind": "joined", "from": from, "at": at }),
        Kind::Message(text) => json!({ "kind": "message", "from": from, "text": **text, "at": at }),
        Kind::Left => json!({ "kind": "left", "from": from, "at": at }),
    };
    object.to_string()
}

fn line(Event { from, kind, .. }: &Event) -> String {
    match kind {
        Kind::Joined => format!("* {from} joined"),
        // With a line break one message would look like two, the second from anyone.
        Kind::Message(text) => format!("{from}: {}", text.replace(char::is_control, " ")),
        Kind::Left => format!("* {from} left"),
    }
}
