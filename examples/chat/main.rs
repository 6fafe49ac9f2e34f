//! A chat room in two versions, to try subprotocol negotiation by hand.
//!
//! `cargo run --example chat` serves the page on a free port, and
//! `cargo run --example chat 3000` on port 3000. Open the address that it prints in two
//! tabs. With `--features tracing` the log has the events of the layers.

mod app;
mod exchanges;
mod room;
mod wire;

use std::{env, io};

use tokio::net::TcpListener;
use tracing::Level;

#[tokio::main]
async fn main() -> io::Result<()> {
    tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_writer(io::stderr)
        .init();
    let port = env::args().nth(1).unwrap_or_else(|| "0".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app::app()).await
}
