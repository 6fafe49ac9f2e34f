//! A layer that selects from a list of names.

use serde_core::de::DeserializeOwned;

use super::SubprotocolLayer;
use crate::{config_error::ConfigError, grammar::Grammar, supported::Supported, variants};

impl SubprotocolLayer {
    /// A layer that supports `names`, listed in the server's order of
    /// preference.
    ///
    /// # Panics
    ///
    /// If a name is not a token (RFC 6455 §4.1, RFC 9110 §5.6.2), if one is
    /// repeated, or if there is none: a mistake in the program shows when the
    /// app starts. For names that come from outside there is
    /// [`try_new`](Self::try_new).
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::{Subprotocol, SubprotocolLayer};
    ///
    /// let literals = SubprotocolLayer::new(["graphql-transport-ws", "graphql-ws"]);
    ///
    /// const MQTT: Subprotocol = Subprotocol::from_static("mqtt");
    /// let checked_by_the_compiler = SubprotocolLayer::new([MQTT]);
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "a mistake in the program, found at startup")]
    pub fn new<I>(names: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        // A closure would hide the caller's location.
        match Self::try_new(names) {
            Ok(layer) => layer,
            Err(error) => panic!("SubprotocolLayer::new: {error}"),
        }
    }

    /// The same as [`new`](Self::new), for names that come from outside the
    /// program.
    ///
    /// A layer can also be read whole, with serde:
    /// [see there](#impl-Deserialize%3C'de%3E-for-SubprotocolLayer).
    ///
    /// # Errors
    ///
    /// [`ConfigError`], which tells the faulty entry, where `new` panics.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::SubprotocolLayer;
    ///
    /// let from_the_command_line = "mqtt,mqttv3.1";
    /// let layer = SubprotocolLayer::try_new(from_the_command_line.split(','))?;
    /// # Ok::<(), axum_subprotocol::ConfigError>(())
    /// ```
    pub fn try_new<I>(names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        Self::listing(names, Grammar::Token)
    }

    /// A layer that supports the variants of the enum `T`, in their order, by
    /// the names that serde knows them by.
    ///
    /// A handler behind it extracts
    /// [`SelectedSubprotocol<T>`](crate::SelectedSubprotocol). All names are
    /// tried here, once, so this extraction can't fail later for want of a
    /// variant.
    ///
    /// `rename`, `rename_all` and `skip` count as everywhere in serde. An
    /// `alias` is a supported name like the others. Serde lists the names of
    /// one variant alphabetically, which matters only with
    /// [`Preference::Server`](crate::Preference::Server).
    ///
    /// # Panics
    ///
    /// Where [`new`](Self::new) does, if a variant carries data, if one is a
    /// `#[serde(other)]` catch-all, and if serde doesn't know the names of the
    /// variants: `T` is read with `from` or `try_from`, tagged, untagged, or not
    /// an enum. A type that is read from a string can be extracted all the same,
    /// behind a layer whose names are listed with `new`. A tagged one can't be.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::SubprotocolLayer;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// enum GraphQl {
    ///     #[serde(rename = "graphql-transport-ws")]
    ///     Current,
    ///     #[serde(rename = "graphql-ws")]
    ///     Legacy,
    /// }
    ///
    /// let layer = SubprotocolLayer::of::<GraphQl>();
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "a mistake in the program, found at startup")]
    pub fn of<T: DeserializeOwned>() -> Self {
        match variants::supported::<T>(Grammar::Token) {
            Ok(supported) => Self::with(supported, None),
            Err(error) => panic!(
                "SubprotocolLayer::of::<{}>: {error}",
                std::any::type_name::<T>()
            ),
        }
    }

    /// The same as [`new`](Self::new), for names that RFC 6455 forbids, and that are
    /// in use all the same: `kubectl port-forward` offers
    /// `SPDY/3.1+portforward.k8s.io`, and the clients of Cardano's Ogmios
    /// `ogmios.v1:compact`.
    ///
    /// Such a name is compared before the grammar is looked at, byte for byte.
    /// All other offers must still be tokens. Browsers refuse to offer any other.
    ///
    /// A handler extracts it like any other name. Serde alone, without a layer, makes no
    /// [`Subprotocol`](crate::Subprotocol) of it, also within an untagged enum: have a
    /// `String` there.
    ///
    /// # Panics
    ///
    /// If a name is empty, or contains anything but visible ASCII, or a comma; if
    /// one is repeated, or if there is none.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::SubprotocolLayer;
    ///
    /// let layer = SubprotocolLayer::new_with_non_tokens([
    ///     "v2.portforward.k8s.io",
    ///     "SPDY/3.1+portforward.k8s.io",
    /// ]);
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "a mistake in the program, found at startup")]
    pub fn new_with_non_tokens<I>(names: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        match Self::try_new_with_non_tokens(names) {
            Ok(layer) => layer,
            Err(error) => panic!("SubprotocolLayer::new_with_non_tokens: {error}"),
        }
    }

    /// The same as [`new_with_non_tokens`](Self::new_with_non_tokens), for names
    /// that come from outside the program.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], where `new_with_non_tokens` panics.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::SubprotocolLayer;
    ///
    /// let from_the_command_line = "ogmios.v1,ogmios.v1:compact";
    /// let layer = SubprotocolLayer::try_new_with_non_tokens(from_the_command_line.split(','))?;
    /// # Ok::<(), axum_subprotocol::ConfigError>(())
    /// ```
    pub fn try_new_with_non_tokens<I>(names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        Self::listing(names, Grammar::NonToken)
    }

    /// The same as [`of`](Self::of), for an enum with names that RFC 6455 forbids:
    /// see [`new_with_non_tokens`](Self::new_with_non_tokens).
    ///
    /// # Panics
    ///
    /// Where `of` and `new_with_non_tokens` do.
    ///
    /// # Example
    ///
    /// ```
    /// use axum_subprotocol::SubprotocolLayer;
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// enum Ogmios {
    ///     #[serde(rename = "ogmios.v1")]
    ///     Plain,
    ///     #[serde(rename = "ogmios.v1:compact")]
    ///     Compact,
    /// }
    ///
    /// let layer = SubprotocolLayer::of_with_non_tokens::<Ogmios>();
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "a mistake in the program, found at startup")]
    pub fn of_with_non_tokens<T: DeserializeOwned>() -> Self {
        match variants::supported::<T>(Grammar::NonToken) {
            Ok(supported) => Self::with(supported, None),
            Err(error) => panic!(
                "SubprotocolLayer::of_with_non_tokens::<{}>: {error}",
                std::any::type_name::<T>()
            ),
        }
    }

    fn listing<I>(names: I, grammar: Grammar) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let supported = Supported::try_new(names, grammar)?;
        Ok(Self::with(supported, None))
    }
}
