//! The servers' processes.

use std::{env, net::SocketAddr};

use axum_subprotocol_interop::{Daemon, path};
use tokio::process::Command;

/// A server that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) title: String,
    pub(crate) address: SocketAddr,
    _process: Daemon,
}

/// The place of axum alone among the programs.
pub(crate) const AXUM_ALONE: usize = 1;

impl Program {
    pub(crate) async fn start_all() -> [Self; 5] {
        let itself = env::current_exe().expect("this program has a path");
        [
            Self::start(Command::new(&itself).arg("layer")).await,
            Self::start(Command::new(&itself).arg("axum")).await,
            Self::start(Command::new("node").arg(path("throughput/node.mjs"))).await,
            Self::start(&mut Command::new(path("throughput/gorilla"))).await,
            Self::start(Command::new(path(".venv/bin/python")).arg(path("throughput/python.py")))
                .await,
        ]
    }

    /// Starts a server, whose first line is its address and its title.
    async fn start(command: &mut Command) -> Self {
        let mut process = Daemon::start(command);
        let line = process.line().await;
        let (address, title) = line.split_once(' ').expect("an address and a title");
        Self {
            title: title.to_owned(),
            address: address.parse().expect("an address"),
            _process: process,
        }
    }
}
