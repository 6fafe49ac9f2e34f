//! Clients that are good, hostile or unlucky.

use tokio::{
    io::AsyncReadExt,
    time::{Duration, timeout},
};

use crate::support::{Over, Reply, http1, http2, in_time};

/// How long a client waits for a handler that hangs.
const A_MOMENT: Duration = Duration::from_millis(1);

/// How a visit ends.
#[derive(Clone, Copy)]
enum Ending {
    /// The client gets a WebSocket with this subprotocol, and goes later.
    Good(&'static str),
    /// The client breaks the connection off in the request, or before the reply.
    Vanish,
    VanishAfterTheReply,
    /// The handler panics.
    Panic,
    /// The handler hangs.
    Hang,
}

use Ending::*;

const VISITS: [(&str, &[&str], Ending); 10] = [
    ("/", &["x, v1, v2"], Good("v1")),
    ("/", &["v1"], Vanish),
    ("/", &["x", "", "v2", "v1"], Good("v2")),
    ("/", &["v1"], Vanish),
    ("/by-server", &["v1 ,\tv2"], Good("v2")),
    ("/", &["v1"], VanishAfterTheReply),
    ("/", &["x"], Good("")),
    ("/panic", &["v1"], Panic),
    ("/", &[], Good("")),
    ("/hang", &["v1"], Hang),
];

/// A handshake that is turned down, after which the connection is as good as new.
async fn hostile(number: usize, handshake: impl AsyncFnOnce(&str, &[u8]) -> Reply) {
    let (path, offers, status): (_, &[u8], _) = match number % 6 {
        0 => ("/", b"v1, a b", 400),
        1 => ("/", b"v1, \xff\xfe\"", 400),
        2 => ("/", &b",".repeat(15_000), 400),
        3 => ("/error", b"v1", 403),
        4 => ("/error", &b"v".repeat(15_000), 403),
        _ => ("/nowhere", b"v1", 404),
    };
    let reply = handshake(path, offers).await;
    assert_eq!(reply.status, status, "{path} {reply:?}");
    assert_eq!(reply.selected(), "", "{path} {reply:?}");
    // The layer says why.
    assert_eq!(reply.body.is_empty(), status != 400, "{path} {reply:?}");
}

fn check(reply: &Reply, over: Over, selected: &str) {
    assert_eq!(reply.status, over.completed(), "{over:?} {reply:?}");
    assert_eq!(reply.selected(), selected, "{over:?} {reply:?}");
    assert_eq!(reply.all("x-extracted"), selected, "{over:?} {reply:?}");
}

/// One connection with two handshakes.
pub async fn visit(over: Over, port: u16, number: usize) {
    match over {
        Over::Http1 => visit_over_http1(port, number).await,
        Over::Http2 => visit_over_http2(port, number).await,
    }
}

async fn visit_over_http1(port: u16, number: usize) {
    let mut connection = http1::Connection::open(port).await;
    hostile(number, async |path, offers| {
        connection.handshake(path, &[offers]).await
    })
    .await;

    let (path, offers, ending) = VISITS[number / 2 % VISITS.len()];
    let request = http1::handshake(path, offers);
    let vanish = |connection: http1::Connection| connection.0.into_inner().set_zero_linger();
    match ending {
        Good(selected) => check(&connection.exchange(&request).await, Over::Http1, selected),
        VanishAfterTheReply => {
            check(&connection.exchange(&request).await, Over::Http1, "v1");
            vanish(connection).unwrap();
        }
        Vanish => {
            let sent = number % (2 * request.len());
            connection.send(&request[..sent.min(request.len())]).await;
            vanish(connection).unwrap();
        }
        Panic => {
            connection.send(&request).await;
            assert!(in_time(connection.0.read_u8()).await.is_err());
        }
        Hang => {
            connection.send(&request).await;
            assert!(timeout(A_MOMENT, connection.0.read_u8()).await.is_err());
        }
    }
}

async fn visit_over_http2(port: u16, number: usize) {
    let (mut connection, driver) = http2::Connection::connect(port).await;
    hostile(number, async |path, offers| {
        connection.handshake(path, &[offers]).await
    })
    .await;

    let (path, offers, ending) = VISITS[number / 2 % VISITS.len()];
    let reply = connection.exchange(http2::handshake(path, offers));
    match ending {
        Good(selected) => check(
            &http2::read(reply.await.unwrap()).await,
            Over::Http2,
            selected,
        ),
        VanishAfterTheReply => {
            check(&http2::read(reply.await.unwrap()).await, Over::Http2, "v1");
            driver.abort();
        }
        Vanish => {
            // It is on its way, in part or not at all.
            let _ = timeout(A_MOMENT * u32::from(number % 4 > 1) / 4, reply).await;
            driver.abort();
        }
        Panic => assert!(reply.await.is_err()),
        Hang => assert!(timeout(A_MOMENT, reply).await.is_err()),
    }
}
