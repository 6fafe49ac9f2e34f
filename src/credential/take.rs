//! One handshake: find, check, remove, add.

use std::sync::Arc;

use http::{HeaderValue, request::Parts};

use super::{
    add::add, check::check, find::find, mark::mark_as_seen, remove::remove, settings::Settings,
};
use crate::{
    negotiate::Outcome,
    rejection::{CredentialFault, CredentialRejection},
};

/// Moves the credential of a handshake from the offers to a header. Returns what the
/// reply may have to echo.
pub(super) fn take(
    settings: &Arc<Settings>,
    head: &mut Parts,
) -> Result<Option<HeaderValue>, CredentialRejection> {
    let Settings { shape, target, .. } = &**settings;
    if Outcome::of(&head.extensions).is_some() {
        return Err(CredentialFault::WrongOrder.into());
    }
    if !mark_as_seen(settings, &mut head.extensions) {
        return Ok(None);
    }
    let Some(found) = find(shape, &head.headers) else {
        return Ok(None);
    };
    let echo = if settings.echo_if_alone {
        found.echo()
    } else {
        None
    };
    let value = check(settings, &found).and_then(|token| target.value(&token));
    let value = settings.tolerate(value)?;
    // Before the value is added, so that there is room.
    remove(shape, &mut head.headers);
    if let Some(value) = value {
        settings.tolerate(add(target, &value, head))?;
    }
    Ok(echo)
}
