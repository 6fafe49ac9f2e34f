//! Writing the header, inwards and outwards (R7, R8).

use http::{HeaderMap, header::SEC_WEBSOCKET_PROTOCOL};

use crate::subprotocol::Subprotocol;

/// Makes `selected` the only value of `Sec-WebSocket-Protocol`, or removes the
/// header.
pub(crate) fn write_header(headers: &mut HeaderMap, selected: Option<&Subprotocol>) {
    let Some(selected) = selected else {
        headers.remove(SEC_WEBSOCKET_PROTOCOL);
        return;
    };
    let insert = |headers: &mut HeaderMap| {
        headers
            .try_insert(SEC_WEBSOCKET_PROTOCOL, selected.into())
            .is_ok()
    };
    // A full map, of 24,576 headers, refuses even to replace one. If there is
    // none to replace, no name beats a panic.
    if !insert(headers) && headers.remove(SEC_WEBSOCKET_PROTOCOL).is_some() {
        insert(headers);
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn full(mut headers: HeaderMap) -> HeaderMap {
        for number in 0.. {
            let name: HeaderName = format!("x-{number}").parse().unwrap();
            if headers
                .try_insert(name, HeaderValue::from_static(""))
                .is_err()
            {
                break;
            }
        }
        assert_eq!(headers.len(), 24_576);
        headers
    }

    #[test]
    fn a_full_map_has_the_selected_name_or_none() {
        let selected = Subprotocol::from_static("v1");
        let mut headers = full(HeaderMap::new());
        write_header(&mut headers, Some(&selected));
        assert!(!headers.contains_key(SEC_WEBSOCKET_PROTOCOL));

        let mut headers = HeaderMap::new();
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("own"));
        let mut headers = full(headers);
        write_header(&mut headers, Some(&selected));
        assert_eq!(headers[SEC_WEBSOCKET_PROTOCOL], "v1");
    }
}
