//! Credentials among the offers.

mod offered_credential;
mod search;

use std::sync::Arc;

pub use self::offered_credential::OfferedCredential;
use crate::{
    config_error::{ConfigError, Fault},
    supported::Supported,
};

/// All shapes that a layer accepts. A clone is a pointer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials(Arc<[OfferedCredential]>);

impl Credentials {
    /// One shape more, if it goes with the others and with the supported names,
    /// where they are known.
    pub(crate) fn and(
        &self,
        credential: OfferedCredential,
        names: Option<&Supported>,
    ) -> Result<Self, ConfigError> {
        credential.check(names)?;
        let mut names_before = self.0.iter().filter_map(OfferedCredential::name);
        if let Some(name) = names_before.find(|other| Some(*other) == credential.name()) {
            let name = name.to_owned();
            return Err(Fault::RepeatedAnnouncement { name }.into());
        }

        let all: Arc<[_]> = self.0.iter().cloned().chain([credential]).collect();
        let mut prefixes: Vec<_> = all.iter().filter_map(OfferedCredential::prefix).collect();
        // What begins with another one then stands right after it.
        prefixes.sort_unstable();
        let overlapping = prefixes.windows(2).find_map(|pair| match pair {
            [shorter, longer] if longer.starts_with(shorter) => Some([*longer, *shorter]),
            _ => None,
        });
        if let Some(overlapping) = overlapping {
            let [longer, shorter] = overlapping.map(str::to_owned);
            return Err(Fault::OverlappingPrefixes { longer, shorter }.into());
        }

        let names = names.into_iter().flat_map(Supported::names);
        let mut names = names
            .map(AsRef::as_ref)
            .chain(all.iter().filter_map(OfferedCredential::name));
        let with_prefix = names.find_map(|name| {
            let prefix = prefixes.iter().find(|prefix| name.starts_with(**prefix))?;
            Some((name.to_owned(), (*prefix).to_owned()))
        });
        if let Some((name, prefix)) = with_prefix {
            return Err(Fault::NameWithPrefix { name, prefix }.into());
        }
        Ok(Self(all))
    }
}

/// An extension of a request: its `Authorization` is not the client's own header,
/// but comes from the offers.
///
/// Any web page can make a browser open a WebSocket with whatever offers it likes,
/// as with cookies, and unlike a real `Authorization`. A check against cross-site
/// requests that exempts requests with `Authorization` must not exempt this one.
///
/// It is not there if the request had an `Authorization` already: that one is kept.
///
/// ```
/// use axum::Extension;
/// use axum_subprotocol::AuthorizationFromOffers;
///
/// async fn handler(from_offers: Option<Extension<AuthorizationFromOffers>>) {
///     if from_offers.is_some() { /* a browser, most likely */ }
/// }
/// ```
///
/// To test what depends on it, make one with `default()`.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuthorizationFromOffers(());
