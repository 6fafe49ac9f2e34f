//! Every list of a few elements, split over header lines in every way, through stacks
//! of layers that remove credentials from it, against the oracle.
//!
//! A test run takes the lists of up to 2 elements. For all of up to 4:
//!
//! ```sh
//! LONGEST_LIST=4 cargo test --release --test integration short_credentials -- --nocapture
//! ```

use axum_subprotocol::Malformed;
use http::{
    HeaderName,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
};

use crate::{
    harness::{
        Case, CredentialConfig, Line, Middleware, Piece, Seen, Shape, SubprotocolConfig, Target,
        X_TOKEN,
    },
    support::random::{enumerate, number_from_env, on_all_cores},
};

/// In base64url: `a`, the same with bits that mean nothing, `a b`, and four bytes,
/// which are one too many.
const ELEMENTS: [&str; 15] = [
    "",
    "v1",
    "x",
    "bearer",
    "bearer.a",
    "bearer.",
    "bearer.a b",
    "bearer.abcd",
    "b64.YQ",
    "b64.YR",
    "b64.YSBi",
    "b64.YWJjZA",
    "a b",
    "a=",
    "\u{ff}",
];

/// The client's own headers.
const OWN: [&[(&str, &str)]; 6] = [
    &[],
    &[("authorization", "Basic eDp5")],
    &[
        ("authorization", "bEARER \tx"),
        ("authorization", "Token y"),
    ],
    &[("authorization", "Token y"), ("authorization", "Bearer x")],
    &[("authorization", "Bearer")],
    &[("x-token", "")],
];

const PREFIX: CredentialConfig = CredentialConfig::new(Shape::AfterPrefix("bearer."));

const ENCODED: CredentialConfig = CredentialConfig {
    base64url: true,
    ..CredentialConfig::new(Shape::AfterPrefix("b64."))
};

const NAME: CredentialConfig = CredentialConfig::new(Shape::AfterName("bearer"));

const fn lenient(config: CredentialConfig) -> CredentialConfig {
    CredentialConfig {
        malformed: Malformed::Ignore,
        ..config
    }
}

const fn echoing(config: CredentialConfig) -> CredentialConfig {
    CredentialConfig {
        echo_if_alone: true,
        ..config
    }
}

const fn to(target: Target, config: CredentialConfig) -> CredentialConfig {
    CredentialConfig { target, ..config }
}

/// Credential layers, from the outermost to the innermost.
fn credential_layers() -> [Vec<CredentialConfig>; 16] {
    use Target::{Header, Token};

    [
        // Alone.
        vec![echoing(PREFIX)],
        vec![echoing(lenient(PREFIX))],
        vec![to(Header, PREFIX)],
        vec![ENCODED],
        vec![lenient(ENCODED)],
        vec![NAME],
        vec![to(Token, lenient(NAME))],
        vec![to(Header, lenient(NAME))],
        // Two shapes.
        vec![ENCODED, echoing(PREFIX)],
        vec![lenient(ENCODED), NAME],
        vec![to(Token, PREFIX), lenient(NAME)],
        vec![to(Header, PREFIX), NAME],
        vec![to(Header, lenient(PREFIX)), to(Header, NAME)],
        vec![NAME, PREFIX],
        // One shape.
        vec![lenient(PREFIX), echoing(to(Header, PREFIX))],
        vec![NAME, to(Token, NAME)],
    ]
}

/// The credential layers alone, and around a `SubprotocolLayer`, on both HTTP versions.
fn cases() -> Vec<Case> {
    let strict = SubprotocolConfig {
        max_offers: 3,
        ..SubprotocolConfig::new(&["v1", "bearer"])
    };
    let lenient = SubprotocolConfig {
        malformed: Malformed::Ignore,
        ..strict.clone()
    };
    let mut cases = Vec::new();
    for layers in credential_layers() {
        for inside in [None, Some(&strict), Some(&lenient)] {
            let layers = layers.iter().copied().map(Piece::Credential);
            let stack = layers.chain(inside.cloned().map(Piece::Subprotocol));
            cases.push(Case::handshake(stack.collect(), cases.len() % 2 == 0));
        }
    }
    cases
}

/// `elements` on as many lines as the bits of `breaks` say. Every second one is sensitive.
fn split(elements: &[&str], breaks: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (at, element) in elements.iter().enumerate() {
        match lines.last_mut() {
            Some(line) if breaks >> (at - 1) & 1 == 0 => {
                line.text.push_str(",\t");
                line.text.push_str(element);
            }
            _ => lines.push(Line {
                text: (*element).to_owned(),
                is_sensitive: lines.len() % 2 == 1,
            }),
        }
    }
    lines
}

#[test]
fn every_short_list_has_the_outcome_of_the_rules() {
    let longest = number_from_env("LONGEST_LIST", 2);
    let handshakes = on_all_cores(|share, shares| {
        let mut cases = cases();
        let mut handshakes = 0;
        for elements in enumerate(&ELEMENTS, longest, share, shares) {
            for breaks in 0..1 << elements.len().saturating_sub(1) {
                for case in &mut cases {
                    case.set_offers(split(&elements, breaks));
                    for own in OWN {
                        let headers = &mut case.request.headers;
                        headers.remove(&AUTHORIZATION);
                        headers.remove(&X_TOKEN);
                        for (name, text) in own {
                            headers.append(&HeaderName::from_static(name), Line::new(*text));
                        }
                        case.check_rules();
                        handshakes += 1;
                    }
                }
            }
        }
        handshakes
    });
    println!("{handshakes} handshakes with lists of up to {longest} elements");
}

/// Sends `offers` through two credential layers with middleware between them.
fn between(middleware: Middleware, inner: CredentialConfig, offers: &str) -> Seen {
    let stack = vec![
        Piece::Credential(PREFIX),
        Piece::Middleware(middleware),
        Piece::Credential(inner),
    ];
    let mut case = Case::handshake(stack, true);
    case.set_offers([Line::new(offers)]);
    case.check_rules()
}

// Random stacks reach the first of these once in 300,000 requests, and the second never.

#[test]
fn c6_adds_nothing_to_a_listed_header_that_middleware_removed() {
    let removes = Middleware::RemoveFromRequest(AUTHORIZATION);
    let seen = between(removes, NAME, "bearer.a, bearer, b");
    assert!(!seen.inward[0].headers.contains(AUTHORIZATION));
}

#[test]
fn c6_does_not_echo_if_a_layer_of_the_same_shape_has_looked() {
    let offered = (SEC_WEBSOCKET_PROTOCOL, Line::new("bearer.a"));
    let seen = between(Middleware::AppendToRequest(offered), echoing(PREFIX), "");
    assert!(!seen.inward[0].headers.contains(AUTHORIZATION));
    assert!(!seen.outward.headers.contains(SEC_WEBSOCKET_PROTOCOL));
}
