//! R10: a token that a client offers is shown nowhere, and is only where C5 and C7 put
//! it.

use std::{cell::RefCell, fmt::Debug, rc::Rc};

use arbitrary::{Result, Unstructured};
use axum_subprotocol::{
    CredentialFromOffers,
    rejection::{CredentialRejection, SubprotocolRejection},
};
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderValue, Request, Response,
    header::{SEC_WEBSOCKET_PROTOCOL, UPGRADE},
};
use proptest::{collection::vec, prelude::*, sample::select};
use tower::{Layer, Service};

use super::extract;
use crate::harness::{Body, Handler, Headers, Inner, Piece, ReplyCase, service};

/// What no other text contains, in tokens, and in base64url: `ABC`.
const MARK: &str = "QUJD";

fn shows_mark(text: &str) -> bool {
    text.contains(MARK) || text.contains("ABC")
}

/// An element with a secret in it, with and without faults, or a known name.
fn element() -> impl Strategy<Value = String> {
    const BEFORE: [&str; 8] = [
        "bearer.",
        "bearer.t",
        "b64.",
        "v",
        "bearer,",
        "bearer, ,",
        "v1,",
        "x",
    ];
    const AFTER: [&str; 9] = ["", "", "", "=", " a", "\"", "/", "\u{e9}", "_"];
    let secret = (
        select(&BEFORE),
        "[A-Za-z0-9]{0,4}",
        1..4_usize,
        select(&AFTER),
    );
    let secret = secret.prop_map(|(before, salt, times, after)| {
        before.to_owned() + &MARK.repeat(times) + &salt + after
    });
    let known = select(&["v1", "bearer", "", "bearer.", "b64."][..]);
    prop_oneof![3 => secret, 2 => known.prop_map(str::to_owned)]
}

/// The elements of each line: of all kinds, or one list without a fault, or a
/// credential alone.
fn offers() -> impl Strategy<Value = Vec<Vec<String>>> {
    let before = select(&["bearer.", "b64.", "bearer,"][..]);
    let credential = before.prop_map(|before| before.to_owned() + MARK).boxed();
    let valid = ("[A-Za-z0-9]{0,4}", credential.clone())
        .prop_map(|(salt, credential)| vec![credential, format!("x{MARK}{salt}"), "v1".to_owned()]);
    prop_oneof![
        2 => vec(vec(element(), 0..4), 0..3),
        2 => valid.prop_shuffle().prop_map(|line| vec![line]),
        1 => credential.prop_map(|credential| vec![vec![credential]]),
    ]
}

/// Up to three credential layers, outside one or two others. A `SubprotocolLayer`
/// hides the offers that are not credentials. In one stack of eight the order is wrong.
fn stack(bytes: &[u8]) -> Result<Vec<Piece>> {
    let mut source = Unstructured::new(bytes);
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
fn shown(request: Request<Vec<u8>>) -> String {
    let from_offers: Option<CredentialFromOffers> = request.extensions().get().cloned();
    for name in secret_headers(request.headers()) {
        let name = name.parse().unwrap();
        assert!(
            from_offers
                .as_ref()
                .is_some_and(|marked| marked.contains(&name))
        );
    }
    let whole = format!("{request:?} {:?} {from_offers:?}", request.extensions());
    let (selected, offered) = extract(request);
    format!("{whole} {selected:?} {offered:?}")
}

/// Sends `request` through `layer`, and prints the service and its future.
fn call<L>(layer: &L, inner: Handler, request: Request<Vec<u8>>) -> (Response<Body>, String)
where
    L: Layer<Inner> + Debug,
    L::Service: Service<Request<Vec<u8>>, Response = Response<Body>, Future: Debug> + Debug,
{
    let mut service = layer.layer(Inner(inner));
    let future = service.call(request);
    let shown = format!("{layer:?} {future:?}");
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

proptest! {
    #[test]
    fn r10_c5_c7_a_token_is_only_where_the_rules_put_it(
        offers in offers(),
        bytes in vec(any::<u8>(), 200),
        mut reply in super::any_of::<ReplyCase>(),
        completes in any::<bool>(),
    ) {
        if completes {
            (reply.status, reply.headers) = (101, Headers::default());
        }
        let stack = stack(&bytes).unwrap();
        let mut request = Request::new(Vec::new());
        let headers = request.headers_mut();
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        for line in &offers {
            let line = HeaderValue::from_bytes(line.join(", ").as_bytes()).unwrap();
            headers.append(SEC_WEBSOCKET_PROTOCOL, line);
        }

        let inward = Rc::new(RefCell::new(String::new()));
        let log = Rc::clone(&inward);
        let handler: Handler = Box::new(move |request| {
            *log.borrow_mut() = shown(request);
            reply.response()
        });
        let inner = service(&stack[1..], handler);
        let mut outward = None;
        let events = logged(|| outward = Some(match &stack[0] {
            Piece::Subprotocol(config) => call(&config.layer(), inner, request),
            Piece::Credential(config) => call(&config.layer(), inner, request),
            Piece::Middleware(_) => unreachable!("there is none"),
        }));
        let (response, shown_outside) = outward.unwrap();
        let of_subprotocol = response.extensions().get::<SubprotocolRejection>();
        let of_subprotocol = of_subprotocol.map(|reason| format!("{reason} {reason:?}"));
        let of_credential = response.extensions().get::<CredentialRejection>();
        let of_credential = of_credential.map(|reason| format!("{reason} {reason:?}"));
        let outside = format!("{response:?} {of_subprotocol:?} {of_credential:?} {shown_outside}");
        for text in [&*inward.borrow(), &outside, &events] {
            prop_assert!(!shows_mark(text), "{text}");
        }

        let echoed = secret_headers(response.headers());
        let echoes = |piece: &Piece| matches!(piece, Piece::Credential(config) if config.echoes());
        let is_alone = offers.concat().join(",").split(',').filter(|it| !it.trim().is_empty()).count() == 1;
        if !(is_alone && stack.iter().any(echoes)) {
            prop_assert!(echoed.is_empty());
        }
        prop_assert!(echoed.iter().all(|name| *name == SEC_WEBSOCKET_PROTOCOL));
        prop_assert!(echoed.len() <= 1);
    }
}
