//! Reading a layer from a config file.

use std::fmt;

use serde_core::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};

use crate::{
    layer::SubprotocolLayer,
    policy::{Malformed, Preference, Require},
};

/// Reads a list of names, or a table.
///
/// Only `protocols` is needed in the table. The other keys are those of the
/// layer's methods, in kebab-case, and have the same defaults.
///
/// ```
/// use axum_subprotocol::SubprotocolLayer;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Config {
///     feed: SubprotocolLayer,
///     chat: SubprotocolLayer,
/// }
///
/// let config: Config = toml::from_str(r#"
///     feed = ["mqtt"]
///
///     [chat]
///     protocols = ["chat.v2", "chat.v1"]
///     require = "if-offered"      # or "never", "always"
///     prefer = "server"           # or "client"
///     malformed = "ignore"        # or "reject"
///     max-offers = 16
/// "#)?;
/// # Ok::<(), toml::de::Error>(())
/// ```
///
/// The table can be part of a larger one:
///
/// ```
/// # use axum_subprotocol::SubprotocolLayer;
/// # use serde::Deserialize;
/// #[derive(Deserialize)]
/// struct Route {
///     path: String,
///     #[serde(flatten)]
///     subprotocols: SubprotocolLayer,
/// }
///
/// let route: Route = toml::from_str(r#"
///     path = "/chat"
///     protocols = ["chat.v2", "chat.v1"]
/// "#)?;
/// # Ok::<(), toml::de::Error>(())
/// ```
///
/// All keys that your struct doesn't have itself are then the layer's, and
/// unknown ones are errors still. So it can be flattened into a struct that
/// flattens nothing else, and doesn't ask for `deny_unknown_fields`. Don't flatten
/// an `Option<SubprotocolLayer>`: serde makes `None` of a faulty table too. A
/// layer that may be absent is better a field.
///
/// # Errors
///
/// What [`try_new`](SubprotocolLayer::try_new) refuses, keys that are unknown,
/// repeated or missing, and values that are none of those above.
impl<'de> Deserialize<'de> for SubprotocolLayer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not as a struct: YAML then accepts no list, and flattening hides the
        // keys that are unknown.
        deserializer.deserialize_any(LayerVisitor)
    }
}

const KEYS: &[&str] = &["protocols", "require", "prefer", "malformed", "max-offers"];

struct LayerVisitor;

impl<'de> Visitor<'de> for LayerVisitor {
    type Value = SubprotocolLayer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of subprotocol names, or a table with `protocols`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<SubprotocolLayer, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element::<String>()? {
            names.push(name);
        }
        SubprotocolLayer::try_new(names).map_err(de::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<SubprotocolLayer, A::Error> {
        let mut protocols: Option<Vec<String>> = None;
        let mut require: Option<Require> = None;
        let mut prefer: Option<Preference> = None;
        let mut malformed: Option<Malformed> = None;
        let mut max_offers: Option<usize> = None;
        while let Some(key) = table.next_key::<String>()? {
            match key.as_str() {
                "protocols" => read(&mut protocols, "protocols", &mut table)?,
                "require" => read(&mut require, "require", &mut table)?,
                "prefer" => read(&mut prefer, "prefer", &mut table)?,
                "malformed" => read(&mut malformed, "malformed", &mut table)?,
                "max-offers" => read(&mut max_offers, "max-offers", &mut table)?,
                unknown => return Err(de::Error::unknown_field(unknown, KEYS)),
            }
        }

        let protocols = protocols.ok_or_else(|| de::Error::missing_field("protocols"))?;
        let layer = SubprotocolLayer::try_new(protocols).map_err(de::Error::custom)?;
        let max_offers = max_offers.unwrap_or(layer.policy.max_offers);
        Ok(layer
            .require(require.unwrap_or_default())
            .prefer(prefer.unwrap_or_default())
            .malformed(malformed.unwrap_or_default())
            .max_offers(max_offers))
    }
}

fn read<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    value: &mut Option<T>,
    key: &'static str,
    table: &mut A,
) -> Result<(), A::Error> {
    if value.is_some() {
        return Err(de::Error::duplicate_field(key));
    }
    *value = Some(table.next_value()?);
    Ok(())
}

/// Reads one of a few words.
struct Words<T: 'static> {
    words: &'static [&'static str],
    meanings: &'static [T],
}

impl<T: Copy> Visitor<'_> for Words<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of `{}`", self.words.join("`, `"))
    }

    fn visit_str<E: de::Error>(self, found: &str) -> Result<T, E> {
        let mut both = self.words.iter().zip(self.meanings);
        both.find_map(|(word, meaning)| (*word == found).then_some(*meaning))
            .ok_or_else(|| E::unknown_variant(found, self.words))
    }
}

macro_rules! words {
    ($($type:ident { $($word:literal => $variant:ident),* })*) => {
        $(impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Words {
                    words: &[$($word),*],
                    meanings: &[$(Self::$variant),*],
                })
            }
        })*
    };
}

words! {
    Require { "never" => Never, "if-offered" => IfOffered, "always" => Always }
    Preference { "client" => Client, "server" => Server }
    Malformed { "reject" => Reject, "ignore" => Ignore }
}
