//! Why `SubprotocolLayer` or `SelectedSubprotocol` turns a request down.

use std::{error, fmt, sync::Arc};

use http::{Response, StatusCode};

use super::response;
use crate::{
    error::InvalidSubprotocol,
    subprotocol::{Subprotocol, Supported},
};

/// Why [`SubprotocolLayer`](crate::SubprotocolLayer) rejected a handshake, or why
/// [`SelectedSubprotocol`](crate::SelectedSubprotocol) rejected a request.
///
/// Each response that they make has one as an extension. The
/// [module](crate::rejection) shows how to change the response.
///
/// `Display` is for logs, and can show the name of the type that was extracted. The
/// text of the response is [`body_text`](Self::body_text), which shows no type.
///
/// A `match` needs a `_`, and each variant without a payload is written with braces, such as
/// `TooManyOffers { limit, .. }` and `MissingLayer { .. }`: a later version may add variants
/// and fields.
///
/// # Example
///
/// ```
/// use axum_subprotocol::rejection::SubprotocolRejection;
///
/// /// What a program counts, without any text that the client sent.
/// fn reason(rejection: &SubprotocolRejection) -> String {
///     match rejection {
///         SubprotocolRejection::MalformedOffer { index, .. } => format!("element {index}"),
///         SubprotocolRejection::TooManyOffers { limit, .. } => format!("more than {limit}"),
///         SubprotocolRejection::NothingSelected(cause) if cause.has_offers() => {
///             format!("not one of {:?}", cause.supported())
///         }
///         SubprotocolRejection::NothingSelected(_) => "no offers".to_owned(),
///         SubprotocolRejection::MissingLayer { .. } => "a mistake of ours".to_owned(),
///         other => other.body_text(),
///     }
/// }
/// ```
///
/// In a handler:
///
#[cfg_attr(feature = "axum", doc = "```")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
/// use axum::response::{IntoResponse, Response};
/// use axum_subprotocol::{SelectedSubprotocol, rejection::SubprotocolRejection};
///
/// async fn chat(
///     selected: Result<SelectedSubprotocol, SubprotocolRejection>,
/// ) -> Result<(), Response> {
///     match selected {
///         Ok(SelectedSubprotocol(name)) => println!("speaking {name}"),
///         Err(SubprotocolRejection::NothingSelected(_)) => println!("speaking the default"),
///         Err(rejection) => return Err(rejection.into_response()),
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SubprotocolRejection {
    /// An element of `Sec-WebSocket-Protocol` is not an RFC 9110 `token`
    /// (RFC 6455 §4.2.1). A 400.
    #[non_exhaustive]
    MalformedOffer {
        /// The position of the element, counted from 0 over all header lines (the
        /// message counts from 1). Empty elements count, and credentials that a layer
        /// outside has removed don't.
        index: usize,
        /// What kind of byte is wrong, and where in the element.
        reason: InvalidSubprotocol,
    },
    /// `Sec-WebSocket-Protocol` has more elements than
    /// [`max_offers`](crate::SubprotocolLayer::max_offers) allows. A 400.
    #[non_exhaustive]
    TooManyOffers {
        /// How many elements the layer reads.
        limit: usize,
    },
    /// No subprotocol was selected, and one is required: by a layer with
    /// [`Require`](crate::Require), or by a handler whose extractor isn't in an
    /// `Option`. A 400.
    NothingSelected(NothingSelected),
    /// The function of a layer that was made with
    /// [`from_fn`](crate::SubprotocolLayer::from_fn) returned a name that is not among
    /// the offers, or that is not an RFC 9110 token. This is a mistake of the program: a
    /// 500. Such a name is never sent.
    ///
    /// The message doesn't show the name, because the function may have taken it from
    /// the request.
    #[non_exhaustive]
    UnofferedSelection,
    /// The request is not a WebSocket handshake, as when someone opens the URL as a
    /// page.
    ///
    /// The response is a 426 that offers the upgrade on HTTP/1.1 (RFC 9110 §15.5.22),
    /// and a 400 on other versions, which have no upgrade.
    NotAHandshake(NotAHandshake),
    /// The request is a handshake that no
    /// [`SubprotocolLayer`](crate::SubprotocolLayer) has seen: the route has none, the
    /// extractor runs in middleware outside of the layer, middleware inside it has
    /// dropped the extensions of the request, or layer and extractor are of two versions
    /// of this crate. This is a mistake of the program: a 500.
    #[non_exhaustive]
    MissingLayer,
    /// The extracted type has no value for the selected name: the layer supports a name
    /// that the type doesn't know. This is a mistake of the program: a 500.
    /// [`SubprotocolLayer::check`](crate::SubprotocolLayer::check) finds it when the
    /// program starts.
    NoSuchVariant(NoSuchVariant),
}

impl SubprotocolRejection {
    /// The status of the response: 500 for a mistake of the program, 426 on HTTP/1.1 if
    /// the request is not a handshake, and 400 otherwise.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::UnofferedSelection | Self::MissingLayer | Self::NoSuchVariant(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::NotAHandshake(cause) if cause.can_upgrade => StatusCode::UPGRADE_REQUIRED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The text of the response.
    #[must_use]
    pub fn body_text(&self) -> String {
        match self {
            Self::NoSuchVariant(NoSuchVariant { name, .. }) => format!(
                "The server selected the WebSocket subprotocol {name:?}, and the type that its \
                 handler extracts has no value for it. This is a mistake of the server: use one \
                 enum for the layer and the extractor."
            ),
            _ => self.to_string(),
        }
    }

    /// The response, with `self` as an extension.
    pub(crate) fn response(self) -> Response<String> {
        response(self.status(), self.body_text(), self)
    }
}

impl error::Error for SubprotocolRejection {}

impl fmt::Display for SubprotocolRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MalformedOffer { index, reason } => write!(
                f,
                "Element {} of Sec-WebSocket-Protocol is not a subprotocol name: {reason}. Send \
                 RFC 9110 tokens, separated by commas.",
                index + 1
            ),
            Self::TooManyOffers { limit } => write!(
                f,
                "Sec-WebSocket-Protocol has too many elements: the limit here is {limit}. Offer \
                 fewer subprotocols."
            ),
            Self::NothingSelected(cause) => cause.describe(f),
            Self::UnofferedSelection => f.write_str(
                "The server selected a WebSocket subprotocol that Sec-WebSocket-Protocol doesn't \
                 offer, or that is not an RFC 9110 token. This is a mistake of the server: the \
                 function that is passed to `SubprotocolLayer::from_fn` must return one of the \
                 offers, or `None`.",
            ),
            Self::NotAHandshake(_) => f.write_str(
                "This is a WebSocket endpoint, and the request is not a WebSocket handshake. \
                 Connect with a WebSocket client.",
            ),
            Self::MissingLayer => f.write_str(
                "`SelectedSubprotocol` found no `SubprotocolLayer` in the request. Add \
                 one to the route, as in `any(handler).layer(SubprotocolLayer::new(...))`, outside \
                 of any middleware that uses the extractor. Middleware between the layer and the \
                 extractor must keep the extensions of the request. If the route has a layer, it \
                 may be of another version of axum-subprotocol: `cargo tree -d` shows it.",
            ),
            Self::NoSuchVariant(NoSuchVariant {
                name,
                wanted,
                reason,
            }) => write!(
                f,
                "The selected subprotocol {name:?} can't be read as `{wanted}`: {reason}. The type \
                 needs a unit variant for each name that the layer supports."
            ),
        }
    }
}

/// The payload of [`NothingSelected`](SubprotocolRejection::NothingSelected): what the layer
/// supports, and whether the client offered anything.
#[derive(Clone, Debug)]
pub struct NothingSelected {
    pub(crate) supported: Option<Arc<Supported>>,
    pub(crate) has_offers: bool,
}

impl NothingSelected {
    /// The names that the layer supports, in the server's order. Empty if a function of
    /// the program selects.
    #[must_use]
    pub fn supported(&self) -> &[Subprotocol] {
        self.supported.as_ref().map_or(&[], |names| &names.names)
    }

    /// Whether the client offered any name. A credential that a layer outside has removed
    /// is not an offer.
    #[must_use]
    pub fn has_offers(&self) -> bool {
        self.has_offers
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.has_offers {
            "None of the WebSocket subprotocols in Sec-WebSocket-Protocol is supported here."
        } else {
            "A WebSocket subprotocol is required here, and Sec-WebSocket-Protocol offers none (a \
             credential is not an offer)."
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

/// The payload of [`NotAHandshake`](SubprotocolRejection::NotAHandshake). It has nothing to
/// read: the status of the rejection says whether the request can be upgraded.
#[derive(Clone, Debug)]
pub struct NotAHandshake {
    /// It came on HTTP/1.1.
    pub(crate) can_upgrade: bool,
}

/// The payload of [`NoSuchVariant`](SubprotocolRejection::NoSuchVariant). `Display` of the
/// rejection has the name, the type and the reason.
#[derive(Clone, Debug)]
pub struct NoSuchVariant {
    pub(crate) name: Subprotocol,
    pub(crate) wanted: &'static str,
    pub(crate) reason: String,
}
