//! A layer that selects by code.

use std::{fmt, sync::Arc};

use http::request::Parts;

use super::SubprotocolLayer;
use crate::{offers::OfferedSubprotocols, supported::Supported};

impl SubprotocolLayer {
    /// A layer whose selection is made by a function, where a list of names can't
    /// say it: ranges of versions, tenants, feature flags.
    ///
    /// The function is given the client's offers and the head of the request, and
    /// returns the offer that it selects, or `None`. It is called on every
    /// handshake that is not malformed, also when nothing is offered. In the
    /// [`Parts`] there is no `Sec-WebSocket-Protocol`, and the extensions are those
    /// of the layers outside.
    ///
    /// What it returns and was not offered is a bug of the program: the reply is a
    /// 500, an [`UnofferedSelection`](crate::rejection::UnofferedSelection), and the
    /// name is never sent. What it returns and was offered is sent, and may be logged, as
    /// if you had configured it: a function that selects any offer that looks right
    /// repeats what a client says. It can't select what is no token.
    ///
    /// It is called while the request passes, so it must not block, and what it needs
    /// to wait for has to be found out by middleware outside. If it panics, the request
    /// ends there.
    ///
    /// Everything else is as with a list, but for what only a list has: there are no
    /// names to print in a rejection, [`prefer`](Self::prefer) panics, and an enum
    /// that is extracted is not known to have a variant for each name. If it has
    /// none the handler's answer is a 500: a `SelectedSubprotocol<String>` or a
    /// plain one takes any name.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::{OfferedSubprotocols, SubprotocolLayer};
    ///
    /// /// The newest version that both sides speak.
    /// fn newest(offered: &OfferedSubprotocols) -> Option<&str> {
    ///     let version = |name: &str| (5..=9).find(|version| name == format!("chat.v{version}"));
    ///     let supported = offered.iter().filter(|name| version(name).is_some());
    ///     supported.max_by_key(|name| version(name))
    /// }
    ///
    /// let layer = SubprotocolLayer::from_fn(|offered, _| newest(offered));
    /// ```
    ///
    /// What middleware outside the layer found out is among the extensions:
    ///
    /// ```
    /// use axum_subprotocol::SubprotocolLayer;
    ///
    /// #[derive(Clone)]
    /// struct Tenant {
    ///     protocols: Vec<String>,
    /// }
    ///
    /// let layer = SubprotocolLayer::from_fn(|offered, head| {
    ///     let tenant = head.extensions.get::<Tenant>()?;
    ///     offered.iter().find(|name| tenant.protocols.iter().any(|known| known == name))
    /// });
    /// ```
    pub fn from_fn<F>(choose: F) -> Self
    where
        F: for<'a> Fn(&'a OfferedSubprotocols, &'a Parts) -> Option<&'a str>
            + Send
            + Sync
            + 'static,
    {
        Self::with(Supported::none(), Some(Choose(Arc::new(choose))))
    }
}

type ChooseFn = dyn for<'a> Fn(&'a OfferedSubprotocols, &'a Parts) -> Option<&'a str> + Send + Sync;

/// The function of a layer that selects by code.
#[derive(Clone)]
pub(crate) struct Choose(Arc<ChooseFn>);

impl Choose {
    pub(crate) fn call<'a>(
        &self,
        offered: &'a OfferedSubprotocols,
        head: &'a Parts,
    ) -> Option<&'a str> {
        (self.0)(offered, head)
    }
}

impl fmt::Debug for Choose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("from_fn")
    }
}
