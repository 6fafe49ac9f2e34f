//! A remote command, which here is always `cat`.
//!
//! Messages are binary. The first byte of each says which stream the others belong
//! to, as if it were a file descriptor:
//!
//! | | |
//! | --- | --- |
//! | 0, 1, 2 | standard input, output and error |
//! | 3 | how the command ended, in JSON |
//! | 4 | the size of the terminal, in JSON |
//! | 255 | `v5.channel.k8s.io` only: the next byte names a stream that has ended |
//!
//! So with v4 a client can't end the command's input but by closing the socket,
//! and then never learns how the command ended.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use serde::Deserialize;

/// Both versions, by the names that a client offers.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum Channels {
    #[serde(rename = "v5.channel.k8s.io")]
    V5,
    #[serde(rename = "v4.channel.k8s.io")]
    V4,
}

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STATUS: u8 = 3;
const END: u8 = 255;

const SUCCESS: &[u8] = br#"{"metadata":{},"status":"Success"}"#;

const ENDED: CloseFrame = CloseFrame {
    code: close_code::NORMAL,
    reason: Utf8Bytes::from_static(""),
};

/// Writes out what it reads, until its input ends.
pub(crate) async fn cat(mut socket: WebSocket, channels: Channels) -> Result<(), axum::Error> {
    // As the API server does, to tell that the command runs.
    write(&mut socket, STDOUT, b"").await?;

    while let Some(message) = socket.recv().await {
        let Message::Binary(message) = message? else {
            continue;
        };
        match (&message[..], channels) {
            ([STDIN, input @ ..], _) => write(&mut socket, STDOUT, input).await?,
            ([END, STDIN], Channels::V5) => {
                write(&mut socket, STATUS, SUCCESS).await?;
                socket.send(Message::Close(Some(ENDED))).await?;
            }
            // `cat` doesn't mind the size of the terminal.
            _ => {}
        }
    }
    Ok(())
}

async fn write(socket: &mut WebSocket, stream: u8, bytes: &[u8]) -> Result<(), axum::Error> {
    let message = [&[stream], bytes].concat();
    socket.send(Message::binary(message)).await
}
