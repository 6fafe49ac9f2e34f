//! Clients that are good, hostile or unlucky.

use http::StatusCode;
use tokio::{
    io::AsyncReadExt,
    time::{Duration, timeout},
};

use crate::support::{Over, Reply, http1, http2, in_time};

/// How long a client waits for a handler that hangs.
const A_MOMENT: Duration = Duration::from_millis(1);

/// How a visit ends.
#[derive(Clone, Copy, Debug)]
pub enum Ending {
    /// The client gets a WebSocket, and goes later.
    Good {
        path: &'static str,
        offers: &'static [&'static str],
        selected: &'static str,
    },
    VanishInTheRequest,
    VanishBeforeTheReply,
    VanishAfterTheReply,
    Panic,
    Hang,
}

use Ending::*;

pub const ENDINGS: [Ending; 10] = [
    Good {
        path: "/",
        offers: &["x, v1, v2"],
        selected: "v1",
    },
    VanishInTheRequest,
    Good {
        path: "/",
        offers: &["x", "", "v2", "v1"],
        selected: "v2",
    },
    VanishBeforeTheReply,
    Good {
        path: "/by-server",
        offers: &["v1 ,\tv2"],
        selected: "v2",
    },
    VanishAfterTheReply,
    Good {
        path: "/",
        offers: &["x"],
        selected: "",
    },
    Panic,
    Good {
        path: "/",
        offers: &[],
        selected: "",
    },
    Hang,
];

/// A handshake that is turned down, after which the connection is as good as new.
async fn hostile(number: usize, handshake: impl AsyncFnOnce(&str, &[u8]) -> Reply) {
    let commas = b",".repeat(15_000);
    let long = b"v".repeat(15_000);
    let (path, offers, status): (_, &[u8], _) = match number % 6 {
        0 => ("/", b"v1, a b", StatusCode::BAD_REQUEST),
        1 => ("/", b"v1, \xff\xfe\"", StatusCode::BAD_REQUEST),
        2 => ("/", &commas, StatusCode::BAD_REQUEST),
        3 => ("/error", b"v1", StatusCode::FORBIDDEN),
        4 => ("/error", &long, StatusCode::FORBIDDEN),
        _ => ("/nowhere", b"v1", StatusCode::NOT_FOUND),
    };
    let reply = handshake(path, offers).await;
    assert_eq!(reply.status, status, "{path} {reply:?}");
    assert_eq!(reply.selected(), "", "{path} {reply:?}");
    // The layer says why.
    let has_text = status == StatusCode::BAD_REQUEST;
    assert_eq!(reply.body.is_empty(), !has_text, "{path} {reply:?}");
}

fn check(reply: &Reply, over: Over, selected: &str) {
    assert_eq!(reply.status, over.completed(), "{over:?} {reply:?}");
    assert_eq!(reply.selected(), selected, "{over:?} {reply:?}");
    assert_eq!(reply.all("x-extracted"), selected, "{over:?} {reply:?}");
}

/// One connection with two handshakes.
pub async fn visit(over: Over, port: u16, number: usize, ending: Ending) {
    match over {
        Over::Http1 => visit_over_http1(port, number, ending).await,
        Over::Http2 => visit_over_http2(port, number, ending).await,
    }
}

/// Breaks the connection off, without a goodbye.
fn vanish(connection: http1::Connection) {
    connection.0.into_inner().set_zero_linger().unwrap();
}

/// Whether the server closes the connection without another byte.
async fn is_closed(connection: &mut http1::Connection) -> bool {
    in_time(connection.0.read_u8()).await.is_err()
}

async fn visit_over_http1(port: u16, number: usize, ending: Ending) {
    let mut connection = http1::Connection::open(port).await;
    hostile(number, async |path, offers| {
        connection.handshake(path, &[offers]).await
    })
    .await;
    let request = http1::handshake("/", &["v1"]);
    match ending {
        Good {
            path,
            offers,
            selected,
        } => {
            let reply = connection.handshake(path, offers).await;
            check(&reply, Over::Http1, selected);
        }
        VanishInTheRequest => {
            let sent = number % request.len();
            connection.send(&request[..sent]).await;
            vanish(connection);
        }
        VanishBeforeTheReply => {
            connection.send(&request).await;
            vanish(connection);
        }
        VanishAfterTheReply => {
            check(&connection.exchange(&request).await, Over::Http1, "v1");
            vanish(connection);
        }
        Panic => {
            connection.send(&http1::handshake("/panic", &["v1"])).await;
            assert!(is_closed(&mut connection).await);
        }
        Hang => {
            connection.send(&http1::handshake("/hang", &["v1"])).await;
            assert!(timeout(A_MOMENT, is_closed(&mut connection)).await.is_err());
        }
    }
}

async fn visit_over_http2(port: u16, number: usize, ending: Ending) {
    let (mut connection, driver) = http2::Connection::connect(port).await;
    hostile(number, async |path, offers| {
        connection.handshake(path, &[offers]).await
    })
    .await;
    match ending {
        Good {
            path,
            offers,
            selected,
        } => {
            let reply = connection.handshake(path, offers).await;
            check(&reply, Over::Http2, selected);
        }
        VanishInTheRequest => {
            // It is on its way, in part or not at all.
            let request = http2::handshake("/", &["v1"]);
            drop(timeout(Duration::ZERO, connection.exchange(request)).await);
            driver.abort();
        }
        VanishBeforeTheReply => {
            let request = http2::handshake("/", &["v1"]);
            let _ = timeout(A_MOMENT / 4, connection.exchange(request)).await;
            driver.abort();
        }
        VanishAfterTheReply => {
            let reply = connection.handshake("/", &["v1"]).await;
            check(&reply, Over::Http2, "v1");
            driver.abort();
        }
        Panic => {
            let request = http2::handshake("/panic", &["v1"]);
            assert!(connection.exchange(request).await.is_err());
        }
        Hang => {
            let request = http2::handshake("/hang", &["v1"]);
            let reply = timeout(A_MOMENT, connection.exchange(request)).await;
            assert!(reply.is_err());
        }
    }
}
