//! A server in the test's own process.

use std::convert::Infallible;

use axum::{
    Router,
    extract::{
        Path,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
    middleware::{from_fn, from_fn_with_state},
    response::{Html, Response},
    routing::{any, get},
};
use axum_subprotocol::{Preference, Require, SelectedSubprotocol, SubprotocolLayer};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::{
    handshakes::{Handshake, Handshakes, inside, outside},
    tls,
};

#[derive(Clone, Copy, Deserialize)]
enum Chat {
    #[serde(rename = "chat.v2")]
    V2,
    #[serde(rename = "chat.v1")]
    V1,
}

/// A server on a free port, over HTTP/1.1 and HTTP/2, until the test's runtime ends.
///
/// `/` is a bare page. A socket echoes each text after the name of what the
/// handler speaks: `chat.v2: hello`, or `nothing: hello`. It is at
///
/// - `/chat`, with the layer's defaults,
/// - `/by-server`, with the server's preference, for `chat.v2`,
/// - `/strict`, with [`Require::IfOffered`],
/// - `/says/{name}`, without the layer: every reply names `name`.
///
/// `/closing` has the layer's defaults, and closes each socket with 4406 and a reason.
#[derive(Debug)]
pub struct Server {
    /// On 127.0.0.1.
    pub port: u16,
    handshakes: Handshakes,
}

impl Server {
    /// Returns when connections are accepted, without TLS.
    pub async fn start() -> Self {
        let (server, listener, app) = Self::bind().await;
        tokio::spawn(axum::serve(listener, app).into_future());
        server
    }

    /// Returns when connections are accepted, over TLS alone, for the HTTP version
    /// that is named as in ALPN: `http/1.1` or `h2`.
    pub async fn start_with_tls(alpn: &'static str) -> Self {
        let (server, listener, app) = Self::bind().await;
        tokio::spawn(tls::serve(listener, alpn, app));
        server
    }

    async fn bind() -> (Self, TcpListener, Router) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let handshakes = Handshakes::default();
        let app = app(handshakes.clone());
        (Self { port, handshakes }, listener, app)
    }

    /// The URL of `path`, such as `ws://127.0.0.1:3000/chat`.
    #[must_use]
    pub fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://127.0.0.1:{}{path}", self.port)
    }

    /// The handshakes since this was last asked, and the visits of the bare page.
    #[must_use]
    pub fn handshakes(&self) -> Vec<Handshake> {
        self.handshakes.take()
    }

    /// The one handshake since this was last asked.
    #[must_use]
    pub fn handshake(&self) -> Handshake {
        let [handshake] = <[_; 1]>::try_from(self.handshakes()).expect("one handshake");
        handshake
    }
}

fn app(handshakes: Handshakes) -> Router {
    let layer = SubprotocolLayer::of::<Chat>();
    let mut sockets = Router::new();
    for (path, route, layer) in [
        ("/chat", any(echo), layer.clone()),
        (
            "/by-server",
            any(echo),
            layer.clone().prefer(Preference::Server),
        ),
        (
            "/strict",
            any(echo),
            layer.clone().require(Require::IfOffered),
        ),
        ("/closing", any(close), layer),
    ] {
        let route = route.layer::<_, Infallible>(from_fn(inside));
        sockets = sockets.route(path, route.layer(layer));
    }
    sockets
        .route("/says/{name}", any(announce))
        .route("/", get(page))
        .route_layer(from_fn_with_state(handshakes, outside))
}

async fn page() -> Html<&'static str> {
    Html("<!doctype html><title>A bare page</title><link rel=icon href=data:,>")
}

async fn echo(selected: Option<SelectedSubprotocol<Chat>>, ws: WebSocketUpgrade) -> Response {
    let spoken = match selected {
        Some(SelectedSubprotocol(Chat::V2)) => "chat.v2",
        Some(SelectedSubprotocol(Chat::V1)) => "chat.v1",
        None => "nothing",
    };
    serve(ws, spoken)
}

/// Names a subprotocol in the reply, whatever the client offers.
async fn announce(Path(name): Path<String>, ws: WebSocketUpgrade) -> Response {
    let header = HeaderValue::from_str(&name).unwrap();
    let mut response = serve(ws, "nothing");
    response
        .headers_mut()
        .insert(SEC_WEBSOCKET_PROTOCOL, header);
    response
}

async fn close(ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(async move |mut socket: WebSocket| {
        let frame = CloseFrame {
            code: 4406,
            reason: "unknown version".into(),
        };
        let _ = socket.send(Message::Close(Some(frame))).await;
        // Unread data would reset the connection, and the client might not see the code.
        while let Some(Ok(_)) = socket.recv().await {}
    })
}

fn serve(ws: WebSocketUpgrade, spoken: &'static str) -> Response {
    ws.on_upgrade(async move |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            let Message::Text(text) = message else {
                continue;
            };
            let echo = Message::text(format!("{spoken}: {text}"));
            if socket.send(echo).await.is_err() {
                return;
            }
        }
    })
}
