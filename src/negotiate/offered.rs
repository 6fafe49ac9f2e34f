//! The client's list.

use std::{fmt, slice};

use http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};

use super::supported::Supported;
use crate::{
    list::{Elements, elements},
    subprotocol::Grammar,
};

/// The names that the client offered, in the client's order of preference.
///
/// As an axum extractor it works on every handshake, with and without a
/// [`SubprotocolLayer`](crate::SubprotocolLayer), and is empty on any other request.
/// Behind a layer it is the client's own list, although the request's header then
/// names only the selected subprotocol.
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
    lines: Lines,
    /// The names of the layer that read the list, if it has a list of names.
    supported: Option<Supported>,
}

/// Nearly all clients send one line, which then needs no allocation.
#[derive(Clone)]
enum Lines {
    One(Option<HeaderValue>),
    Many(Vec<HeaderValue>),
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
        Self::from_lines(headers, usize::MAX)
    }

    /// At most `max_lines` lines of the list in `headers`.
    pub(super) fn from_lines(headers: &HeaderMap, max_lines: usize) -> Self {
        let all = headers.get_all(&SEC_WEBSOCKET_PROTOCOL);
        let lines = if all.iter().nth(1).is_some() {
            Lines::Many(all.iter().take(max_lines).cloned().collect())
        } else {
            Lines::One(all.iter().next().cloned())
        };
        let supported = None;
        Self { lines, supported }
    }

    /// The list in the only line of a header, if there is one.
    pub(super) const fn from_line(line: Option<HeaderValue>) -> Self {
        Self {
            lines: Lines::One(line),
            supported: None,
        }
    }

    /// The same list, as a layer with these names reads it.
    pub(super) fn read_with(mut self, supported: Option<&Supported>) -> Self {
        self.supported = supported.cloned();
        self
    }

    /// The names of the layer that read the list.
    pub(crate) const fn supported(&self) -> Option<&Supported> {
        self.supported.as_ref()
    }

    /// Whether the request has no such header.
    pub(super) const fn has_no_line(&self) -> bool {
        matches!(self.lines, Lines::One(None))
    }

    /// All elements of the list, offers or not.
    pub(super) fn elements(&self) -> Elements<'_, slice::Iter<'_, HeaderValue>> {
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
        let name = name.as_bytes();
        let element = self.elements().find(|element| *element == name)?;
        self.as_offer(element)
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
        let is_supported = |supported: &Supported| supported.find(element).is_some();
        let is_offer =
            Grammar::Token.accepts(element) || self.supported.as_ref().is_some_and(is_supported);
        if is_offer {
            std::str::from_utf8(element).ok()
        } else {
            None
        }
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
        let list = list.read_with(Some(&Supported::try_new([COMPACT]).unwrap()));
        assert!(list.iter().eq(["v1:compact"]));
        assert_eq!(list.get("v1:compact"), Some("v1:compact"));
        assert_eq!(list.get("v2:compact"), None);
        assert!(list.read_with(None).is_empty());
    }

    #[test]
    fn r10_debug_shows_a_count() {
        let list = offered(&["secret, token"]);
        assert_eq!(format!("{list:?}"), "OfferedSubprotocols { count: 2 }");
    }
}
