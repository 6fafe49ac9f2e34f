//! What is wrong with a handshake.

use std::{error, fmt};

use crate::{subprotocol::Subprotocol, supported::Supported};

/// An element of `Sec-WebSocket-Protocol` is not an RFC 9110 `token`
/// (RFC 6455 §4.2.1).
#[derive(Clone, Debug)]
pub struct MalformedOffer {
    pub(crate) index: usize,
}

impl MalformedOffer {
    /// Which element it is, counted from 0 over all instances of the header,
    /// empty elements and a credential included.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }
}

impl fmt::Display for MalformedOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Element {} of Sec-WebSocket-Protocol is not a subprotocol name. Send names that are \
             tokens (RFC 9110 section 5.6.2), separated by commas.",
            self.index + 1
        )
    }
}

impl error::Error for MalformedOffer {}

/// `Sec-WebSocket-Protocol` has more elements than
/// [`max_offers`](crate::SubprotocolLayer::max_offers) allows.
#[derive(Clone, Debug)]
pub struct TooManyOffers {
    pub(crate) limit: usize,
}

impl TooManyOffers {
    /// How many elements would have been read.
    #[must_use]
    pub const fn limit(&self) -> usize {
        self.limit
    }
}

impl fmt::Display for TooManyOffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Sec-WebSocket-Protocol has more elements than the {} that are read here. Offer fewer \
             subprotocols.",
            self.limit
        )
    }
}

impl error::Error for TooManyOffers {}

/// No subprotocol was selected where one is needed: by a layer with
/// [`Require`](crate::Require), or by a handler that extracts a plain
/// [`SelectedSubprotocol`](crate::SelectedSubprotocol).
#[derive(Clone, Debug)]
pub struct NothingSelected {
    supported: Supported,
    offered: bool,
}

impl NothingSelected {
    pub(crate) fn new(supported: &Supported, offered: bool) -> Self {
        let supported = supported.clone();
        Self { supported, offered }
    }

    /// The names that could have been selected, in the server's order; none
    /// where the program selects by a function of its own.
    #[must_use]
    pub fn supported(&self) -> &[Subprotocol] {
        self.supported.names()
    }

    /// Whether the client offered a name at all.
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
        f.write_str(match self.supported() {
            [] => return Ok(()),
            [_] => " Offer this one: ",
            _ => " Offer one of these: ",
        })?;
        for (rank, name) in self.supported().iter().enumerate() {
            f.write_str(if rank == 0 { "" } else { ", " })?;
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl error::Error for NothingSelected {}

/// The function of a layer made with
/// [`from_fn`](crate::SubprotocolLayer::from_fn) returned a name that is not
/// among the offers: a bug of the program. Such a name is never sent.
///
/// The message doesn't show it, since the function could have it from the
/// request.
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
             of the offers, or none.",
        )
    }
}

impl error::Error for UnofferedSelection {}
