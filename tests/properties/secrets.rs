//! R10: a token that a client offers is shown nowhere, and is only where C5 and C7 put
//! it.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use arbitrary::{Result, Unstructured};
use axum_subprotocol::{
    CredentialFromOffers, OfferedSubprotocols, SelectedSubprotocol,
    rejection::{CredentialRejection, SubprotocolRejection},
};
use http::{HeaderMap, HeaderValue, Request, header::SEC_WEBSOCKET_PROTOCOL};

use super::for_each_case;
use crate::{
    harness::{Body, CredentialConfig, Form, Handler, Headers, Piece, ReplyCase, service},
    support::exchange::handshake,
};

/// A secret in a token. No other text contains it.
const MARK: &str = "QUJD";

/// The same, percent-encoded.
const PERCENT_ENCODED: &str = "%51%55%4A%44";

/// The same, decoded from base64.
const DECODED: &str = "ABC";

fn shows_mark(text: &str) -> bool {
    let marks = [MARK, PERCENT_ENCODED, DECODED];
    marks.iter().any(|mark| text.contains(mark))
}

fn mark(source: &mut Unstructured<'_>) -> Result<&'static str> {
    source.choose(&[MARK, MARK, PERCENT_ENCODED]).copied()
}

/// An element with a secret in it, with and without faults, or a known name.
fn element(source: &mut Unstructured<'_>) -> Result<String> {
    let known = ["v1", "bearer", "", "bearer.", "b64."];
    let before = ["bearer.", "b64.", "v", "bearer,", "bearer, ,", "x", ""];
    let after = [
        "", "", "", "=", "==", " a", "\"", "/", "\u{e9}", "_", "+", "aZ9", "eg==", "%", "%4",
        "%2C", "%20", "%0d%0a", "%C3%A9", "%e9",
    ];
    if source.ratio(2, 5)? {
        return Ok((*source.choose(&known)?).to_owned());
    }
    let marks = mark(source)?.repeat(source.int_in_range(1..=3)?);
    Ok([*source.choose(&before)?, &marks, source.choose(&after)?].concat())
}

/// The lines of a list: of all kinds, or a credential beside others or alone.
fn offers(source: &mut Unstructured<'_>) -> Result<Vec<String>> {
    let before = source.choose(&["bearer.", "b64.", "bearer,", ""])?;
    let mark = mark(source)?;
    match source.int_in_range(0..=4)? {
        0 => return Ok(vec![format!("{before}{mark}")]),
        1 => return Ok(vec![format!("{before}{mark}, x{mark}, v1")]),
        2 => return Ok(vec![format!("v1, x{mark}, {before}{mark}")]),
        _ => {}
    }
    let mut lines = Vec::new();
    for _ in 0..source.int_in_range(0..=2)? {
        let elements = (0..source.int_in_range(0..=3)?).map(|_| element(source));
        lines.push(elements.collect::<Result<Vec<_>>>()?.join(", "));
    }
    Ok(lines)
}

/// A credential layer, most often one with room for a secret.
fn credential(source: &mut Unstructured<'_>) -> Result<CredentialConfig> {
    let mut config: CredentialConfig = source.arbitrary()?;
    if source.ratio(3, 4)? {
        config.max_len = 8192;
    }
    Ok(config)
}

/// Up to three credential layers, outside one or two `SubprotocolLayer`s or a layer for
/// bare tokens, which hide all other offers. In one stack of eight the order is wrong.
fn stack(source: &mut Unstructured<'_>) -> Result<Vec<Piece>> {
    let mut stack = Vec::new();
    if source.ratio(1, 4)? {
        stack.push(Piece::Credential(CredentialConfig {
            form: Form::Bare {
                except: source.choose(&[&[][..], &["v1", "bearer"]])?,
            },
            ..credential(source)?
        }));
    } else {
        stack.push(Piece::Subprotocol(source.arbitrary()?));
        if source.arbitrary()? {
            stack.push(Piece::Subprotocol(source.arbitrary()?));
        }
    }
    for _ in 0..source.int_in_range(0..=3)? {
        stack.insert(0, Piece::Credential(credential(source)?));
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
    let extensions = request.extensions();
    let from_offers: Option<&CredentialFromOffers> = extensions.get();
    for name in secret_headers(request.headers()) {
        let name = name.parse().unwrap();
        assert!(from_offers.is_some_and(|marked| marked.contains(&name)));
    }
    let selected: Option<SelectedSubprotocol> =
        SelectedSubprotocol::from_extensions(extensions).unwrap();
    let offered = OfferedSubprotocols::from_extensions(extensions);
    format!("{request:?} {extensions:?} {from_offers:?} {selected:?} {offered:?}")
}

/// Calls `action`, and returns its result with all events and span fields meanwhile.
#[cfg(feature = "tracing")]
fn logged<T>(action: impl FnOnce() -> T) -> (T, String) {
    let (log, _guard) = crate::tracing::Log::begin();
    let subprotocol = tracing::field::Empty;
    let span = tracing::info_span!("request", websocket.subprotocol = subprotocol);
    let result = span.in_scope(|| {
        let result = action();
        tracing::info!("shows the fields of the span");
        result
    });
    (result, log.all())
}

#[cfg(not(feature = "tracing"))]
fn logged<T>(action: impl FnOnce() -> T) -> (T, String) {
    (action(), String::new())
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

    let (inward, is_used) = (
        Rc::new(RefCell::new(String::new())),
        Rc::new(Cell::new(false)),
    );
    let (texts, is_marked) = (Rc::clone(&inward), Rc::clone(&is_used));
    let handler: Handler = Box::new(move |request| {
        *texts.borrow_mut() = shown(&request);
        let mark: Option<&CredentialFromOffers> = request.extensions().get();
        is_marked.set(mark.is_some());
        reply.response()
    });
    let (response, events) = logged(|| service(&stack, handler)(request));
    let of_subprotocol = response.extensions().get::<SubprotocolRejection>();
    let of_subprotocol = of_subprotocol.map(|reason| format!("{reason} {reason:?}"));
    let of_credential = response.extensions().get::<CredentialRejection>();
    let of_credential = of_credential.map(|reason| format!("{reason} {reason:?}"));
    let outside = format!("{response:?} {of_subprotocol:?} {of_credential:?}");
    for text in [&*inward.borrow(), &outside, &events] {
        assert!(!shows_mark(text), "{text}");
    }

    let list = offers.join(",");
    let mut elements = list.split(',').map(str::trim).filter(|it| !it.is_empty());
    let is_alone = elements.clone().count() == 1;
    let is_credential = |piece: &&Piece| matches!(piece, Piece::Credential(_));
    let echoes = |piece: &Piece| matches!(piece, Piece::Credential(config) if config.echoes());
    let shown = secret_headers(response.headers());
    if !shown.is_empty() {
        assert_eq!(shown, [SEC_WEBSOCKET_PROTOCOL.as_str()]);
        // An element is echoed as sent, and only if it was used.
        let line = response.headers().get(SEC_WEBSOCKET_PROTOCOL).unwrap();
        assert!(elements.any(|element| element == line));
        assert!(is_used.get() && stack.iter().any(echoes));
        // A layer does not see what another one has removed.
        assert!(is_alone || stack.iter().filter(is_credential).count() > 1);
    }
    Ok(())
}
