//! The example `chat`, with real clients.

#[path = "../examples/chat/app.rs"]
mod app;
#[path = "../examples/chat/exchanges.rs"]
mod exchanges;
#[path = "../examples/chat/room.rs"]
mod room;
#[path = "../examples/chat/wire.rs"]
mod wire;

use std::{future::Future, net::SocketAddr, time::Duration};

use axum::http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{COOKIE, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION},
};
use bytes::Bytes;
use futures_util::{SinkExt, Stream, StreamExt};
use http_body_util::{BodyExt, Empty};
use hyper::{body::Incoming, client::conn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, TcpStream},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        error::{ProtocolError, SubProtocolError},
        protocol::{CloseFrame, Role, frame::coding::CloseCode},
    },
};

/// Waits, but not for ever.
async fn soon<F: Future>(future: F) -> F::Output {
    let limit = Duration::from_secs(5);
    let waited = tokio::time::timeout(limit, future).await;
    waited.expect("it should take less than five seconds")
}

async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, app::app()).await });
    address
}

/// A handshake that offers `offers`; no header if they are empty.
fn handshake(server: SocketAddr, path: &str, offers: &str) -> Request<()> {
    let url = format!("ws://{server}/chat/{path}");
    let mut request = url.into_client_request().unwrap();
    if !offers.is_empty() {
        let offers = HeaderValue::from_str(offers).unwrap();
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, offers);
    }
    request
}

type Client = WebSocketStream<TcpStream>;

async fn send(request: Request<()>) -> Result<(Client, Response<Option<Vec<u8>>>), Error> {
    let server = request.uri().authority().unwrap().as_str();
    let stream = soon(TcpStream::connect(server)).await?;
    soon(client_async(request, stream)).await
}

async fn join(server: SocketAddr, path: &str, offers: &str) -> Client {
    let (client, _) = send(handshake(server, path, offers)).await.unwrap();
    client
}

async fn selected(server: SocketAddr, path: &str, offers: &str) -> Option<String> {
    let (_, reply) = send(handshake(server, path, offers)).await.unwrap();
    let name = reply.headers().get(SEC_WEBSOCKET_PROTOCOL)?;
    Some(name.to_str().unwrap().to_owned())
}

async fn refusal(server: SocketAddr, path: &str, offers: &str) -> (StatusCode, String) {
    match send(handshake(server, path, offers)).await {
        Err(Error::Http(reply)) => {
            let body = reply.body().clone().unwrap_or_default();
            (reply.status(), String::from_utf8(body).unwrap())
        }
        other => panic!("{path} should refuse {offers:?}: {other:?}"),
    }
}

async fn say<S>(client: &mut WebSocketStream<S>, text: &str)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    soon(client.send(Message::text(text))).await.unwrap();
}

async fn next<S>(client: &mut S) -> Message
where
    S: Stream<Item = Result<Message, Error>> + Unpin,
{
    soon(client.next()).await.unwrap().unwrap()
}

/// The next frame of a client of v1.
async fn line<S>(client: &mut S) -> String
where
    S: Stream<Item = Result<Message, Error>> + Unpin,
{
    next(client).await.into_text().unwrap().to_string()
}

/// The next frame of a client of v2, without the time, which must be a number.
async fn object<S>(client: &mut S) -> Value
where
    S: Stream<Item = Result<Message, Error>> + Unpin,
{
    let mut object: Value = serde_json::from_str(&line(client).await).unwrap();
    let at = object.as_object_mut().unwrap().remove("at");
    assert!(at.is_some_and(|at| at.is_u64()), "{object}");
    object
}

async fn close_code(client: &mut Client) -> Option<CloseCode> {
    loop {
        if let Message::Close(frame) = next(client).await {
            return frame.map(|CloseFrame { code, .. }| code);
        }
    }
}

async fn get(server: SocketAddr, path: &str) -> (StatusCode, String) {
    let stream = soon(TcpStream::connect(server)).await.unwrap();
    let (mut sender, connection) = soon(conn::http1::handshake(TokioIo::new(stream)))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = Request::get(path).header("host", "localhost");
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    text(soon(sender.send_request(request)).await.unwrap()).await
}

async fn text(response: Response<Incoming>) -> (StatusCode, String) {
    let status = response.status();
    let body = soon(response.collect()).await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn exchange(server: SocketAddr, tab: &str) -> Value {
    let (status, body) = get(server, &format!("/exchanges/{tab}")).await;
    assert_eq!(status, StatusCode::OK);
    serde_json::from_str(&body).unwrap()
}

/// The values of one header in a recorded head.
fn values<'a>(head: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = head["headers"].as_array().unwrap().iter();
    let named = headers.filter(|header| header[0] == name);
    named.map(|header| header[1].as_str().unwrap()).collect()
}

#[tokio::test]
async fn both_versions_talk_in_one_room() {
    let server = start().await;
    let mut ann = join(server, "client/never?name=Ann", "chat.v2").await;
    let ann_joined = json!({ "kind": "joined", "from": "Ann" });
    assert_eq!(object(&mut ann).await, ann_joined);

    let mut bob = join(server, "server/always?name=Bob", "chat.v1").await;
    assert_eq!(line(&mut bob).await, "* Bob joined");
    let bob_joined = json!({ "kind": "joined", "from": "Bob" });
    assert_eq!(object(&mut ann).await, bob_joined);

    say(&mut ann, r#"{"text":"hi, Bob"}"#).await;
    let to_bob = json!({ "kind": "message", "from": "Ann", "text": "hi, Bob" });
    assert_eq!(object(&mut ann).await, to_bob);
    assert_eq!(line(&mut bob).await, "Ann: hi, Bob");

    say(&mut bob, r#"{"text":"hi"}"#).await;
    let to_ann = json!({ "kind": "message", "from": "Bob", "text": r#"{"text":"hi"}"# });
    assert_eq!(object(&mut ann).await, to_ann);
    assert_eq!(line(&mut bob).await, r#"Bob: {"text":"hi"}"#);

    soon(ann.close(None)).await.unwrap();
    assert_eq!(line(&mut bob).await, "* Ann left");
    assert_eq!(close_code(&mut ann).await, None);
}

#[tokio::test]
async fn the_route_says_whose_preference_decides() {
    let server = start().await;
    let oldest_first = "chat.v9, chat.v1, chat.v2";
    let by_client = selected(server, "client/never", oldest_first).await;
    assert_eq!(by_client.as_deref(), Some("chat.v1"));
    let by_server = selected(server, "server/never", oldest_first).await;
    assert_eq!(by_server.as_deref(), Some("chat.v2"));
}

#[tokio::test]
async fn the_route_says_what_is_required() {
    let server = start().await;
    for prefer in ["client", "server"] {
        for require in ["never", "if-offered"] {
            let path = format!("{prefer}/{require}");
            assert_eq!(selected(server, &path, "").await, None, "{path}");
        }
        for (require, offers) in [
            ("if-offered", "chat.v9"),
            ("always", "chat.v9"),
            ("always", ""),
        ] {
            let path = format!("{prefer}/{require}");
            let (status, text) = refusal(server, &path, offers).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
            assert!(text.contains("chat.v2, chat.v1"), "{path}: {text}");
        }
    }
}

/// As in a browser, it is the client that closes the socket.
#[tokio::test]
async fn a_client_that_offered_names_wants_one_selected() {
    const NOTHING_SELECTED: ProtocolError =
        ProtocolError::SecWebSocketSubProtocolError(SubProtocolError::NoSubProtocol);

    let server = start().await;
    let reply = send(handshake(server, "client/never?tab=a1", "chat.v9")).await;
    assert!(matches!(reply, Err(Error::Protocol(cause)) if cause == NOTHING_SELECTED));
    assert_eq!(exchange(server, "a1").await["reply"]["status"], 101);
}

#[tokio::test]
async fn a_client_that_offers_nothing_speaks_v1() {
    let server = start().await;
    let mut client = join(server, "client/never", "").await;
    assert_eq!(line(&mut client).await, "* guest-1 joined");
    say(&mut client, "hi").await;
    assert_eq!(line(&mut client).await, "guest-1: hi");
}

#[tokio::test]
async fn what_a_version_does_not_have_closes_the_socket_with_a_reason() {
    let server = start().await;
    for malformed in ["hi", "{}", r#"{"text":1}"#] {
        let mut client = join(server, "client/never", "chat.v2").await;
        say(&mut client, malformed).await;
        assert_eq!(close_code(&mut client).await, Some(CloseCode::Invalid));
    }
    for version in ["chat.v1", "chat.v2"] {
        let mut client = join(server, "client/never", version).await;
        soon(client.send(Message::binary("hi"))).await.unwrap();
        assert_eq!(close_code(&mut client).await, Some(CloseCode::Unsupported));
    }
}

#[tokio::test]
async fn a_message_that_is_too_long_reaches_nobody() {
    let server = start().await;
    let mut ann = join(server, "client/never?name=Ann", "chat.v1").await;
    assert_eq!(line(&mut ann).await, "* Ann joined");
    let mut bob = join(server, "client/never?name=Bob", "chat.v1").await;
    assert_eq!(line(&mut bob).await, "* Bob joined");

    say(&mut ann, &"a".repeat(room::LONGEST_MESSAGE)).await;
    assert!(line(&mut bob).await.starts_with("Ann: aaa"));
    say(&mut ann, &"a".repeat(room::LONGEST_MESSAGE + 1)).await;
    assert_eq!(line(&mut bob).await, "* Ann left");
}

/// More is said than the buffers between the room and a reader can hold.
#[tokio::test]
async fn a_slow_reader_misses_messages_and_stays() {
    const SAID: usize = 5_000;

    let server = start().await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let stream = soon(socket.connect(server)).await.unwrap();
    let request = handshake(server, "client/never?name=Slow", "chat.v1");
    let (mut slow, _) = soon(client_async(request, stream)).await.unwrap();
    assert_eq!(line(&mut slow).await, "* Slow joined");

    let mut ann = join(server, "client/never?name=Ann", "chat.v1").await;
    assert_eq!(line(&mut ann).await, "* Ann joined");
    let padding = "a".repeat(4_000);
    for count in 0..SAID {
        say(&mut ann, &format!("{count} {padding}")).await;
        assert!(line(&mut ann).await.starts_with(&format!("Ann: {count} ")));
    }

    // Where the kernel takes in all 20 MB for it, it misses none, and stays too.
    let last = format!("Ann: {} ", SAID - 1);
    while !line(&mut slow).await.starts_with(&last) {}
    say(&mut slow, "done").await;
    assert_eq!(line(&mut ann).await, "Slow: done");
}

#[tokio::test]
async fn an_exchange_shows_both_heads() {
    let server = start().await;
    let path = "client/never?name=Ann&tab=a1";
    let mut request = handshake(server, path, " chat.v9,chat.v1 ,, chat.v2");
    let headers = request.headers_mut();
    headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("chat.v3"));
    headers.insert(COOKIE, HeaderValue::from_static("session=1"));
    headers.insert("x-cafe", HeaderValue::from_bytes(b"caf\xe9").unwrap());
    send(request).await.unwrap();

    let Value::Object(exchange) = exchange(server, "a1").await else {
        panic!("an exchange is an object");
    };
    let (request, reply) = (&exchange["request"], &exchange["reply"]);
    let line = format!("GET /chat/{path} HTTP/1.1");
    assert_eq!(request["line"], line);
    assert_eq!(
        values(request, "sec-websocket-protocol"),
        ["chat.v9,chat.v1 ,, chat.v2", "chat.v3"]
    );
    assert_eq!(values(request, "cookie"), ["(not shown)"]);
    assert_eq!(values(request, "x-cafe"), [r"caf\xe9"]);
    assert_eq!(reply["line"], "HTTP/1.1 101 Switching Protocols");
    assert_eq!(values(reply, "sec-websocket-protocol"), ["chat.v1"]);
}

#[tokio::test]
async fn an_exchange_shows_why_a_handshake_was_refused() {
    let server = start().await;
    let path = "client/always?tab=a1";
    let (_, text) = refusal(server, path, "chat.v9").await;
    let reply = &exchange(server, "a1").await["reply"];
    assert_eq!(reply["status"], 400);
    assert_eq!(reply["text"], text);
    assert_eq!(values(reply, "sec-websocket-protocol"), [""; 0]);
}

#[tokio::test]
async fn only_named_tabs_are_recorded() {
    let server = start().await;
    let long = "a".repeat(65);
    for query in ["", &format!("?tab={long}")] {
        join(server, &format!("client/never{query}"), "chat.v1").await;
    }
    for tab in ["a1", &long] {
        let (status, _) = get(server, &format!("/exchanges/{tab}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{tab}");
    }
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let server = start().await;
    let (status, page) = get(server, "/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("<title>Subprotocol chat</title>"));
    for elsewhere in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
}

#[tokio::test]
async fn http_2_is_spoken_on_the_same_port() {
    let server = start().await;
    let stream = TokioIo::new(soon(TcpStream::connect(server)).await.unwrap());
    let handshake = conn::http2::handshake(TokioExecutor::new(), stream);
    let (mut sender, connection) = soon(handshake).await.unwrap();
    tokio::spawn(connection);

    // The client may not send an extended CONNECT before it has the server's
    // settings, and has them when it has the page.
    let page = Request::get(format!("http://{server}/")).body(Empty::<Bytes>::new());
    let page = soon(sender.send_request(page.unwrap())).await.unwrap();
    assert_eq!(text(page).await.0, StatusCode::OK);

    let handshake = Request::builder()
        .method(Method::CONNECT)
        .uri(format!("http://{server}/chat/server/always?name=Ann"))
        .extension(hyper::ext::Protocol::from_static("websocket"))
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_PROTOCOL, "chat.v1, chat.v2")
        .body(Empty::<Bytes>::new());
    let reply = soon(sender.send_request(handshake.unwrap())).await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    assert_eq!(reply.headers()[SEC_WEBSOCKET_PROTOCOL], "chat.v2");

    let stream = TokioIo::new(soon(hyper::upgrade::on(reply)).await.unwrap());
    let mut ann = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
    let joined = json!({ "kind": "joined", "from": "Ann" });
    assert_eq!(object(&mut ann).await, joined);
    say(&mut ann, r#"{"text":"hi"}"#).await;
    let message = json!({ "kind": "message", "from": "Ann", "text": "hi" });
    assert_eq!(object(&mut ann).await, message);
}
