//! The two versions on the wire: what the selected subprotocol stands for.
//!
//! | | `chat.v2` | `chat.v1` |
//! | --- | --- | --- |
//! | a client says | `{"text":"hi"}` | `hi` |
//! | the room says | `{"kind":"message","from":"Ann","text":"hi","at":1735689600000}` | `Ann: hi` |
//! | someone comes | `{"kind":"joined","from":"Ann","at":1735689600000}` | `* Ann joined` |
//! | someone goes | `{"kind":"left","from":"Ann","at":1735689600000}` | `* Ann left` |
//!
//! Both use text frames alone. A `chat.v2` client that sends anything but the
//! above is told so and closed, with the code 1007.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::json;

use crate::app::Chat;

/// What the room tells everyone in it, whichever version they speak.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) from: Arc<str>,
    pub(crate) kind: Kind,
    /// In milliseconds since 1970, as JavaScript counts.
    pub(crate) at: u64,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Joined,
    Message(Arc<str>),
    Left,
}

/// The client's half of `chat.v2`.
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

    /// The frame that tells a client of an event.
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
        // A line break would let a message pass for two, the second by anyone.
        Kind::Message(text) => format!("{from}: {}", text.replace(char::is_control, " ")),
        Kind::Left => format!("* {from} left"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn event(kind: Kind) -> Event {
        let from = Arc::from("Ann \"A\"");
        Event { from, kind, at: 7 }
    }

    #[test]
    fn v2_is_json_both_ways() {
        let told = |kind| -> Value {
            serde_json::from_str(&Chat::V2.encode(&event(kind))).expect("the room speaks JSON")
        };
        let from = "Ann \"A\"";
        assert_eq!(
            told(Kind::Message("a\n\"b\"".into())),
            json!({ "kind": "message", "from": from, "text": "a\n\"b\"", "at": 7 })
        );
        assert_eq!(
            told(Kind::Joined),
            json!({ "kind": "joined", "from": from, "at": 7 })
        );
        assert_eq!(
            told(Kind::Left),
            json!({ "kind": "left", "from": from, "at": 7 })
        );

        let text = Chat::V2.decode(r#"{"text":"a \"b\"","more":[1]}"#).ok();
        assert_eq!(text.as_deref(), Some("a \"b\""));
        for malformed in ["", "hi", "{}", r#"{"text":1}"#, r#"{"text":"a"} b"#] {
            assert!(Chat::V2.decode(malformed).is_err(), "{malformed}");
        }
    }

    #[test]
    fn v1_is_plain_text_both_ways() {
        let told = |kind| Chat::V1.encode(&event(kind));
        assert_eq!(told(Kind::Message("hi".into())), "Ann \"A\": hi");
        assert_eq!(
            told(Kind::Message("a\nBob: b".into())),
            "Ann \"A\": a Bob: b"
        );
        assert_eq!(told(Kind::Joined), "* Ann \"A\" joined");
        assert_eq!(told(Kind::Left), "* Ann \"A\" left");

        let text = Chat::V1.decode(r#"{"text":"a"}"#).ok();
        assert_eq!(text.as_deref(), Some(r#"{"text":"a"}"#));
    }
}
