//! Why an extraction fails.

use std::{any::type_name, error, fmt};

use axum_core::response::{IntoResponse, Response};
use http::{
    HeaderValue, StatusCode, Version,
    header::{CONNECTION, UPGRADE},
};

use crate::{
    name_deserializer::NameError,
    rejection::{NothingSelected, SubprotocolRejection},
    subprotocol::Subprotocol,
    trace,
};

/// Why [`SelectedSubprotocol`](crate::SelectedSubprotocol) rejected a request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SelectedSubprotocolRejection {
    /// Nothing was selected, and the extractor isn't in an `Option`. The
    /// response is the one that a layer with [`Require`](crate::Require) makes,
    /// with a [`SubprotocolRejection`] among its extensions.
    NothingSelected(NothingSelected),
    /// The request is not a WebSocket handshake.
    NotAHandshake(NotAHandshake),
    /// The route is behind no [`SubprotocolLayer`](crate::SubprotocolLayer).
    MissingLayer(MissingLayer),
    /// The selected name can't be made the type that is extracted.
    NoSuchVariant(NoSuchVariant),
}

impl SelectedSubprotocolRejection {
    /// The status of the response.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NothingSelected(_) => StatusCode::BAD_REQUEST,
            Self::NotAHandshake(cause) => cause.status(),
            Self::MissingLayer(_) | Self::NoSuchVariant(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The text of the response.
    #[must_use]
    pub fn body_text(&self) -> String {
        self.to_string()
    }
}

impl IntoResponse for SelectedSubprotocolRejection {
    fn into_response(self) -> Response {
        const TO_WEBSOCKET: [(http::HeaderName, HeaderValue); 2] = [
            (UPGRADE, HeaderValue::from_static("websocket")),
            (CONNECTION, HeaderValue::from_static("upgrade")),
        ];

        trace::extraction(&self);
        let text = (self.status(), self.body_text());
        match self {
            Self::NothingSelected(cause) => SubprotocolRejection::from(cause).into_response(),
            Self::NotAHandshake(NotAHandshake { can_upgrade: true }) => {
                (TO_WEBSOCKET, text).into_response()
            }
            _ => text.into_response(),
        }
    }
}

impl fmt::Display for SelectedSubprotocolRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingSelected(cause) => cause.fmt(f),
            Self::NotAHandshake(cause) => cause.fmt(f),
            Self::MissingLayer(cause) => cause.fmt(f),
            Self::NoSuchVariant(cause) => cause.fmt(f),
        }
    }
}

impl error::Error for SelectedSubprotocolRejection {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        // The messages are those of the causes, so their sources are the next.
        match self {
            Self::NothingSelected(cause) => cause.source(),
            Self::NotAHandshake(cause) => cause.source(),
            Self::MissingLayer(cause) => cause.source(),
            Self::NoSuchVariant(cause) => cause.source(),
        }
    }
}

macro_rules! causes {
    ($($cause:ident),*) => {
        $(impl From<$cause> for SelectedSubprotocolRejection {
            fn from(cause: $cause) -> Self {
                Self::$cause(cause)
            }
        })*
    };
}

causes!(NothingSelected, NotAHandshake, MissingLayer, NoSuchVariant);

/// The request is not a WebSocket handshake: somebody opened the URL as a page,
/// say.
///
/// The response is a 426 that offers the upgrade on HTTP/1.1 (RFC 9110
/// §15.5.22), and a 400 where there is no upgrade to offer.
#[derive(Clone, Debug)]
pub struct NotAHandshake {
    can_upgrade: bool,
}

impl NotAHandshake {
    pub(super) fn new(version: Version) -> Self {
        let can_upgrade = version == Version::HTTP_11;
        Self { can_upgrade }
    }

    const fn status(&self) -> StatusCode {
        if self.can_upgrade {
            StatusCode::UPGRADE_REQUIRED
        } else {
            StatusCode::BAD_REQUEST
        }
    }
}

impl fmt::Display for NotAHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("This is a WebSocket endpoint, and the request is not a WebSocket handshake.")
    }
}

impl error::Error for NotAHandshake {}

/// The request is a handshake, and no [`SubprotocolLayer`](crate::SubprotocolLayer)
/// has seen it: the route has none, or the extractor runs in a middleware
/// outside of it.
#[derive(Clone, Debug)]
pub struct MissingLayer(());

impl MissingLayer {
    pub(super) const fn new() -> Self {
        Self(())
    }
}

impl fmt::Display for MissingLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "`SelectedSubprotocol` was extracted where no `SubprotocolLayer` has seen the request. \
             Add one to the route, as in `any(handler).layer(SubprotocolLayer::new(...))`, outside \
             of any middleware that uses the extractor.",
        )
    }
}

impl error::Error for MissingLayer {}

/// The selected name can't be made the type that is extracted: the layer
/// supports a name that the type doesn't know.
///
/// The [source](error::Error::source) is serde's own error.
#[derive(Clone, Debug)]
pub struct NoSuchVariant {
    name: Subprotocol,
    wanted: &'static str,
    source: NameError,
}

impl NoSuchVariant {
    pub(super) fn new<T>(name: &Subprotocol, source: NameError) -> Self {
        let name = name.clone();
        let wanted = type_name::<T>();
        Self {
            name,
            wanted,
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
