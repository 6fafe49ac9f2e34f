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

/// The elements of all `instances`, in order. Reads no further than it is
/// asked to.
pub(crate) fn elements<'a>(
    instances: impl Iterator<Item = &'a [u8]>,
) -> impl Iterator<Item = Element<'a>> {
    instances
        .flat_map(|instance| instance.split(|&byte| byte == b','))
        .map(|element| match trim_ows(element) {
            b"" => Element::Empty,
            name if token::is_token(name) => Element::Token(name),
            _ => Element::Malformed,
        })
}

/// Takes off "optional white space" (RFC 9110 §5.6.3).
pub(crate) const fn trim_ows(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
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
        assert_eq!(elements(instances).take(2).count(), 2);
    }
}
