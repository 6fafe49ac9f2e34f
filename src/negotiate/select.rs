//! Judging the offers, and selecting one (R3, R5, R6).

use std::{fmt, sync::Arc};

use http::request::Parts;

use super::{
    offered::OfferedSubprotocols,
    policy::{Malformed, Policy, Preference, Require},
    supported::Supported,
};
use crate::{
    rejection::{
        MalformedOffer, NothingSelected, SubprotocolRejection, TooManyOffers, UnofferedSelection,
    },
    subprotocol::{Grammar, Subprotocol},
};

/// What selects among the offers.
#[derive(Clone, Debug)]
pub(crate) enum Selector {
    Names {
        supported: Supported,
        preference: Preference,
    },
    Function(Function),
}

/// The function of a layer that was made with `from_fn`.
#[derive(Clone)]
pub(crate) struct Function(Arc<FunctionType>);

type FunctionType =
    dyn for<'a> Fn(&'a OfferedSubprotocols, &'a Parts) -> Option<&'a str> + Send + Sync;

/// What a list without a fault offers.
pub(super) struct Judged<'a> {
    /// Whether it offers a name at all.
    offered: bool,
    /// The configured name that is selected. None if a function selects.
    pub(super) best: Option<&'a Subprotocol>,
}

impl Selector {
    pub(crate) const fn supported(&self) -> Option<&Supported> {
        match self {
            Self::Names { supported, .. } => Some(supported),
            Self::Function(_) => None,
        }
    }

    /// Reads the list up to its first fault (R3), and compares what it offers with
    /// the supported names (R4, R5).
    #[inline]
    pub(super) fn judge(
        &self,
        list: &OfferedSubprotocols,
        policy: &Policy,
    ) -> Result<Judged<'_>, SubprotocolRejection> {
        let mut offered = false;
        let mut best = None;
        let mut elements = list.elements();
        for (index, element) in elements.by_ref().take(policy.max_offers).enumerate() {
            if element.is_empty() {
                continue;
            }
            let found = self.find(element);
            if found.is_none() {
                match (Grammar::Token.check(element), policy.malformed) {
                    (Ok(()), _) => {}
                    (Err(_), Malformed::Ignore) => continue,
                    (Err(source), Malformed::Reject) => {
                        return Err(MalformedOffer { index, source }.into());
                    }
                }
            }
            offered = true;
            best = match (best, found) {
                (Some(best), Some(found)) if self.prefers(found, best) => Some(found),
                (Some(best), _) => Some(best),
                (None, found) => found,
            };
        }
        if elements.has_more() {
            let limit = policy.max_offers;
            return Err(TooManyOffers { limit }.into());
        }
        let best = best.and_then(|rank| self.supported()?.names().get(rank));
        Ok(Judged { offered, best })
    }

    fn find(&self, element: &[u8]) -> Option<usize> {
        match self {
            Self::Names { supported, .. } => supported.find(element),
            Self::Function(_) => None,
        }
    }

    /// Whether a later offer of rank `found` replaces one of rank `best`.
    const fn prefers(&self, found: usize, best: usize) -> bool {
        match self {
            Self::Names {
                preference: Preference::Server,
                ..
            } => found < best,
            _ => false,
        }
    }
}

impl Judged<'_> {
    /// Whether the handshake may continue with what is `selected` (R6).
    pub(super) fn check(
        &self,
        selected: Option<&Subprotocol>,
        list: &OfferedSubprotocols,
        require: Require,
    ) -> Result<(), NothingSelected> {
        let is_required = match require {
            Require::Never => false,
            Require::IfOffered => self.offered,
            Require::Always => true,
        };
        if is_required && selected.is_none() {
            let supported = list.supported().map(Supported::names);
            return Err(NothingSelected::new(supported, self.offered));
        }
        Ok(())
    }
}

impl Function {
    pub(crate) fn new<F>(function: F) -> Self
    where
        F: for<'a> Fn(&'a OfferedSubprotocols, &'a Parts) -> Option<&'a str>,
        F: Send + Sync + 'static,
    {
        Self(Arc::new(function))
    }

    /// What the function selects, if it was offered. The name is copied: it may
    /// borrow from the request.
    pub(super) fn call(
        &self,
        list: &OfferedSubprotocols,
        head: &Parts,
    ) -> Result<Option<Subprotocol>, UnofferedSelection> {
        let Some(name) = (self.0)(list, head) else {
            return Ok(None);
        };
        match (list.contains(name), name.parse()) {
            (true, Ok(name)) => Ok(Some(name)),
            _ => Err(UnofferedSelection::new()),
        }
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("from_fn")
    }
}
