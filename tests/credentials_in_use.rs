//! What applications built on axum do by hand with credentials among the offers. The
//! comment of each test says what such an application needs.

use axum::{
    Extension, Router,
    extract::{
        Request,
        ws::{CloseFrame, Message as WsMessage, WebSocketUpgrade},
    },
    middleware::{Next, from_fn, map_request},
    response::Response,
    routing::any,
};
use axum_subprotocol::{
    CredentialFromOffers, Malformed, OfferedCredentialLayer, Subprotocol, SubprotocolLayer,
};
use http::{
    HeaderMap, StatusCode,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
};

use crate::support::{BOTH, serve, websocket::Client};

/// Completes the handshake, and says over the socket what the request had.
async fn say(
    headers: HeaderMap,
    from_offers: Option<Extension<CredentialFromOffers>>,
    ws: WebSocketUpgrade,
) -> Response {
    let value = |name: &str| match headers.get(name) {
        Some(value) => value.to_str().unwrap().to_owned(),
        None => "-".to_owned(),
    };
    let (authorization, tenant) = (value("authorization"), value("x-tenant"));
    let is_offered = from_offers.is_some_and(|headers| headers.contains(&AUTHORIZATION));
    ws.on_upgrade(async move |mut socket| {
        let text = format!("{authorization}; {tenant}; {is_offered}");
        let _ = socket.send(WsMessage::text(text)).await;
    })
}

/// Connects over both HTTP versions, with an `Authorization` of the client's own or
/// without. Behind the arrow are the name that is selected, `Authorization`, the
/// tenant, and whether `Authorization` comes from the offers.
async fn check(app: &Router, path: &str, own: Option<&str>, cases: &[&str]) {
    let port = serve(app.clone()).await;
    for over in BOTH {
        for case in cases {
            let (offers, expected) = case.split_once(" => ").unwrap();
            let mut headers = vec![(SEC_WEBSOCKET_PROTOCOL, offers)];
            headers.extend(own.map(|own| (AUTHORIZATION, own)));
            match Client::open(over, port, path, &headers).await {
                Ok(mut client) => {
                    let had = client.reply.selected() + "; " + &client.text().await;
                    assert_eq!(had, expected, "{over:?} {own:?} {offers}");
                }
                Err(reply) => panic!("{over:?} {own:?} {offers}: {reply:?}"),
            }
        }
    }
}

fn bearer() -> OfferedCredentialLayer {
    OfferedCredentialLayer::after_prefix("bearer.")
}

/// The token is offered alone, and no browser may drop the socket; or beside a name.
#[tokio::test]
async fn a_bearer_token_alone_and_with_a_name() {
    let app = Router::new()
        .route("/", any(say))
        .layer(SubprotocolLayer::new(["chat"]))
        .layer(bearer().echo_if_alone());
    let cases = [
        "bearer.t => bearer.t; Bearer t; -; true",
        "bearer.t, chat => chat; Bearer t; -; true",
        "chat => chat; -; -; false",
    ];
    check(&app, "/", None, &cases).await;
}

/// Without a token the page offers `bearer.`, and puts it into the query instead: an
/// empty credential is not an error.
#[tokio::test]
async fn a_query_is_the_fallback_of_an_empty_credential() {
    async fn token_of_query(mut request: Request) -> Request {
        if !request.headers().contains_key(AUTHORIZATION) {
            let token = request
                .uri()
                .query()
                .and_then(|query| query.strip_prefix("token="));
            let token = format!("Bearer {}", token.unwrap()).parse().unwrap();
            request.headers_mut().insert(AUTHORIZATION, token);
        }
        request
    }

    let app = Router::new()
        .route("/", any(say))
        .layer(SubprotocolLayer::new(["chat"]))
        .layer(map_request(token_of_query))
        .layer(bearer().malformed(Malformed::Ignore));
    let cases = [
        "chat, bearer. => chat; Bearer q; -; false",
        "chat => chat; Bearer q; -; false",
        "chat, bearer.t => chat; Bearer t; -; true",
    ];
    check(&app, "/?token=q", None, &cases).await;
}

/// The token and the version come in any order, and a client that can set
/// `Authorization` does.
#[tokio::test]
async fn an_mcp_token_beside_a_version() {
    let layer = SubprotocolLayer::from_fn(|offered, _| {
        offered.iter().find(|name| name.starts_with("mcp.version."))
    });
    let app = Router::new()
        .route("/", any(say))
        .layer(layer)
        .layer(OfferedCredentialLayer::after_prefix("mcp.auth."));
    let cases = [
        "mcp.auth.t, mcp.version.2025-06-18 => mcp.version.2025-06-18; Bearer t; -; true",
        "mcp.version.2025-06-18, mcp.auth.t => mcp.version.2025-06-18; Bearer t; -; true",
    ];
    check(&app, "/", None, &cases).await;
    let cases = [
        "mcp.auth.t, mcp.version.2025-06-18 => mcp.version.2025-06-18; Bearer own; -; false",
        "mcp.version.2025-06-18 => mcp.version.2025-06-18; Bearer own; -; false",
    ];
    check(&app, "/", Some("Bearer own"), &cases).await;
}

/// A browser adds the `Basic` that it cached for the site to every request. The token
/// that the page offers counts.
#[tokio::test]
async fn a_cached_basic_beside_an_offered_token() {
    let app = Router::new()
        .route("/", any(say))
        .layer(SubprotocolLayer::new(["chat"]))
        .layer(bearer());
    let cases = [
        "chat, bearer.t => chat; Bearer t; -; true",
        "chat => chat; Basic eDp5; -; false",
    ];
    check(&app, "/", Some("Basic eDp5"), &cases).await;
}

/// Two stacked layers fill two headers.
#[tokio::test]
async fn a_tenant_and_a_token() {
    let app = Router::new()
        .route("/", any(say))
        .layer(SubprotocolLayer::new(["chat"]))
        .layer(bearer())
        .layer(OfferedCredentialLayer::after_prefix("tenant.").header("x-tenant"));
    let cases = [
        "tenant.a, bearer.t, chat => chat; Bearer t; a; true",
        "chat, bearer.t, tenant.a => chat; Bearer t; a; true",
        "chat, tenant.a => chat; -; a; false",
    ];
    check(&app, "/", None, &cases).await;
}

/// The API server's clients encode the token, offer names that are not tokens, and
/// exchange binary frames.
#[tokio::test]
async fn kubernetes() {
    async fn exec(headers: HeaderMap, ws: WebSocketUpgrade) -> Response {
        let authorization = headers[AUTHORIZATION].as_bytes().to_owned();
        ws.on_upgrade(async move |mut socket| {
            let _ = socket.send(WsMessage::binary(authorization)).await;
        })
    }

    const TUNNEL: Subprotocol = Subprotocol::non_token_from_static("SPDY/3.1+portforward.k8s.io");
    let v5 = Subprotocol::from_static("v5.channel.k8s.io");
    let prefix = "base64url.bearer.authorization.k8s.io.";
    let app = Router::new()
        .route("/", any(exec))
        .layer(SubprotocolLayer::new([v5, TUNNEL]))
        .layer(OfferedCredentialLayer::after_prefix(prefix).base64url());
    let port = serve(app).await;
    for over in BOTH {
        for name in ["v5.channel.k8s.io", &TUNNEL] {
            let offers = format!("{prefix}ZXlKaC5iLj0, {name}");
            let client = Client::offer(over, port, "/", &offers).await;
            let mut client = client.ok().unwrap();
            assert_eq!(client.reply.selected(), name, "{over:?}");
            assert_eq!(client.binary().await, b"Bearer eyJh.b.=", "{over:?}");
        }
    }
}

/// A page sees no status of a refusal: the application completes the handshake, and
/// closes the socket with a code.
#[tokio::test]
async fn a_refusal_that_a_page_can_read() {
    async fn authenticate(ws: WebSocketUpgrade, request: Request, next: Next) -> Response {
        match request.headers().get(AUTHORIZATION) {
            Some(token) if token == "Bearer open.sesame" => next.run(request).await,
            _ => ws.on_upgrade(async |mut socket| {
                let (code, reason) = (4401, "The token is not known.".into());
                let close = WsMessage::Close(Some(CloseFrame { code, reason }));
                let _ = socket.send(close).await;
            }),
        }
    }

    let app = Router::new()
        .route("/", any(async || StatusCode::IM_A_TEAPOT))
        .layer(from_fn(authenticate))
        .layer(SubprotocolLayer::new(["chat"]))
        .layer(bearer());
    let port = serve(app).await;
    for over in BOTH {
        let client = Client::offer(over, port, "/", "chat, bearer.sesame").await;
        let mut client = client.ok().unwrap();
        assert_eq!(client.reply.selected(), "chat");
        let closed = client.closed().await;
        assert_eq!(closed, (4401, "The token is not known.".to_owned()));

        let accepted = Client::offer(over, port, "/", "chat, bearer.open.sesame").await;
        assert_eq!(accepted.err().unwrap().status, StatusCode::IM_A_TEAPOT);
    }
}
