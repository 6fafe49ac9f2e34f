//! Every text of a few characters as a credential, in each encoding, with each limit and
//! in each header, against the oracle.

use axum_subprotocol::{Encoding, Malformed};

use crate::{
    harness::{Case, CredentialConfig, Destination, Form, Line, Piece, TEXTS},
    support::random::{enumerate, number_from_env, on_all_cores},
};

/// Digits that end a text canonically or not, one of each alphabet, and padding.
const BASE64: [char; 7] = ['A', 'E', 'Q', 'x', '+', '_', '='];

/// These make commas, blanks, control characters, and UTF-8 or not.
const PERCENT: [char; 7] = ['%', '0', '2', 'A', 'C', 'g', '+'];

const PREFIX: (Form, &str) = (Form::AfterPrefix("bearer."), "bearer.");
const NAME: (Form, &str) = (Form::AfterName("bearer"), "bearer, ");
const BARE: (Form, &str) = (Form::Bare { except: &["v1"] }, "");

/// A layer for each of `forms`, header, limit and mode, and what stands before its
/// credentials.
fn cases(forms: &[(Form, &'static str)], encoding: Encoding) -> Vec<(Case, &'static str)> {
    let mut cases = Vec::new();
    for (form, before) in forms {
        for destination in [Destination::Bearer, Destination::Header] {
            for max_len in [0, 1, 2, 3, 6, 8192] {
                for malformed in [Malformed::Reject, Malformed::Ignore] {
                    let layer = CredentialConfig {
                        form: *form,
                        encoding,
                        destination,
                        max_len,
                        malformed,
                        echo_if_alone: true,
                    };
                    let stack = vec![Piece::Credential(layer)];
                    cases.push((Case::handshake(stack, true), *before));
                }
            }
        }
    }
    cases
}

/// Sends `text` through the layers, alone and before another offer.
fn check(cases: &mut [(Case, &'static str)], text: &str) {
    for (case, before) in cases {
        for after in ["", ", v1"] {
            case.set_offers([Line::new(format!("{before}{text}{after}"))]);
            case.check_rules();
        }
    }
}

#[test]
fn every_short_text_has_the_outcome_of_the_rules() {
    let longest = number_from_env("LONGEST_TEXT", 3);
    for (encoding, alphabet) in [(Encoding::Base64, BASE64), (Encoding::Percent, PERCENT)] {
        let handshakes = on_all_cores(|share, shares| {
            let mut cases = cases(&[PREFIX], encoding);
            let mut handshakes = 0;
            for text in enumerate(&alphabet, longest, share, shares) {
                check(&mut cases, &String::from_iter(text));
                handshakes += 2 * cases.len() as u64;
            }
            handshakes
        });
        println!("{encoding:?}: {handshakes} handshakes with texts of up to {longest} characters");
    }
}

#[test]
fn every_known_text_has_the_outcome_of_the_rules() {
    for encoding in [Encoding::Plain, Encoding::Base64, Encoding::Percent] {
        let mut cases = cases(&[PREFIX, NAME, BARE], encoding);
        for text in TEXTS {
            check(&mut cases, text);
        }
    }
}
