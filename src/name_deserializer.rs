//! Makes a user's type of a name, through serde.

use std::{error, fmt, mem};

use serde_core::{
    Deserializer,
    de::{self, DeserializeOwned, IntoDeserializer, Visitor},
    forward_to_deserialize_any,
};

/// Makes a `T` of a name: what a string or a unit variant makes, or one of these
/// in an `Option` or a newtype.
pub(crate) fn deserialize<T: DeserializeOwned>(name: &str) -> Result<T, NameError> {
    let as_text = NameDeserializer {
        name,
        is_configured: false,
    };
    T::deserialize(as_text).or_else(|error| {
        // A `Subprotocol` is a token, unless it is known to be configured.
        let as_subprotocol = NameDeserializer {
            name,
            is_configured: true,
        };
        T::deserialize(as_subprotocol).map_err(|_| error)
    })
}

struct NameDeserializer<'a> {
    name: &'a str,
    is_configured: bool,
}

impl<'de> Deserializer<'de> for NameDeserializer<'_> {
    type Error = NameError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NameError> {
        visitor.visit_str(self.name)
    }

    fn deserialize_str<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, NameError> {
        if mem::take(&mut self.is_configured) {
            visitor.visit_newtype_struct(self)
        } else {
            self.deserialize_any(visitor)
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NameError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, NameError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NameError> {
        // A string is read as a unit variant, and as no other.
        visitor.visit_enum(self.name.into_deserializer())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char string
        bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// What serde says of a name that doesn't fit a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NameError(String);

impl de::Error for NameError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for NameError {}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::deserialize as read;
    use crate::Subprotocol;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Rpc {
        Soap,
        Wamp(String),
        #[serde(rename = "v1:compact")]
        Compact,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Newtype<T>(T);

    #[test]
    fn what_a_name_can_become() {
        assert_eq!(read("soap"), Ok(Rpc::Soap));
        assert_eq!(read("soap"), Ok(Some(Rpc::Soap)));
        assert_eq!(read("soap"), Ok(Newtype(Rpc::Soap)));
        assert_eq!(read("soap"), Ok("soap".to_owned()));
        assert_eq!(read("soap"), Ok(Newtype("soap".to_owned())));
        assert_eq!(read("soap"), Ok(Subprotocol::from_static("soap")));
    }

    #[test]
    fn a_name_that_is_no_token_can_become_the_same() {
        const NAME: &str = "v1:compact";
        const SUBPROTOCOL: Subprotocol = Subprotocol::non_token_from_static(NAME);
        assert_eq!(read(NAME), Ok(Rpc::Compact));
        assert_eq!(read(NAME), Ok(NAME.to_owned()));
        assert_eq!(read(NAME), Ok(SUBPROTOCOL));
        assert_eq!(read(NAME), Ok(Newtype(Some(SUBPROTOCOL))));
    }

    #[test]
    fn what_it_can_t() {
        for (error, message) in [
            (read::<Rpc>("mqtt").unwrap_err(), "unknown variant `mqtt`"),
            (
                read::<Rpc>("wamp").unwrap_err(),
                "invalid type: unit variant, expected newtype variant",
            ),
            (
                read::<u8>("13").unwrap_err(),
                "invalid type: string \"13\", expected u8",
            ),
        ] {
            assert!(error.to_string().starts_with(message), "{error}");
        }
    }
}
