//! The layer on HTTP/3, before a service that knows nothing of axum.

mod client;
mod server;

use axum_subprotocol::{Require, SubprotocolLayer};
use h3::ext::Protocol;

use self::{
    client::{Outcome, handshake},
    server::Server,
};

fn layer() -> SubprotocolLayer {
    SubprotocolLayer::new(["chat.v2", "chat.v1"])
}

#[tokio::test]
async fn a_stream_is_negotiated_and_used() {
    let server = Server::start(layer()).await;
    let cases: [(&[&str], &[&str]); 4] = [
        (&["soap, chat.v1, chat.v2"], &["chat.v1"]),
        (&["soap", "chat.v2", "chat.v1"], &["chat.v2"]),
        (&["soap"], &[]),
        (&[], &[]),
    ];
    for (offers, selected) in cases {
        let completed = Outcome::Completed {
            selected: selected.iter().map(ToString::to_string).collect(),
            said: format!("{}: hello", selected.join("|")),
        };
        assert_eq!(handshake(&server, offers).await, completed, "{offers:?}");
    }
}

#[tokio::test]
async fn a_stream_is_rejected() {
    let server = Server::start(layer().require(Require::Always)).await;
    for (offers, text) in [
        ("soap", "Offer one of these: chat.v2, chat.v1"),
        ("chat.v1, a b", "Element 2 of Sec-WebSocket-Protocol"),
    ] {
        let outcome = handshake(&server, &[offers]).await;
        let Outcome::Refused { status, body } = outcome else {
            panic!("{offers}: {outcome:?}");
        };
        assert_eq!(status, 400, "{offers}");
        assert!(body.contains(text), "{body}");
    }
}

/// When this fails, h3 knows the name, and `client::PROTOCOL` can be removed.
#[test]
fn h3_does_not_know_websocket_yet() {
    assert!("websocket".parse::<Protocol>().is_err());
}
