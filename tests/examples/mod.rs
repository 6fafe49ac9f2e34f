//! The examples, as programs that real clients speak to. `cargo test` builds them first.

mod bearer;
mod chat;
mod config;

use std::{
    env,
    io::{self, BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
};

use crate::support::http1;

/// A running example.
pub struct Example {
    program: Program,
    port: u16,
    /// Read all the time, because a full pipe stops the program.
    log: JoinHandle<io::Result<String>>,
}

impl Example {
    /// Starts an example on a free port, and reads its port from what it prints.
    pub fn start(name: &str) -> Self {
        let mut command = command(name);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("run `cargo build --examples`");
        let mut program = Program(child);
        let mut line = String::new();
        let stdout = program.0.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("listening on http://127.0.0.1:");
        let port = port.unwrap_or_else(|| panic!("{line:?}")).parse().unwrap();
        let stderr = program.0.stderr.take().unwrap();
        let log = thread::spawn(|| io::read_to_string(stderr));
        Self { program, port, log }
    }

    /// Ends the program, and returns what it has logged.
    pub fn end(self) -> String {
        drop(self.program);
        self.log.join().unwrap().unwrap()
    }
}

/// A program that ends with its owner.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program of an example, which cargo puts beside the folder of this one.
fn command(name: &str) -> Command {
    let this = env::current_exe().unwrap();
    let target = this.parent().and_then(|deps| deps.parent()).unwrap();
    Command::new(target.join("examples").join(name))
}

/// The page at `/`.
async fn page(port: u16) -> String {
    let request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut connection = http1::Connection::open(port).await;
    let page = connection.exchange(request).await;
    assert_eq!(page.status, 200);
    page.body
}

#[tokio::test]
async fn pages_need_nothing_from_elsewhere() {
    for (name, title) in [
        ("bearer", "Log in to a WebSocket"),
        ("chat", "Subprotocol chat"),
        ("config", "Routes from a file"),
    ] {
        let example = Example::start(name);
        let page = page(example.port).await;
        assert!(page.contains(&format!("<title>{title}</title>")), "{name}");
        assert!(page.contains("prefers-color-scheme: dark"), "{name}");
        for elsewhere in ["http://", "https://", "src=", "@import", "url(", "{{"] {
            assert!(!page.contains(elsewhere), "{name}: {elsewhere}");
        }
    }
}

#[test]
fn a_port_can_be_chosen() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().port().to_string();
    for name in ["bearer", "chat", "config"] {
        for (port, reason) in [(&*taken, "in use"), ("x", "invalid"), ("65536", "invalid")] {
            let output = command(name).arg(port).output().unwrap();
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{name}: {error}");
            assert!(error.contains(reason), "{name}: {error}");
        }
    }
}
