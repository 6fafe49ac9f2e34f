//! What the layers note in a request (C6).

use std::sync::Arc;

use http::{Extensions, HeaderName};

use super::settings::Settings;

/// An extension of a request: which headers were filled from the offers, and don't
/// come from the client's own headers.
///
/// Any web page can make a browser open a WebSocket with any offers, while it can't
/// make the browser send its own `Authorization`. Protection against cross-site
/// requests that exempts requests with `Authorization` must not exempt one that is
/// listed here. Every request without such a header has no such extension.
///
/// # Example
///
#[cfg_attr(feature = "axum", doc = "```")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
/// use axum::{Extension, http::{HeaderMap, header::AUTHORIZATION}};
/// use axum_subprotocol::CredentialFromOffers;
///
/// fn is_exempt(headers: &HeaderMap, from_offers: Option<Extension<CredentialFromOffers>>) -> bool {
///     let is_offered = from_offers.is_some_and(|marked| marked.contains(&AUTHORIZATION));
///     headers.contains_key(AUTHORIZATION) && !is_offered
/// }
///
/// // In a test:
/// let marked = CredentialFromOffers::from_iter([AUTHORIZATION]);
/// assert!(marked.contains(&AUTHORIZATION));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CredentialFromOffers(Vec<HeaderName>);

impl CredentialFromOffers {
    /// Whether the header `name` was filled from the offers.
    #[must_use]
    pub fn contains(&self, name: &HeaderName) -> bool {
        self.0.contains(name)
    }
}

/// For tests of what depends on the extension.
impl FromIterator<HeaderName> for CredentialFromOffers {
    fn from_iter<I: IntoIterator<Item = HeaderName>>(headers: I) -> Self {
        Self(headers.into_iter().collect())
    }
}

pub(super) fn is_from_offers(name: &HeaderName, request: &Extensions) -> bool {
    let marked: Option<&CredentialFromOffers> = request.get();
    marked.is_some_and(|marked| marked.contains(name))
}

pub(super) fn mark_as_from_offers(name: &HeaderName, request: &mut Extensions) {
    let marked: &mut CredentialFromOffers = request.get_or_insert_default();
    marked.0.push(name.clone());
}

/// An extension of a request: the layers that have looked for a credential.
#[derive(Clone, Default)]
struct Seen(Vec<Arc<Settings>>);

/// Notes that a layer looks for its shape. The result is `false` if a layer of the
/// same shape already has.
pub(super) fn mark_as_seen(settings: &Arc<Settings>, request: &mut Extensions) -> bool {
    let Seen(by) = request.get_or_insert_default();
    let is_first = by.iter().all(|other| other.shape != settings.shape);
    if is_first {
        by.push(Arc::clone(settings));
    }
    is_first
}
