//! What serves the requests: layers, and the same by hand.

use std::{convert::Infallible, fmt};

use axum::extract::{FromRequestParts, ws::WebSocketUpgrade};
use axum_subprotocol::{OfferedCredentialLayer, OfferedSubprotocols, SubprotocolLayer};
use futures_util::{FutureExt, future::BoxFuture};
use http::{
    HeaderValue, Request, Response, StatusCode,
    header::{AUTHORIZATION, CONNECTION, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
};
use tower::{Layer, Service, service_fn, util::ServiceFn};

use super::client::Client;

/// A server in one function.
pub(crate) type Serve = Box<dyn FnMut(Request<()>) -> Response<String>>;

/// A row of the report.
pub(crate) struct Row {
    pub(crate) title: &'static str,
    lines: &'static [(&'static str, usize)],
    layered: fn() -> Serve,
    pub(crate) by_hand: Option<fn() -> Serve>,
    /// By hand means axum's `protocols()`.
    pub(crate) is_axum: bool,
}

/// What a process serves the requests of a row with.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    /// The inner service, without a layer.
    Identity,
    /// The inner service behind the layer.
    Layered,
    ByHand,
    /// The inner service, and `WebSocketUpgrade` without `protocols()`, for a client
    /// that offers nothing.
    IdentityAlone,
    AxumAlone,
}

impl Run {
    pub(crate) const ALL: [Self; 5] = [
        Self::Identity,
        Self::Layered,
        Self::ByHand,
        Self::IdentityAlone,
        Self::AxumAlone,
    ];
    pub(crate) const IDENTITY: usize = Self::Identity as usize;
    pub(crate) const LAYERED: usize = Self::Layered as usize;
    pub(crate) const BY_HAND: usize = Self::ByHand as usize;
}

const WANTED: &str = "graphql-transport-ws";
const KIB_60: usize = 60 * 1024;
const PLAIN_GET: &str = "plain GET";
const TWO: &[(&str, usize)] = &[("graphql-ws, graphql-transport-ws", 1)];
const THREE: &[(&str, usize)] = &[("soap", 1), ("graphql-ws", 1), ("graphql-transport-ws", 1)];

pub(crate) const ROWS: [Row; 14] = [
    row(PLAIN_GET, &[], names_2, None),
    axum_row("nothing offered", &[], names_2),
    axum_row("one name", &[("graphql-ws", 1)], names_2),
    axum_row("two names", TWO, names_2),
    axum_row("two names of 64", TWO, || {
        layered(&SubprotocolLayer::new(names(64)))
    }),
    axum_row("three header lines", THREE, names_2),
    axum_row("60 KiB of `a,a,…`", &[("a,", KIB_60 / 2)], names_2),
    axum_row("60 KiB of commas", &[(",", KIB_60)], names_2),
    axum_row("60 KiB of one name", &[("a", KIB_60)], names_2),
    row("two nested layers", TWO, nested, None),
    row(
        "`from_fn`",
        TWO,
        || layered(&SubprotocolLayer::from_fn(|offers, _| offers.get(WANTED))),
        Some(select_by_hand),
    ),
    row("`from_fn`, `contains` 64 times", TWO, contains, None),
    row(
        "credential by prefix",
        &[("chat, bearer.mF_9.B5f", 1)],
        || layered(&OfferedCredentialLayer::after_prefix("bearer.")),
        Some(|| take_by_hand(false)),
    ),
    row(
        "credential after a name",
        &[("bearer, mF_9.B5f", 1)],
        || layered(&OfferedCredentialLayer::after_name("bearer")),
        Some(|| take_by_hand(true)),
    ),
];

const fn row(
    title: &'static str,
    lines: &'static [(&'static str, usize)],
    layered: fn() -> Serve,
    by_hand: Option<fn() -> Serve>,
) -> Row {
    let is_axum = false;
    Row {
        title,
        lines,
        layered,
        by_hand,
        is_axum,
    }
}

const fn axum_row(
    title: &'static str,
    lines: &'static [(&'static str, usize)],
    layered: fn() -> Serve,
) -> Row {
    let by_hand: Option<fn() -> Serve> = Some(|| axum(|ws| ws.protocols([WANTED, "graphql-ws"])));
    let is_axum = true;
    Row {
        title,
        lines,
        layered,
        by_hand,
        is_axum,
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title)
    }
}

impl Row {
    /// Whether it is too large to be sent often.
    pub(crate) fn is_hostile(&self) -> bool {
        self.lines.iter().any(|(_, times)| *times > 1)
    }

    pub(crate) fn prepare(&self, run: Run) -> (Client, Serve) {
        let client = |lines| Client::new(lines, self.title != PLAIN_GET);
        let identity = || call(service_fn(answer));
        match run {
            Run::Identity => (client(self.lines), identity()),
            Run::Layered => (client(self.lines), (self.layered)()),
            Run::ByHand => (
                client(self.lines),
                self.by_hand.map_or_else(identity, |serve| serve()),
            ),
            Run::IdentityAlone => (client(&[]), identity()),
            Run::AxumAlone => (client(&[]), axum(|ws| ws)),
        }
    }
}

fn call<S>(mut service: S) -> Serve
where
    S: Service<Request<()>, Response = Response<String>, Error = Infallible> + 'static,
{
    Box::new(move |request| {
        let response = service.call(request).now_or_never();
        let Ok(response) = response.expect("the inner service is ready at once");
        response
    })
}

type Answer = BoxFuture<'static, Result<Response<String>, Infallible>>;

/// The innermost service. Its future is boxed, as those of axum's routes are.
fn answer(request: Request<()>) -> Answer {
    Box::pin(async move { Ok(reply_to(&request)) })
}

fn reply_to(request: &Request<()>) -> Response<String> {
    let mut response = Response::default();
    if request.headers().contains_key(CONNECTION) {
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    }
    response
}

type Inner = ServiceFn<fn(Request<()>) -> Answer>;

fn layered<L>(layer: &L) -> Serve
where
    L: Layer<Inner>,
    L::Service: Service<Request<()>, Response = Response<String>, Error = Infallible> + 'static,
{
    call(layer.layer(service_fn(answer)))
}

fn names_2() -> Serve {
    layered(&SubprotocolLayer::new(names(2)))
}

fn nested() -> Serve {
    let layer = SubprotocolLayer::new(names(2));
    call(layer.layer(layer.layer(service_fn(answer))))
}

/// Looks 64 times for a name that was not offered.
fn contains() -> Serve {
    let names = names(66).split_off(2);
    let find = move |offers: &OfferedSubprotocols| names.iter().any(|name| offers.contains(name));
    layered(&SubprotocolLayer::from_fn(move |offers, _| {
        find(offers).then_some("")
    }))
}

/// The names that a server supports.
fn names(count: usize) -> Vec<String> {
    let wanted = ["graphql-transport-ws", "graphql-ws"].map(str::to_owned);
    let others = (2..).map(|number| format!("graphql-ws-{number:02}"));
    wanted.into_iter().chain(others).take(count).collect()
}

/// `WebSocketUpgrade`, and what `on_upgrade` does with the name, without the task that
/// it spawns.
fn axum(select: fn(WebSocketUpgrade) -> WebSocketUpgrade) -> Serve {
    Box::new(move |request| {
        let mut response = reply_to(&request);
        let (mut head, ()) = request.into_parts();
        let ws = WebSocketUpgrade::from_request_parts(&mut head, &());
        let ws = select(ws.now_or_never().expect("at once").expect("a handshake"));
        if let Some(selected) = ws.selected_protocol() {
            let selected = selected.clone();
            response
                .headers_mut()
                .insert(SEC_WEBSOCKET_PROTOCOL, selected);
        }
        response
    })
}

/// The elements of the first header line, which is all that most handlers read.
fn offers(request: &Request<()>) -> impl Iterator<Item = &str> {
    let line = request.headers().get(SEC_WEBSOCKET_PROTOCOL);
    let line = line.and_then(|line| line.to_str().ok()).unwrap_or_default();
    line.split(',').map(str::trim)
}

fn select_by_hand() -> Serve {
    call(service_fn(|request| -> Answer {
        Box::pin(async move {
            let selected = offers(&request).find(|name| *name == WANTED);
            let mut response = reply_to(&request);
            if let Some(selected) = selected.and_then(|name| HeaderValue::from_str(name).ok()) {
                response
                    .headers_mut()
                    .insert(SEC_WEBSOCKET_PROTOCOL, selected);
            }
            Ok(response)
        })
    }))
}

fn take_by_hand(is_after_name: bool) -> Serve {
    call(service_fn(move |mut request: Request<()>| {
        let mut others = Vec::new();
        let mut token = None;
        let mut is_announced = false;
        for element in offers(&request) {
            match element.strip_prefix("bearer.") {
                _ if is_announced => token = Some(element),
                Some(credential) if !is_after_name => token = Some(credential),
                _ => others.push(element),
            }
            is_announced = is_after_name && element == "bearer";
        }
        let others = HeaderValue::try_from(others.join(", "));
        let token = token.map(|token| HeaderValue::try_from(format!("Bearer {token}")));
        if let (Some(Ok(token)), Ok(others)) = (token, others) {
            request.headers_mut().insert(AUTHORIZATION, token);
            request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, others);
        }
        answer(request)
    }))
}
