//! Reading a layer from a config file.

use std::fmt;

use serde_core::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Unexpected, Visitor},
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
/// Only names that are tokens can be in a file, and no credentials: these are set in
/// code, with [`try_credential`](SubprotocolLayer::try_credential) for what comes from
/// outside.
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

struct LayerVisitor;

impl<'de> Visitor<'de> for LayerVisitor {
    type Value = SubprotocolLayer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of subprotocol names, or a table with `protocols`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<SubprotocolLayer, A::Error> {
        NamesVisitor.visit_seq(list).map(|Names(layer)| layer)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<SubprotocolLayer, A::Error> {
        let mut protocols = None;
        let mut require = None;
        let mut prefer = None;
        let mut malformed = None;
        let mut max_offers = None;
        while let Some(key) = table.next_key()? {
            match key {
                Key::Protocols => read(&mut protocols, "protocols", &mut table)?,
                Key::Require => read(&mut require, "require", &mut table)?,
                Key::Prefer => read(&mut prefer, "prefer", &mut table)?,
                Key::Malformed => read(&mut malformed, "malformed", &mut table)?,
                Key::MaxOffers => read(&mut max_offers, "max-offers", &mut table)?,
            }
        }

        let Names(layer) = protocols.ok_or_else(|| de::Error::missing_field("protocols"))?;
        let Count(max_offers) = max_offers.unwrap_or(Count(layer.policy.max_offers));
        Ok(layer
            .require(require.unwrap_or_default())
            .prefer(prefer.unwrap_or_default())
            .malformed(malformed.unwrap_or_default())
            .max_offers(max_offers))
    }
}

/// A key of the table. Judged where it stands, so that an error points there.
enum Key {
    Protocols,
    Require,
    Prefer,
    Malformed,
    MaxOffers,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const KEYS: &[&str] = &["protocols", "require", "prefer", "malformed", "max-offers"];

        struct KeyVisitor;

        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E: de::Error>(self, key: &str) -> Result<Key, E> {
                match key {
                    "protocols" => Ok(Key::Protocols),
                    "require" => Ok(Key::Require),
                    "prefer" => Ok(Key::Prefer),
                    "malformed" => Ok(Key::Malformed),
                    "max-offers" => Ok(Key::MaxOffers),
                    unknown => Err(E::unknown_field(unknown, KEYS)),
                }
            }
        }

        deserializer.deserialize_identifier(KeyVisitor)
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

/// A list of names, as a layer without any other setting. Judged where it stands
/// too.
struct Names(SubprotocolLayer);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(NamesVisitor)
    }
}

struct NamesVisitor;

impl<'de> Visitor<'de> for NamesVisitor {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of subprotocol names")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Names, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element::<String>()? {
            names.push(name);
        }
        let layer = SubprotocolLayer::try_new(names).map_err(de::Error::custom)?;
        Ok(Names(layer))
    }
}

/// How many of something.
struct Count(usize);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountVisitor;

        impl Visitor<'_> for CountVisitor {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, 0 or more")
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Count, E> {
                let count = count.try_into();
                count
                    .map(Count)
                    .map_err(|_| E::custom("the number is too large"))
            }

            fn visit_i64<E: de::Error>(self, count: i64) -> Result<Count, E> {
                match count.try_into() {
                    Ok(count) => self.visit_u64(count),
                    Err(_) => Err(E::invalid_value(Unexpected::Signed(count), &self)),
                }
            }
        }

        deserializer.deserialize_u64(CountVisitor)
    }
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
