//! What `SubprotocolLayer` does with a handshake (R2 to R7): one request head in, one
//! outcome out. Doesn't know Tower or axum.

use std::{
    mem,
    sync::{Arc, Mutex},
};

use http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL, request::Parts};

use crate::{
    handshake::header,
    layer::{Function, SubprotocolLayer},
    rejection::{NothingSelected, SubprotocolRejection},
    selection::{
        offered::{Lines, OfferedSubprotocols},
        outcome::{Outcome, Selected, Selection},
        policy::{Malformed, Preference, Require},
    },
    subprotocol::{Grammar, Subprotocol},
};

/// Selects from the client's own list. Leaves the selected name in the header of the
/// request, and the outcome in its extensions.
pub(crate) fn negotiate(
    layer: &SubprotocolLayer,
    head: &mut Parts,
) -> Result<Option<Arc<Selection>>, SubprotocolRejection> {
    const TAKEN: HeaderValue = HeaderValue::from_static("");

    // Behind another layer the list is in that layer's outcome (R9). Nearly all other lists
    // are on one line, which is replaced where it is.
    let outer = Outcome::of(&head.extensions);
    let mut line = None;
    let lines = if let Some(outer) = outer {
        outer.offered().lines
    } else if header::have_one_line_each(&head.headers) {
        line = head.headers.get_mut(&SEC_WEBSOCKET_PROTOCOL);
        Lines::One(line.as_deref_mut().map(|line| mem::replace(line, TAKEN)))
    } else {
        // `max_offers` + 1 lines are too many elements already.
        Lines::of(&head.headers, layer.max_offers.saturating_add(1))
    };
    let is_absent = matches!(lines, Lines::One(None));
    let mut may_have_header = outer.is_some() || !is_absent;
    let outer = outer.and_then(Outcome::selection).cloned();
    let supported = match layer.function {
        None => Some(Arc::clone(&layer.supported)),
        Some(_) => None,
    };
    let offered = OfferedSubprotocols { lines, supported };

    let listed = best_offer(layer, &offered)?;
    let selected = match &layer.function {
        None => listed.map(Selected::Listed),
        Some(function) => {
            // The function sees a head without the header, so no line is left to replace.
            line = None;
            if mem::take(&mut may_have_header) {
                head.headers.remove(&SEC_WEBSOCKET_PROTOCOL);
            }
            call(function, &offered, head)?.map(Selected::Returned)
        }
    };
    let value = selected.as_ref().and_then(|name| name.value(&offered));
    match (line, value) {
        (Some(line), Some(value)) => *line = value.clone(),
        (None, None) if !may_have_header => {}
        (_, value) => header::write(&mut head.headers, value),
    }

    let is_required = match layer.require {
        Require::Never => false,
        Require::IfOffered => !offered.is_empty(),
        Require::Always => true,
    };
    if is_required && selected.is_none() {
        return Err(SubprotocolRejection::NothingSelected(NothingSelected {
            has_offers: !offered.is_empty(),
            supported: offered.supported,
        }));
    }
    if is_absent {
        let outcome = Outcome::NoList(offered.supported);
        head.extensions.insert(outcome);
        return Ok(None);
    }
    let selection = Arc::new(Selection {
        offered,
        selected,
        inner_answer: Mutex::default(),
        outer,
    });
    let outcome = Outcome::List(Arc::clone(&selection));
    head.extensions.insert(outcome);
    Ok(Some(selection))
}

/// Reads the list up to its first fault (R3), and selects the best of the supported
/// names that it offers (R4, R5).
fn best_offer(
    layer: &SubprotocolLayer,
    offered: &OfferedSubprotocols,
) -> Result<Option<usize>, SubprotocolRejection> {
    let by_server = layer.prefer == Preference::Server;
    let mut best: Option<usize> = None;
    for (index, element) in offered.elements().enumerate() {
        if index == layer.max_offers {
            return Err(SubprotocolRejection::TooManyOffers { limit: index });
        }
        if element.is_empty() {
            continue;
        }
        match (layer.supported.rank(element), best) {
            (Some(found), None) => best = Some(found),
            (Some(found), Some(earlier)) if by_server && found < earlier => best = Some(found),
            (None, _) if layer.malformed == Malformed::Reject => {
                let malformed = |reason| SubprotocolRejection::MalformedOffer { index, reason };
                Grammar::Token.check(element).map_err(malformed)?;
            }
            _ => {}
        }
    }
    Ok(best)
}

/// What the function selects, if it was offered and is an RFC 9110 token. The name is
/// copied: it may borrow from the request.
fn call(
    Function(function): &Function,
    offered: &OfferedSubprotocols,
    head: &Parts,
) -> Result<Option<Subprotocol>, SubprotocolRejection> {
    let Some(name) = function(offered, head) else {
        return Ok(None);
    };
    let is_offered = offered.elements().any(|element| element == name.as_bytes());
    match name.parse::<Subprotocol>() {
        Ok(name) if is_offered => Ok(Some(name)),
        _ => Err(SubprotocolRejection::UnofferedSelection),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    /// The outcome in a word or two, and the header that is left.
    fn outcome(layer: &SubprotocolLayer, offers: &'static str) -> String {
        let (mut head, ()) = Request::new(()).into_parts();
        let offers = HeaderValue::from_static(offers);
        head.headers.insert(SEC_WEBSOCKET_PROTOCOL, offers);
        match negotiate(layer, &mut head) {
            Ok(_) => {
                let selected = Outcome::of(&head.extensions).unwrap().selected();
                let selected = selected.map(Subprotocol::as_str);
                let lines = head.headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
                assert!(lines.eq(selected.as_slice()));
                selected.unwrap_or("none").to_owned()
            }
            Err(SubprotocolRejection::MalformedOffer { index, .. }) => format!("malformed {index}"),
            Err(SubprotocolRejection::TooManyOffers { limit }) => format!("too many {limit}"),
            Err(SubprotocolRejection::NothingSelected(cause)) => {
                format!("rejected, offered {}", cause.has_offers())
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn every_setting_has_its_outcome() {
        let client = SubprotocolLayer::new([
            Subprotocol::from_static("v2"),
            Subprotocol::from_static("v1"),
            Subprotocol::non_token_from_static("v/0"),
        ]);
        let server = client.clone().prefer(Preference::Server);
        let at_most_3 = client.clone().max_offers(3);
        let lenient = client.clone().malformed(Malformed::Ignore);
        let lenient_at_most_3 = lenient.clone().max_offers(3);
        let if_offered = lenient.clone().require(Require::IfOffered);
        let always = lenient.clone().require(Require::Always);
        let cases: [(&SubprotocolLayer, &str, &str); 32] = [
            (&client, "v1, v2", "v1"),
            (&client, "x, v2, v1", "v2"),
            (&client, "v1, v1, v2", "v1"),
            (&client, "V1, v2", "v2"),
            (&client, "x", "none"),
            (&client, "", "none"),
            (&client, "v1, a b", "malformed 1"),
            (&client, ", ,a b", "malformed 2"),
            (&client, "v/0, v1", "v/0"),
            (&client, "v1, v/0", "v1"),
            (&client, "v/1, v1", "malformed 0"),
            (&server, "v/0, v1", "v1"),
            (&server, "v1, v2", "v2"),
            (&server, "x, v1, v1", "v1"),
            (&server, "x", "none"),
            (&server, "v2, a b", "malformed 1"),
            (&lenient, "a b, v1", "v1"),
            (&lenient, "a b", "none"),
            (&if_offered, "x, v1", "v1"),
            (&if_offered, "x", "rejected, offered true"),
            (&if_offered, ",", "none"),
            (&if_offered, "a b", "none"),
            (&always, "v2", "v2"),
            (&always, "x", "rejected, offered true"),
            (&always, ",", "rejected, offered false"),
            (&always, "a b", "rejected, offered false"),
            (&at_most_3, "v1,v2,x", "v1"),
            (&at_most_3, "v1,v2,x,", "too many 3"),
            (&at_most_3, ",,,", "too many 3"),
            (&at_most_3, "v1,v2,a b,x", "malformed 2"),
            (&at_most_3, "v1,v2,x,a b", "too many 3"),
            (&lenient_at_most_3, "v1,a b,,a b", "too many 3"),
        ];
        for (layer, offers, expected) in cases {
            assert_eq!(outcome(layer, offers), expected, "{offers:?} {layer:?}");
        }
    }
}
