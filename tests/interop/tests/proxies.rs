//! Proxies between the client and the layer.

use std::{fs, time::Duration};

use axum_subprotocol_interop::{Daemon, Outcome, Over, Server, path};
use http::Version;
use tempfile::TempDir;
use tokio::{net::UnixStream, process::Command, time::sleep};

/// A proxy before `server`. Its sockets are in a folder of its own.
struct Proxy {
    server: Server,
    daemon: Daemon,
    folder: TempDir,
}

impl Proxy {
    async fn nginx() -> Self {
        let mut nginx = Command::new("/usr/sbin/nginx");
        Self::start(nginx.args(["-p", ".", "-c"]), "nginx.conf").await
    }

    async fn haproxy() -> Self {
        let mut haproxy = Command::new("/usr/sbin/haproxy");
        Self::start(haproxy.arg("-f"), "haproxy.cfg").await
    }

    async fn start(command: &mut Command, configuration: &str) -> Self {
        let server = Server::start().await;
        let folder = tempfile::tempdir().unwrap();
        let template = fs::read_to_string(path("proxies").join(configuration)).unwrap();
        let address = format!("127.0.0.1:{}", server.port);
        let filled_in = template.replace("SERVER", &address);
        fs::write(folder.path().join(configuration), filled_in).unwrap();
        let daemon = Daemon::start(command.arg(configuration).current_dir(&folder));
        Self {
            server,
            daemon,
            folder,
        }
    }

    async fn connect(&mut self, socket: &str) -> UnixStream {
        let socket = self.folder.path().join(socket);
        loop {
            if let Ok(stream) = UnixStream::connect(&socket).await {
                return stream;
            }
            self.daemon.expect_running();
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Makes handshakes through one of the proxy's sockets. `passed_on` has the
    /// header lines that come out of the proxy.
    async fn try_all(
        &mut self,
        socket: &str,
        (before, behind): (Over, Over),
        passed_on: fn(&[&str]) -> Vec<String>,
    ) {
        let version = match behind {
            Over::Http1 => Version::HTTP_11,
            Over::Http2 | Over::BareHttp2 => Version::HTTP_2,
        };
        for (path, offers, outcome) in CASES {
            let stream = self.connect(socket).await;
            let came = before.handshake(stream, path, offers).await;
            assert_eq!(came, expected(outcome), "{socket} {path} {offers:?}");

            let seen = self.server.handshake();
            assert_eq!(seen.version, version, "{socket}");
            assert_eq!(seen.offered, passed_on(offers), "{socket} {path}");
            let inward = seen.inward.unwrap_or_default();
            assert_eq!(inward, seen.selected, "{socket} {path} {offers:?}");
        }
    }
}

/// A path, header lines, and either the selected name or the text of a 400.
type Case<'a> = (&'a str, &'a [&'a str], Result<Option<&'a str>, &'a str>);

const UNSUPPORTED: &str = "None of the WebSocket subprotocols in Sec-WebSocket-Protocol is \
                           supported here. Offer one of these: chat.v2, chat.v1";
const MALFORMED: &str = "Element 3 of Sec-WebSocket-Protocol is not a subprotocol name: a space at \
                         byte 2, where only letters, digits and !#$%&'*+-.^_`|~ are allowed. Send \
                         RFC 9110 tokens, separated by commas.";

const CASES: [Case<'_>; 8] = [
    ("/chat", &["chat.v1, chat.v2"], Ok(Some("chat.v1"))),
    ("/chat", &["soap", "chat.v1, chat.v2"], Ok(Some("chat.v1"))),
    ("/chat", &["", "chat.v2,,soap"], Ok(Some("chat.v2"))),
    ("/by-server", &["chat.v1", "chat.v2"], Ok(Some("chat.v2"))),
    ("/strict", &[], Ok(None)),
    ("/chat", &["soap", "mqtt"], Ok(None)),
    ("/strict", &["soap", "mqtt"], Err(UNSUPPORTED)),
    ("/chat", &["chat.v1,", "a b"], Err(MALFORMED)),
];

fn expected(outcome: Result<Option<&str>, &str>) -> Outcome {
    match outcome {
        Ok(name) => Outcome::Completed {
            selected: name.into_iter().map(str::to_owned).collect(),
            said: format!("{}: hello", name.unwrap_or("nothing")),
        },
        Err(text) => Outcome::Refused {
            status: 400,
            text: text.to_owned(),
        },
    }
}

fn as_sent(offers: &[&str]) -> Vec<String> {
    offers.iter().copied().map(str::to_owned).collect()
}

fn on_one_line(offers: &[&str]) -> Vec<String> {
    if offers.is_empty() {
        Vec::new()
    } else {
        vec![offers.join(", ")]
    }
}

#[tokio::test]
async fn nginx() {
    let mut nginx = Proxy::nginx().await;
    let both = (Over::Http1, Over::Http1);
    nginx.try_all("http1-to-http1", both, as_sent).await;
}

#[tokio::test]
async fn haproxy_with_either_version_of_http_on_either_side() {
    let mut haproxy = Proxy::haproxy().await;
    for (socket, versions) in [
        ("http1-to-http1", (Over::Http1, Over::Http1)),
        ("http1-to-http2", (Over::Http1, Over::Http2)),
        ("http2-to-http1", (Over::Http2, Over::Http1)),
        ("http2-to-http2", (Over::Http2, Over::Http2)),
    ] {
        haproxy.try_all(socket, versions, as_sent).await;
    }
}

#[tokio::test]
async fn haproxy_that_makes_one_line_of_several() {
    let mut haproxy = Proxy::haproxy().await;
    let both = (Over::Http1, Over::Http1);
    haproxy.try_all("folded", both, on_one_line).await;
}

/// The layer can't select from lines that a proxy drops.
#[tokio::test]
async fn nginx_that_passes_on_the_first_line_alone() {
    let mut nginx = Proxy::nginx().await;
    for (offers, first, selected) in [
        (["chat.v2", "chat.v1"], "chat.v2", Some("chat.v2")),
        (["soap", "chat.v1"], "soap", None),
    ] {
        let stream = nginx.connect("by-name").await;
        let came = Over::Http1.handshake(stream, "/chat", &offers).await;
        assert_eq!(came, expected(Ok(selected)));
        assert_eq!(nginx.server.handshake().offered, [first]);
    }
}
