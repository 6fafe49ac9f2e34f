//! The example `kubernetes`, with the offers that real clients make.

#[path = "../examples/kubernetes/app.rs"]
mod app;
#[path = "../examples/kubernetes/auth.rs"]
mod auth;
#[path = "../examples/kubernetes/exec.rs"]
mod exec;
mod support;

use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::Message;

use self::support::{BOTH, http1, serve, websocket::Client};

const EXEC: &str = "/api/v1/namespaces/default/pods/web/exec?command=cat&stdin=true&stdout=true";
const FORWARD: &str = "/api/v1/namespaces/default/pods/web/portforward?ports=80";
const TUNNEL: &str = "SPDY/3.1+portforward.k8s.io";

const HEADER: &str = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJBbm4ifQ.";
const OFFER: &str =
    "base64url.bearer.authorization.k8s.io.ZXlKaGJHY2lPaUp1YjI1bEluMC5leUp6ZFdJaU9pSkJibTRpZlEu";

async fn start() -> u16 {
    serve(app::app()).await
}

/// What clients offer, with an `Authorization` of their own or without, and what
/// is selected.
fn clients() -> [(&'static str, String, bool, &'static str); 6] {
    let javascript = "v5.channel.k8s.io, v4.channel.k8s.io, v3.channel.k8s.io, \
                      v2.channel.k8s.io, channel.k8s.io";
    [
        // kubectl exec, attach and cp
        (EXEC, "v5.channel.k8s.io".into(), true, "v5.channel.k8s.io"),
        // kubectl port-forward
        (FORWARD, TUNNEL.into(), true, TUNNEL),
        // The official JavaScript client
        (EXEC, javascript.into(), true, "v5.channel.k8s.io"),
        // Gardener's dashboard, in a browser
        (
            EXEC,
            format!("{OFFER}, v4.channel.k8s.io"),
            false,
            "v4.channel.k8s.io",
        ),
        // Other dashboards
        (
            EXEC,
            format!("v5.channel.k8s.io, v4.channel.k8s.io, {OFFER}"),
            false,
            "v5.channel.k8s.io",
        ),
        // A proxy that adds the token to what kubectl offers
        (FORWARD, format!("{TUNNEL}, {OFFER}"), false, TUNNEL),
    ]
}

#[tokio::test]
async fn each_client_gets_what_it_speaks() {
    let port = start().await;
    for over in BOTH {
        for (path, offers, has_header, selected) in clients() {
            let mut headers = vec![(SEC_WEBSOCKET_PROTOCOL, &*offers)];
            headers.extend(has_header.then_some((AUTHORIZATION, HEADER)));
            let client = Client::open(over, port, path, &headers).await.unwrap();
            assert_eq!(client.reply.selected(), selected, "{over:?} {offers}");
            assert!(!format!("{:?}", client.reply).contains("ZXlK"));
        }
    }
}

#[tokio::test]
async fn nobody_comes_in_without_the_token() {
    let port = start().await;
    let other_token = "base64url.bearer.authorization.k8s.io.b3RoZXI";
    for over in BOTH {
        for (path, name) in [(EXEC, "v5.channel.k8s.io"), (FORWARD, TUNNEL)] {
            for (offers, status) in [
                (format!("{name}, {OFFER}"), over.completed().as_u16()),
                (name.to_owned(), 401),
                (format!("{name}, {other_token}"), 401),
                (format!("{name}, {OFFER}="), 400),
                (format!("{name}, {OFFER}, {OFFER}"), 400),
                (OFFER.to_owned(), 400),
            ] {
                let reply = over.handshake(port, path, &[&offers]).await;
                assert_eq!(reply.status, status, "{over:?} {offers}");
                assert!(!reply.body.contains("ZXlK"), "{}", reply.body);
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_spoken_is_refused() {
    let port = start().await;
    for over in BOTH {
        for (path, offers, reason) in [
            (
                EXEC,
                "channel.k8s.io",
                "Offer one of these: v5.channel.k8s.io, v4.channel.k8s.io",
            ),
            (EXEC, "", "Offer one of these: v5"),
            (
                FORWARD,
                "portforward.k8s.io",
                "Offer this one: SPDY/3.1+portforward.k8s.io",
            ),
            // It is this one non-token that may be offered, here.
            (EXEC, TUNNEL, "Element 1 of"),
            (FORWARD, "SPDY/3.2+portforward.k8s.io", "Element 1 of"),
        ] {
            let reply = over.handshake(port, path, &[offers]).await;
            assert_eq!(reply.status, 400, "{offers}");
            assert!(reply.body.contains(reason), "{offers}: {}", reply.body);
        }
    }
}

#[tokio::test]
async fn in_v5_the_end_of_the_input_ends_the_command() {
    let port = start().await;
    for over in BOTH {
        let offers = format!("{OFFER}, v5.channel.k8s.io");
        let mut client = Client::offer(over, port, EXEC, &offers).await.unwrap();
        assert_eq!(client.binary().await, [1]);
        client
            .send(Message::binary(&b"\x04{\"Width\":80,\"Height\":24}"[..]))
            .await;
        client.send(Message::binary(&b""[..])).await;
        client.send(Message::binary(&b"\xff\x04"[..])).await;
        client.send(Message::binary(&b"\0one\n"[..])).await;
        assert_eq!(client.binary().await, b"\x01one\n");
        client.send(Message::binary(&b"\xff\0"[..])).await;
        let status = b"\x03{\"metadata\":{},\"status\":\"Success\"}";
        assert_eq!(client.binary().await, status);
        assert_eq!(client.closed().await, (1000, String::new()));
    }
}

#[tokio::test]
async fn in_v4_the_input_has_no_end() {
    let port = start().await;
    for over in BOTH {
        let offers = format!("{OFFER}, v4.channel.k8s.io, v5.channel.k8s.io");
        let mut client = Client::offer(over, port, EXEC, &offers).await.unwrap();
        assert_eq!(client.binary().await, [1]);
        client.send(Message::binary(&b"\xff\0"[..])).await;
        client.send(Message::binary(&b"\0two\n"[..])).await;
        assert_eq!(client.binary().await, b"\x01two\n");
    }
}

#[tokio::test]
async fn what_goes_through_the_tunnel_comes_back() {
    let port = start().await;
    for over in BOTH {
        let offers = format!("{TUNNEL}, {OFFER}");
        let mut client = Client::offer(over, port, FORWARD, &offers).await.unwrap();
        client.send(Message::binary(&b"\x80\x03\0\x04"[..])).await;
        assert_eq!(client.binary().await, b"\x80\x03\0\x04");
    }
}

#[tokio::test]
async fn the_page_says_how_to_connect() {
    let port = start().await;
    let page = http1::page(port).await;
    assert!(page.contains("v5.channel.k8s.io"));
}
