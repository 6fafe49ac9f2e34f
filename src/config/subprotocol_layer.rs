//! Reading a `SubprotocolLayer`.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{
        self, MapAccess, SeqAccess, Unexpected, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use crate::{
    layer::SubprotocolLayer,
    selection::policy::{Malformed, Preference, Require},
};

/// Reads a list of names, a string of names separated by commas, or a table.
///
/// The [crate documentation](crate::guide::configuration) has the keys and examples.
///
/// # Errors
///
/// What [`try_new`](SubprotocolLayer::try_new) rejects, and unknown, missing or
/// repeated keys and unknown values. The error names the entry, the key or the value. The
/// format must describe itself, as TOML, JSON and YAML do, and bincode and postcard don't.
impl<'de> Deserialize<'de> for SubprotocolLayer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not as a struct: a struct hides unknown keys from a flattened layer, and
        // YAML then accepts no list.
        deserializer.deserialize_any(LayerVisitor { can_be_table: true })
    }
}

/// Chooses between a list, a string and, if allowed, a table.
struct LayerVisitor {
    can_be_table: bool,
}

impl<'de> Visitor<'de> for LayerVisitor {
    type Value = SubprotocolLayer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or a comma-separated string of subprotocol names")?;
        if self.can_be_table {
            f.write_str(", or a table with `protocols`")?;
        }
        Ok(())
    }

    fn visit_str<E: de::Error>(self, names: &str) -> Result<SubprotocolLayer, E> {
        let names = names.split(',').map(str::trim);
        SubprotocolLayer::try_new(names).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<SubprotocolLayer, A::Error> {
        let names: Vec<String> = Deserialize::deserialize(SeqAccessDeserializer::new(list))?;
        SubprotocolLayer::try_new(names).map_err(de::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<SubprotocolLayer, A::Error> {
        if !self.can_be_table {
            return Err(de::Error::invalid_type(Unexpected::Map, &self));
        }
        let table: Table = Deserialize::deserialize(MapAccessDeserializer::new(table))?;
        let Names(layer) = table.protocols;
        Ok(layer
            .require(table.require)
            .prefer(table.prefer)
            .malformed(table.malformed)
            .max_offers(table.max_offers))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Table {
    protocols: Names,
    #[serde(default)]
    require: Require,
    #[serde(default)]
    prefer: Preference,
    #[serde(default)]
    malformed: Malformed,
    #[serde(default = "max_offers", alias = "max_offers")]
    max_offers: usize,
}

fn max_offers() -> usize {
    SubprotocolLayer::MAX_OFFERS
}

/// The names in a table: a list or a string, and not another table. A layer is made
/// of them where they stand, so that an error points there.
pub(super) struct Names(pub(super) SubprotocolLayer);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let can_be_table = false;
        deserializer
            .deserialize_any(LayerVisitor { can_be_table })
            .map(Self)
    }
}
