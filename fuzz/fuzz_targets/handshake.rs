//! Requests through nested `SubprotocolLayer`s and other middleware.

#![no_main]

use arbitrary::Arbitrary;
use harness::{Case, Middleware, Piece, ReplyCase, RequestCase, SubprotocolConfig};
use libfuzzer_sys::fuzz_target;

/// The layers, from the outermost to the innermost, with and without middleware
/// outside of each.
#[derive(Arbitrary, Debug)]
struct Input {
    outer: (Option<Middleware>, SubprotocolConfig),
    inner: Option<(Option<Middleware>, SubprotocolConfig)>,
    innermost: Option<(Option<Middleware>, SubprotocolConfig)>,
    request: RequestCase,
    replies: [ReplyCase; 2],
}

impl From<Input> for Case {
    fn from(input: Input) -> Self {
        let Input {
            outer,
            inner,
            innermost,
            request,
            replies,
        } = input;
        let mut stack = Vec::new();
        for (middleware, config) in [Some(outer), inner, innermost].into_iter().flatten() {
            stack.extend(middleware.map(Piece::Middleware));
            stack.push(Piece::Subprotocol(config));
        }
        Self {
            stack,
            request,
            replies,
        }
    }
}

fuzz_target!(|input: Input| {
    let case = Case::from(input);
    let seen = case.seen();
    assert_eq!(seen, case.expected());

    // Without the oracle: what is selected was offered.
    for inward in &seen.inward {
        let offered = inward.offered.as_deref().unwrap_or_default();
        assert!(inward.selected.iter().all(|name| offered.contains(name)));
    }

    let on_one_line = case.on_one_line().seen();
    assert_eq!(on_one_line.without_lists(), seen.without_lists());
});
