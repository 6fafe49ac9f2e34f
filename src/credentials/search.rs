//! Finding the credential in a client's list, and the list without it.

use http::HeaderValue;

use super::{Credentials, OfferedCredential};
use crate::{
    offers::{OfferedSubprotocols, Taken},
    rejection::{CredentialFault, FaultyCredential},
    supported::Supported,
};

/// A credential that is in order.
#[derive(Debug)]
pub(crate) struct Found {
    /// What the request is to have as `Authorization`.
    pub(crate) authorization: HeaderValue,
    /// Which element of the list it was.
    pub(crate) index: usize,
    announced_at: Option<usize>,
}

impl Credentials {
    /// The credential among the offers, if there is one.
    ///
    /// It reads no further than to the element that makes the rest of the list
    /// longer than `max_offers`.
    pub(crate) fn find(
        &self,
        offered: &OfferedSubprotocols,
        names: &Supported,
        max_offers: usize,
    ) -> Result<Option<Found>, FaultyCredential> {
        let taken_before = offered.taken();
        let mut found: Option<Found> = None;
        let mut announced = None;
        let mut offers = 0;

        for (index, element) in offered.elements().enumerate() {
            let of_its_own = self.after_prefix(element);
            let sent = match announced {
                Some(_) if of_its_own.is_some() || self.is_name(element, names) => {
                    return Err(FaultyCredential::new(CredentialFault::NameInItsPlace));
                }
                Some((credential, at)) if !element.is_empty() => {
                    Some((credential, element, Some(at)))
                }
                _ => of_its_own.map(|(credential, sent)| (credential, sent, None)),
            };

            if let Some((credential, sent, announced_at)) = sent {
                if found.is_some() || taken_before.is_some() {
                    return Err(FaultyCredential::new(CredentialFault::Repeated));
                }
                let authorization = credential.authorization(sent);
                found = Some(Found {
                    authorization: authorization.map_err(FaultyCredential::new)?,
                    index,
                    announced_at,
                });
                announced = None;
                continue;
            }

            if offers == max_offers {
                return Ok(found);
            }
            // What announced a credential to a layer outside announces none here.
            let is_spent = taken_before.is_some_and(|taken| taken.announced_at == Some(offers));
            if let Some(credential) = self.after_name(element).filter(|_| !is_spent) {
                announced = Some((credential, offers));
            }
            offers += 1;
        }

        match announced {
            Some(_) => Err(FaultyCredential::new(CredentialFault::Missing)),
            None => Ok(found),
        }
    }

    /// The credential that begins like `element`, and the rest of it.
    fn after_prefix<'a>(&self, element: &'a [u8]) -> Option<(&OfferedCredential, &'a [u8])> {
        self.0.iter().find_map(|credential| {
            let sent = element.strip_prefix(credential.prefix()?.as_bytes())?;
            Some((credential, sent))
        })
    }

    /// The credential that `element` announces.
    fn after_name(&self, element: &[u8]) -> Option<&OfferedCredential> {
        let announced_by = |name: &str| name.as_bytes() == element;
        let mut credentials = self.0.iter();
        credentials.find(|credential| credential.name().is_some_and(announced_by))
    }

    fn is_name(&self, element: &[u8], names: &Supported) -> bool {
        names.find(element).is_some() || self.after_name(element).is_some()
    }
}

impl Found {
    /// The list without the credential. An instance that has nothing else is gone.
    pub(crate) fn cut_out_of(&self, offered: &OfferedSubprotocols) -> OfferedSubprotocols {
        let mut end = 0;
        let others = offered.instances().filter_map(|value| {
            let begin = end;
            end += split(value).count();
            if (begin..end).contains(&self.index) {
                without_part(value, self.index - begin)
            } else {
                Some(value.clone())
            }
        });
        OfferedSubprotocols::new(others).with_taken(Taken {
            index: self.index,
            announced_at: self.announced_at,
        })
    }
}

fn split(value: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    value.as_bytes().split(|&byte| byte == b',')
}

fn without_part(value: &HeaderValue, part: usize) -> Option<HeaderValue> {
    let parts = split(value).enumerate();
    let others: Vec<_> = parts
        .filter_map(|(other, element)| (other != part).then_some(element))
        .collect();
    // What is left of a header value is one.
    (!others.is_empty()).then(|| HeaderValue::try_from(others.join(&b',')).ok())?
}
