//! A server on a free port, and clients that put bytes on the wire.

pub mod app;
pub mod check;
pub mod exchange;
pub mod http1;
pub mod http2;
mod over;
pub mod panics;
pub mod random;

use axum::Router;
use tokio::net::TcpListener;

pub use self::over::{BOTH, Over, Reply, in_time};

/// Serves `app`, and returns the port.
pub async fn serve(app: Router) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(axum::serve(listener, app).into_future());
    port
}
