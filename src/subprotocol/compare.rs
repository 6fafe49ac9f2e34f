//! Traits that let a name stand for its text: comparing, ordering, hashing, borrowing.

use std::{
    borrow::Borrow,
    cmp::Ordering,
    hash::{Hash, Hasher},
    ops::Deref,
};

use super::Subprotocol;

// Hidden on docs.rs: it adds some hundred methods of `str` to the page of `Subprotocol`.
#[cfg_attr(docsrs, doc(hidden))]
impl Deref for Subprotocol {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Subprotocol {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Subprotocol {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Subprotocol {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Subprotocol {}

macro_rules! equals_text {
    ($($text:ty),*) => {
        $(
            impl PartialEq<$text> for Subprotocol {
                fn eq(&self, other: &$text) -> bool {
                    let other: &str = other.as_ref();
                    self.as_str() == other
                }
            }

            impl PartialEq<Subprotocol> for $text {
                fn eq(&self, other: &Subprotocol) -> bool {
                    other == self
                }
            }
        )*
    };
}

equals_text!(str, &str, String);

impl PartialOrd for Subprotocol {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Subprotocol {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Subprotocol {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use http::HeaderValue;

    use super::*;

    const NAMES: &[Subprotocol] = &[
        Subprotocol::from_static("soap"),
        Subprotocol::from_static("wamp"),
    ];

    #[test]
    fn literals_and_parsed_names_are_equal() {
        let parsed: Subprotocol = "soap".parse().unwrap();
        assert_eq!(parsed, NAMES[0]);
        assert_eq!(HeaderValue::from(&parsed), HeaderValue::from(&NAMES[0]));
        assert!(HashSet::from([parsed.clone()]).contains("soap"));
        assert!(BTreeSet::from([parsed.clone()]).contains("soap"));
        assert_eq!(parsed.to_string(), "soap");
        assert_eq!(format!("{parsed:?}"), "\"soap\"");
        assert!(parsed < NAMES[1] && parsed > Subprotocol::from_static("mqttv3.1"));
    }

    #[test]
    fn a_name_compares_with_text_on_both_sides() {
        let name = &NAMES[0];
        for (text, same) in [("soap", true), ("SOAP", false), ("wamp", false)] {
            assert_eq!(*name == *text, same, "{text}");
            assert_eq!(*name == text, same, "{text}");
            let owned = text.to_owned();
            assert_eq!(*name == owned, same, "{text}");
            assert_eq!(owned == *name, same, "{text}");
            assert_eq!(*text == *name, same, "{text}");
            assert_eq!(text == *name, same, "{text}");
            assert_eq!(AsRef::<str>::as_ref(name) == text, same, "{text}");
        }
    }
}
