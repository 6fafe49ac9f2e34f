//! What a `SubprotocolLayer` leaves in the request (R7, R9).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Extensions, HeaderValue};

use super::offered::OfferedSubprotocols;
use crate::subprotocol::{Subprotocol, Supported};

/// The result of one layer: an extension of the request that is passed on.
#[derive(Clone)]
pub(crate) enum Outcome {
    /// The client sent no list, so there is no selection to share with the future. Has the names
    /// of the layer.
    NoList(Option<Arc<Supported>>),
    List(Arc<Selection>),
}

/// What is selected from a list. The future that waits for the reply shares it.
pub(crate) struct Selection {
    /// The client's own list.
    pub(crate) offered: OfferedSubprotocols,
    pub(crate) selected: Option<Selected>,
    /// What a layer inside named when its own reply completed the handshake. The last
    /// write counts.
    pub(crate) inner_answer: Mutex<Option<Answer>>,
    /// The selection of the layer around this one.
    pub(crate) outer: Option<Arc<Self>>,
}

/// A selected name.
pub(crate) enum Selected {
    /// A rank in `offered.supported`, which a layer with a list of names fills.
    Listed(usize),
    /// What the layer's function returned, parsed.
    Returned(Subprotocol),
}

/// The name in a reply that completes a handshake, if it has one.
pub(crate) struct Answer(pub(crate) Option<HeaderValue>);

impl Outcome {
    /// What the innermost layer so far left in a request.
    pub(crate) fn of(request: &Extensions) -> Option<&Self> {
        request.get()
    }

    pub(crate) fn offered(&self) -> OfferedSubprotocols {
        match self {
            Self::NoList(supported) => OfferedSubprotocols {
                supported: supported.clone(),
                ..OfferedSubprotocols::default()
            },
            Self::List(selection) => selection.offered.clone(),
        }
    }

    pub(crate) fn selection(&self) -> Option<&Arc<Selection>> {
        match self {
            Self::NoList(_) => None,
            Self::List(selection) => Some(selection),
        }
    }

    pub(crate) fn selected(&self) -> Option<&Subprotocol> {
        self.selection()?.name()
    }
}

impl Selected {
    fn name<'a>(&'a self, offered: &'a OfferedSubprotocols) -> Option<&'a Subprotocol> {
        match self {
            Self::Listed(rank) => offered.supported.as_ref()?.names.get(*rank),
            Self::Returned(name) => Some(name),
        }
    }

    /// The header value of the name.
    pub(crate) fn value<'a>(&'a self, offered: &'a OfferedSubprotocols) -> Option<&'a HeaderValue> {
        match self {
            Self::Listed(rank) => offered.supported.as_ref()?.values.get(*rank),
            Self::Returned(name) => name.shared_value(),
        }
    }
}

impl Selection {
    pub(crate) fn name(&self) -> Option<&Subprotocol> {
        self.selected.as_ref()?.name(&self.offered)
    }

    pub(crate) fn value(&self) -> Option<&HeaderValue> {
        self.selected.as_ref()?.value(&self.offered)
    }

    pub(crate) fn inner_answer(&self) -> MutexGuard<'_, Option<Answer>> {
        let answer = self.inner_answer.lock();
        answer.unwrap_or_else(PoisonError::into_inner)
    }
}

impl OfferedSubprotocols {
    /// The client's own list, from the extensions of a request behind a
    /// [`SubprotocolLayer`](crate::SubprotocolLayer). `None` if the request is not a
    /// handshake, and without a layer.
    ///
    /// ```
    /// use axum_subprotocol::OfferedSubprotocols;
    /// use http::Request;
    ///
    /// fn offers_mqtt<B>(request: &Request<B>) -> bool {
    ///     let offered = OfferedSubprotocols::from_extensions(request.extensions());
    ///     offered.is_some_and(|offered| offered.contains("mqtt"))
    /// }
    /// ```
    #[must_use]
    pub fn from_extensions(extensions: &Extensions) -> Option<Self> {
        Outcome::of(extensions).map(Outcome::offered)
    }
}
