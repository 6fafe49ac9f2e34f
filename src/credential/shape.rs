//! Where clients put a token: finding it among the offers, and removing it (C2, C4).

use std::{mem, sync::Arc};

use http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};

use crate::{
    error::ConfigError,
    handshake::{
        header,
        list::{elements, trim_ows},
    },
    rejection::CredentialRejection,
    subprotocol::{Grammar, Supported},
};

/// Where clients put the token.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// Behind this prefix, in the same element.
    AfterPrefix(Arc<str>),
    /// In the element that follows this one, empty ones aside.
    AfterName(Arc<str>),
    /// In each element that is not one of these names.
    Bare(Arc<Supported>),
}

/// Two bare shapes are the same, whatever they except.
impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::AfterPrefix(one), Self::AfterPrefix(other))
            | (Self::AfterName(one), Self::AfterName(other)) => one == other,
            (one, other) => matches!((one, other), (Self::Bare(_), Self::Bare(_))),
        }
    }
}

/// The first credential of a list.
pub(super) struct Found<'a> {
    pub(super) element: &'a [u8],
    pub(super) token: &'a [u8],
    /// There is another credential.
    pub(super) is_repeated: bool,
    /// There is no other element.
    pub(super) is_alone: bool,
}

impl Shape {
    pub(crate) fn after_prefix(prefix: &str) -> Result<Self, ConfigError> {
        rfc9110_token("credential prefix", prefix).map(Self::AfterPrefix)
    }

    pub(crate) fn after_name(name: &str) -> Result<Self, ConfigError> {
        rfc9110_token("credential name", name).map(Self::AfterName)
    }

    /// Sets the names that are not credentials.
    pub(crate) fn except(&mut self, names: Arc<Supported>) -> Result<(), ConfigError> {
        let Self::Bare(except) = self else {
            return Err(ConfigError::new(
                "`except` needs `bare`: the other shapes take no other element",
            ));
        };
        *except = names;
        Ok(())
    }

    /// A function that is given all elements of a list, in order, and returns the token
    /// in each that is a credential.
    fn tokens(&self) -> impl FnMut(&[u8]) -> Option<&[u8]> {
        let mut is_announced = false;
        move |element| match self {
            _ if element.is_empty() => None,
            Self::AfterPrefix(prefix) => element.strip_prefix(prefix.as_bytes()),
            Self::AfterName(_) if mem::take(&mut is_announced) => Some(element),
            Self::AfterName(name) => {
                is_announced = element == name.as_bytes();
                None
            }
            Self::Bare(except) => (!except.contains(element)).then_some(element),
        }
    }

    /// The first credential in the list, if there is one.
    pub(super) fn find<'a>(&self, headers: &'a HeaderMap) -> Option<Found<'a>> {
        let mut token_in = self.tokens();
        let mut first = None;
        let (mut credentials, mut others) = (0, 0);
        for element in elements(headers.get_all(SEC_WEBSOCKET_PROTOCOL)) {
            match token_in(element) {
                Some(token) => {
                    credentials += 1;
                    first = first.or(Some((element, token)));
                }
                None if element.is_empty() => {}
                None => others += 1,
            }
        }
        let (element, token) = first?;
        Some(Found {
            element,
            token,
            is_repeated: credentials > 1,
            is_alone: credentials + others == 1,
        })
    }

    /// Removes all credentials from the list. Lines without one are left as they are.
    pub(super) fn remove(&self, headers: &mut HeaderMap) -> Result<(), CredentialRejection> {
        let mut token_in = self.tokens();
        // A list on one line is replaced where it is.
        if header::have_one_line_each(headers) {
            let line = headers.get_mut(&SEC_WEBSOCKET_PROTOCOL);
            let Some(line) = line else { return Ok(()) };
            match without(line, token_in) {
                Some(rest) => *line = rest,
                None => drop(headers.remove(&SEC_WEBSOCKET_PROTOCOL)),
            }
            return Ok(());
        }
        let lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
        let lines: Vec<_> = lines
            .filter_map(|line| without(line, &mut token_in))
            .collect();
        headers.remove(&SEC_WEBSOCKET_PROTOCOL);
        for line in lines {
            let is_added = headers.try_append(SEC_WEBSOCKET_PROTOCOL, line);
            is_added.map_err(|_| CredentialRejection::NoRoom)?;
        }
        Ok(())
    }
}

/// The `text` of the named setting, if it is an RFC 9110 token.
pub(super) fn rfc9110_token(setting: &str, text: &str) -> Result<Arc<str>, ConfigError> {
    match Grammar::Token.check(text.as_bytes()) {
        Ok(()) => Ok(text.into()),
        Err(error) => Err(ConfigError::new(format!("{setting} {text:?}: {error}"))),
    }
}

/// The line without its credentials; `None` if only commas and blanks are left.
fn without(
    line: &HeaderValue,
    mut token_in: impl FnMut(&[u8]) -> Option<&[u8]>,
) -> Option<HeaderValue> {
    let mut rest = Vec::with_capacity(line.len());
    let mut has_credential = false;
    let mut comma = None;
    for part in line.as_bytes().split(|byte| *byte == b',') {
        if token_in(trim_ows(part)).is_some() {
            has_credential = true;
            continue;
        }
        rest.extend(comma.replace(b','));
        rest.extend_from_slice(part);
    }
    if !has_credential {
        return Some(line.clone());
    }
    if rest.iter().all(|byte| b", \t".contains(byte)) {
        return None;
    }
    let mut rest = HeaderValue::from_bytes(trim_ows(&rest)).ok()?;
    rest.set_sensitive(line.is_sensitive());
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(except: &[&str]) -> Shape {
        Shape::Bare(Supported::try_new(except).unwrap_or_default().into())
    }

    fn found(shape: &Shape, lines: &[&'static str]) -> Option<(String, bool, bool)> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(line));
        }
        let found = shape.find(&headers)?;
        let token = String::from_utf8(found.token.to_vec()).unwrap();
        Some((token, found.is_repeated, found.is_alone))
    }

    #[test]
    fn c2_an_element_with_the_prefix_is_a_credential() {
        let shape = Shape::AfterPrefix("bearer.".into());
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
        let shape = Shape::AfterName("bearer".into());
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

    #[test]
    fn c2_an_element_that_is_not_excepted_is_a_credential() {
        let cases: [(&[&str], Option<(&str, bool, bool)>); 11] = [
            (&[], None),
            (&["", " ,\t,"], None),
            (&["chat"], None),
            (&["v2, chat", "chat"], None),
            (&["a"], Some(("a", false, true))),
            (&[", a b,", ""], Some(("a b", false, true))),
            (&["a, b"], Some(("a", true, false))),
            (&["a", "a"], Some(("a", true, false))),
            (&["Chat"], Some(("Chat", false, true))),
            (&["v2", ",a, chat"], Some(("a", false, false))),
            (&["a, chat, b"], Some(("a", true, false))),
        ];
        for (lines, expected) in cases {
            let expected =
                expected.map(|(token, repeated, alone)| (token.to_owned(), repeated, alone));
            assert_eq!(found(&bare(&["chat", "v2"]), lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn c6_bare_shapes_are_one_shape() {
        let shapes = [
            bare(&[]),
            Shape::AfterPrefix("a".into()),
            Shape::AfterPrefix("b".into()),
            Shape::AfterName("a".into()),
            Shape::AfterName("b".into()),
        ];
        for (number, one) in shapes.iter().enumerate() {
            for (other_number, other) in shapes.iter().enumerate() {
                assert_eq!(one == other, number == other_number, "{one:?} {other:?}");
            }
        }
        assert_eq!(bare(&["a"]), bare(&["b", "c"]));
    }

    /// The lines that are left, with a `!` before sensitive ones.
    fn left(shape: &Shape, lines: &[&'static str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (number, line) in lines.iter().enumerate() {
            let mut line = HeaderValue::from_static(line);
            line.set_sensitive(number % 2 == 1);
            headers.append(SEC_WEBSOCKET_PROTOCOL, line);
        }
        shape.remove(&mut headers).unwrap();
        let lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
        lines
            .map(|line| {
                let mark = if line.is_sensitive() { "!" } else { "" };
                format!("{mark}{}", line.to_str().unwrap())
            })
            .collect()
    }

    #[test]
    fn c4_the_element_goes_with_one_comma_and_its_blanks() {
        let prefix = Shape::AfterPrefix("b.".into());
        let name = Shape::AfterName("b".into());
        let bare = bare(&["chat", "v2"]);
        let cases: [(&Shape, &[&str], &[&str]); 20] = [
            (&prefix, &["b.t"], &[]),
            (&prefix, &["a, b.t"], &["a"]),
            (&prefix, &["b.t, a"], &["a"]),
            (&prefix, &["a , b.t , c"], &["a , c"]),
            (&prefix, &["a,b.t,\tc"], &["a,\tc"]),
            (&prefix, &["a,,b.t"], &["a,"]),
            (&prefix, &[",b.t, ,"], &[]),
            (&prefix, &["b.t, b.u, a, b.v"], &["a"]),
            (&prefix, &["a", "b.t", "c"], &["a", "c"]),
            (&prefix, &["a", "b.t , c"], &["a", "!c"]),
            (&prefix, &["a ,, c ", " b.t"], &["a ,, c "]),
            // A blank line of the client's own stays.
            (&prefix, &["", "b.t", " ,"], &["", " ,"]),
            (&name, &["b, t"], &["b"]),
            (&name, &["a, b , t, c"], &["a, b , c"]),
            (&name, &["b,", " ,t, a"], &["b,", "!, a"]),
            (&name, &["b", ",", "t"], &["b", "!,"]),
            (&name, &["b, t, b", "u"], &["b, b"]),
            (&bare, &["t"], &[]),
            (&bare, &["chat , t,v2", "t", ", v2"], &["chat ,v2", ", v2"]),
            (&bare, &["t, , u", " ,"], &["! ,"]),
        ];
        for (shape, lines, expected) in cases {
            assert_eq!(left(shape, lines), expected, "{shape:?} {lines:?}");
        }
    }
}
