//! Making a type of the program from a name, and reading and writing a `Subprotocol`.

use std::{cell::RefCell, error, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeOwned, IntoDeserializer, Visitor},
    forward_to_deserialize_any,
};

use crate::subprotocol::Subprotocol;

thread_local! {
    /// The name that this thread makes a value of. `Subprotocol` reads a copy of
    /// it, which costs no allocation, and can be a name that is not a token.
    static EXTRACTED: RefCell<Option<Subprotocol>> = const { RefCell::new(None) };
}

/// Ends an extraction, also if the type's `Deserialize` panics.
struct Extraction(Option<Subprotocol>);

impl Extraction {
    fn begin(name: &Subprotocol) -> Self {
        Self(EXTRACTED.replace(Some(name.clone())))
    }
}

impl Drop for Extraction {
    fn drop(&mut self) {
        EXTRACTED.set(self.0.take());
    }
}

/// Makes a `T` of a name: what serde makes of a string or a unit variant, or of one
/// in an `Option` or a newtype.
pub(crate) fn deserialize<T: DeserializeOwned>(name: &Subprotocol) -> Result<T, NameError> {
    let _extraction = Extraction::begin(name);
    T::deserialize(NameDeserializer(name))
}

impl Serialize for Subprotocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Reads a string that is an RFC 9110 token.
impl<'de> Deserialize<'de> for Subprotocol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl Visitor<'_> for NameVisitor {
    type Value = Subprotocol;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a WebSocket subprotocol")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Subprotocol, E> {
        let extracted = EXTRACTED.with_borrow(|extracted| {
            let extracted = extracted.as_ref();
            extracted.filter(|extracted| **extracted == name).cloned()
        });
        match extracted {
            Some(extracted) => Ok(extracted),
            None => name.parse().map_err(E::custom),
        }
    }
}

/// Gives a name as a string, a unit variant, an `Option` or a newtype of these.
pub(super) struct NameDeserializer<'a>(pub(super) &'a str);

impl<'de> Deserializer<'de> for NameDeserializer<'_> {
    type Error = NameError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NameError> {
        visitor.visit_str(self.0)
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
        // A string is read as a unit variant, and as no other kind.
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// What serde says about a name that doesn't fit a type.
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
    use super::*;

    const SOAP: Subprotocol = Subprotocol::from_static("soap");
    const COMPACT: Subprotocol = Subprotocol::non_token_from_static("v1:compact");

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

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(untagged)]
    enum Untagged {
        Name(Subprotocol),
    }

    #[test]
    fn a_name_becomes_what_serde_makes_of_a_string_or_a_unit_variant() {
        assert_eq!(deserialize(&SOAP), Ok(Rpc::Soap));
        assert_eq!(deserialize(&SOAP), Ok(Some(Rpc::Soap)));
        assert_eq!(deserialize(&SOAP), Ok(Newtype(Rpc::Soap)));
        assert_eq!(deserialize(&SOAP), Ok("soap".to_owned()));
        assert_eq!(deserialize(&SOAP), Ok(Newtype("soap".to_owned())));
        assert_eq!(deserialize(&SOAP), Ok(SOAP));
    }

    #[test]
    fn a_name_that_is_not_a_token_becomes_the_same() {
        assert_eq!(deserialize(&COMPACT), Ok(Rpc::Compact));
        assert_eq!(deserialize(&COMPACT), Ok("v1:compact".to_owned()));
        assert_eq!(deserialize(&COMPACT), Ok(COMPACT));
        assert_eq!(deserialize(&COMPACT), Ok(Newtype(Some(COMPACT))));
        assert_eq!(deserialize(&COMPACT), Ok(Untagged::Name(COMPACT)));
    }

    #[test]
    fn a_subprotocol_is_the_selected_one_without_a_copy() {
        let name: Subprotocol = "soap".parse().unwrap();
        let read: Subprotocol = deserialize(&name).unwrap();
        assert_eq!(read.as_str().as_ptr(), name.as_str().as_ptr());
    }

    #[test]
    fn a_type_can_read_other_names_while_it_is_made() {
        #[derive(Debug, PartialEq)]
        struct Three([Subprotocol; 3]);

        impl<'de> Deserialize<'de> for Three {
            fn deserialize<D: Deserializer<'de>>(name: D) -> Result<Self, D::Error> {
                let other = serde_json::from_str("\"mqtt\"").map_err(de::Error::custom)?;
                let extracted = deserialize(&SOAP).map_err(de::Error::custom)?;
                Ok(Self([other, extracted, Deserialize::deserialize(name)?]))
            }
        }

        let names = [Subprotocol::from_static("mqtt"), SOAP, COMPACT];
        assert_eq!(deserialize(&COMPACT), Ok(Three(names)));
    }

    #[test]
    fn rejects_names_that_do_not_fit_the_type() {
        for (error, message) in [
            (
                deserialize::<Rpc>(&Subprotocol::from_static("mqtt")).unwrap_err(),
                "unknown variant `mqtt`",
            ),
            (
                deserialize::<Rpc>(&Subprotocol::from_static("wamp")).unwrap_err(),
                "invalid type: unit variant, expected newtype variant",
            ),
            (
                deserialize::<u8>(&Subprotocol::from_static("13")).unwrap_err(),
                "invalid type: string \"13\", expected u8",
            ),
        ] {
            assert!(error.to_string().starts_with(message), "{error}");
        }
    }

    #[test]
    fn reads_and_writes_a_string() {
        let name: Subprotocol = serde_json::from_str("\"soap\"").unwrap();
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"soap\"");
        for (json, message) in [
            ("\"so ap\"", "a space at byte 3"),
            (
                "1",
                "invalid type: integer `1`, expected the name of a WebSocket subprotocol",
            ),
        ] {
            let error = serde_json::from_str::<Subprotocol>(json).unwrap_err();
            assert!(error.to_string().starts_with(message), "{error}");
        }
    }

    #[test]
    fn no_data_makes_a_name_that_is_not_a_token_also_after_a_panic() {
        #[derive(Debug)]
        struct Panics;

        impl<'de> Deserialize<'de> for Panics {
            fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
                panic!("on purpose")
            }
        }

        let is_read = || serde_json::from_str::<Subprotocol>("\"v1:compact\"").is_ok();
        let _: Subprotocol = deserialize(&COMPACT).unwrap();
        assert!(!is_read());
        assert!(std::panic::catch_unwind(|| deserialize::<Panics>(&COMPACT)).is_err());
        assert!(!is_read());
    }
}
