//! One request head in, one outcome out. Pure logic, without Tower or axum.

mod offered;
mod outcome;
mod policy;
mod select;
mod supported;

use std::mem;

use http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL, request::Parts};

use self::select::Judged;
pub use self::{
    offered::OfferedSubprotocols,
    policy::{Malformed, Preference, Require},
};
pub(crate) use self::{
    outcome::{Outcome, write},
    policy::Policy,
    select::{Function, Selector},
    supported::Supported,
};
use crate::rejection::SubprotocolRejection;

/// Selects from the client's own list, and leaves the selected name in the head of
/// the request, where an outer layer may have left another.
pub(crate) fn negotiate(
    selector: &Selector,
    policy: &Policy,
    head: &mut Parts,
) -> Result<Outcome, SubprotocolRejection> {
    let outer = Outcome::of(&head.extensions).cloned();
    let outer_list = outer.as_ref().map(Outcome::offered);
    let (list, judged) = exchange(selector, policy, outer_list, &mut head.headers)?;
    let selected = match selector {
        Selector::Names { .. } => judged.best.cloned(),
        Selector::Function(function) => {
            let selected = function.call(&list, head)?;
            write(&mut head.headers, selected.as_ref());
            selected
        }
    };
    judged.check(selected.as_ref(), &list, policy.require)?;
    let outcome = Outcome::new(list, selected, outer);
    head.extensions.insert(outcome.clone());
    Ok(outcome)
}

/// Takes the client's list out of the header, or from an outer layer, and writes the
/// configured name that is selected in its place. No header is left for a function.
fn exchange<'a>(
    selector: &'a Selector,
    policy: &Policy,
    outer: Option<&OfferedSubprotocols>,
    headers: &mut HeaderMap,
) -> Result<(OfferedSubprotocols, Judged<'a>), SubprotocolRejection> {
    const TAKEN: HeaderValue = HeaderValue::from_static("");

    // In most requests no header has a second line.
    let has_second_line = headers.len() != headers.keys_len()
        && headers
            .get_all(&SEC_WEBSOCKET_PROTOCOL)
            .iter()
            .nth(1)
            .is_some();
    // The usual case: the only line is replaced where it is.
    let mut only_line = None;
    let list = match outer {
        Some(list) => list.clone(),
        // One more line than there may be elements is enough to see that.
        None if has_second_line => {
            OfferedSubprotocols::from_lines(headers, policy.max_offers.saturating_add(1))
        }
        None => {
            only_line = headers.get_mut(&SEC_WEBSOCKET_PROTOCOL);
            let taken = only_line.as_deref_mut();
            let taken = taken.map(|line| mem::replace(line, TAKEN));
            OfferedSubprotocols::from_line(taken)
        }
    };
    let list = list.read_with(selector.supported());
    let judged = selector.judge(&list, policy)?;
    match (only_line, judged.best) {
        (Some(line), Some(name)) => *line = name.into(),
        (None, None) if outer.is_none() && list.has_no_line() => {}
        (_, selected) => write(headers, selected),
    }
    Ok((list, judged))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::Subprotocol;

    const CLIENT: Policy = Policy::DEFAULT;
    const LENIENT: Policy = Policy {
        malformed: Malformed::Ignore,
        ..CLIENT
    };
    const IF_OFFERED: Policy = Policy {
        require: Require::IfOffered,
        ..LENIENT
    };
    const ALWAYS: Policy = Policy {
        require: Require::Always,
        ..LENIENT
    };
    const AT_MOST_3: Policy = Policy {
        max_offers: 3,
        ..CLIENT
    };
    const LENIENT_AT_MOST_3: Policy = Policy {
        max_offers: 3,
        ..LENIENT
    };

    /// The outcome in a word or two, and the header that is left.
    fn outcome(preference: Preference, policy: &Policy, offers: &'static str) -> String {
        let names = [
            Subprotocol::from_static("v2"),
            Subprotocol::from_static("v1"),
            Subprotocol::non_token_from_static("v/0"),
        ];
        let selector = Selector::Names {
            supported: Supported::try_new(names).unwrap(),
            preference,
        };
        let (mut head, ()) = Request::new(()).into_parts();
        let offers = HeaderValue::from_static(offers);
        head.headers.insert(SEC_WEBSOCKET_PROTOCOL, offers);
        match negotiate(&selector, policy, &mut head) {
            Ok(outcome) => {
                let selected = outcome.selected().map(Subprotocol::as_str);
                let lines = head.headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
                assert!(lines.eq(selected.as_slice()));
                selected.unwrap_or("none").to_owned()
            }
            Err(SubprotocolRejection::MalformedOffer(fault)) => {
                format!("malformed {}", fault.index())
            }
            Err(SubprotocolRejection::TooManyOffers(fault)) => {
                format!("too many {}", fault.limit())
            }
            Err(SubprotocolRejection::NothingSelected(fault)) => {
                format!("rejected, offered {}", fault.offered())
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn every_policy_has_its_outcome() {
        use Preference::{Client, Server};

        let cases: [(Preference, &Policy, &str, &str); 32] = [
            (Client, &CLIENT, "v1, v2", "v1"),
            (Client, &CLIENT, "x, v2, v1", "v2"),
            (Client, &CLIENT, "v1, v1, v2", "v1"),
            (Client, &CLIENT, "V1, v2", "v2"),
            (Client, &CLIENT, "x", "none"),
            (Client, &CLIENT, "", "none"),
            (Client, &CLIENT, "v1, a b", "malformed 1"),
            (Client, &CLIENT, ", ,a b", "malformed 2"),
            (Client, &CLIENT, "v/0, v1", "v/0"),
            (Client, &CLIENT, "v1, v/0", "v1"),
            (Client, &CLIENT, "v/1, v1", "malformed 0"),
            (Server, &CLIENT, "v/0, v1", "v1"),
            (Server, &CLIENT, "v1, v2", "v2"),
            (Server, &CLIENT, "x, v1, v1", "v1"),
            (Server, &CLIENT, "x", "none"),
            (Server, &CLIENT, "v2, a b", "malformed 1"),
            (Client, &LENIENT, "a b, v1", "v1"),
            (Client, &LENIENT, "a b", "none"),
            (Client, &IF_OFFERED, "x, v1", "v1"),
            (Client, &IF_OFFERED, "x", "rejected, offered true"),
            (Client, &IF_OFFERED, ",", "none"),
            (Client, &IF_OFFERED, "a b", "none"),
            (Client, &ALWAYS, "v2", "v2"),
            (Client, &ALWAYS, "x", "rejected, offered true"),
            (Client, &ALWAYS, ",", "rejected, offered false"),
            (Client, &ALWAYS, "a b", "rejected, offered false"),
            (Client, &AT_MOST_3, "v1,v2,x", "v1"),
            (Client, &AT_MOST_3, "v1,v2,x,", "too many 3"),
            (Client, &AT_MOST_3, ",,,", "too many 3"),
            (Client, &AT_MOST_3, "v1,v2,a b,x", "malformed 2"),
            (Client, &AT_MOST_3, "v1,v2,x,a b", "too many 3"),
            (Client, &LENIENT_AT_MOST_3, "v1,a b,,a b", "too many 3"),
        ];
        for (preference, policy, offers, expected) in cases {
            let outcome = outcome(preference, policy, offers);
            assert_eq!(outcome, expected, "{offers:?} with {policy:?}");
        }
    }
}
