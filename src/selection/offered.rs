//! The client's list.

use std::{fmt, sync::Arc};

use http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};

use crate::{
    handshake::list::elements,
    subprotocol::{Grammar, Supported},
};

/// The names that the client offered, in the client's order of preference.
///
/// As an axum extractor it works on every handshake, with and without a
/// [`SubprotocolLayer`](crate::SubprotocolLayer), and is empty on any other request.
/// Behind a layer it is the client's own list, although the request's header then
/// names only the selected subprotocol, and so does axum's `requested_protocols()`.
///
/// It has the elements that are RFC 9110 tokens, repetitions included
/// (RFC 6455 §11.3.4), and the names that the layer supports although they are not
/// tokens. Other elements can't be subprotocols.
///
/// Offers can contain secrets, because browsers have no other header for them.
/// `Debug` therefore shows a count. A credential that an
/// [`OfferedCredentialLayer`](crate::OfferedCredentialLayer) took is not in the
/// list.
///
/// # Limits
///
/// The names are read from the header each time, and nothing is copied. In return
/// the value **keeps the request's head in memory**, which can be some hundred
/// kilobytes with the usual servers. Take what you need in the handler, and don't
/// move the value into the task of a socket.
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
    pub(crate) lines: Lines,
    /// The names of the layer that read the list. `None` behind a function, and without a
    /// layer.
    pub(crate) supported: Option<Arc<Supported>>,
}

/// The header lines of a list.
#[derive(Clone)]
pub(crate) enum Lines {
    /// Nearly all clients send one line or none, which needs no allocation.
    One(Option<HeaderValue>),
    Many(Vec<HeaderValue>),
}

impl Lines {
    /// At most this many lines of the list in `headers`.
    pub(crate) fn of(headers: &HeaderMap, max: usize) -> Self {
        let lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL);
        if lines.iter().nth(1).is_none() {
            Self::One(lines.iter().next().cloned())
        } else {
            Self::Many(lines.iter().take(max).cloned().collect())
        }
    }
}

impl Default for Lines {
    fn default() -> Self {
        Self::One(None)
    }
}

impl OfferedSubprotocols {
    /// The list in `headers`, for a service without a layer.
    ///
    /// Behind a layer the header names only the selected subprotocol: use
    /// [`from_extensions`](Self::from_extensions) there.
    ///
    /// ```
    /// use axum_subprotocol::OfferedSubprotocols;
    /// use http::{HeaderMap, header::SEC_WEBSOCKET_PROTOCOL};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.append(SEC_WEBSOCKET_PROTOCOL, "soap, not a token".parse()?);
    /// headers.append(SEC_WEBSOCKET_PROTOCOL, "wamp".parse()?);
    ///
    /// let offered = OfferedSubprotocols::from_headers(&headers);
    /// assert!(offered.iter().eq(["soap", "wamp"]));
    /// # Ok::<(), http::header::InvalidHeaderValue>(())
    /// ```
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        Self {
            lines: Lines::of(headers, usize::MAX),
            supported: None,
        }
    }

    /// All elements of the list, offers or not.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &[u8]> {
        elements(match &self.lines {
            Lines::One(line) => line.as_slice(),
            Lines::Many(lines) => lines,
        })
    }

    /// The offered names, in the client's order.
    ///
    /// ```
    /// # use axum_subprotocol::OfferedSubprotocols;
    /// fn newest(offered: &OfferedSubprotocols) -> Option<&str> {
    ///     offered.iter().filter(|name| name.starts_with("chat.v")).max()
    /// }
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.elements().filter_map(|element| self.as_offer(element))
    }

    /// The offer that is equal to `name`, byte for byte (RFC 7936 §2).
    ///
    /// The result borrows from the offers, so a function that selects can return it:
    /// see [`SubprotocolLayer::from_fn`](crate::SubprotocolLayer::from_fn).
    ///
    /// ```
    /// # use axum_subprotocol::OfferedSubprotocols;
    /// fn preferred<'a>(offered: &'a OfferedSubprotocols, name: &str) -> Option<&'a str> {
    ///     offered.get(name).or_else(|| offered.get("chat.v1"))
    /// }
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut elements = self.elements();
        self.as_offer(elements.find(|element| *element == name.as_bytes())?)
    }

    /// Whether `name` was offered. Names compare byte for byte (RFC 7936 §2).
    ///
    /// Each call reads the list from its beginning. To look for many names, iterate
    /// over the offers instead:
    ///
    /// ```
    /// # use axum_subprotocol::OfferedSubprotocols;
    /// const KNOWN: [&str; 3] = ["chat.v3", "chat.v2", "chat.v1"];
    ///
    /// fn knows_one(offered: &OfferedSubprotocols) -> bool {
    ///     offered.iter().any(|name| KNOWN.contains(&name))
    /// }
    /// ```
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether no name was offered. A header without any element offers nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    fn as_offer<'a>(&self, element: &'a [u8]) -> Option<&'a str> {
        let is_supported = |supported: &Arc<Supported>| supported.contains(element);
        let is_offer =
            Grammar::Token.accepts(element) || self.supported.as_ref().is_some_and(is_supported);
        is_offer.then(|| std::str::from_utf8(element).ok())?
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
    use crate::Subprotocol;

    fn offered(lines: &[&'static str]) -> OfferedSubprotocols {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(line));
        }
        OfferedSubprotocols::from_headers(&headers)
    }

    #[test]
    fn only_tokens_are_offers_and_keep_their_order() {
        let list = offered(&["wamp, so ap,", "", "a\"b\", soap, wamp"]);
        assert_eq!(list.iter().collect::<Vec<_>>(), ["wamp", "soap", "wamp"]);
        assert!(list.contains("soap"));
        assert_eq!(list.get("soap"), Some("soap"));
        for other in ["so ap", "SOAP", "", "a\"b\"", "soap, wamp"] {
            assert!(!list.contains(other), "{other}");
        }
        assert!(!list.is_empty());
        for nothing in [&[][..], &[""], &[" ,\t,", ""], &["a b"]] {
            assert!(offered(nothing).is_empty(), "{nothing:?}");
        }
    }

    #[test]
    fn a_supported_name_is_an_offer_although_it_is_not_a_token() {
        const COMPACT: Subprotocol = Subprotocol::non_token_from_static("v1:compact");
        let list = offered(&["v1:compact, v2:compact"]);
        assert!(list.is_empty());
        let supported = Some(Arc::new(Supported::try_new([COMPACT]).unwrap()));
        let list = OfferedSubprotocols { supported, ..list };
        assert!(list.iter().eq(["v1:compact"]));
        assert_eq!(list.get("v1:compact"), Some("v1:compact"));
        assert_eq!(list.get("v2:compact"), None);
    }

    #[test]
    fn r10_debug_shows_a_count() {
        let list = offered(&["secret, token"]);
        assert_eq!(format!("{list:?}"), "OfferedSubprotocols { count: 2 }");
    }
}
