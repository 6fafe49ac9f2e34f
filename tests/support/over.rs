//! The two HTTP versions, and what comes back over them.

use std::{future::Future, time::Duration};

use http::{HeaderMap, StatusCode, header::SEC_WEBSOCKET_PROTOCOL};

use super::{http1, http2};

/// Longer than any test takes, and short enough to wait for.
const PATIENCE: Duration = Duration::from_secs(10);

pub async fn in_time<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("no answer")
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    /// All values of `name`, separated by `|`.
    pub fn all(&self, name: &str) -> String {
        let values = self.headers.get_all(name).iter();
        let values: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
        values.join("|")
    }

    /// All names that the reply says are selected.
    pub fn selected(&self) -> String {
        self.all(SEC_WEBSOCKET_PROTOCOL.as_str())
    }
}

/// The HTTP versions over which a handshake can be made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    Http1,
    Http2,
}

pub const BOTH: [Over; 2] = [Over::Http1, Over::Http2];

impl Over {
    /// Makes a handshake on a new connection, with one header line for each of
    /// `offers`.
    pub async fn handshake<O: AsRef<[u8]>>(self, port: u16, path: &str, offers: &[O]) -> Reply {
        match self {
            Self::Http1 => {
                let mut connection = http1::Connection::open(port).await;
                connection.handshake(path, offers).await
            }
            Self::Http2 => {
                let mut connection = http2::Connection::open(port).await;
                connection.handshake(path, offers).await
            }
        }
    }

    /// The status of a completed handshake.
    pub const fn completed(self) -> StatusCode {
        match self {
            Self::Http1 => StatusCode::SWITCHING_PROTOCOLS,
            Self::Http2 => StatusCode::OK,
        }
    }
}
