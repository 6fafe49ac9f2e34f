//! A handshake on its way in (R3 to R7, R9).

use std::mem;

use http::{
    HeaderMap, HeaderValue, Request,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
    request::Parts,
};

use crate::{
    credentials::AuthorizationFromOffers,
    header::write_header,
    layer::{Choose, SubprotocolLayer},
    negotiation::Negotiation,
    offers::{OfferedSubprotocols, elements_of},
    rejection::{CredentialFault, FaultyCredential, SubprotocolRejection, UnofferedSelection},
    selection::judge,
    subprotocol::Subprotocol,
};

/// Selects from the client's own list, and leaves the selected name in the
/// request's head, where an `outer` layer has left one of its own.
pub(crate) fn negotiate<B>(
    layer: &SubprotocolLayer,
    request: &mut Request<B>,
    outer: Option<&Negotiation>,
) -> Result<Negotiation, SubprotocolRejection> {
    let is_apart = outer.is_some() || layer.choose.is_some() || layer.credentials.is_some();
    let headers = request.headers_mut();
    if !is_apart && headers.len() == headers.keys_len() {
        in_place(layer, headers)
    } else {
        apart(layer, request, outer)
    }
}

/// The usual case, in which no header has a second instance: judges the list where
/// it is, and puts the selected name in its place.
fn in_place(
    SubprotocolLayer {
        supported, policy, ..
    }: &SubprotocolLayer,
    headers: &mut HeaderMap,
) -> Result<Negotiation, SubprotocolRejection> {
    let only = headers.get_mut(SEC_WEBSOCKET_PROTOCOL);
    let judged = judge(supported, policy, elements_of(only.as_deref()), None)?;
    let selected = judged.permits(judged.best(supported), supported, policy)?;
    let offered = match (only, selected) {
        (Some(only), Some(selected)) => Some(mem::replace(only, selected.into())),
        (Some(_), None) => headers.remove(SEC_WEBSOCKET_PROTOCOL),
        (None, _) => None,
    };
    Ok(Negotiation::new(
        OfferedSubprotocols::new(offered.into_iter()).with_names_of(supported),
        supported.clone(),
        selected.cloned(),
    ))
}

/// Any case: works on a copy of the list, which an outer layer may have taken
/// already, and in which there may be a credential.
fn apart<B>(
    layer: &SubprotocolLayer,
    request: &mut Request<B>,
    outer: Option<&Negotiation>,
) -> Result<Negotiation, SubprotocolRejection> {
    let SubprotocolLayer {
        supported, policy, ..
    } = layer;
    // A credential aside, the next instance is one too many.
    let surplus = 1 + usize::from(layer.credentials.is_some());
    let at_most = policy.max_offers.saturating_add(surplus);
    let mut offered = match outer {
        Some(outer) => outer.offered().clone(),
        None => OfferedSubprotocols::of(request.headers(), at_most),
    };
    let credential = match &layer.credentials {
        Some(credentials) => credentials.find(&offered, supported, policy.max_offers)?,
        None => None,
    };
    let index = credential.as_ref().map(|credential| credential.index);
    let judged = judge(supported, policy, offered.elements(), index)
        .map_err(|rejection| rejection.counting(offered.taken()))?;
    // Removed after the judgement, which limits how many there are, and before
    // anything is written, so that the map has room.
    request.headers_mut().remove(SEC_WEBSOCKET_PROTOCOL);
    if let Some(credential) = credential {
        if !judged.offered {
            return Err(FaultyCredential::new(CredentialFault::Alone).into());
        }
        offered = credential.cut_out_of(&offered);
        authorize(request, credential.authorization)?;
    }

    let offered = offered.with_names_of(supported);
    let selected = match &layer.choose {
        Some(choose) => by_code(choose, &offered, request)?,
        None => judged.best(supported).cloned(),
    };
    let selected = judged.permits(selected, supported, policy)?;
    write_header(request.headers_mut(), selected.as_ref());
    Ok(Negotiation::new(offered, supported.clone(), selected))
}

/// What the function says, if it was offered.
fn by_code<B>(
    choose: &Choose,
    offered: &OfferedSubprotocols,
    request: &mut Request<B>,
) -> Result<Option<Subprotocol>, UnofferedSelection> {
    with_parts(request, |head| {
        let Some(name) = choose.call(offered, head) else {
            return Ok(None);
        };
        let offered = offered.contains(name).then(|| name.parse().ok()).flatten();
        offered.map(Some).ok_or(UnofferedSelection::new())
    })
}

/// Lends the head of `request`, whatever its body is.
fn with_parts<B, T>(request: &mut Request<B>, look: impl FnOnce(&Parts) -> T) -> T {
    let (mut head, ()) = Request::new(()).into_parts();
    swap_heads(request, &mut head);
    let seen = look(&head);
    swap_heads(request, &mut head);
    seen
}

fn swap_heads<B>(request: &mut Request<B>, head: &mut Parts) {
    mem::swap(request.method_mut(), &mut head.method);
    mem::swap(request.uri_mut(), &mut head.uri);
    mem::swap(request.version_mut(), &mut head.version);
    mem::swap(request.headers_mut(), &mut head.headers);
    mem::swap(request.extensions_mut(), &mut head.extensions);
}

/// Adds the header, unless the client has sent one.
fn authorize<B>(
    request: &mut Request<B>,
    authorization: HeaderValue,
) -> Result<(), FaultyCredential> {
    let headers = request.headers_mut();
    if headers.contains_key(AUTHORIZATION) {
        return Ok(());
    }
    // The selected name needs room too.
    let room = headers.try_reserve(2);
    room.ok()
        .and_then(|()| headers.try_insert(AUTHORIZATION, authorization).ok())
        .ok_or(FaultyCredential::new(CredentialFault::NoRoom))?;
    request
        .extensions_mut()
        .insert(AuthorizationFromOffers::default());
    Ok(())
}
