//! Chromium and Firefox, as a page and its user see them.

mod chat;
mod sockets;

use axum_subprotocol_interop::path;
use tokio::process::Command;

fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(path(script));
    command
}
