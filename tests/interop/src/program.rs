//! Programs that a test starts, and that end with it.

use std::{path::PathBuf, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// Longer than any program here takes, and short enough to wait for.
const PATIENCE: Duration = Duration::from_mins(3);

/// The path of something in the folder of these tests.
#[must_use]
pub fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), name].iter().collect()
}

/// Runs a program to its end, and returns what it reports: a JSON value a line.
pub async fn report(command: &mut Command) -> Vec<Value> {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = timeout(PATIENCE, output)
        .await
        .unwrap_or_else(|_| panic!("{command:?} doesn't end"))
        .unwrap_or_else(|error| panic!("{command:?}: {error}. Try tests/interop/install"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {stderr}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// A program that runs until this is dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl Daemon {
    /// Starts a program, whose errors are shown with those of the test.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}. Try tests/interop/install"));
        let stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, stdout }
    }

    /// The next line that the program prints.
    pub async fn line(&mut self) -> String {
        let line = timeout(PATIENCE, self.stdout.next_line()).await;
        line.expect("no line").unwrap().expect("the end of stdout")
    }

    /// Panics if the program has ended.
    pub fn expect_running(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("ended: {status}");
        }
    }
}
