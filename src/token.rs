//! The `token` of RFC 9110 §5.6.2, the grammar of a subprotocol name
//! (RFC 6455 §4.1).

#![expect(
    clippy::indexing_slicing,
    reason = "`get` isn't const; no byte is beyond a table of 256"
)]

/// Which bytes are `tchar`s.
const TCHAR: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte: u8 = 0;
    while byte < 0x80 {
        table[byte as usize] = matches!(
            byte,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z'
                | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+'
                | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        );
        byte += 1;
    }
    table
};

/// Whether `bytes` is a token: one `tchar` or more, and nothing else.
pub(crate) const fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && prefix(bytes) == bytes.len()
}

/// How many bytes at the start of `bytes` a token can contain.
pub(crate) const fn prefix(bytes: &[u8]) -> usize {
    let mut length = 0;
    while length < bytes.len() && TCHAR[bytes[length] as usize] {
        length += 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tchars_are_visible_ascii_without_delimiters() {
        // The delimiters as RFC 9110 §5.6.2 spells them out.
        let delimiters = br#""(),/:;<=>?@[\]{}"#;
        for byte in 0..=u8::MAX {
            let expected = byte.is_ascii_graphic() && !delimiters.contains(&byte);
            assert_eq!(is_token(&[byte]), expected, "byte {byte:#04x}");
        }
    }

    #[test]
    fn a_token_is_not_empty_and_wholly_of_tchars() {
        assert!(!is_token(b""));
        assert!(is_token(b"graphql-transport-ws"));
        assert!(!is_token(b"chat v2"));
        assert_eq!(prefix(b"v12.stomp"), 9);
        assert_eq!(prefix(b"chat v2"), 4);
        assert_eq!(prefix(b"\xffchat"), 0);
    }
}
