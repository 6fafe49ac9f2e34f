//! Calls and results: what the selected version stands for.
//!
//! | | |
//! | --- | --- |
//! | CALL | `[2, "id", "Heartbeat", {}]` |
//! | CALLRESULT | `[3, "id", {"currentTime": "2026-01-01T00:00:00.000Z"}]` |
//! | CALLERROR | `[4, "id", "NotImplemented", "This action isn't known.", {}]` |
//!
//! The versions differ in the fields of a payload, in the codes of an error, and
//! in what becomes of a message that is no call at all: 2.0.1 has an answer for
//! it, and 1.6 has none.

use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::app::Ocpp;

const CALL: u64 = 2;
const CALL_RESULT: u64 = 3;
const CALL_ERROR: u64 = 4;

/// How many characters the identifier of a message may have.
const LONGEST_ID: usize = 36;

/// How many seconds a station waits from one heartbeat to the next.
const INTERVAL: u32 = 300;

/// An error's code and description.
type Fault = (&'static str, &'static str);

/// The answer to a station's message, if it is to have one.
pub(crate) fn answer(version: Ocpp, text: &str) -> Option<String> {
    let message: Vec<Value> = serde_json::from_str(text).unwrap_or_default();
    let kind = message.first().and_then(Value::as_u64);
    let id = message.get(1).and_then(Value::as_str);
    let id = id.filter(|id| id.chars().count() <= LONGEST_ID);

    let answer = match (kind, id, message.get(2..)) {
        (Some(CALL), Some(id), Some([Value::String(action), payload])) => {
            match perform(version, action, payload) {
                Ok(result) => json!([CALL_RESULT, id, result]),
                Err(fault) => error(id, fault),
            }
        }
        // Nothing was asked of this station, so there is nothing to answer.
        (Some(CALL_RESULT | CALL_ERROR), ..) => return None,
        (Some(kind), Some(id), _) if kind != CALL => error(id, version.unknown_type()?),
        // "-1" stands for an identifier that can't be read.
        (_, id, _) => error(id.unwrap_or("-1"), version.unreadable()?),
    };
    Some(answer.to_string())
}

fn error(id: &str, (code, description): Fault) -> Value {
    json!([CALL_ERROR, id, code, description, {}])
}

fn perform(version: Ocpp, action: &str, payload: &Value) -> Result<Value, Fault> {
    match action {
        "BootNotification" => {
            match version {
                Ocpp::V201 => read::<v201::BootNotification>(version, payload)?.log(),
                Ocpp::V16 => read::<v16::BootNotification>(version, payload)?.log(),
            }
            Ok(json!({ "status": "Accepted", "currentTime": now(), "interval": INTERVAL }))
        }
        "Heartbeat" => {
            read::<Map<String, Value>>(version, payload)?;
            Ok(json!({ "currentTime": now() }))
        }
        _ => Err(("NotImplemented", "This action isn't known.")),
    }
}

fn read<T: DeserializeOwned>(version: Ocpp, payload: &Value) -> Result<T, Fault> {
    T::deserialize(payload).map_err(|_| version.malformed())
}

fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}

impl Ocpp {
    const fn malformed(self) -> Fault {
        let code = match self {
            Self::V201 => "FormatViolation",
            Self::V16 => "FormationViolation",
        };
        (code, "This isn't the payload of the action.")
    }

    const fn unknown_type(self) -> Option<Fault> {
        match self {
            Self::V201 => Some(("MessageTypeNotSupported", "Send type 2, 3 or 4.")),
            Self::V16 => None,
        }
    }

    const fn unreadable(self) -> Option<Fault> {
        match self {
            Self::V201 => Some(("RpcFrameworkError", "This isn't a call.")),
            Self::V16 => None,
        }
    }
}

mod v201 {
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct BootNotification {
        reason: String,
        charging_station: ChargingStation,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ChargingStation {
        vendor_name: String,
        model: String,
    }

    impl BootNotification {
        pub(super) fn log(&self) {
            let Self {
                reason,
                charging_station: ChargingStation { vendor_name, model },
            } = self;
            tracing::info!(?vendor_name, ?model, ?reason, "booted");
        }
    }
}

mod v16 {
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct BootNotification {
        charge_point_vendor: String,
        charge_point_model: String,
    }

    impl BootNotification {
        pub(super) fn log(&self) {
            let (vendor, model) = (&self.charge_point_vendor, &self.charge_point_model);
            tracing::info!(?vendor, ?model, "booted");
        }
    }
}
