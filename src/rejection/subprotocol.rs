//! Why `SubprotocolLayer` rejects a handshake.

use std::{error, fmt, sync::Arc};

use http::{Response, StatusCode};

use super::{causes, response};
use crate::{error::InvalidSubprotocol, subprotocol::Subprotocol};

/// Why [`SubprotocolLayer`](crate::SubprotocolLayer) rejected a handshake.
///
/// Each response that the layer makes has one as an extension. The
/// [module](crate::rejection) shows how to change the response.
///
/// # Example
///
/// ```
/// use axum_subprotocol::rejection::SubprotocolRejection;
///
/// /// What a program counts, without a word of the client.
/// fn reason(rejection: &SubprotocolRejection) -> String {
///     match rejection {
///         SubprotocolRejection::MalformedOffer(fault) => format!("element {}", fault.index()),
///         SubprotocolRejection::TooManyOffers(fault) => format!("more than {}", fault.limit()),
///         SubprotocolRejection::NothingSelected(fault) if fault.offered() => {
///             format!("not one of {:?}", fault.supported())
///         }
///         SubprotocolRejection::NothingSelected(_) => "no offers".to_owned(),
///         other => other.body_text(),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SubprotocolRejection {
    /// An element of the header is not an RFC 9110 token.
    MalformedOffer(MalformedOffer),
    /// The header has more elements than the layer reads.
    TooManyOffers(TooManyOffers),
    /// A subprotocol is required, and none was selected.
    NothingSelected(NothingSelected),
    /// The program's function selected a name that the client didn't offer.
    UnofferedSelection(UnofferedSelection),
}

causes!(SubprotocolRejection: MalformedOffer, TooManyOffers, NothingSelected, UnofferedSelection);

impl SubprotocolRejection {
    /// The status of the response: 500 for an
    /// [`UnofferedSelection`](Self::UnofferedSelection), which is a mistake of the
    /// program, and 400 otherwise.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::UnofferedSelection(_) => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The text of the response.
    #[must_use]
    pub fn body_text(&self) -> String {
        self.to_string()
    }

    /// The response, with `self` as an extension.
    pub(crate) fn into_response<B: From<String>>(self) -> Response<B> {
        response(self.status(), self)
    }
}

/// An element of `Sec-WebSocket-Protocol` is not an RFC 9110 `token`
/// (RFC 6455 §4.2.1).
///
/// The [source](error::Error::source) says what kind of byte is wrong, and where in
/// the element.
#[derive(Clone, Debug)]
pub struct MalformedOffer {
    pub(crate) index: usize,
    pub(crate) source: InvalidSubprotocol,
}

impl MalformedOffer {
    /// The position of the element, counted from 0 over all header lines (the message
    /// counts from 1). Empty elements count, and credentials that a layer outside has
    /// removed don't.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }
}

impl fmt::Display for MalformedOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Element {} of Sec-WebSocket-Protocol is not a subprotocol name: {}. Send RFC 9110 \
             tokens, separated by commas.",
            self.index + 1,
            self.source
        )
    }
}

impl error::Error for MalformedOffer {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&self.source)
    }
}

/// `Sec-WebSocket-Protocol` has more elements than
/// [`max_offers`](crate::SubprotocolLayer::max_offers) allows.
#[derive(Clone, Debug)]
pub struct TooManyOffers {
    pub(crate) limit: usize,
}

impl TooManyOffers {
    /// How many elements the layer reads.
    #[must_use]
    pub const fn limit(&self) -> usize {
        self.limit
    }
}

impl fmt::Display for TooManyOffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Sec-WebSocket-Protocol has too many elements: the limit here is {}. Offer fewer \
             subprotocols.",
            self.limit
        )
    }
}

impl error::Error for TooManyOffers {}

/// No subprotocol was selected, and one is required: by a layer with
/// [`Require`](crate::Require), or by a handler that extracts a plain
/// [`SelectedSubprotocol`](crate::SelectedSubprotocol).
#[derive(Clone, Debug)]
pub struct NothingSelected {
    supported: Arc<[Subprotocol]>,
    offered: bool,
}

impl NothingSelected {
    pub(crate) fn new(supported: Option<&Arc<[Subprotocol]>>, offered: bool) -> Self {
        let supported = supported.cloned().unwrap_or_default();
        Self { supported, offered }
    }

    /// The names that the layer supports, in the server's order. Empty if a function of
    /// the program selects.
    #[must_use]
    pub fn supported(&self) -> &[Subprotocol] {
        &self.supported
    }

    /// Whether the client offered any name.
    #[must_use]
    pub const fn offered(&self) -> bool {
        self.offered
    }
}

impl fmt::Display for NothingSelected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.offered {
            "None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported here."
        } else {
            "A WebSocket subprotocol is required here, and Sec-WebSocket-Protocol offers none."
        })?;
        match self.supported() {
            [] => Ok(()),
            [only] => write!(f, " Offer this one: {only}"),
            [first, others @ ..] => {
                write!(f, " Offer one of these: {first}")?;
                others.iter().try_for_each(|name| write!(f, ", {name}"))
            }
        }
    }
}

impl error::Error for NothingSelected {}

/// The function of a layer that was made with
/// [`from_fn`](crate::SubprotocolLayer::from_fn) returned a name that is not among
/// the offers. This is a mistake of the program. Such a name is never sent.
///
/// The message doesn't show the name, because the function may have taken it from
/// the request.
#[derive(Clone, Debug)]
pub struct UnofferedSelection(());

impl UnofferedSelection {
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

impl fmt::Display for UnofferedSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "The server selected a WebSocket subprotocol that Sec-WebSocket-Protocol doesn't \
             offer. The function that is passed to `SubprotocolLayer::from_fn` must return one \
             of the offers, or `None`.",
        )
    }
}

impl error::Error for UnofferedSelection {}
