//! What the tests with real programs have in common: a server that keeps a
//! record of its handshakes, a client to send through proxies, and programs that
//! end when their test does.

mod client;
pub mod frameworks;
mod handshakes;
mod program;
mod server;
mod tls;

pub use self::{
    client::{Outcome, Over},
    handshakes::Handshake,
    program::{Daemon, path, report},
    server::Server,
    tls::{Connection, tls},
};

/// The examples of the chapter are servers of these frameworks, and are run here.
#[cfg(doctest)]
#[doc = include_str!("../../../src/guide/frameworks.md")]
struct Frameworks;
