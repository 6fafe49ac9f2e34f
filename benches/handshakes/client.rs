//! A client that makes a handshake and checks the reply, and does nothing else.

use std::{
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// What each handshake offers.
pub(crate) const OFFERED: &str = "soap, chat.v1";

/// How many handshakes are made at a time.
const AT_A_TIME: usize = 8;

/// Makes handshakes with one server.
#[derive(Debug)]
pub(crate) struct Client(Arc<Handshake>);

impl Client {
    /// A client that expects `selected` in each reply.
    pub(crate) fn new(server: SocketAddr, selected: Option<&str>) -> Self {
        let request = format!(
            "GET /chat HTTP/1.1\r\n\
             Host: {server}\r\n\
             Upgrade: websocket\r\n\
             Connection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Protocol: {OFFERED}\r\n\r\n"
        );
        Self(Arc::new(Handshake {
            server,
            request,
            selected: selected.map(str::to_owned),
        }))
    }

    /// Makes handshakes for `time`, and returns how many that were in a second.
    pub(crate) async fn rate(&self, time: Duration) -> f64 {
        let start = Instant::now();
        let mut workers = JoinSet::new();
        for _ in 0..AT_A_TIME {
            let handshake = Arc::clone(&self.0);
            workers.spawn(async move {
                let mut made = 0_u32;
                while start.elapsed() < time {
                    handshake.make().await.expect("the server answers");
                    made += 1;
                }
                made
            });
        }
        let made: u32 = workers.join_all().await.into_iter().sum();
        f64::from(made) / start.elapsed().as_secs_f64()
    }
}

#[derive(Debug)]
struct Handshake {
    server: SocketAddr,
    request: String,
    selected: Option<String>,
}

impl Handshake {
    /// Makes one on a new connection, which the server then ends.
    async fn make(&self) -> io::Result<()> {
        let mut connection = TcpStream::connect(self.server).await?;
        connection.write_all(self.request.as_bytes()).await?;
        let mut reply = Vec::with_capacity(512);
        connection.read_to_end(&mut reply).await?;

        let reply = String::from_utf8_lossy(&reply).to_ascii_lowercase();
        let selected = reply.split_once("\r\nsec-websocket-protocol: ");
        let selected = selected.and_then(|(_, rest)| rest.lines().next());
        assert!(reply.starts_with("http/1.1 101 "), "{reply}");
        assert_eq!(selected, self.selected.as_deref(), "{reply}");
        Ok(())
    }
}
