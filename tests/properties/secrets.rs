//! R10: a token that a client offers is shown nowhere, and is only where C5 and C7 put
//! it.

use std::{cell::RefCell, fmt::Debug, rc::Rc};

use arbitrary::{Result, Unstructured};
use axum_subprotocol::{
    CredentialFromOffers, OfferedSubprotocols, SelectedSubprotocol,
    rejection::{CredentialRejection, SubprotocolRejection},
};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Request, Response, header::SEC_WEBSOCKET_PROTOCOL};
use tower::{Layer, Service};

use super::for_each_case;
use crate::{
    harness::{Body, Handler, Headers, Piece, ReplyCase, inner, service},
    support::exchange::handshake,
};

/// What no other text contains, in tokens, and in base64url: `ABC`.
const MARK: &str = "QUJD";

fn shows_mark(text: &str) -> bool {
    text.contains(MARK) || text.contains("ABC")
}

/// An element with a secret in it, with and without faults, or a known name.
fn element(source: &mut Unstructured<'_>) -> Result<String> {
    let known = ["v1", "bearer", "", "bearer.", "b64."];
    let before = [
        "bearer.",
        "bearer.t",
        "b64.",
        "v",
        "bearer,",
        "bearer, ,",
        "v1,",
        "x",
    ];
    let after = ["", "", "", "=", " a", "\"", "/", "\u{e9}", "_", "aZ9", "b"];
    if source.ratio(2, 5)? {
        return Ok((*source.choose(&known)?).to_owned());
    }
    let marks = MARK.repeat(source.int_in_range(1..=3)?);
    Ok([*source.choose(&before)?, &marks, source.choose(&after)?].concat())
}

/// The lines of a list: of all kinds, or without a fault, or a credential alone.
fn offers(source: &mut Unstructured<'_>) -> Result<Vec<String>> {
    let before = source.choose(&["bearer.", "b64.", "bearer,"])?;
    let credential = before.to_string() + MARK;
    let kind = source.int_in_range(0..=4)?;
    if kind == 0 {
        return Ok(vec![credential]);
    }
    if kind <= 2 {
        let mut line = [credential, format!("x{MARK}"), "v1".to_owned()];
        line.rotate_left(source.int_in_range(0..=2)?);
        return Ok(vec![line.join(", ")]);
    }
    let mut lines = Vec::new();
    for _ in 0..source.int_in_range(0..=2)? {
        let elements = (0..source.int_in_range(0..=3)?).map(|_| element(source));
        lines.push(elements.collect::<Result<Vec<_>>>()?.join(", "));
    }
    Ok(lines)
}

/// Up to three credential layers, outside one or two others. A `SubprotocolLayer`
/// hides the offers that are not credentials. In one stack of eight the order is wrong.
fn stack(source: &mut Unstructured<'_>) -> Result<Vec<Piece>> {
    let mut stack = vec![Piece::Subprotocol(source.arbitrary()?)];
    if source.arbitrary()? {
        stack.push(Piece::Subprotocol(source.arbitrary()?));
    }
    for _ in 0..source.int_in_range(0..=3)? {
        stack.insert(0, Piece::Credential(source.arbitrary()?));
    }
    if source.ratio(1, 8)? {
        stack.rotate_right(1);
    }
    Ok(stack)
}

/// The headers whose values contain a secret. Their values must be sensitive.
fn secret_headers(headers: &HeaderMap) -> Vec<&str> {
    let mut secret = Vec::new();
    for (name, value) in headers {
        if shows_mark(&String::from_utf8_lossy(value.as_bytes())) {
            assert!(value.is_sensitive(), "{name}");
            secret.push(name.as_str());
        }
    }
    secret
}

/// All that can be printed of the request behind the layers.
fn shown(request: &Request<Body>) -> String {
    let from_offers: Option<CredentialFromOffers> = request.extensions().get().cloned();
    for name in secret_headers(request.headers()) {
        let name = name.parse().unwrap();
        assert!(
            from_offers
                .as_ref()
                .is_some_and(|marked| marked.contains(&name))
        );
    }
    let extensions = request.extensions();
    let selected: Option<SelectedSubprotocol> =
        SelectedSubprotocol::from_extensions(extensions).unwrap();
    let offered = OfferedSubprotocols::from_extensions(extensions);
    format!("{request:?} {extensions:?} {from_offers:?} {selected:?} {offered:?}")
}

/// Sends `request` through `service`, and prints the service and its future.
fn call<S>(mut service: S, request: Request<Body>) -> (Response<String>, String)
where
    S: Service<Request<Body>, Response = Response<String>, Future: Debug> + Debug,
{
    let future = service.call(request);
    let shown = format!("{future:?}");
    let response = future.now_or_never().unwrap();
    (response.ok().unwrap(), format!("{shown} {service:?}"))
}

/// Calls `action`, and returns all events and spans meanwhile.
#[cfg(feature = "tracing")]
fn logged(action: impl FnOnce()) -> String {
    use std::io;

    thread_local! {
        static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }

    struct Log;

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            LOG.with_borrow_mut(|log| log.write(bytes))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let subscriber = tracing_subscriber::fmt()
        .with_writer(|| Log)
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let subprotocol = tracing::field::Empty;
        tracing::info_span!("request", websocket.subprotocol = subprotocol).in_scope(action);
    });
    let log = String::from_utf8(LOG.take()).unwrap();
    assert!(log.contains("axum_subprotocol"));
    log
}

#[cfg(not(feature = "tracing"))]
fn logged(action: impl FnOnce()) -> String {
    action();
    String::new()
}

#[test]
fn r10_c5_c7_a_token_is_only_where_the_rules_put_it() {
    for_each_case(|source| check(source).unwrap());
}

fn check(source: &mut Unstructured<'_>) -> Result<()> {
    let (offers, stack) = (offers(source)?, stack(source)?);
    let mut reply: ReplyCase = source.arbitrary()?;
    if source.arbitrary()? {
        (reply.status, reply.headers) = (101, Headers::default());
    }
    let lines = offers
        .iter()
        .map(|line| HeaderValue::from_str(line).unwrap());
    let request = handshake(&lines.collect::<Vec<_>>());

    let inward = Rc::new(RefCell::new(String::new()));
    let log = Rc::clone(&inward);
    let handler: Handler = Box::new(move |request| {
        *log.borrow_mut() = shown(&request);
        reply.response()
    });
    let handler = service(&stack[1..], handler);
    let mut outward = None;
    let events = logged(|| {
        outward = Some(match &stack[0] {
            Piece::Subprotocol(config) => call(config.layer().layer(inner(handler)), request),
            Piece::Credential(config) => call(config.layer().layer(inner(handler)), request),
            Piece::Middleware(_) => unreachable!("there is none"),
        });
    });
    let (response, shown_outside) = outward.unwrap();
    let of_subprotocol = response.extensions().get::<SubprotocolRejection>();
    let of_subprotocol = of_subprotocol.map(|reason| format!("{reason} {reason:?}"));
    let of_credential = response.extensions().get::<CredentialRejection>();
    let of_credential = of_credential.map(|reason| format!("{reason} {reason:?}"));
    let outside = format!("{response:?} {of_subprotocol:?} {of_credential:?} {shown_outside}");
    for text in [&*inward.borrow(), &outside, &events] {
        assert!(!shows_mark(text), "{text}");
    }

    let echoes = |piece: &Piece| matches!(piece, Piece::Credential(config) if config.echoes());
    let list = offers.join(",");
    let is_alone = list.split(',').filter(|it| !it.trim().is_empty()).count() == 1;
    let mut shown = secret_headers(response.headers());
    if is_alone && stack.iter().any(echoes) {
        shown.retain(|name| *name != SEC_WEBSOCKET_PROTOCOL);
    }
    assert_eq!(shown, [""; 0]);
    Ok(())
}
