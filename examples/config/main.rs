//! Routes and their subprotocols from a TOML file.
//!
//! `cargo run --example config` serves those of `routes.toml` beside this file on
//! a free port, and `cargo run --example config 3000 my-routes.toml` those of
//! another file on the given port. Break something in the file, and see what you
//! are told.

mod app;
mod file;

use std::{env, net::Ipv4Addr, path::PathBuf, process::ExitCode};

use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let argument = arguments.next().unwrap_or_else(|| "0".into());
    let Some(port) = argument.to_str().and_then(|port| port.parse().ok()) else {
        eprintln!("{argument:?} is not a port: give a number up to 65535, or 0 for a free port");
        return ExitCode::from(2);
    };
    let path = arguments.next().map_or_else(default_file, PathBuf::from);

    let routes = match file::read(&path) {
        Ok(routes) => routes,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match serve(port, routes).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("port {port} cannot be served: {error}");
            ExitCode::FAILURE
        }
    }
}

fn default_file() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/examples/config/routes.toml").into()
}

async fn serve(port: u16, routes: file::Routes) -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app::app(routes)).await
}
