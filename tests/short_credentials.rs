//! Every list of a few elements, split over header lines in every way, through stacks
//! of layers that remove credentials from it, against the oracle.
//!
//! A test run takes the lists of up to 2 elements. For all of up to 4:
//!
//! ```sh
//! LONGEST_LIST=4 cargo test --release --test integration short_credentials -- --nocapture
//! ```

use axum_subprotocol::Malformed;
use http::{HeaderName, header::AUTHORIZATION};

use crate::harness::{
    Case, CredentialConfig, Line, Piece, Shape, SubprotocolConfig, Target, X_TOKEN, enumerate,
    number_from_env, on_all_cores,
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
    [
        // Alone.
        vec![echoing(PREFIX)],
        vec![echoing(lenient(PREFIX))],
        vec![to(Target::Header, PREFIX)],
        vec![ENCODED],
        vec![lenient(ENCODED)],
        vec![NAME],
        vec![to(Target::Token, lenient(NAME))],
        vec![to(Target::Header, lenient(NAME))],
        // Two shapes.
        vec![ENCODED, echoing(PREFIX)],
        vec![lenient(ENCODED), NAME],
        vec![to(Target::Token, PREFIX), lenient(NAME)],
        vec![to(Target::Header, PREFIX), NAME],
        vec![
            to(Target::Header, lenient(PREFIX)),
            to(Target::Header, NAME),
        ],
        vec![NAME, PREFIX],
        // One shape.
        vec![lenient(PREFIX), echoing(to(Target::Header, PREFIX))],
        vec![NAME, to(Target::Token, NAME)],
    ]
}

/// The credential layers alone, and around a `SubprotocolLayer`.
fn stacks() -> Vec<Vec<Piece>> {
    let strict = SubprotocolConfig {
        max_offers: 3,
        ..SubprotocolConfig::new(&["v1", "bearer"])
    };
    let lenient = SubprotocolConfig {
        malformed: Malformed::Ignore,
        ..strict.clone()
    };
    let inside = [
        None,
        Some(Piece::Subprotocol(strict)),
        Some(Piece::Subprotocol(lenient)),
    ];
    let with_inside = |layers: Vec<CredentialConfig>| {
        let layers: Vec<_> = layers.into_iter().map(Piece::Credential).collect();
        inside
            .clone()
            .map(|inside| layers.iter().cloned().chain(inside).collect())
    };
    credential_layers()
        .into_iter()
        .flat_map(with_inside)
        .collect()
}

/// `elements` on as many lines as the bits of `breaks` say.
fn split(elements: &[&str], breaks: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (at, element) in elements.iter().enumerate() {
        match lines.last_mut() {
            Some(line) if breaks >> (at - 1) & 1 == 0 => {
                line.push_str(",\t");
                line.push_str(element);
            }
            _ => lines.push((*element).to_owned()),
        }
    }
    lines
}

fn check(cases: &mut [Case], lines: &[String]) -> u64 {
    let mut handshakes = 0;
    for case in cases {
        let lines = lines.iter().enumerate().map(|(number, line)| Line {
            text: line.clone(),
            is_sensitive: number % 2 == 1,
        });
        case.request.set_offers(lines);
        for own in OWN {
            for name in [AUTHORIZATION, X_TOKEN] {
                case.request.headers.remove(&name);
            }
            for (name, text) in own {
                let name = HeaderName::from_static(name);
                case.request.headers.append(&name, Line::new(*text));
            }
            assert_eq!(case.seen(), case.expected(), "{case:#?}");
            handshakes += 1;
        }
    }
    handshakes
}

#[test]
fn every_short_list_has_the_outcome_of_the_rules() {
    let longest = number_from_env("LONGEST_LIST", 2);
    let handshakes = on_all_cores(|share, shares| {
        let stacks = stacks().into_iter().enumerate();
        let case = |(number, stack)| Case::handshake(stack, number % 2 == 0);
        let mut cases: Vec<_> = stacks.map(case).collect();
        let mut handshakes = if share == 0 {
            check(&mut cases, &[])
        } else {
            0
        };
        for elements in enumerate(&ELEMENTS, 1..=longest, share, shares) {
            for breaks in 0..1 << (elements.len() - 1) {
                handshakes += check(&mut cases, &split(&elements, breaks));
            }
        }
        handshakes
    });
    println!("{handshakes} handshakes with lists of up to {longest} elements");
}
