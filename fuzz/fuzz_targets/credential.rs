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

fuzz_target!(|input: Input| {
    let mut stack = vec![Piece::Credential(input.outer)];
    stack.extend(input.inner.map(Piece::Credential));
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
