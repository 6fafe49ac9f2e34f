//! Routes and their subprotocols from a TOML file.
//!
//! `cargo run --example config` serves the routes of `routes.toml` beside this file on a
//! free port, and `cargo run --example config 3000 my-routes.toml` those of another file
//! on port 3000. Open the address that it prints. With `--features tracing` the log has
//! the events of the layers.

use std::{
    collections::BTreeMap, env, error::Error, fs, io, net::SocketAddr, path::PathBuf,
    process::ExitCode,
};

use axum::{
    Extension, Json, Router,
    extract::{
        State,
        ws::{Message, WebSocketUpgrade},
    },
    http::{HeaderMap, HeaderValue, StatusCode},
    response::{Html, Response},
    routing::{any, get},
};
use axum_subprotocol::{
    CredentialFromOffers, OfferedCredentialLayer, SelectedSubprotocol, SubprotocolLayer,
};
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tracing::Level;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    credential: Option<OfferedCredentialLayer>,
    routes: BTreeMap<RoutePath, SubprotocolLayer>,
}

/// The path of a route. axum panics on a malformed one, so the file has plain ones only.
#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
struct RoutePath(String);

impl TryFrom<String> for RoutePath {
    type Error = String;

    fn try_from(path: String) -> Result<Self, String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        match path.strip_prefix('/') {
            Some(rest) if !rest.is_empty() && rest.chars().all(is_plain) => Ok(Self(path)),
            _ => Err(format!(
                "{path:?} is not the path of a route: write one like \"/chat\", of letters, digits \
                 and -._~/"
            )),
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_writer(io::stderr)
        .init();
    let mut arguments = env::args().skip(1);
    let port = arguments.next().unwrap_or_else(|| "0".to_owned());
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/config/routes.toml");
    let path = arguments
        .next()
        .map_or_else(|| default.into(), PathBuf::from);
    match serve(&port, &path).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(port: &str, path: &PathBuf) -> Result<(), Box<dyn Error>> {
    let describe = |error: &dyn Error| format!("{}: {error}", path.display());
    let file = fs::read_to_string(path).map_err(|error| describe(&error))?;
    let config = toml::from_str(&file).map_err(|error| describe(&error))?;
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let address = listener.local_addr()?;
    println!("listening on http://{address}");
    axum::serve(listener, app(config, page(&file)?, address)).await?;
    Ok(())
}

fn app(config: Config, page: String, address: SocketAddr) -> Router {
    let mut routes = Router::new();
    for (RoutePath(path), layer) in config.routes {
        routes = routes.route(&path, any(echo).layer(layer));
    }
    if let Some(layer) = config.credential {
        routes = routes.layer(layer);
    }
    // No path of a file is "/".
    let page = get(async || Html(page)).put(check).post(attempt);
    routes.route("/", page).with_state(address)
}

/// Sends back what the client sends, after the selected name. For the page, the reply names
/// the header that the credential layer has filled.
async fn echo(
    selected: Option<SelectedSubprotocol>,
    mark: Option<Extension<CredentialFromOffers>>,
    headers: HeaderMap,
    ws: WebSocketUpgrade,
) -> Response {
    let mut response = ws.on_upgrade(async move |mut socket| {
        let name = match &selected {
            Some(SelectedSubprotocol(name)) => name.as_str(),
            None => "no subprotocol",
        };
        while let Some(Ok(message)) = socket.recv().await {
            if let Message::Text(text) = message {
                let _ = socket.send(format!("{name}: {text}").into()).await;
            }
        }
    });
    let mut headers = headers.iter();
    let filled = mark.and_then(|mark| headers.find(|(name, _)| mark.contains(name)));
    if let Some((name, value)) = filled {
        let shown = format!("{name} ({} bytes)", value.len());
        let shown = HeaderValue::try_from(shown).expect("a header's name is ASCII");
        response.headers_mut().insert("x-from-offers", shown);
    }
    response
}

/// The page, with the tables of the file.
fn page(file: &str) -> Result<String, Box<dyn Error>> {
    let tables = serde_json::to_string(&toml::from_str::<toml::Table>(file)?)?;
    Ok(include_str!("index.html")
        .replace("/* style.css */", include_str!("../style.css"))
        // In a script, "<" could end it.
        .replace("{{tables}}", &tables.replace('<', "\\u003c")))
}

/// Says what is wrong with a file that the page sends.
async fn check(file: String) -> String {
    match toml::from_str::<Config>(&file) {
        Ok(_) => "The file has no mistake.".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Makes a handshake with this server, and returns the reply as it is sent. The page can't
/// do so: a browser sends no malformed offers, and hides the reply.
async fn attempt(
    State(server): State<SocketAddr>,
    Json((path, offers)): Json<(String, String)>,
) -> Result<String, (StatusCode, String)> {
    let handshake = format!(
        "GET {path} HTTP/1.1\r\n\
         Host: {server}\r\n\
         Connection: Upgrade\r\n\
         Upgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: {offers}\r\n\r\n"
    );
    let exchange = async {
        let mut socket = TcpStream::connect(server).await?;
        socket.write_all(handshake.as_bytes()).await?;
        // The reply is short, and is sent in one piece.
        let mut reply = vec![0; 4096];
        let length = socket.read(&mut reply).await?;
        io::Result::Ok(String::from_utf8_lossy(&reply[..length]).into_owned())
    };
    exchange
        .await
        .map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
}
