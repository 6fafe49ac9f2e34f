//! Reading what a client offered (R2): every instance of the header is one
//! list.

use crate::token;

/// One element of the list, its surrounding white space taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element<'a> {
    /// Nothing between two commas, or in a blank instance.
    Empty,
    Token(&'a [u8]),
    Malformed,
}

/// The elements of all `instances`, in order.
pub(crate) const fn elements<'a, I>(instances: I) -> Elements<'a, I>
where
    I: Iterator<Item = &'a [u8]>,
{
    Elements {
        instances,
        unread: None,
    }
}

/// Reads one element at a time, and no further than it is asked to.
pub(crate) struct Elements<'a, I> {
    instances: I,
    /// What is left of an instance that was begun.
    unread: Option<&'a [u8]>,
}

impl<'a, I: Iterator<Item = &'a [u8]>> Elements<'a, I> {
    /// Whether there is another element. It isn't read for that.
    pub(crate) fn has_more(&mut self) -> bool {
        self.unread = self.unread.or_else(|| self.instances.next());
        self.unread.is_some()
    }
}

impl<'a, I: Iterator<Item = &'a [u8]>> Iterator for Elements<'a, I> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let list = self.unread.take().or_else(|| self.instances.next())?;
        let (element, rest) = read(list);
        self.unread = rest;
        Some(element)
    }
}

/// The first element of `list`, and what follows its comma.
fn read(list: &[u8]) -> (Element<'_>, Option<&[u8]>) {
    let list = trim_ows_before(list);
    // Most elements are tokens, which end at their comma: they are read once.
    let (name, after) = list.split_at(token::prefix(list));
    let comma = after.iter().position(|&byte| byte == b',');
    let (space, rest) = after.split_at(comma.unwrap_or(after.len()));
    let element = if !trim_ows_before(space).is_empty() {
        Element::Malformed
    } else if name.is_empty() {
        Element::Empty
    } else {
        Element::Token(name)
    };
    (element, rest.get(1..))
}

/// Takes off "optional white space" (RFC 9110 §5.6.3), on both sides.
pub(crate) const fn trim_ows(bytes: &[u8]) -> &[u8] {
    let mut bytes = trim_ows_before(bytes);
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

const fn trim_ows_before(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{Element::*, *};

    #[test]
    fn r2_all_instances_are_one_list() {
        let cases: [(&[&[u8]], &[Element<'_>]); 9] = [
            (&[], &[]),
            (&[b""], &[Empty]),
            (&[b" \t "], &[Empty]),
            (&[b"soap, wamp"], &[Token(b"soap"), Token(b"wamp")]),
            (&[b"soap", b"wamp"], &[Token(b"soap"), Token(b"wamp")]),
            (&[b"\tsoap \t,\t wamp "], &[Token(b"soap"), Token(b"wamp")]),
            (
                &[b",a,,", b"", b"b"],
                &[Empty, Token(b"a"), Empty, Empty, Empty, Token(b"b")],
            ),
            (&[b"a b,c\td,e"], &[Malformed, Malformed, Token(b"e")]),
            (
                &[b"a\xff,b", b"\"c,d\""],
                &[Malformed, Token(b"b"), Malformed, Malformed],
            ),
        ];
        for (instances, expected) in cases {
            let read: Vec<_> = elements(instances.iter().copied()).collect();
            assert_eq!(read, expected, "{instances:?}");
        }
    }

    #[test]
    fn nothing_is_read_before_it_is_asked_for() {
        let instances = [b"a,b".as_slice()]
            .into_iter()
            .chain(std::iter::once_with(|| panic!("read too far")));
        let mut elements = elements(instances);
        assert!(elements.has_more());
        assert_eq!(elements.by_ref().take(2).count(), 2);
    }
}
