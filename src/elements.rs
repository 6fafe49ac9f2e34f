//! Reading what a client offered (R2): every instance of the header is one
//! list.

/// The elements of all `instances`, in order, the white space around them taken
/// off. Nothing between two commas is an empty one, and so is a blank instance.
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
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let list = self.unread.take().or_else(|| self.instances.next())?;
        let comma = list.iter().position(|&byte| byte == b',');
        let (element, rest) = list.split_at(comma.unwrap_or(list.len()));
        self.unread = rest.get(1..);
        Some(trim_ows(element))
    }
}

/// Takes off "optional white space" (RFC 9110 §5.6.3), on both sides.
pub(crate) const fn trim_ows(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r2_all_instances_are_one_list() {
        type List<'a> = &'a [&'a [u8]];

        let cases: [(List<'_>, List<'_>); 9] = [
            (&[], &[]),
            (&[b""], &[b""]),
            (&[b" \t "], &[b""]),
            (&[b"soap, wamp"], &[b"soap", b"wamp"]),
            (&[b"soap", b"wamp"], &[b"soap", b"wamp"]),
            (&[b"\tsoap \t,\t wamp "], &[b"soap", b"wamp"]),
            (&[b",a,,", b"", b"b"], &[b"", b"a", b"", b"", b"", b"b"]),
            (&[b"a b,c\td,e"], &[b"a b", b"c\td", b"e"]),
            (&[b"a\xff,b", b"\"c,d\""], &[b"a\xff", b"b", b"\"c", b"d\""]),
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
