//! Tables of handshakes.

use super::{BOTH, Reply};

/// Makes the handshake of each case over both HTTP versions, and compares what came
/// back.
///
/// A case is `header line|header line => outcome`, in which `-` stands for nothing.
/// The outcome is what `seen` says of a reply that completes the handshake, and the
/// status and the text of any other. `…` at its end stands for any text.
pub async fn check(port: u16, path: &str, seen: impl Fn(&Reply) -> String, cases: &[&str]) {
    for over in BOTH {
        for case in cases {
            let (lines, expected) = case.split_once(" => ").unwrap();
            let lines: Vec<_> = match lines {
                "-" => Vec::new(),
                _ => lines.split('|').collect(),
            };
            let reply = over.handshake(port, path, &lines).await;
            let outcome = if reply.status == over.completed() {
                seen(&reply)
            } else {
                assert_eq!(reply.selected(), "", "{over:?} {path} {case}: {reply:?}");
                format!("{} {}", reply.status.as_u16(), reply.body)
            };
            let matches = match expected.strip_suffix('…') {
                Some(beginning) => outcome.starts_with(beginning),
                None => outcome == expected,
            };
            assert!(matches, "{over:?} {path} {case}: {outcome}\n{reply:?}");
        }
    }
}

/// The selected name. The request and the extractor must have had the same.
pub fn selected(reply: &Reply) -> String {
    let selected = reply.selected();
    assert_eq!(reply.all("x-inward"), selected, "{reply:?}");
    assert_eq!(reply.all("x-extracted"), selected, "{reply:?}");
    or_dash(selected)
}

/// The selected name, and the client's list.
pub fn selected_of_offered(reply: &Reply) -> String {
    let offered = or_dash(reply.all("x-offered"));
    format!("{} of {offered}", selected(reply))
}

pub fn or_dash(text: String) -> String {
    if text.is_empty() { "-".into() } else { text }
}
