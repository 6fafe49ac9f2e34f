//! Every list of a few elements, split over header lines in every way, through stacks
//! of layers that remove credentials from it, against the oracle.

use axum_subprotocol::{Encoding, Malformed};
use http::{HeaderName, header::AUTHORIZATION};

use crate::{
    harness::{Case, CredentialConfig, Destination, Form, Line, Piece, SubprotocolConfig, X_TOKEN},
    support::random::{enumerate, number_from_env, on_all_cores},
};

/// In base64: `a`, the same with bits that mean nothing, `a b`, and four bytes, which are
/// one too many. Percent-encoded: `a`. The texts of credentials have a test of their own.
const ELEMENTS: [&str; 16] = [
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
    "bearer.%61",
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

const PREFIX: CredentialConfig = CredentialConfig::new(Form::AfterPrefix("bearer."));

const BASE64: CredentialConfig = encoded(
    Encoding::Base64,
    CredentialConfig::new(Form::AfterPrefix("b64.")),
);

const NAME: CredentialConfig = CredentialConfig::new(Form::AfterName("bearer"));

const BARE: CredentialConfig = CredentialConfig::new(Form::Bare { except: &[] });

const BARE_EXCEPT: CredentialConfig = CredentialConfig::new(Form::Bare {
    except: &["v1", "x", "bearer"],
});

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

const fn to(destination: Destination, config: CredentialConfig) -> CredentialConfig {
    CredentialConfig {
        destination,
        ..config
    }
}

const fn encoded(encoding: Encoding, config: CredentialConfig) -> CredentialConfig {
    CredentialConfig { encoding, ..config }
}

/// Credential layers, from the outermost to the innermost.
fn credential_layers() -> [Vec<CredentialConfig>; 24] {
    use Destination::{Header, Token};
    use Encoding::{Base64, Percent};

    [
        // Alone.
        vec![echoing(PREFIX)],
        vec![echoing(lenient(PREFIX))],
        vec![to(Header, PREFIX)],
        vec![BASE64],
        vec![lenient(BASE64)],
        vec![to(Header, BASE64)],
        vec![echoing(lenient(encoded(Percent, PREFIX)))],
        vec![NAME],
        vec![to(Token, lenient(NAME))],
        vec![to(Header, lenient(NAME))],
        vec![echoing(BARE)],
        vec![echoing(to(Header, lenient(BARE_EXCEPT)))],
        // Several shapes.
        vec![BASE64, echoing(PREFIX)],
        vec![lenient(BASE64), NAME],
        vec![to(Token, PREFIX), lenient(NAME)],
        vec![to(Header, PREFIX), NAME],
        vec![to(Header, lenient(PREFIX)), to(Header, NAME)],
        vec![NAME, PREFIX],
        vec![echoing(encoded(Percent, PREFIX)), echoing(BARE_EXCEPT)],
        vec![lenient(NAME), to(Header, encoded(Base64, BARE_EXCEPT))],
        vec![to(Token, BASE64), to(Header, PREFIX), lenient(BARE)],
        // One shape.
        vec![lenient(PREFIX), echoing(to(Header, PREFIX))],
        vec![NAME, to(Token, NAME)],
        vec![echoing(lenient(BARE_EXCEPT)), to(Header, echoing(BARE))],
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
