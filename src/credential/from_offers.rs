//! `CredentialFromOffers`: which headers of a request were filled from offers (C6).

use http::{Extensions, HeaderName};

/// An extension of a request: which headers were filled from the offers, and don't
/// come from the client's own headers.
///
/// Any web page can make a browser open a WebSocket with any offers. Protection against
/// cross-site requests that exempts requests with `Authorization` must not exempt one that
/// is listed here. The
/// [crate documentation](crate::guide::credentials#pages-of-other-sites) shows such a check.
/// A request without such a header has no such extension.
///
/// # Example
///
/// ```
/// use axum_subprotocol::CredentialFromOffers;
/// use http::{Request, header::AUTHORIZATION};
///
/// fn is_offered<B>(request: &Request<B>) -> bool {
///     let from_offers: Option<&CredentialFromOffers> = request.extensions().get();
///     from_offers.is_some_and(|marked| marked.contains(&AUTHORIZATION))
/// }
///
/// // In a test:
/// let mut request = Request::new(());
/// request.extensions_mut().insert(CredentialFromOffers::from_iter([AUTHORIZATION]));
/// assert!(is_offered(&request));
/// ```
#[derive(Clone, Debug)]
pub struct CredentialFromOffers {
    /// Nearly always there is one, which then needs no allocation.
    first: Option<HeaderName>,
    others: Vec<HeaderName>,
}

impl CredentialFromOffers {
    /// Whether the header `name` was filled from the offers.
    #[must_use]
    pub fn contains(&self, name: &HeaderName) -> bool {
        self.first.iter().chain(&self.others).any(|it| it == name)
    }

    /// Lists the header `name` in the extension of a `request`.
    pub(super) fn mark(name: HeaderName, request: &mut Extensions) {
        match request.get_mut::<Self>() {
            Some(marked) => marked.others.push(name),
            None => drop(request.insert(Self::from_iter([name]))),
        }
    }
}

/// For programs that make one header from another, and for tests.
impl FromIterator<HeaderName> for CredentialFromOffers {
    fn from_iter<I: IntoIterator<Item = HeaderName>>(headers: I) -> Self {
        let mut headers = headers.into_iter();
        Self {
            first: headers.next(),
            others: headers.collect(),
        }
    }
}
