//! What a client offered, kept for the handler.

use std::fmt;

use http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};

use crate::{
    elements::{Elements, elements},
    grammar::Grammar,
    supported::Supported,
};

/// The names that the client offered, in the client's order of preference.
///
/// As an axum extractor it works on every WebSocket handshake, behind a
/// [`SubprotocolLayer`](crate::SubprotocolLayer) and without one, and is empty
/// on any other request. Behind a layer it is the client's own list still,
/// although the request's header names only the selected subprotocol.
///
/// It has the elements that are tokens, repetitions included (RFC 6455 §11.3.4,
/// RFC 9110 §5.6.1.2), and those that the layer supports although they are none.
/// Others can't be subprotocols. Offers can contain secrets, since browsers have no
/// other header to send one in; what a layer takes as a
/// [credential](crate::OfferedCredential) is not among them. So `Debug` shows only
/// how many there are, and you should think twice before you log one.
///
/// The names are read from the header each time that you iterate: nothing is
/// copied. In return a value **keeps the request's head in memory**, up to some
/// hundred kilobytes with the usual servers. Don't move it into the task of a
/// socket; take what you need from it, in the handler.
///
/// # Example
///
/// ```
/// use axum::{extract::ws::WebSocketUpgrade, response::Response};
/// use axum_subprotocol::OfferedSubprotocols;
///
/// async fn chat(offered: OfferedSubprotocols, ws: WebSocketUpgrade) -> Response {
///     let wants_compression = offered.contains("chat.v2+deflate");
///     ws.on_upgrade(move |socket| async move { /* … */ })
/// }
/// ```
#[derive(Clone, Default)]
pub struct OfferedSubprotocols {
    // Nearly every client sends one instance, which then needs no allocation.
    first: Option<HeaderValue>,
    others: Vec<HeaderValue>,
    /// Offers that are no tokens and were configured so: only a layer knows them.
    non_tokens: Option<Supported>,
    /// The credential that a layer has taken out of the list.
    taken: Option<Taken>,
}

/// A credential that is no longer in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Which element it was.
    pub(crate) index: usize,
    /// Which of the elements that are left announced it, if one did.
    pub(crate) announced_at: Option<usize>,
}

/// The elements of the list that `instances` make up.
pub(crate) fn elements_of<'a>(
    instances: impl IntoIterator<Item = &'a HeaderValue>,
) -> Elements<'a, impl Iterator<Item = &'a [u8]>> {
    elements(instances.into_iter().map(HeaderValue::as_bytes))
}

impl OfferedSubprotocols {
    /// The list that `instances` make up.
    pub(crate) fn new(mut instances: impl Iterator<Item = HeaderValue>) -> Self {
        Self {
            first: instances.next(),
            others: instances.collect(),
            non_tokens: None,
            taken: None,
        }
    }

    /// The list in the head of a request, `at_most` so many instances of it.
    pub(crate) fn of(headers: &HeaderMap, at_most: usize) -> Self {
        let instances = headers.get_all(SEC_WEBSOCKET_PROTOCOL);
        Self::new(instances.iter().take(at_most).cloned())
    }

    /// The same list, in which those of the `supported` names that are no tokens
    /// are offers too.
    pub(crate) fn with_names_of(mut self, supported: &Supported) -> Self {
        self.non_tokens = (!supported.are_tokens()).then(|| supported.clone());
        self
    }

    /// The same list, out of which a credential was taken.
    pub(crate) const fn with_taken(mut self, taken: Taken) -> Self {
        self.taken = Some(taken);
        self
    }

    pub(crate) const fn taken(&self) -> Option<Taken> {
        self.taken
    }

    /// What the list is made up of.
    pub(crate) fn instances(&self) -> impl Iterator<Item = &HeaderValue> {
        self.first.iter().chain(&self.others)
    }

    /// All elements of the list, offers or not.
    pub(crate) fn elements(&self) -> Elements<'_, impl Iterator<Item = &[u8]>> {
        elements_of(self.instances())
    }

    /// The offered names, in the client's order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let non_tokens = self.non_tokens.as_ref();
        let is_offer = move |element: &&[u8]| {
            let is_non_token = |names: &Supported| names.find(element).is_some();
            Grammar::Token.accepts(element) || non_tokens.is_some_and(is_non_token)
        };
        let offers = self.elements().filter(is_offer);
        offers.filter_map(|name| std::str::from_utf8(name).ok())
    }

    /// Whether `name` was offered. Names compare byte for byte (RFC 7936 §2).
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.iter().any(|offered| offered == name)
    }

    /// Whether no name was offered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl fmt::Debug for OfferedSubprotocols {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfferedSubprotocols")
            .field("count", &self.iter().count())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(instances: &[&'static str]) -> OfferedSubprotocols {
        let mut headers = HeaderMap::new();
        for instance in instances {
            headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(instance));
        }
        OfferedSubprotocols::of(&headers, usize::MAX)
    }

    #[test]
    fn only_tokens_are_offers_and_keep_their_order() {
        let list = offered(&["wamp, so ap,", "", "a\"b\", soap, wamp"]);
        assert_eq!(list.iter().collect::<Vec<_>>(), ["wamp", "soap", "wamp"]);
        assert!(list.contains("soap"));
        assert!(!list.contains("so ap"));
        assert!(!list.contains("SOAP"));
        assert!(!list.is_empty());
        for nothing in [&[][..], &[""], &[" ,\t,", ""], &["a b"]] {
            assert!(offered(nothing).is_empty(), "{nothing:?}");
        }
    }

    #[test]
    fn r10_debug_shows_a_count() {
        let list = offered(&["secret, token"]);
        assert_eq!(format!("{list:?}"), "OfferedSubprotocols { count: 2 }");
    }
}
