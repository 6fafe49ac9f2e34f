//! Requests through nested `SubprotocolLayer`s and other middleware.

#![no_main]

use arbitrary::Arbitrary;
use harness::{Case, Middleware, Piece, ReplyCase, RequestCase, SubprotocolConfig};
use libfuzzer_sys::fuzz_target;

/// One to three layers, from the outermost to the innermost, with and without middleware
/// outside of each.
#[derive(Arbitrary, Debug)]
struct Input {
    outer: (Option<Middleware>, SubprotocolConfig),
    inner: [Option<(Option<Middleware>, SubprotocolConfig)>; 2],
    request: RequestCase,
    replies: [ReplyCase; 2],
}

fuzz_target!(|input: Input| {
    let layers = [Some(input.outer)].into_iter().chain(input.inner).flatten();
    let pieces = layers.flat_map(|(middleware, config)| {
        let middleware = middleware.map(Piece::Middleware);
        middleware.into_iter().chain([Piece::Subprotocol(config)])
    });
    let case = Case {
        stack: pieces.collect(),
        request: input.request,
        replies: input.replies,
    };
    case.check();
});
