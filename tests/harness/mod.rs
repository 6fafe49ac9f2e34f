//! A service of enumerated or random layers: its configuration, a request, the
//! replies of its handler, and what is seen of all that. It is also the library of
//! the fuzz targets.

mod config;
mod elements;
mod generate;
mod head;
mod middleware;
mod oracle;
mod rejection;
mod token;

use std::{
    cell::RefCell,
    convert::Infallible,
    future::{Ready, ready},
    mem::take,
    rc::Rc,
};

use axum_subprotocol::{
    CredentialFromOffers, OfferedSubprotocols, SelectedSubprotocol,
    rejection::{CredentialRejection, SubprotocolRejection},
};
use futures_util::FutureExt;
use http::{
    HeaderName, Method, Request, Response, Version,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
};
use tower::{Layer, Service, service_fn, util::ServiceFn};

pub use self::{
    config::{
        Choice, CredentialConfig, Destination, Form, NAMES, Pick, Piece, RETRY, SubprotocolConfig,
        X_TOKEN,
    },
    elements::TEXTS,
    head::{Headers, Line, ReplyCase, RequestCase},
    middleware::Middleware,
    rejection::{Fault, Rejection},
};

/// One request through a stack of layers.
#[derive(Clone, Debug)]
pub struct Case {
    /// From the outermost to the innermost.
    pub stack: Vec<Piece>,
    pub request: RequestCase,
    /// The handler gives them in turn.
    pub replies: [ReplyCase; 2],
}

/// What there is to see of a request.
#[derive(Debug, PartialEq)]
pub struct Observed {
    /// By the handler, each time that it is called.
    pub inward: Vec<Inward>,
    /// By the client.
    pub outward: Outward,
}

#[derive(Debug, PartialEq)]
pub struct Inward {
    pub headers: Headers,
    pub selected: Option<String>,
    pub offered: Option<Vec<String>>,
    /// The headers that `CredentialFromOffers` lists.
    pub from_offers: Vec<HeaderName>,
}

#[derive(Debug, PartialEq)]
pub struct Outward {
    pub is_of_handler: bool,
    pub status: u16,
    pub headers: Headers,
    pub rejection: Option<Rejection>,
}

/// The body of a request, and that of a reply of the handler.
pub type Body = &'static str;
pub const OF_HANDLER: &str = "of the handler";

type Reply = Ready<Result<Response<String>, Infallible>>;

/// A service that never waits.
pub type Handler = Box<dyn FnMut(Request<Body>) -> Response<String>>;

/// Puts `stack` around `handler`.
pub fn service(stack: &[Piece], handler: Handler) -> Handler {
    let from_inside = stack.iter().rev();
    from_inside.fold(handler, |handler, piece| match piece {
        Piece::Subprotocol(config) => wrap(config.layer().layer(inner(handler))),
        Piece::Credential(config) => wrap(config.layer().layer(inner(handler))),
        Piece::Middleware(middleware) => middleware.wrap(handler),
    })
}

fn wrap<S>(mut service: S) -> Handler
where
    S: Service<Request<Body>, Response = Response<String>, Error = Infallible> + 'static,
{
    Box::new(move |request| {
        let Ok(response) = service.call(request).now_or_never().expect("nothing waits");
        response
    })
}

/// `handler` as a Tower service.
fn inner(mut handler: Handler) -> ServiceFn<impl FnMut(Request<Body>) -> Reply> {
    service_fn(move |request| ready(Ok(handler(request))))
}

impl Case {
    /// A handshake without offers, on HTTP/1.1 or HTTP/2, that the handler completes.
    pub fn handshake(stack: Vec<Piece>, is_http_1: bool) -> Self {
        let (version, method, status) = if is_http_1 {
            (Version::HTTP_11, Method::GET, 101)
        } else {
            (Version::HTTP_2, Method::CONNECT, 200)
        };
        let mut headers = Headers::default();
        if is_http_1 {
            headers.append(&UPGRADE, Line::new("websocket"));
        }
        let request = RequestCase {
            version,
            method,
            uri: "/chat",
            headers,
        };
        let reply = ReplyCase {
            status,
            headers: Headers::default(),
        };
        Self {
            stack,
            request,
            replies: [reply.clone(), reply],
        }
    }

    /// Sends the request through the layers.
    fn seen(&self) -> Observed {
        let inward: Rc<RefCell<Vec<Inward>>> = Rc::default();
        let (log, case) = (Rc::clone(&inward), self.clone());
        let handler = move |request: Request<Body>| {
            let mut log = log.borrow_mut();
            let (sent, reply) = (case.request.request(), &case.replies[log.len() % 2]);
            assert_eq!(
                (request.method(), request.uri()),
                (sent.method(), sent.uri())
            );
            assert_eq!(
                (request.version(), request.body()),
                (sent.version(), sent.body())
            );
            assert_eq!(request.extensions().get(), Some(&"of the server"));
            log.push(Inward::of(&request));
            reply.response()
        };
        let outward = service(&self.stack, Box::new(handler))(self.request.request());
        Observed {
            inward: take(&mut inward.borrow_mut()),
            outward: Outward::of(&outward),
        }
    }

    /// Compares what is seen with what the rules say.
    pub fn check_rules(&self) -> Observed {
        let seen = self.seen();
        assert_eq!(seen, oracle::expected(self), "{self:#?}");
        seen
    }

    /// The same, and checks what holds for all requests. Returns how often the handler was
    /// called.
    pub fn check(&self) -> usize {
        let seen = self.check_rules();
        let called = seen.inward.len();
        let has = |kind: fn(&Piece) -> bool| self.stack.iter().any(kind);
        if !has(|piece| matches!(piece, Piece::Middleware(_))) {
            seen.inward.iter().for_each(Inward::check);
        }
        // Which of the empty elements go with a credential depends on the lines.
        let has_both = has(|piece| matches!(piece, Piece::Subprotocol(_)))
            && has(|piece| matches!(piece, Piece::Credential(_)));
        if self.request.headers.lines(SEC_WEBSOCKET_PROTOCOL).count() > 1 && !has_both {
            let on_one_line = self.on_one_line().seen().without_lists();
            assert_eq!(on_one_line, seen.without_lists(), "{self:#?}");
        }
        called
    }

    /// The same, with the client's list on one line (RFC 9110 §5.3).
    fn on_one_line(&self) -> Self {
        let mut case = self.clone();
        let lines = self.request.headers.lines(SEC_WEBSOCKET_PROTOCOL);
        let lines: Vec<_> = lines.map(|line| line.text.as_str()).collect();
        case.set_offers([Line::new(lines.join(","))]);
        case
    }

    /// Replaces the client's list.
    pub fn set_offers(&mut self, lines: impl IntoIterator<Item = Line>) {
        let headers = &mut self.request.headers;
        headers.remove(&SEC_WEBSOCKET_PROTOCOL);
        for line in lines {
            headers.append(&SEC_WEBSOCKET_PROTOCOL, line);
        }
    }
}

impl Observed {
    /// Without the lists that the handler saw.
    fn without_lists(mut self) -> Self {
        for inward in &mut self.inward {
            inward.headers.remove(&SEC_WEBSOCKET_PROTOCOL);
        }
        self
    }
}

impl Inward {
    /// What is selected was offered. A header that is filled from the offers is one
    /// sensitive line: in `Authorization` a scheme and visible characters, elsewhere a
    /// field value that is UTF-8.
    fn check(&self) {
        let offered = self.offered.as_deref().unwrap_or_default();
        assert!(self.selected.iter().all(|name| offered.contains(name)));
        for name in &self.from_offers {
            let lines: Vec<_> = self.headers.lines(name.clone()).collect();
            assert!(lines.len() == 1 && lines[0].is_sensitive);
            let value = lines[0].value();
            if *name == AUTHORIZATION {
                let (_, token) = lines[0].text.split_once(' ').expect("a scheme");
                let is_visible = |char: char| char.is_ascii_graphic() && char != ',';
                assert!(!token.is_empty() && token.chars().all(is_visible));
            } else {
                let text = std::str::from_utf8(value.as_bytes()).expect("UTF-8");
                assert!(!text.is_empty() && text == text.trim_matches([' ', '\t']));
            }
        }
    }

    fn of(request: &Request<Body>) -> Self {
        let extensions = request.extensions();
        let selected: Option<SelectedSubprotocol> =
            SelectedSubprotocol::from_extensions(extensions).unwrap();
        let offered = OfferedSubprotocols::from_extensions(extensions);
        let mut from_offers = vec![AUTHORIZATION, X_TOKEN];
        let marked = extensions.get::<CredentialFromOffers>();
        from_offers.retain(|name| marked.is_some_and(|marked| marked.contains(name)));
        Self {
            headers: Headers::of(request.headers()),
            selected: selected.map(|SelectedSubprotocol(name)| name.to_string()),
            offered: offered.map(|offered| offered.iter().map(str::to_owned).collect()),
            from_offers,
        }
    }
}

impl Outward {
    fn of(response: &Response<String>) -> Self {
        let of_subprotocol = response.extensions().get::<SubprotocolRejection>();
        let of_credential = response.extensions().get::<CredentialRejection>();
        let mut rejection = None;
        if let Some(reason) = of_subprotocol {
            assert_eq!(*response.body(), reason.body_text());
            rejection = Some(Rejection::of_subprotocol(reason));
        }
        if let Some(reason) = of_credential {
            assert_eq!(*response.body(), reason.body_text());
            assert_eq!(rejection, None, "one layer rejects");
            rejection = Some(Rejection::Credential(Fault::of(reason)));
        }
        Self {
            is_of_handler: response.body() == OF_HANDLER,
            status: response.status().as_u16(),
            headers: Headers::of(response.headers()),
            rejection,
        }
    }
}
