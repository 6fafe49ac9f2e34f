//! The names of an enum's variants, as serde lists them.

use std::{cell::Cell, fmt};

use serde::{
    Deserializer,
    de::{self, DeserializeOwned, Visitor},
    forward_to_deserialize_any,
};

use super::name::{self, NameDeserializer, NameError};
use crate::{error::ConfigError, negotiate::Supported, subprotocol::Subprotocol};

/// The names of all variants of `T`. Each is known to deserialize.
pub(crate) fn supported<T: DeserializeOwned>() -> Result<Supported, VariantsError> {
    let names = names::<T>().ok_or(VariantsError::NotAnEnum)?;
    let supported = Supported::try_new(names).map_err(VariantsError::Names)?;

    for name in supported.names().iter() {
        if let Err(source) = name::deserialize::<T>(name) {
            let name = name.clone();
            return Err(VariantsError::NotAUnit { name, source });
        }
    }

    // No variant has a name that is longer than all names.
    let longest = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let unknown = "-".repeat(longest + 1);
    match T::deserialize(NameDeserializer(&unknown)) {
        Ok(_) => Err(VariantsError::CatchAll),
        Err(_) => Ok(supported),
    }
}

/// The names that `T` passes to its deserializer, if it passes any.
fn names<T: DeserializeOwned>() -> Option<&'static [&'static str]> {
    let seen = Cell::new(None);
    // Always an error: `Spy` has no value to give.
    let _ = T::deserialize(Spy(&seen));
    seen.get()
}

/// A deserializer that records the names of an enum's variants, and fails.
struct Spy<'a>(&'a Cell<Option<&'static [&'static str]>>);

impl<'de> Deserializer<'de> for Spy<'_> {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("there is no value"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.set(Some(variants));
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// Why a type's variants can't be a layer's names.
#[derive(Debug)]
pub(crate) enum VariantsError {
    NotAnEnum,
    Names(ConfigError),
    NotAUnit {
        name: Subprotocol,
        source: NameError,
    },
    CatchAll,
}

impl fmt::Display for VariantsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnEnum => f.write_str(
                "serde doesn't list the names of its variants: it is not an enum, or is tagged, \
                 untagged or read with `from` or `try_from`; remove the attribute, or list the \
                 names with `SubprotocolLayer::new`",
            ),
            Self::Names(error) => error.fmt(f),
            Self::NotAUnit { name, source } => write!(
                f,
                "{name:?} can't be read as a variant without data ({source}); a subprotocol is a \
                 name and nothing else"
            ),
            Self::CatchAll => f.write_str(
                "its `#[serde(other)]` variant accepts any name, but the layer selects only names \
                 that are listed; remove the variant, or list the names with \
                 `SubprotocolLayer::new`",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    #[allow(dead_code, reason = "only the names matter")]
    enum Chat {
        #[serde(rename = "chat.v2", alias = "chat.v2-beta")]
        V2,
        #[serde(skip)]
        Internal,
        Legacy,
    }

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only the names matter")]
    struct Newtype(Chat);

    fn names_of<T: DeserializeOwned>() -> Result<Vec<String>, String> {
        match supported::<T>() {
            Ok(supported) => Ok(supported.names().iter().map(ToString::to_string).collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Fails with a serde before 1.0.211, which didn't list aliases.
    #[test]
    fn variants_are_listed_in_order_with_renames_and_aliases() {
        let expected = ["chat.v2", "chat.v2-beta", "legacy"];
        assert_eq!(names_of::<Chat>().unwrap(), expected);
        assert_eq!(names_of::<Newtype>().unwrap(), expected);
        assert_eq!(names_of::<Option<Chat>>().unwrap(), expected);
    }

    macro_rules! refused {
        ($($(#[$meta:meta])* { $($body:tt)* } $message:literal;)*) => {
            $({
                #[derive(Deserialize)]
                $(#[$meta])*
                #[allow(dead_code, reason = "only the names matter")]
                enum Refused { $($body)* }
                // For the case with `from`.
                impl From<Subprotocol> for Refused {
                    fn from(_: Subprotocol) -> Self {
                        unreachable!("nothing is read")
                    }
                }
                let error = names_of::<Refused>().unwrap_err();
                assert!(error.contains($message), "{error}");
            })*
        };
    }

    #[test]
    fn refuses_types_that_could_fail_later() {
        refused! {
            {} "is empty";
            { A, #[serde(rename = "b c")] B } "subprotocol 2, \"b c\": a space at byte 2";
            { A, #[serde(alias = "")] B } "subprotocol 2, \"\": it is empty";
            { A, #[serde(other)] B } "`#[serde(other)]`";
            { A, B(u8) } "\"B\" can't be read as a variant without data";
            { A, B { c: u8 } } "\"B\" can't be read as a variant without data";
            #[serde(tag = "t")] { A, B } "`SubprotocolLayer::new`";
            #[serde(tag = "t", content = "c")] { A, B } "`SubprotocolLayer::new`";
            #[serde(untagged)] { A, B } "`SubprotocolLayer::new`";
            #[serde(from = "Subprotocol")] { A, B } "`SubprotocolLayer::new`";
        }
        assert!(
            names_of::<Subprotocol>()
                .unwrap_err()
                .contains("`SubprotocolLayer::new`")
        );
    }
}
