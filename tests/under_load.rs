//! Good, hostile and unlucky clients at once, over real sockets.

#![allow(unreachable_pub, reason = "a test has no public face")]

mod load {
    pub mod clients;
    pub mod server;
}
mod support {
    pub mod http1;
    pub mod http2;
    mod over;

    pub use over::{BOTH, Over, Reply, in_time};
}

use std::time::Instant;

use tokio::task::JoinSet;

use self::{
    load::{clients::visit, server::Server},
    support::BOTH,
};

/// Each client makes `visits` visits, one after the other, of two handshakes each.
async fn load(clients: usize, visits: usize) {
    let server = Server::start().await;
    let port = server.port;
    let start = Instant::now();
    let mut at_work = JoinSet::new();
    for client in 0..clients {
        at_work.spawn(async move {
            for number in client..client + visits {
                visit(BOTH[client % 2], port, number).await;
            }
        });
    }
    while let Some(done) = at_work.join_next().await {
        done.expect("each good client gets what it came for");
    }
    let took = start.elapsed();
    for over in BOTH {
        let reply = over.handshake(port, "/", &["v1"]).await;
        assert_eq!(reply.selected(), "v1", "the server has survived");
    }

    let (tasks, memory) = server.stop().await;
    println!(
        "{} handshakes of {clients} clients in {took:.1?}; left are {tasks} tasks, {memory:?}",
        clients * visits * 2,
    );
    assert_eq!(tasks, 0);
    // What the runtime itself keeps for the next tasks, however many there were.
    assert!(memory.bytes_current < 16 * 1024, "{memory:?}");
}

#[tokio::test]
async fn nothing_remains_of_clients_that_come_and_go() {
    load(20, 15).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute"]
async fn nothing_remains_of_fifty_thousand_handshakes() {
    load(200, 140).await;
}
