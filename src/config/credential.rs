//! Reading an `OfferedCredentialLayer`.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};

use crate::{
    credential::{OfferedCredentialLayer, Settings, Shape, Target},
    error::{ConfigError, Fault},
    negotiate::Malformed,
};

/// Reads a table.
///
/// The [crate documentation](crate#configuration) has the keys and examples.
///
/// # Errors
///
/// An error where the constructor or a setting panics. Also: neither or both of
/// `after-prefix` and `after-name`, an unknown or repeated key, an unknown value. The
/// error names the key or the setting.
impl<'de> Deserialize<'de> for OfferedCredentialLayer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not as a struct: a struct hides unknown keys from a flattened layer, and
        // accepts a list.
        deserializer.deserialize_map(LayerVisitor)
    }
}

struct LayerVisitor;

impl<'de> Visitor<'de> for LayerVisitor {
    type Value = OfferedCredentialLayer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table with `after-prefix` or `after-name`")
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Self::Value, A::Error> {
        let table: Table = Deserialize::deserialize(MapAccessDeserializer::new(table))?;
        table.try_into().map_err(de::Error::custom)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Table {
    #[serde(default, alias = "after_prefix", deserialize_with = "prefix")]
    after_prefix: Option<Shape>,
    #[serde(default, alias = "after_name", deserialize_with = "name")]
    after_name: Option<Shape>,
    #[serde(default)]
    base64url: bool,
    #[serde(default, deserialize_with = "scheme")]
    scheme: Option<Target>,
    #[serde(default, deserialize_with = "header")]
    header: Option<Target>,
    #[serde(default = "max_len", alias = "max_len")]
    max_len: usize,
    #[serde(default)]
    malformed: Malformed,
    #[serde(default, alias = "echo_if_alone")]
    echo_if_alone: bool,
}

const fn max_len() -> usize {
    Settings::MAX_LEN
}

// Each value is checked where it stands, so that an error points there.

fn prefix<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Shape>, D::Error> {
    read(deserializer, Shape::after_prefix)
}

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Shape>, D::Error> {
    read(deserializer, Shape::after_name)
}

fn scheme<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Target>, D::Error> {
    read(deserializer, Target::scheme)
}

fn header<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Target>, D::Error> {
    read(deserializer, |name| Target::header(&name))
}

fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    check: impl FnOnce(String) -> Result<T, ConfigError>,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    check(text).map(Some).map_err(de::Error::custom)
}

impl TryFrom<Table> for OfferedCredentialLayer {
    type Error = ConfigError;

    fn try_from(table: Table) -> Result<Self, ConfigError> {
        let shape = match (table.after_prefix, table.after_name) {
            (Some(shape), None) | (None, Some(shape)) => shape,
            (None, None) => return Err(Fault::NoShape.into()),
            (Some(_), Some(_)) => return Err(Fault::TwoShapes.into()),
        };
        let mut settings = Settings::new(shape);
        settings.base64url = table.base64url;
        settings.max_len = table.max_len;
        settings.malformed = table.malformed;
        for target in [table.scheme, table.header].into_iter().flatten() {
            settings.set_target(target)?;
        }
        if table.echo_if_alone {
            settings.set_echo()?;
        }
        Ok(Self::from(settings))
    }
}
