//! The client's list.

use http::Extensions;

use crate::negotiate::{OfferedSubprotocols, Outcome};

impl OfferedSubprotocols {
    /// The client's own list, from the extensions of a request behind a
    /// [`SubprotocolLayer`](crate::SubprotocolLayer). `None` if the request is not a
    /// handshake, and without a layer.
    ///
    /// ```
    /// use axum_subprotocol::OfferedSubprotocols;
    /// use http::Request;
    ///
    /// fn offers_mqtt<B>(request: &Request<B>) -> bool {
    ///     let offered = OfferedSubprotocols::from_extensions(request.extensions());
    ///     offered.is_some_and(|offered| offered.contains("mqtt"))
    /// }
    /// ```
    #[must_use]
    pub fn from_extensions(extensions: &Extensions) -> Option<Self> {
        Outcome::of(extensions).map(|outcome| outcome.offered().clone())
    }
}

#[cfg(feature = "axum")]
mod axum {
    use std::convert::Infallible;

    use axum_core::extract::FromRequestParts;
    use http::request::Parts;

    use super::OfferedSubprotocols;
    use crate::handshake::Handshake;

    /// Never rejects a request.
    impl<S: Send + Sync> FromRequestParts<S> for OfferedSubprotocols {
        type Rejection = Infallible;

        async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
            Ok(match Self::from_extensions(&parts.extensions) {
                Some(offered) => offered,
                None if Handshake::begun_by_parts(parts).is_some() => {
                    Self::from_headers(&parts.headers)
                }
                None => Self::default(),
            })
        }
    }
}
