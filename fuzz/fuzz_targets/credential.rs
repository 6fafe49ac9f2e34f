//! Requests through stacked `OfferedCredentialLayer`s, with and without a
//! `SubprotocolLayer` inside.

#![no_main]

use arbitrary::Arbitrary;
use harness::{Case, CredentialConfig, Piece, ReplyCase, RequestCase, SubprotocolConfig};
use libfuzzer_sys::fuzz_target;

/// One to three credential layers of any shape, encoding and target, from the outermost to
/// the innermost.
#[derive(Arbitrary, Debug)]
struct Input {
    outer: CredentialConfig,
    inner: [Option<CredentialConfig>; 2],
    subprotocol: Option<SubprotocolConfig>,
    /// The credential layers are outside.
    is_in_order: bool,
    request: RequestCase,
    replies: [ReplyCase; 2],
}

fuzz_target!(|input: Input| {
    let layers = [Some(input.outer)].into_iter().chain(input.inner).flatten();
    let mut stack: Vec<_> = layers.map(Piece::Credential).collect();
    stack.extend(input.subprotocol.map(Piece::Subprotocol));
    if !input.is_in_order {
        stack.reverse();
    }
    let case = Case {
        stack,
        request: input.request,
        replies: input.replies,
    };
    case.check();
});
