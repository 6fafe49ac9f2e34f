//! Every header value over a small alphabet, on one line and split over two, through
//! a layer of every policy, against the oracle.

use axum_subprotocol::{Malformed, Preference, Require};

use crate::{
    harness::{Case, Choice, Line, Piece, SubprotocolConfig},
    support::random::{enumerate, number_from_env, on_all_cores},
};

/// Two letters that make names, what separates them, and what no name contains.
const ALPHABET: [char; 7] = ['a', 'b', ',', ' ', '\t', '/', '\u{ff}'];

fn layers() -> Vec<SubprotocolConfig> {
    let mut layers = Vec::new();
    for require in [Require::Never, Require::IfOffered, Require::Always] {
        for preference in [Preference::Client, Preference::Server] {
            for malformed in [Malformed::Reject, Malformed::Ignore] {
                layers.push(SubprotocolConfig {
                    choice: Choice::Names {
                        names: vec!["b", "a"],
                        preference,
                    },
                    require,
                    malformed,
                    max_offers: 3,
                });
            }
        }
    }
    layers
}

#[test]
fn every_short_header_has_the_outcome_of_the_rules() {
    let longest = number_from_env("LONGEST_HEADER", 3);
    let handshakes = on_all_cores(|share, shares| {
        let of_layer = |layer| Case::handshake(vec![Piece::Subprotocol(layer)], false);
        let mut cases: Vec<_> = layers().into_iter().map(of_layer).collect();
        let mut handshakes = 0;
        let mut check = |lines: &[&str]| {
            for case in &mut cases {
                case.set_offers(lines.iter().map(|line| Line::new(*line)));
                case.check_rules();
                handshakes += 1;
            }
        };
        check(&[]);
        for value in enumerate(&ALPHABET, longest, share, shares) {
            let value = String::from_iter(value);
            check(&[&value]);
            for at in (0..=value.len()).filter(|at| value.is_char_boundary(*at)) {
                let (first, second) = value.split_at(at);
                check(&[first, second]);
            }
        }
        handshakes
    });
    println!("{handshakes} handshakes with header values of up to {longest} bytes");
}
