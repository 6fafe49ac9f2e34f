//! Why `SelectedSubprotocol` can't be extracted.

use std::{any::type_name, error, fmt};

use http::StatusCode;

use super::{NothingSelected, causes};
use crate::{config::name::NameError, subprotocol::Subprotocol};

/// Why [`SelectedSubprotocol`](crate::SelectedSubprotocol) rejected a request.
///
/// `Display` is for logs, and can show the name of the type that was extracted. The
/// text of the response is [`body_text`](Self::body_text), which shows no type.
///
/// # Example
///
#[cfg_attr(feature = "axum", doc = "```")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
/// use axum::response::{IntoResponse, Response};
/// use axum_subprotocol::{SelectedSubprotocol, rejection::SelectedSubprotocolRejection};
///
/// async fn chat(
///     selected: Result<SelectedSubprotocol, SelectedSubprotocolRejection>,
/// ) -> Result<(), Response> {
///     match selected {
///         Ok(SelectedSubprotocol(name)) => println!("speaking {name}"),
///         Err(SelectedSubprotocolRejection::NothingSelected(_)) => println!("speaking the default"),
///         Err(rejection) => return Err(rejection.into_response()),
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SelectedSubprotocolRejection {
    /// Nothing was selected, and the extractor isn't in an `Option`. The response
    /// is the one of a layer with [`Require::Always`](crate::Require::Always), with
    /// a [`SubprotocolRejection`](super::SubprotocolRejection) as an extension.
    NothingSelected(NothingSelected),
    /// The request is not a handshake.
    NotAHandshake(NotAHandshake),
    /// The route is not behind a [`SubprotocolLayer`](crate::SubprotocolLayer).
    MissingLayer(MissingLayer),
    /// The extracted type has no value for the selected name.
    NoSuchVariant(NoSuchVariant),
}

causes!(SelectedSubprotocolRejection: NothingSelected, NotAHandshake, MissingLayer, NoSuchVariant);

impl SelectedSubprotocolRejection {
    /// The status of the response: 400 if nothing was selected, 426 on HTTP/1.1 and
    /// 400 otherwise if the request is not a handshake, and 500 for a mistake of the program.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NotAHandshake(cause) if cause.can_upgrade => StatusCode::UPGRADE_REQUIRED,
            Self::NothingSelected(_) | Self::NotAHandshake(_) => StatusCode::BAD_REQUEST,
            Self::MissingLayer(_) | Self::NoSuchVariant(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The text of the response.
    #[must_use]
    pub fn body_text(&self) -> String {
        match self {
            Self::NoSuchVariant(cause) => format!(
                "The server selected the WebSocket subprotocol {:?}, and the type that its handler \
                 extracts has no value for it. This is a mistake of the server: use one enum for \
                 the layer and the extractor.",
                cause.name
            ),
            _ => self.to_string(),
        }
    }
}

/// The request is not a WebSocket handshake, as when someone opens the URL as a
/// page.
///
/// The response is a 426 that offers the upgrade on HTTP/1.1 (RFC 9110 §15.5.22),
/// and a 400 on other versions, which have no upgrade.
#[derive(Clone, Debug)]
pub struct NotAHandshake {
    pub(crate) can_upgrade: bool,
}

impl fmt::Display for NotAHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "This is a WebSocket endpoint, and the request is not a WebSocket handshake. Connect \
             with a WebSocket client.",
        )
    }
}

impl error::Error for NotAHandshake {}

/// The request is a handshake that no [`SubprotocolLayer`](crate::SubprotocolLayer)
/// has seen: the route has none, the extractor runs in middleware outside of the
/// layer, or middleware inside it has dropped the extensions of the request.
#[derive(Clone, Debug)]
pub struct MissingLayer(());

impl MissingLayer {
    #[cfg(feature = "axum")]
    pub(crate) const fn new() -> Self {
        Self(())
    }
}

impl fmt::Display for MissingLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "`SelectedSubprotocol` found no trace of a `SubprotocolLayer` in the request. Add one to \
             the route, as in `any(handler).layer(SubprotocolLayer::new(...))`, outside of any \
             middleware that uses the extractor. Middleware between the layer and the extractor must \
             keep the extensions of the request.",
        )
    }
}

impl error::Error for MissingLayer {}

/// The extracted type has no value for the selected name: the layer supports a name
/// that the type doesn't know.
///
/// The [source](error::Error::source) is serde's own error.
#[derive(Clone, Debug)]
pub struct NoSuchVariant {
    name: Subprotocol,
    wanted: &'static str,
    source: NameError,
}

impl NoSuchVariant {
    pub(crate) fn new<T>(name: &Subprotocol, source: NameError) -> Self {
        Self {
            name: name.clone(),
            wanted: type_name::<T>(),
            source,
        }
    }
}

impl fmt::Display for NoSuchVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "The selected subprotocol {:?} can't be read as `{}`: {}. The type needs a unit variant \
             for each name that the layer supports.",
            self.name, self.wanted, self.source
        )
    }
}

impl error::Error for NoSuchVariant {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&self.source)
    }
}
