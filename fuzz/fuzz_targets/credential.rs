//! Requests through stacked `OfferedCredentialLayer`s, with and without a
//! `SubprotocolLayer` inside.

#![no_main]

use arbitrary::Arbitrary;
use harness::{Case, CredentialConfig, Piece, ReplyCase, RequestCase, SubprotocolConfig};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    outer: CredentialConfig,
    inner: Option<CredentialConfig>,
    subprotocol: Option<SubprotocolConfig>,
    /// The credential layers are outside.
    is_in_order: bool,
    request: RequestCase,
    replies: [ReplyCase; 2],
}

impl From<Input> for Case {
    fn from(input: Input) -> Self {
        let mut stack = vec![Piece::Credential(input.outer)];
        stack.extend(input.inner.map(Piece::Credential));
        stack.extend(input.subprotocol.map(Piece::Subprotocol));
        if !input.is_in_order {
            stack.reverse();
        }
        let Input {
            request, replies, ..
        } = input;
        Self {
            stack,
            request,
            replies,
        }
    }
}

fuzz_target!(|input: Input| {
    let has_layer_inside = input.subprotocol.is_some();
    let case = Case::from(input);
    let seen = case.seen();
    assert_eq!(seen, case.expected());

    // Without the oracle: a header from the offers is one line, and sensitive.
    for inward in &seen.inward {
        for name in &inward.from_offers {
            let lines: Vec<_> = inward.headers.lines(name.clone()).collect();
            assert!(lines.len() == 1 && lines[0].is_sensitive);
            let mut token = lines[0].text.split(' ').next_back().unwrap().chars();
            assert!(token.all(|char| char.is_ascii_graphic() && char != ','));
        }
    }

    // Which of the empty elements go with a credential depends on the lines.
    if !has_layer_inside {
        let on_one_line = case.on_one_line().seen();
        assert_eq!(on_one_line.without_lists(), seen.without_lists());
    }
});
