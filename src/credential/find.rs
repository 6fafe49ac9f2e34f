//! Finding a credential among the offers (C2).

use std::mem;

use http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};

use crate::{
    error::{ConfigError, Fault},
    list::elements,
    subprotocol::Grammar,
};

/// Where clients put the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Behind this prefix, in the same element.
    AfterPrefix(Box<str>),
    /// In the next element that is not empty.
    AfterName(Box<str>),
}

impl Shape {
    pub(crate) fn after_prefix(prefix: String) -> Result<Self, ConfigError> {
        rfc9110_token("credential prefix", prefix).map(Self::AfterPrefix)
    }

    pub(crate) fn after_name(name: String) -> Result<Self, ConfigError> {
        rfc9110_token("credential name", name).map(Self::AfterName)
    }
}

/// The `text` of the named setting, if it is an RFC 9110 token.
pub(super) fn rfc9110_token(setting: &'static str, text: String) -> Result<Box<str>, ConfigError> {
    match Grammar::Token.check(text.as_bytes()) {
        Ok(()) => Ok(text.into()),
        Err(source) => Err(Fault::NotAToken {
            setting,
            text,
            source,
        }
        .into()),
    }
}

/// Tells the credentials of one shape from the other elements of a list. It is given
/// all elements, in order.
pub(super) struct Finder<'a> {
    shape: &'a Shape,
    is_announced: bool,
}

impl<'a> Finder<'a> {
    pub(super) const fn new(shape: &'a Shape) -> Self {
        let is_announced = false;
        Self {
            shape,
            is_announced,
        }
    }

    /// The token in `element`, if that is a credential.
    pub(super) fn token_in<'e>(&mut self, element: &'e [u8]) -> Option<&'e [u8]> {
        match self.shape {
            Shape::AfterPrefix(prefix) => element.strip_prefix(prefix.as_bytes()),
            Shape::AfterName(_) if element.is_empty() => None,
            Shape::AfterName(_) if mem::take(&mut self.is_announced) => Some(element),
            Shape::AfterName(name) => {
                self.is_announced = element == name.as_bytes();
                None
            }
        }
    }
}

/// The first credential of a list.
#[derive(Debug, PartialEq)]
pub(super) struct Found<'a> {
    pub(super) element: &'a [u8],
    pub(super) token: &'a [u8],
    /// There is another credential.
    pub(super) is_repeated: bool,
    /// There is no other element.
    pub(super) is_alone: bool,
}

/// The first credential of `shape` in the list, if there is one.
pub(super) fn find<'a>(shape: &Shape, headers: &'a HeaderMap) -> Option<Found<'a>> {
    let mut found: Option<Found<'_>> = None;
    let mut others = false;
    let mut finder = Finder::new(shape);
    for element in elements(headers.get_all(SEC_WEBSOCKET_PROTOCOL)) {
        match (finder.token_in(element), &mut found) {
            (None, _) => others |= !element.is_empty(),
            (Some(_), Some(found)) => found.is_repeated = true,
            (Some(token), None) => {
                found = Some(Found {
                    element,
                    token,
                    is_repeated: false,
                    is_alone: true,
                });
            }
        }
    }
    let mut found = found?;
    found.is_alone = !others && !found.is_repeated;
    Some(found)
}

impl Found<'_> {
    /// What a reply may echo (C7): the element as it was sent, if it is the only one
    /// and an RFC 9110 token.
    pub(super) fn echo(&self) -> Option<HeaderValue> {
        if !self.is_alone || !Grammar::Token.accepts(self.element) {
            return None;
        }
        let mut echo = HeaderValue::from_bytes(self.element).ok()?;
        echo.set_sensitive(true);
        Some(echo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(shape: &Shape, lines: &[&'static str]) -> Option<(String, bool, bool)> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(line));
        }
        let found = find(shape, &headers)?;
        let token = String::from_utf8(found.token.to_vec()).unwrap();
        Some((token, found.is_repeated, found.is_alone))
    }

    #[test]
    fn c2_an_element_with_the_prefix_is_a_credential() {
        let shape = Shape::after_prefix("bearer.".to_owned()).unwrap();
        let cases: [(&[&str], Option<(&str, bool, bool)>); 11] = [
            (&[], None),
            (&["chat, bearer"], None),
            (&["Bearer.a, xbearer.a"], None),
            (&["bearer.a"], Some(("a", false, true))),
            (&[", bearer.a\t,", ""], Some(("a", false, true))),
            (&["chat, bearer.a"], Some(("a", false, false))),
            (&["bearer.", "chat"], Some(("", false, false))),
            (&["bearer.a b"], Some(("a b", false, true))),
            (&["bearer.a", "bearer.b"], Some(("a", true, false))),
            (&["bearer.bearer.a"], Some(("bearer.a", false, true))),
            (&["chat", "x, bearer.a"], Some(("a", false, false))),
        ];
        for (lines, expected) in cases {
            let expected =
                expected.map(|(token, repeated, alone)| (token.to_owned(), repeated, alone));
            assert_eq!(found(&shape, lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn c2_the_element_after_the_name_is_a_credential() {
        let shape = Shape::after_name("bearer".to_owned()).unwrap();
        let cases: [(&[&str], Option<(&str, bool)>); 12] = [
            (&["chat"], None),
            (&["bearer"], None),
            (&["chat, bearer, ,", ""], None),
            (&["Bearer, a"], None),
            (&["bearer, a"], Some(("a", false))),
            (&["bearer,, ,a,chat"], Some(("a", false))),
            (&["chat, bearer", "", "a"], Some(("a", false))),
            (&["bearer, chat"], Some(("chat", false))),
            (&["bearer, bearer, x"], Some(("bearer", false))),
            (&["bearer, a, bearer"], Some(("a", false))),
            (&["bearer, a, bearer, b"], Some(("a", true))),
            (&["bearer, bearer, bearer, x"], Some(("bearer", true))),
        ];
        for (lines, expected) in cases {
            let found = found(&shape, lines);
            let found = found.map(|(token, repeated, alone)| {
                assert!(!alone, "the name is another element");
                (token, repeated)
            });
            let expected = expected.map(|(token, repeated)| (token.to_owned(), repeated));
            assert_eq!(found, expected, "{lines:?}");
        }
    }
}
