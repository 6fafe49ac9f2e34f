//! The rows of the bare service.

use axum_subprotocol::{Encoding, OfferedCredentialLayer, SubprotocolLayer};

use super::{
    Serve,
    bare::{ByHand, NOTHING, serve},
    by_hand,
};

/// A title, lines of offers, this crate's layer, and code for the same job by hand. What
/// the second code costs without offers is not part of the job.
pub(crate) type Row = (
    &'static str,
    fn() -> String,
    fn() -> Serve,
    Option<[ByHand; 2]>,
);

/// The row whose request is not a handshake.
pub(crate) const PAGE: &str = "plain GET";
pub(crate) const WANTED: &str = "graphql-transport-ws";
const KIB_60: usize = 60 * 1024;

pub(crate) const ROWS: [Row; 19] = {
    let list: fn() -> Serve = || serve(names(2));
    let nested = || serve((names(2), names(2)));
    let from_fn = || serve(SubprotocolLayer::from_fn(|offers, _| offers.get(WANTED)));
    let by_prefix = || serve(OfferedCredentialLayer::after_prefix("bearer."));
    let base64 = || serve(encoded(Encoding::Base64));
    let percent = || serve(encoded(Encoding::Percent));
    let by_name = || serve(OfferedCredentialLayer::after_name("bearer"));
    let protocols: ByHand = |head| by_hand::axum(head, |ws| ws.protocols([WANTED, "graphql-ws"]));
    let axum = Some([protocols, |head| by_hand::axum(head, |ws| ws)]);
    let plain: ByHand = |head| by_hand::take(head, str::to_owned);
    let from_base64: ByHand = |head| by_hand::take(head, by_hand::from_base64);
    let from_percent: ByHand = |head| by_hand::take(head, by_hand::from_percent);
    let two = || "graphql-ws, graphql-transport-ws".to_owned();
    let lines = || "soap\ngraphql-ws\ngraphql-transport-ws".to_owned();
    let long = || vec!["a".repeat(960); 64].join(",");
    let of_one_length = || serve(SubprotocolLayer::new(numbered("x")));
    let unsupported = || numbered("y").collect::<Vec<_>>().join(",");
    let prefixed = || "chat, bearer.mF_9.B5f".to_owned();
    let in_base64 = || "chat, bearer.bUZfOS5CNWY".to_owned();
    let in_percent = || "chat, bearer.mF%2F9.B5f".to_owned();
    let named = || "bearer, mF_9.B5f".to_owned();
    [
        (PAGE, String::new, list, None),
        ("nothing offered", String::new, list, axum),
        (
            "one name, the first of two",
            || WANTED.to_owned(),
            list,
            axum,
        ),
        (
            "one name, the second",
            || "graphql-ws".to_owned(),
            list,
            axum,
        ),
        ("two names", two, list, axum),
        ("two names of 64", two, || serve(names(64)), axum),
        ("three header lines", lines, list, axum),
        (
            "64 names of one length, none of 64",
            unsupported,
            of_one_length,
            axum,
        ),
        ("60 KiB of `a,a,…`", || "a,".repeat(KIB_60 / 2), list, axum),
        ("60 KiB of commas", || ",".repeat(KIB_60), list, axum),
        ("60 KiB of one name", || "a".repeat(KIB_60), list, axum),
        ("two nested layers", two, nested, None),
        ("`from_fn`", two, from_fn, Some([by_hand::select, NOTHING])),
        ("`from_fn`, `contains` 64 times", two, contains, None),
        ("`contains` 64 times, 64 names of 960", long, contains, None),
        (
            "credential by prefix",
            prefixed,
            by_prefix,
            Some([plain, NOTHING]),
        ),
        (
            "credential after a name",
            named,
            by_name,
            Some([plain, NOTHING]),
        ),
        (
            "credential in base64",
            in_base64,
            base64,
            Some([from_base64, NOTHING]),
        ),
        (
            "credential, percent-encoded",
            in_percent,
            percent,
            Some([from_percent, NOTHING]),
        ),
    ]
};

/// A layer with this many names.
fn names(count: usize) -> SubprotocolLayer {
    let others = (2..count).map(|number| format!("graphql-ws-{number:02}"));
    let wanted = [WANTED, "graphql-ws"].map(str::to_owned);
    SubprotocolLayer::new(wanted.into_iter().chain(others))
}

fn encoded(encoding: Encoding) -> OfferedCredentialLayer {
    OfferedCredentialLayer::after_prefix("bearer.").encoding(encoding)
}

/// 64 names of one length.
fn numbered(letter: &str) -> impl Iterator<Item = String> {
    (0..64).map(move |number| format!("graphql-{letter}-{number:02}"))
}

/// Looks for 64 names that are not offered.
fn contains() -> Serve {
    let name = |number| format!("graphql-ws-{number:02}");
    let names: Vec<String> = (0..64).map(name).collect();
    serve(SubprotocolLayer::from_fn(move |offers, _| {
        names.iter().any(|name| offers.contains(name)).then_some("")
    }))
}
