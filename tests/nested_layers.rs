//! Nested layers with middleware between them: what random stacks hardly reach. The oracle
//! must agree with each expected outcome.

use http::header::SEC_WEBSOCKET_PROTOCOL;

use crate::harness::{Case, Choice, Line, Middleware, Pick, Piece, SubprotocolConfig};

fn plain() -> Piece {
    Piece::Subprotocol(SubprotocolConfig::new(&["v1", "v2"]))
}

#[test]
fn r9_the_last_reply_that_completes_the_handshake_counts() {
    // Selects `v1` first, and `v2` when the request is sent again.
    let inner = Piece::Subprotocol(SubprotocolConfig {
        choice: Choice::ByFunction(Pick::LastOnRetry),
        ..SubprotocolConfig::new(&[])
    });
    let retry = Piece::Middleware(Middleware::Retry);
    let mut case = Case::handshake(vec![plain(), retry, inner], true);
    case.set_offers([Line::new("v1, v2")]);
    let seen = case.check_rules();
    let selected: Vec<_> = seen
        .inward
        .iter()
        .map(|it| it.selected.as_deref())
        .collect();
    assert_eq!(selected, [Some("v1"), Some("v2")]);
    let sent: Vec<_> = seen.outward.headers.list(SEC_WEBSOCKET_PROTOCOL).collect();
    assert_eq!(sent, ["v2"]);
}

#[test]
fn r7_a_line_that_middleware_adds_between_two_layers_is_no_offer() {
    for line in ["v1", "x"] {
        let added = (SEC_WEBSOCKET_PROTOCOL, Line::new(line));
        let between = Piece::Middleware(Middleware::AppendToRequest(added));
        let case = Case::handshake(vec![plain(), between, plain()], true);
        let seen = case.check_rules();
        assert!(
            !seen.inward[0].headers.contains(SEC_WEBSOCKET_PROTOCOL),
            "{line}"
        );
        assert!(
            !seen.outward.headers.contains(SEC_WEBSOCKET_PROTOCOL),
            "{line}"
        );
    }
}
