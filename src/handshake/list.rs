//! Splits header lines into elements (R2).

use std::iter;

use http::HeaderValue;
use memchr::memchr;

/// The elements of all `lines`, in order, without the blanks around them.
///
/// All lines form one list (RFC 6455 §11.3.4). An element between two commas may
/// be empty, and a blank line is one empty element.
///
/// Reads one element at a time, and nothing after it.
pub(crate) fn elements<'a>(
    lines: impl IntoIterator<Item = &'a HeaderValue>,
) -> impl Iterator<Item = &'a [u8]> {
    let mut lines = lines.into_iter();
    // The rest of the current line.
    let mut unread: Option<&[u8]> = None;
    iter::from_fn(move || {
        let part = match unread.take() {
            Some(unread) => unread,
            None => lines.next()?.as_bytes(),
        };
        let Some((element, rest)) = comma(part).and_then(|at| part.split_at_checked(at)) else {
            return Some(trim_ows(part));
        };
        unread = rest.get(1..);
        Some(trim_ows(element))
    })
}

/// Where the first comma is.
fn comma(bytes: &[u8]) -> Option<usize> {
    // A call of `memchr` costs as much as a look at some 20 bytes.
    if bytes.len() < 20 {
        bytes.iter().position(|byte| *byte == b',')
    } else {
        memchr(b',', bytes)
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
    fn reads_no_line_before_it_is_asked_for() {
        let line = HeaderValue::from_static("a,b");
        let lines = [&line]
            .into_iter()
            .chain(iter::once_with(|| panic!("read too far")));
        assert_eq!(elements(lines).take(2).count(), 2);
    }
}
