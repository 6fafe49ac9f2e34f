//! Removing the credentials from the list (C4).

use http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};

use super::find::{Finder, Shape};
use crate::{header, list::trim_ows};

/// Removes all credentials of `shape` from the list in `headers`. Lines without one
/// are left as they are.
pub(super) fn remove(shape: &Shape, headers: &mut HeaderMap) {
    let mut finder = Finder::new(shape);
    let lines = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let lines: Vec<_> = lines
        .filter_map(|line| without(&mut finder, line))
        .collect();
    headers.remove(&SEC_WEBSOCKET_PROTOCOL);
    for line in &lines {
        // There is room: the name and as many lines were there before.
        let _ = header::append(headers, &SEC_WEBSOCKET_PROTOCOL, line);
    }
}

/// The line without its credentials; `None` if only commas and blanks are left.
fn without(finder: &mut Finder<'_>, line: &HeaderValue) -> Option<HeaderValue> {
    let mut rest = Vec::with_capacity(line.len());
    let mut has_credential = false;
    let mut comma = None;
    for part in line.as_bytes().split(|byte| *byte == b',') {
        if finder.token_in(trim_ows(part)).is_some() {
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

    /// The lines that are left, with a `!` before sensitive ones.
    fn left(shape: &Shape, lines: &[&'static str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (number, line) in lines.iter().enumerate() {
            let mut line = HeaderValue::from_static(line);
            line.set_sensitive(number % 2 == 1);
            headers.append(SEC_WEBSOCKET_PROTOCOL, line);
        }
        remove(shape, &mut headers);
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
        let prefix = Shape::after_prefix("b.".to_owned()).unwrap();
        let name = Shape::after_name("b".to_owned()).unwrap();
        let cases: [(&Shape, &[&str], &[&str]); 17] = [
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
        ];
        for (shape, lines, expected) in cases {
            assert_eq!(left(shape, lines), expected, "{shape:?} {lines:?}");
        }
    }
}
