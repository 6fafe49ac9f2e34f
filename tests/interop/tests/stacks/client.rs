//! The client, tokio-tungstenite, which fails a handshake that selects what was
//! not offered, or nothing.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error,
        client::IntoClientRequest,
        error::{ProtocolError, SubProtocolError},
    },
};

/// Longer than anything here takes, and short enough to wait for.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a client found.
#[derive(Debug)]
pub(crate) struct Visit {
    /// The header lines of the reply.
    pub(crate) selected: Vec<String>,
    /// What came back for `hello`.
    pub(crate) said: String,
}

/// Makes a handshake, and says `hello`.
pub(crate) async fn visit(port: u16, path: &str, offers: &str) -> Result<Visit, Error> {
    let (mut socket, selected) = connect(port, path, offers).await?;
    send(&mut socket, "hello").await;
    let said = receive(&mut socket).await;
    socket.close(None).await?;
    Ok(Visit { selected, said })
}

/// Makes a handshake, and returns the socket and the header lines of the reply.
pub(crate) async fn connect(
    port: u16,
    path: &str,
    offers: &str,
) -> Result<(Socket, Vec<String>), Error> {
    let url = format!("ws://127.0.0.1:{port}{path}");
    let mut request = url.into_client_request()?;
    let headers = request.headers_mut();
    headers.insert(SEC_WEBSOCKET_PROTOCOL, offers.parse()?);
    let handshake = timeout(PATIENCE, connect_async(request)).await;
    let (socket, response) = handshake.expect("no answer")?;
    let selected = response.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let selected = selected.map(|line| line.to_str().unwrap().to_owned());
    Ok((socket, selected.collect()))
}

pub(crate) async fn send(socket: &mut Socket, text: &str) {
    socket.send(text.into()).await.unwrap();
}

pub(crate) async fn receive(socket: &mut Socket) -> String {
    let message = timeout(PATIENCE, socket.next()).await.expect("no message");
    message.unwrap().unwrap().into_text().unwrap().to_string()
}

/// What is wrong with the server's choice, which made a handshake fail.
pub(crate) fn complaint(error: &Error) -> SubProtocolError {
    let Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(complaint)) = error else {
        panic!("{error}");
    };
    *complaint
}
