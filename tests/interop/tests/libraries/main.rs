//! Client libraries that speak a subprotocol, each against a server that does what
//! little the library needs to deliver something.
//!
//! Each is seen to fail without the layer, or with a layer for other names.

mod credentials;
mod graphql;
mod mqtt;
mod ocpp;
mod stomp;
mod wamp;

use axum::{Router, extract::ws::WebSocket, routing::MethodRouter};
use axum_subprotocol::SubprotocolLayer;
use axum_subprotocol_interop::{path, report};
use serde_json::{Value, json};
use tokio::{net::TcpListener, process::Command};

/// Puts a route at `/with` and below, behind a layer for `names`. The same is at
/// `/without` a layer, and at `/wrong` behind a layer for another name.
fn app(route: &MethodRouter, names: &[&str]) -> Router {
    let layered = |layer| route.clone().layer(layer);
    Router::new()
        .nest_service("/without", route.clone())
        .nest_service("/wrong", layered(SubprotocolLayer::new(["wrong"])))
        .nest_service("/with", layered(SubprotocolLayer::new(names)))
}

/// A server that a program of the folder `libraries` visits.
struct Server {
    port: u16,
    program: &'static str,
}

impl Server {
    async fn start(app: Router, program: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(axum::serve(listener, app).into_future());
        Self { port, program }
    }

    /// What the program reports.
    async fn visit(&self, route: &str, arguments: &[&str]) -> Value {
        let program = path("libraries").join(self.program);
        let is_python = program.extension().is_some_and(|name| name == "py");
        let mut command = Command::new(if is_python {
            path(".venv/bin/python")
        } else {
            "node".into()
        });
        let url = format!("ws://127.0.0.1:{}{route}", self.port);
        let reports = report(command.arg(program).arg(url).args(arguments)).await;
        let [report] = <[_; 1]>::try_from(reports).expect("one report");
        report
    }

    /// Expects a handler that extracts the selected name to reject the handshake, if
    /// the route has no layer, or one for another name.
    async fn expect_failures(&self, arguments: &[&str]) {
        for (route, status) in [("/without", "500"), ("/wrong", "400")] {
            let report = self.visit(route, arguments).await;
            let error = report["error"].as_str().expect("an error");
            assert!(error.ends_with(status), "{route}: {error}");
        }
    }
}

/// Waits for the client to have everything, and to close the connection.
async fn until_closed(mut socket: WebSocket) {
    while let Some(Ok(_)) = socket.recv().await {}
}

/// A report of a delivery.
fn delivered(value: impl Into<Value>) -> Value {
    json!({ "delivered": value.into() })
}
