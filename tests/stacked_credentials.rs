//! Stacked credential layers and a few chosen handshakes: what random stacks hardly reach.
//! The oracle must agree with each expected outcome.

use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};

use crate::harness::{
    Case, CredentialConfig, Destination, Form, Line, Middleware, Observed, Piece,
    SubprotocolConfig, X_TOKEN,
};

const PREFIX: CredentialConfig = CredentialConfig::new(Form::AfterPrefix("bearer."));
const NAME: CredentialConfig = CredentialConfig::new(Form::AfterName("bearer"));
const BARE: CredentialConfig = CredentialConfig::new(Form::Bare { except: &[] });
const BARE_EXCEPT: CredentialConfig = CredentialConfig::new(Form::Bare {
    except: &["v1", "bearer"],
});

const fn echoing(config: CredentialConfig) -> CredentialConfig {
    CredentialConfig {
        echo_if_alone: true,
        ..config
    }
}

/// A handshake that offers `line`, through `stack`.
fn offer(stack: &[Piece], line: &str) -> Observed {
    let mut case = Case::handshake(stack.to_vec(), true);
    case.set_offers([Line::new(line)]);
    case.check_rules()
}

fn plain() -> Piece {
    Piece::Subprotocol(SubprotocolConfig::new(&["v1", "bearer"]))
}

/// Sends `offers` through two credential layers with middleware between them.
fn between(
    outer: CredentialConfig,
    middleware: Middleware,
    inner: CredentialConfig,
    offers: &str,
) -> Observed {
    let stack = [
        Piece::Credential(outer),
        Piece::Middleware(middleware),
        Piece::Credential(inner),
    ];
    offer(&stack, offers)
}

// Random stacks reach the first of these once in 300,000 requests, and the second never.

#[test]
fn c6_adds_nothing_to_a_listed_header_that_middleware_removed() {
    let removes = Middleware::RemoveFromRequest(AUTHORIZATION);
    for (outer, inner, offers) in [
        (PREFIX, NAME, "bearer.a, bearer, b"),
        (PREFIX, BARE, "bearer.a, b"),
        (NAME, BARE_EXCEPT, "bearer, a, b"),
    ] {
        let seen = between(outer, removes.clone(), inner, offers);
        assert!(!seen.inward[0].headers.contains(AUTHORIZATION));
    }
}

#[test]
fn c6_does_not_echo_if_a_layer_of_the_same_shape_has_looked() {
    let offered = (SEC_WEBSOCKET_PROTOCOL, Line::new("bearer.a"));
    let appends = Middleware::AppendToRequest(offered);
    for (outer, inner) in [(PREFIX, PREFIX), (BARE, BARE), (BARE_EXCEPT, BARE)] {
        let seen = between(outer, appends.clone(), echoing(inner), "");
        assert!(!seen.inward[0].headers.contains(AUTHORIZATION));
        assert!(!seen.outward.headers.contains(SEC_WEBSOCKET_PROTOCOL));
    }
}

#[test]
fn c6_decides_nothing_by_the_mark() {
    // A header that another layer filled stays, although the mark is gone.
    let seen = between(PREFIX, Middleware::RemoveMark, NAME, "bearer.a, bearer, b");
    let authorization = seen.inward[0].headers.only(AUTHORIZATION);
    assert_eq!(authorization, Some("Bearer a"));

    // A header that no layer filled is filled, whatever the mark lists.
    let forges = Piece::Middleware(Middleware::ForgeMark);
    for (destination, header, value) in [
        (Destination::Bearer, AUTHORIZATION, "Bearer a"),
        (Destination::Token, AUTHORIZATION, "Token a"),
        (Destination::Header, X_TOKEN, "a"),
    ] {
        let layer = CredentialConfig {
            destination,
            ..PREFIX
        };
        let seen = offer(&[forges.clone(), Piece::Credential(layer)], "bearer.a");
        assert_eq!(seen.inward[0].headers.only(header), Some(value));
    }
}

#[test]
fn c6_c8_a_shape_that_has_looked_passes_a_handshake_through_inside_a_subprotocol_layer() {
    for (outer, inner) in [
        (PREFIX, PREFIX),
        (NAME, NAME),
        (BARE_EXCEPT, BARE_EXCEPT),
        (BARE_EXCEPT, BARE),
    ] {
        for offers in ["", "v1", "bearer.a", "bearer.a, v1", "v1, bearer, a"] {
            let layers = [Piece::Credential(outer), plain()];
            let twice = [&layers[..], &[Piece::Credential(inner), plain()]].concat();
            let (once, twice) = (offer(&layers, offers), offer(&twice, offers));
            assert_eq!(twice, once, "{outer:?}, {offers:?}");
        }
    }
}
