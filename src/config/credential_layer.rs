//! Reading an `OfferedCredentialLayer`.

use std::{fmt, sync::Arc};

use http::HeaderName;
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::subprotocol_layer::Names;
use crate::{
    credential::{
        layer::{OfferedCredentialLayer, valid_header, valid_scheme},
        shape::Shape,
    },
    encoding::Encoding,
    error::ConfigError,
    selection::policy::Malformed,
};

/// Reads a table.
///
/// The [crate documentation](crate::guide::configuration) has the keys and examples.
///
/// # Errors
///
/// An error where the constructor or a setting panics. Also: none or several of
/// `after-prefix`, `after-name` and `bare`, an unknown or repeated key, an unknown value.
/// The error names the key, the value or the setting.
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
        f.write_str("a table with `after-prefix`, `after-name` or `bare`")
    }

    fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Self::Value, A::Error> {
        let table: Table = Deserialize::deserialize(MapAccessDeserializer::new(table))?;
        table.layer().map_err(de::Error::custom)
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
    bare: bool,
    #[serde(default, deserialize_with = "except")]
    except: Option<Names>,
    #[serde(default)]
    encoding: Encoding,
    #[serde(default, deserialize_with = "scheme")]
    scheme: Option<Arc<str>>,
    #[serde(default, deserialize_with = "header")]
    header: Option<HeaderName>,
    #[serde(default = "max_len", alias = "max_len")]
    max_len: usize,
    #[serde(default)]
    malformed: Malformed,
    #[serde(default, alias = "echo_if_alone")]
    echo_if_alone: bool,
}

fn max_len() -> usize {
    OfferedCredentialLayer::MAX_LEN
}

// Each value is checked where it stands, so that an error points there.

fn prefix<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Shape>, D::Error> {
    read(deserializer, Shape::after_prefix)
}

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Shape>, D::Error> {
    read(deserializer, Shape::after_name)
}

fn except<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Names>, D::Error> {
    Names::deserialize(deserializer).map(Some)
}

fn scheme<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Arc<str>>, D::Error> {
    read(deserializer, valid_scheme)
}

fn header<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<HeaderName>, D::Error> {
    read(deserializer, valid_header)
}

fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    check: impl FnOnce(&str) -> Result<T, ConfigError>,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    check(&text).map(Some).map_err(de::Error::custom)
}

impl Table {
    fn layer(self) -> Result<OfferedCredentialLayer, ConfigError> {
        let mut shape = match (self.after_prefix, self.after_name, self.bare) {
            (Some(shape), None, false) | (None, Some(shape), false) => shape,
            (None, None, true) => Shape::Bare(Arc::default()),
            _ => {
                return Err(ConfigError::new(
                    "a credential needs one of `after-prefix`, `after-name` and `bare = true`: use \
                     a layer for each shape",
                ));
            }
        };
        if let Some(Names(names)) = self.except {
            shape.except(names.supported)?;
        }
        let layer = OfferedCredentialLayer {
            shape,
            encoding: self.encoding,
            scheme: self.scheme,
            header: self.header,
            max_len: self.max_len,
            malformed: self.malformed,
            echo_if_alone: self.echo_if_alone,
        };
        layer.check()
    }
}
