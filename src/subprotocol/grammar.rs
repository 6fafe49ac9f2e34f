//! The grammars of a subprotocol name.

#![expect(
    clippy::indexing_slicing,
    reason = "`get` is not const; a table of 256 has an entry for each byte"
)]

use crate::error::InvalidSubprotocol;

/// Which bytes are `tchar` (RFC 9110 §5.6.2).
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
    /// The `token` of RFC 9110 §5.6.2, which RFC 6455 §4.1 requires.
    Token,
    /// Everything that can be one element of a list: visible ASCII without
    /// commas. For names that the program makes on purpose, and for bearer tokens.
    Visible,
}

impl Grammar {
    /// Whether `bytes` is not empty and has allowed bytes only.
    pub(crate) const fn accepts(self, bytes: &[u8]) -> bool {
        !bytes.is_empty() && self.valid_up_to(bytes) == bytes.len()
    }

    /// The same, with an error that says what is wrong.
    pub(crate) fn check(self, bytes: &[u8]) -> Result<(), InvalidSubprotocol> {
        if self.accepts(bytes) {
            return Ok(());
        }
        Err(InvalidSubprotocol::new(bytes, self.valid_up_to(bytes)))
    }

    /// How many bytes at the start of `bytes` are allowed.
    const fn valid_up_to(self, bytes: &[u8]) -> usize {
        let mut rest = bytes;
        // A block without branches costs a third of 16 single steps.
        while let Some((block, after)) = rest.split_first_chunk::<16>() {
            if !self.allows_all(block) {
                break;
            }
            rest = after;
        }
        while let [byte, after @ ..] = rest {
            if !self.allows(*byte) {
                break;
            }
            rest = after;
        }
        bytes.len() - rest.len()
    }

    const fn allows_all(self, block: &[u8; 16]) -> bool {
        let mut all = true;
        let mut rest: &[u8] = block;
        while let [byte, after @ ..] = rest {
            all &= self.allows(*byte);
            rest = after;
        }
        all
    }

    const fn allows(self, byte: u8) -> bool {
        match self {
            Self::Token => TCHAR[byte as usize],
            Self::Visible => byte.is_ascii_graphic() && byte != b',',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Grammar::*;

    #[test]
    fn tchars_are_visible_ascii_without_delimiters() {
        // The delimiters that RFC 9110 §5.6.2 lists.
        let delimiters = br#""(),/:;<=>?@[\]{}"#;
        for byte in 0..=u8::MAX {
            let visible = byte.is_ascii_graphic();
            let tchar = visible && !delimiters.contains(&byte);
            assert_eq!(Token.accepts(&[byte]), tchar, "byte {byte:#04x}");
            let listable = visible && byte != b',';
            assert_eq!(Visible.accepts(&[byte]), listable, "byte {byte:#04x}");
        }
    }

    #[test]
    fn a_name_is_not_empty_and_has_allowed_bytes_only() {
        assert!(!Token.accepts(b""));
        assert!(!Visible.accepts(b""));
        assert!(Token.accepts(b"graphql-transport-ws"));
        assert!(!Token.accepts(b"chat v2"));
        assert_eq!(Token.valid_up_to(b"v12.stomp"), 9);
        assert_eq!(Token.valid_up_to(b"chat v2"), 4);
        assert_eq!(Token.valid_up_to(b"\xffchat"), 0);
        assert_eq!(Visible.valid_up_to(b"ogmios.v1:compact, x"), 17);
    }

    #[test]
    fn one_bad_byte_is_found_at_every_place() {
        for length in 1..50 {
            for at in 0..length {
                let mut name = vec![b'x'; length];
                assert!(Token.accepts(&name));
                name[at] = b' ';
                assert_eq!(Token.valid_up_to(&name), at, "{length}");
                assert_eq!(Visible.valid_up_to(&name), at, "{length}");
            }
        }
    }
}
