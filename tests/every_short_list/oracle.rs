//! The rules once more, on whole strings, from the words of the documentation.

use axum_subprotocol::{Malformed, rejection::CredentialFault};

use crate::{
    stacks::{Shape, Told},
    token,
};

/// What comes of a handshake.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    Onwards(Seen),
    Faulty(CredentialFault),
    Malformed { index: usize },
    TooMany { limit: usize },
}

/// What there is to see behind the layers.
#[derive(Debug, Default, PartialEq)]
pub struct Seen {
    pub selected: Option<String>,
    pub offered: Vec<String>,
    pub authorization: Option<String>,
    pub from_offers: bool,
}

/// An element of the client's list, with its place in what was sent.
#[derive(Clone, Copy)]
struct Element<'a> {
    index: usize,
    text: &'a str,
    /// It announced a token that a layer has taken.
    is_answered: bool,
}

/// An element that is no offer.
#[derive(Clone, Copy)]
struct Credential<'a> {
    sent: &'a str,
    shape: Shape,
    announced_by: Option<usize>,
}

/// What becomes of a list in one string, with a `char` for each byte.
pub fn outcome(list: Option<&str>, own: Option<&str>, layers: &[Told]) -> Outcome {
    let parts = list.into_iter().flat_map(|list| list.split(','));
    let mut list: Vec<_> = parts
        .enumerate()
        .map(|(index, part)| Element {
            index,
            text: part.trim_matches([' ', '\t']),
            is_answered: false,
        })
        .collect();
    let mut seen = Seen {
        authorization: own.map(str::to_owned),
        ..Seen::default()
    };
    let mut is_taken = false;
    for told in layers {
        let token = match take_credential(&mut list, told, is_taken) {
            Ok(token) => token,
            Err(fault) => return Outcome::Faulty(fault),
        };
        is_taken |= token.is_some();
        if let Some(rejected) = rejection(&list, told) {
            return rejected;
        }
        let offers = list.iter().map(|element| element.text);
        let offers: Vec<_> = offers.filter(|text| told.is_offer(text)).collect();
        if token.is_some() && offers.is_empty() {
            return Outcome::Faulty(CredentialFault::Alone);
        }
        let selected = offers.iter().find(|name| told.names.contains(name));
        seen.selected = selected.map(ToString::to_string);
        seen.offered = offers.iter().map(ToString::to_string).collect();
        seen.from_offers |= token.is_some() && seen.authorization.is_none();
        let authorization = token.map(|token| format!("Bearer {token}"));
        seen.authorization = seen.authorization.or(authorization);
    }
    Outcome::Onwards(seen)
}

/// The token, and the list without it. Once one `is_taken`, any other is one too
/// many.
fn take_credential(
    list: &mut Vec<Element<'_>>,
    told: &Told,
    is_taken: bool,
) -> Result<Option<String>, CredentialFault> {
    let credentials = credentials(list, told);
    let offers = |upto: usize| credentials[..upto].iter().filter(|it| it.is_none());
    let is_read = |at: &usize| offers(*at).count() <= told.max_offers;
    let read = (0..list.len()).filter(is_read);

    let mut found = None;
    for (at, credential) in read.filter_map(|at| Some((at, credentials[at]?))) {
        let is_announced = credential.announced_by.is_some();
        if is_announced && (told.is_name(list[at].text) || told.prefix(list[at].text).is_some()) {
            return Err(CredentialFault::NameInItsPlace);
        }
        if is_taken || found.is_some() {
            return Err(CredentialFault::Repeated);
        }
        let token = token::read(credential.sent, credential.shape)?;
        found = Some((at, token, credential.announced_by));
    }
    let is_read_whole = offers(list.len()).count() <= told.max_offers;
    let end = (0..list.len()).rfind(|at| !list[*at].text.is_empty());
    if is_read_whole && end.is_some_and(|at| announces(list, &credentials, told, at).is_some()) {
        return Err(CredentialFault::Missing);
    }

    let Some((at, token, announced_by)) = found else {
        return Ok(None);
    };
    if let Some(announcer) = announced_by {
        list[announcer].is_answered = true;
    }
    list.remove(at);
    Ok(Some(token))
}

/// Which elements are credentials, right or wrong.
fn credentials<'a>(list: &[Element<'a>], told: &Told) -> Vec<Option<Credential<'a>>> {
    let mut credentials: Vec<Option<Credential<'a>>> = Vec::new();
    for (at, Element { text, .. }) in list.iter().enumerate() {
        let before = (0..at).rfind(|before| !list[*before].text.is_empty());
        let announced_by = before
            .filter(|_| !text.is_empty())
            .and_then(|before| Some((before, announces(list, &credentials, told, before)?)));
        let prefixed = told.prefix(text);
        credentials.push(match (announced_by, prefixed) {
            (None, None) => None,
            (_, Some((shape, sent))) => Some(Credential {
                sent,
                shape,
                announced_by: announced_by.map(|(before, _)| before),
            }),
            (Some((before, shape)), None) => Some(Credential {
                sent: text,
                shape,
                announced_by: Some(before),
            }),
        });
    }
    credentials
}

/// The shape of the token that must follow the element.
fn announces(
    list: &[Element<'_>],
    credentials: &[Option<Credential<'_>>],
    told: &Told,
    at: usize,
) -> Option<Shape> {
    let may_announce = credentials[at].is_none() && !list[at].is_answered;
    may_announce.then(|| told.announcement(list[at].text))?
}

/// What is wrong with a list that has no credential any more.
fn rejection(list: &[Element<'_>], told: &Told) -> Option<Outcome> {
    let limit = told.max_offers;
    let is_bad = |element: &&Element<'_>| !element.text.is_empty() && !told.is_offer(element.text);
    let bad = list.iter().take(limit).find(is_bad);
    match bad {
        Some(bad) if told.malformed == Malformed::Reject => {
            Some(Outcome::Malformed { index: bad.index })
        }
        _ if list.len() > limit => Some(Outcome::TooMany { limit }),
        _ => None,
    }
}
