//! hyper and Tower, and this crate without its feature `axum`: the program in
//! `plain-hyper`.

use std::process::Stdio;

use axum_subprotocol_interop::{Daemon, path};
use tokio::process::Command;
use tokio_tungstenite::tungstenite::Error;

use crate::{client::visit, expect_what_is_selected};

fn cargo(subcommand: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([subcommand, "--locked", "--quiet", "--package"]);
    cargo.args(["axum-subprotocol-plain-hyper", "--manifest-path"]);
    cargo.arg(path("Cargo.toml")).stderr(Stdio::inherit());
    cargo
}

#[tokio::test]
async fn it_speaks_what_is_selected() {
    let tree = cargo("tree").args(["--edges", "normal"]).output().await;
    let tree = String::from_utf8(tree.unwrap().stdout).unwrap();
    assert!(tree.contains("axum-subprotocol v"), "{tree}");
    assert!(!tree.contains("axum-core"), "{tree}");

    let mut server = Daemon::start(&mut cargo("run"));
    let port = server.line().await.parse().unwrap();
    expect_what_is_selected(port, "/").await;

    let error = visit(port, "/", "mqtt").await.unwrap_err();
    let Error::Http(response) = error else {
        panic!("{error}");
    };
    assert_eq!(response.status(), 400);
}
