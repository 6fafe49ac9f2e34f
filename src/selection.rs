//! Judging the offers, and selecting one (R3 to R6).

use crate::{
    elements::Elements,
    grammar::Grammar,
    policy::{Malformed, Policy, Preference, Require},
    rejection::{MalformedOffer, NothingSelected, SubprotocolRejection, TooManyOffers},
    subprotocol::Subprotocol,
    supported::Supported,
};

/// What a list that is in order offers.
#[derive(Clone, Copy)]
pub(crate) struct Judged {
    /// Whether it offers a name at all.
    pub(crate) offered: bool,
    /// The rank of the supported name that wins.
    best: Option<usize>,
}

/// Reads the list, no further than to its first fault (R3), and compares what
/// it offers with the supported names (R4, R5). The element that is a
/// `credential`, which stands within the limit, is no part of it.
pub(crate) fn judge<'a>(
    supported: &Supported,
    policy: &Policy,
    mut elements: Elements<'a, impl Iterator<Item = &'a [u8]>>,
    credential: Option<usize>,
) -> Result<Judged, SubprotocolRejection> {
    let mut offered = false;
    let mut best = None;
    let extra = usize::from(credential.is_some());
    let end = policy.max_offers.saturating_add(extra);

    for (index, element) in elements.by_ref().take(end).enumerate() {
        if Some(index) == credential {
            continue;
        }
        let found = supported.find(element);
        if found.is_some() || Grammar::Token.accepts(element) {
            offered = true;
            best = match policy.preference {
                Preference::Client => best.or(found),
                Preference::Server => best.into_iter().chain(found).min(),
            };
        } else if !element.is_empty() && policy.malformed == Malformed::Reject {
            return Err(MalformedOffer { index }.into());
        }
    }

    if elements.has_more() {
        let limit = policy.max_offers;
        return Err(TooManyOffers { limit }.into());
    }
    Ok(Judged { offered, best })
}

impl Judged {
    /// The supported name that wins, if there is one.
    pub(crate) fn best(self, supported: &Supported) -> Option<&Subprotocol> {
        supported.names().get(self.best?)
    }

    /// Whether the handshake may go on with what is `selected` (R6).
    pub(crate) fn permits<T>(
        self,
        selected: Option<T>,
        supported: &Supported,
        policy: &Policy,
    ) -> Result<Option<T>, NothingSelected> {
        let required = match policy.require {
            Require::Never => false,
            Require::IfOffered => self.offered,
            Require::Always => true,
        };
        if required && selected.is_none() {
            return Err(NothingSelected::new(supported, self.offered));
        }
        Ok(selected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elements::elements;

    const CLIENT: Policy = Policy::DEFAULT;
    const SERVER: Policy = Policy {
        preference: Preference::Server,
        ..CLIENT
    };
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

    /// The outcome in a word or two.
    fn outcome(policy: &Policy, header: &str) -> String {
        let supported = Supported::try_new(["v2", "v1", "v/0"], Grammar::NonToken).unwrap();
        let elements = elements([header.as_bytes()].into_iter());
        let selected = judge(&supported, policy, elements, None).and_then(|judged| {
            let best = judged.best(&supported);
            Ok(judged.permits(best, &supported, policy)?)
        });
        match selected {
            Ok(None) => "none".to_owned(),
            Ok(Some(name)) => name.to_string(),
            Err(SubprotocolRejection::MalformedOffer(fault)) => {
                format!("malformed {}", fault.index)
            }
            Err(SubprotocolRejection::TooManyOffers(fault)) => format!("too many {}", fault.limit),
            Err(SubprotocolRejection::NothingSelected(fault)) => {
                format!("refused, offered {}", fault.offered())
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn every_policy_has_its_outcome() {
        let cases: [(&Policy, &str, &str); 32] = [
            (&CLIENT, "v1, v2", "v1"),
            (&CLIENT, "x, v2, v1", "v2"),
            (&CLIENT, "v1, v1, v2", "v1"),
            (&CLIENT, "V1, v2", "v2"),
            (&CLIENT, "x", "none"),
            (&CLIENT, "", "none"),
            (&CLIENT, "v1, a b", "malformed 1"),
            (&CLIENT, ", ,a b", "malformed 2"),
            (&CLIENT, "v/0, v1", "v/0"),
            (&CLIENT, "v1, v/0", "v1"),
            (&CLIENT, "v/1, v1", "malformed 0"),
            (&SERVER, "v/0, v1", "v1"),
            (&SERVER, "v1, v2", "v2"),
            (&SERVER, "x, v1, v1", "v1"),
            (&SERVER, "x", "none"),
            (&SERVER, "v2, a b", "malformed 1"),
            (&LENIENT, "a b, v1", "v1"),
            (&LENIENT, "a b", "none"),
            (&IF_OFFERED, "x, v1", "v1"),
            (&IF_OFFERED, "x", "refused, offered true"),
            (&IF_OFFERED, ",", "none"),
            (&IF_OFFERED, "a b", "none"),
            (&ALWAYS, "v2", "v2"),
            (&ALWAYS, "x", "refused, offered true"),
            (&ALWAYS, ",", "refused, offered false"),
            (&ALWAYS, "a b", "refused, offered false"),
            (&AT_MOST_3, "v1,v2,x", "v1"),
            (&AT_MOST_3, "v1,v2,x,", "too many 3"),
            (&AT_MOST_3, ",,,", "too many 3"),
            (&AT_MOST_3, "v1,v2,a b,x", "malformed 2"),
            (&AT_MOST_3, "v1,v2,x,a b", "too many 3"),
            (&LENIENT_AT_MOST_3, "v1,a b,,a b", "too many 3"),
        ];
        for (policy, header, expected) in cases {
            assert_eq!(
                outcome(policy, header),
                expected,
                "{header:?} with {policy:?}"
            );
        }
    }
}
