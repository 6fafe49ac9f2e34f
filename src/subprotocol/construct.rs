//! Makes names from literals and text.

use std::{borrow::Cow, str::FromStr, sync::Arc};

use http::HeaderValue;

use super::{Grammar, Name, Shared, Subprotocol};
use crate::error::InvalidSubprotocol;

impl Subprotocol {
    /// A name that is written in the program.
    ///
    /// # Panics
    ///
    /// If `name` is not an RFC 9110 `token`. In a `const` or `static` that is a
    /// compile error.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::Subprotocol;
    ///
    /// static SOAP: Subprotocol = Subprotocol::from_static("soap");
    /// assert_eq!(SOAP.as_str(), "soap");
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn from_static(name: &'static str) -> Self {
        assert!(
            Grammar::Token.accepts(name.as_bytes()),
            "a WebSocket subprotocol name must be an RFC 9110 token: letters, digits and \
             !#$%&'*+-.^_`|~"
        );
        Self(Name::Static(name))
    }

    /// A name that is written in the program and that RFC 6455 forbids, because it
    /// is not an RFC 9110 `token`.
    ///
    /// Such names exist: `kubectl port-forward` offers
    /// `SPDY/3.1+portforward.k8s.io`. A layer that is given one supports it. All
    /// other offers must still be tokens. Browsers refuse to offer a name that is
    /// not a token.
    ///
    /// # Panics
    ///
    /// If `name` is empty, or contains a comma or anything but visible ASCII. In a
    /// `const` or `static` that is a compile error.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::{Subprotocol, SubprotocolLayer};
    ///
    /// const COMPACT: Subprotocol = Subprotocol::non_token_from_static("ogmios.v1:compact");
    /// let layer = SubprotocolLayer::new([Subprotocol::from_static("ogmios.v1"), COMPACT]);
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn non_token_from_static(name: &'static str) -> Self {
        assert!(
            Grammar::Visible.accepts(name.as_bytes()),
            "a WebSocket subprotocol name must be visible ASCII without commas"
        );
        Self(Name::Static(name))
    }
}

/// Reads a name that the program learns at run time.
///
/// # Errors
///
/// [`InvalidSubprotocol`], if the text is not an RFC 9110 `token`. The text is not
/// trimmed first.
///
/// ```
/// use axum_subprotocol::Subprotocol;
///
/// let name: Subprotocol = "v12.stomp".parse()?;
/// assert_eq!(name, "v12.stomp");
/// assert!("v12 stomp".parse::<Subprotocol>().is_err());
/// # Ok::<(), axum_subprotocol::InvalidSubprotocol>(())
/// ```
impl FromStr for Subprotocol {
    type Err = InvalidSubprotocol;

    fn from_str(name: &str) -> Result<Self, InvalidSubprotocol> {
        let bytes = name.as_bytes();
        Grammar::Token.check(bytes)?;
        // The characters of a token are all allowed in a header.
        let invalid = |_| InvalidSubprotocol::new(bytes, 0);
        let header = HeaderValue::from_bytes(bytes).map_err(invalid)?;
        // The first clone of a fresh value allocates what all clones share.
        // This is done here, once, and not in the first handshake.
        drop(header.clone());
        let text = name.into();
        Ok(Self(Name::Shared(Arc::new(Shared { text, header }))))
    }
}

/// A clone, so that a list of references is a list of names too.
impl From<&Self> for Subprotocol {
    fn from(name: &Self) -> Self {
        name.clone()
    }
}

macro_rules! from_text {
    ($($text:ty),*) => {
        $(
            /// The same as [`str::parse`].
            impl TryFrom<$text> for Subprotocol {
                type Error = InvalidSubprotocol;

                fn try_from(name: $text) -> Result<Self, InvalidSubprotocol> {
                    let name: &str = name.as_ref();
                    name.parse()
                }
            }
        )*
    };
}

from_text!(&str, &&str, String, &String, Cow<'_, str>, Box<str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_shares_the_name() {
        let parsed: Subprotocol = "soap".parse().unwrap();
        assert_eq!(parsed.clone().as_str().as_ptr(), parsed.as_str().as_ptr());
    }

    #[test]
    fn all_kinds_of_text_make_the_same_name() {
        let soap = Subprotocol::from_static("soap");
        let owned = "soap".to_owned();
        assert_eq!(Subprotocol::try_from("soap").unwrap(), soap);
        assert_eq!(Subprotocol::try_from(&"soap").unwrap(), soap);
        assert_eq!(Subprotocol::try_from(&owned).unwrap(), soap);
        assert_eq!(Subprotocol::try_from(owned).unwrap(), soap);
        assert_eq!(Subprotocol::try_from(Cow::from("soap")).unwrap(), soap);
        assert_eq!(Subprotocol::try_from(Box::from("soap")).unwrap(), soap);
        assert_eq!(Subprotocol::from(&soap), soap);
        assert!(Subprotocol::try_from("so ap").is_err());
    }

    #[test]
    #[should_panic(expected = "must be an RFC 9110 token")]
    fn from_static_panics_outside_of_constants() {
        let _ = Subprotocol::from_static("chat/v2");
    }

    #[test]
    #[should_panic(expected = "must be visible ASCII without commas")]
    fn non_token_from_static_panics_outside_of_constants() {
        let _ = Subprotocol::non_token_from_static("a,b");
    }
}
