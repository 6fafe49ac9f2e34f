//! The routes, and a layer for each of them.

use axum::{
    Router,
    extract::{Query, State, WebSocketUpgrade},
    middleware::from_fn_with_state,
    response::{Html, Response},
    routing::{any, get},
};
use axum_subprotocol::{Preference, Require, SelectedSubprotocol, SubprotocolLayer};
use serde::Deserialize;

use crate::{
    exchanges::{self, Exchanges},
    room::{LONGEST_MESSAGE, Room},
};

/// The versions of the chat, newest first, under the names that a client offers.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) enum Chat {
    /// JSON, with a sender and a time.
    #[serde(rename = "chat.v2")]
    V2,
    /// Plain text.
    #[serde(rename = "chat.v1")]
    V1,
}

/// The page, the room, and the record of the handshakes.
pub(crate) fn app() -> Router {
    let exchanges = Exchanges::default();
    let recorder = from_fn_with_state(exchanges.clone(), exchanges::record);
    Router::new()
        .route("/", get(page))
        .route("/exchanges/{tab}", get(exchanges::show))
        .with_state(exchanges)
        .merge(chat_routes().route_layer(recorder))
}

/// One room behind a route for each combination of settings, such as
/// `/chat/server/if-offered`. An application has one route.
///
/// The routes use `any` and not `get`, because a handshake is a `CONNECT` on HTTP/2.
fn chat_routes() -> Router {
    let preferences = [
        ("client", Preference::Client),
        ("server", Preference::Server),
    ];
    let requirements = [
        ("never", Require::Never),
        ("if-offered", Require::IfOffered),
        ("always", Require::Always),
    ];

    let mut routes = Router::new();
    for (prefer, preference) in preferences {
        for (require, requirement) in requirements {
            let layer = SubprotocolLayer::of::<Chat>()
                .prefer(preference)
                .require(requirement);
            let path = format!("/chat/{prefer}/{require}");
            routes = routes.route(&path, any(chat).layer(layer));
        }
    }
    routes.with_state(Room::default())
}

async fn page() -> Html<String> {
    Html(include_str!("index.html").replace("/* style.css */", include_str!("../style.css")))
}

#[derive(Deserialize)]
struct Visitor {
    #[serde(default)]
    name: String,
}

/// Lets a client into the room.
///
/// With [`Require::Never`] and [`Require::IfOffered`] nothing may be selected. The room
/// speaks the first version with such a client.
async fn chat(
    State(room): State<Room>,
    Query(visitor): Query<Visitor>,
    version: Option<SelectedSubprotocol<Chat>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let version = version.map_or(Chat::V1, |SelectedSubprotocol(version)| version);
    let name = room.name(&visitor.name);
    upgrade
        .max_message_size(LONGEST_MESSAGE)
        .max_frame_size(LONGEST_MESSAGE)
        .on_upgrade(move |socket| room.host(socket, version, name))
}
