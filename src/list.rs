//! Splits header lines into elements (R2).

use http::HeaderValue;

/// The elements of all `lines`, in order, without the blanks around them.
///
/// All lines form one list (RFC 6455 §11.3.4). An element between two commas may
/// be empty, and a blank line is one empty element.
pub(crate) fn elements<'a, I>(lines: I) -> Elements<'a, I::IntoIter>
where
    I: IntoIterator<Item = &'a HeaderValue>,
{
    Elements {
        lines: lines.into_iter(),
        unread: None,
    }
}

/// An iterator that reads one element at a time, and nothing after it.
pub(crate) struct Elements<'a, I> {
    lines: I,
    /// The rest of the current line.
    unread: Option<&'a [u8]>,
}

impl<'a, I: Iterator<Item = &'a HeaderValue>> Elements<'a, I> {
    /// Whether there is another element. Does not read it.
    pub(crate) fn has_more(&mut self) -> bool {
        self.unread = self.next_part();
        self.unread.is_some()
    }

    fn next_part(&mut self) -> Option<&'a [u8]> {
        match self.unread.take() {
            Some(rest) => Some(rest),
            None => self.lines.next().map(HeaderValue::as_bytes),
        }
    }
}

impl<'a, I: Iterator<Item = &'a HeaderValue>> Iterator for Elements<'a, I> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let part = self.next_part()?;
        let Some((element, rest)) = comma(part).and_then(|comma| part.split_at_checked(comma))
        else {
            return Some(trim_ows(part));
        };
        self.unread = rest.get(1..);
        Some(trim_ows(element))
    }
}

/// Where the first comma is.
fn comma(bytes: &[u8]) -> Option<usize> {
    // Calling `memchr` costs as much as a look at some 20 bytes.
    if bytes.len() < 20 {
        bytes.iter().position(|byte| *byte == b',')
    } else {
        memchr::memchr(b',', bytes)
    }
}

/// Removes the spaces and tabs at both ends (`OWS`, RFC 9110 §5.6.3).
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
    fn r2_all_header_lines_are_one_list() {
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
        for (lines, expected) in cases {
            let lines: Vec<_> = lines
                .iter()
                .map(|line| HeaderValue::from_bytes(line).unwrap())
                .collect();
            let read: Vec<_> = elements(&lines).collect();
            assert_eq!(read, expected, "{lines:?}");
        }
    }

    #[test]
    fn reads_nothing_before_it_is_asked_for() {
        let line = HeaderValue::from_static("a,b");
        let lines = [&line]
            .into_iter()
            .chain(std::iter::once_with(|| panic!("read too far")));
        let mut elements = elements(lines);
        assert!(elements.has_more());
        assert_eq!(elements.by_ref().take(2).count(), 2);
    }
}
