//! The sockets of the Kubernetes API server, with nothing behind them: `exec` is
//! an echo, and so is `portforward`.
//!
//! `cargo run --example kubernetes` serves them on a free port, and
//! `cargo run --example kubernetes 3000` on the given one. Open the address that
//! it prints to see how a client connects.

mod app;
mod auth;
mod exec;

use std::{env, net::Ipv4Addr, process::ExitCode};

use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let argument = env::args_os().nth(1).unwrap_or_else(|| "0".into());
    let Some(port) = argument.to_str().and_then(|port| port.parse().ok()) else {
        eprintln!("{argument:?} is not a port: give a number up to 65535, or none for a free port");
        return ExitCode::from(2);
    };
    match serve(port).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("port {port} cannot be served: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(port: u16) -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app::app()).await
}
