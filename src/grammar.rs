//! What a subprotocol name is made of.

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

/// Which texts are names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// The `token` of RFC 9110 §5.6.2, as RFC 6455 §4.1 has it.
    Token,
    /// Whatever can stand in a list: visible ASCII without the comma. Only names
    /// that are configured so, on purpose.
    NonToken,
}

impl Grammar {
    /// Whether `bytes` is a name: one byte or more, all of them allowed.
    pub(crate) const fn accepts(self, bytes: &[u8]) -> bool {
        !bytes.is_empty() && self.prefix(bytes) == bytes.len()
    }

    /// How many bytes at the start of `bytes` a name can contain.
    pub(crate) const fn prefix(self, bytes: &[u8]) -> usize {
        let mut length = 0;
        while length < bytes.len() && self.allows(bytes[length]) {
            length += 1;
        }
        length
    }

    const fn allows(self, byte: u8) -> bool {
        match self {
            Self::Token => TCHAR[byte as usize],
            Self::NonToken => byte.is_ascii_graphic() && byte != b',',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Grammar::*;

    #[test]
    fn tchars_are_visible_ascii_without_delimiters() {
        // The delimiters as RFC 9110 §5.6.2 spells them out.
        let delimiters = br#""(),/:;<=>?@[\]{}"#;
        for byte in 0..=u8::MAX {
            let visible = byte.is_ascii_graphic();
            let tchar = visible && !delimiters.contains(&byte);
            assert_eq!(Token.accepts(&[byte]), tchar, "byte {byte:#04x}");
            let listable = visible && byte != b',';
            assert_eq!(NonToken.accepts(&[byte]), listable, "byte {byte:#04x}");
        }
    }

    #[test]
    fn a_name_is_not_empty_and_wholly_of_what_is_allowed() {
        assert!(!Token.accepts(b""));
        assert!(!NonToken.accepts(b""));
        assert!(Token.accepts(b"graphql-transport-ws"));
        assert!(!Token.accepts(b"chat v2"));
        assert_eq!(Token.prefix(b"v12.stomp"), 9);
        assert_eq!(Token.prefix(b"chat v2"), 4);
        assert_eq!(Token.prefix(b"\xffchat"), 0);
        assert_eq!(NonToken.prefix(b"ogmios.v1:compact, x"), 17);
    }
}
