//! Names and serde: a `Subprotocol` in data, the names of an enum's variants, and a type
//! of the program that is made from a name.

use std::{
    cell::{Cell, RefCell},
    fmt,
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeOwned, IntoDeserializer, Visitor, value::Error},
    forward_to_deserialize_any,
};

use super::Subprotocol;
use crate::error::ConfigError;

thread_local! {
    /// The name that `deserialize` reads on this thread, once a type asks for a text.
    /// `Subprotocol` clones it, which costs no allocation, and works for a name that is not an
    /// RFC 9110 token.
    static EXTRACTED: RefCell<Option<Subprotocol>> = const { RefCell::new(None) };
}

/// Ends an extraction, also if the type's `Deserialize` panics.
struct Extraction(Option<Subprotocol>);

impl Drop for Extraction {
    fn drop(&mut self) {
        EXTRACTED.set(self.0.take());
    }
}

/// Deserializes a `T` from a name, as from a string or a unit variant, also inside an
/// `Option` or a newtype.
pub(crate) fn deserialize<T: DeserializeOwned>(name: &Subprotocol) -> Result<T, Error> {
    T::deserialize(&Reading::new(name, Some(name)))
}

/// The names of all variants of `T`. Each is known to deserialize, and no other.
pub(crate) fn variants<T: DeserializeOwned>() -> Result<Vec<Subprotocol>, ConfigError> {
    // No RFC 9110 token has a comma, so only a catch-all accepts this name.
    let any = Reading::new(",", None);
    let accepts_any = T::deserialize(&any).is_ok();
    let Some(texts) = any.variants.get() else {
        return Err(ConfigError::new(
            "serde doesn't list the names of its variants: it is not an enum, or is tagged, \
             untagged or read with `from` or `try_from`; remove the attribute, or list the \
             names with `SubprotocolLayer::new`",
        ));
    };
    let mut names = Vec::new();
    for (number, text) in (1..).zip(texts) {
        let name = Subprotocol::try_from_static(text).map_err(|error| {
            ConfigError::new(format!(
                "subprotocol {number}, {text:?}: {error}; to support a name that is not a token, \
                 list the names with `SubprotocolLayer::new`, and make this one with \
                 `Subprotocol::non_token_from_static`"
            ))
        })?;
        if let Err(error) = T::deserialize(&Reading::new(text, None)) {
            return Err(ConfigError::new(format!(
                "{text:?} can't be read as a variant without data ({error}); a subprotocol is a \
                 name and nothing else"
            )));
        }
        names.push(name);
    }
    if accepts_any {
        return Err(ConfigError::new(
            "its `#[serde(other)]` variant accepts any name, but the layer selects only names \
             that are listed; remove the variant, or list the names with \
             `SubprotocolLayer::new`",
        ));
    }
    Ok(names)
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
        match EXTRACTED.with_borrow(Option::clone) {
            Some(extracted) if extracted == name => Ok(extracted),
            _ => name.parse().map_err(E::custom),
        }
    }
}

/// Gives a name as a string, a unit variant, an `Option` or a newtype of these.
struct Reading<'a> {
    name: &'a str,
    /// What to put into `EXTRACTED`.
    subprotocol: Option<&'a Subprotocol>,
    extraction: Cell<Option<Extraction>>,
    /// The names of the variants, if an enum asks for one.
    variants: Cell<Option<&'static [&'static str]>>,
}

impl<'a> Reading<'a> {
    fn new(name: &'a str, subprotocol: Option<&'a Subprotocol>) -> Self {
        Self {
            name,
            subprotocol,
            extraction: Cell::default(),
            variants: Cell::default(),
        }
    }
}

impl<'de> Deserializer<'de> for &Reading<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        // Called once at most: a `Deserialize` can't copy its deserializer.
        if let Some(subprotocol) = self.subprotocol {
            let outer = EXTRACTED.replace(Some(subprotocol.clone()));
            self.extraction.set(Some(Extraction(outer)));
        }
        visitor.visit_str(self.name)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.variants.set(Some(variants));
        // A string is read as a unit variant, and as no other kind.
        visitor.visit_enum(self.name.into_deserializer())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subprotocol::Supported;

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

        struct ThreeVisitor;

        impl Visitor<'_> for ThreeVisitor {
            type Value = Three;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Three, E> {
                let other = serde_json::from_str("\"mqtt\"").map_err(E::custom)?;
                let extracted = deserialize(&SOAP).map_err(E::custom)?;
                let own = Subprotocol::deserialize(name.into_deserializer())?;
                Ok(Three([other, extracted, own]))
            }
        }

        impl<'de> Deserialize<'de> for Three {
            fn deserialize<D: Deserializer<'de>>(name: D) -> Result<Self, D::Error> {
                name.deserialize_str(ThreeVisitor)
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
    struct OfChat(Chat);

    fn names_of<T: DeserializeOwned>() -> Result<Vec<String>, String> {
        let supported = variants::<T>().and_then(Supported::try_new);
        match supported {
            Ok(supported) => Ok(supported.names.iter().map(ToString::to_string).collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Fails with a serde before 1.0.211, which didn't list aliases.
    #[test]
    fn variants_are_listed_in_order_with_renames_and_aliases() {
        let expected = ["chat.v2", "chat.v2-beta", "legacy"];
        assert_eq!(names_of::<Chat>().unwrap(), expected);
        assert_eq!(names_of::<OfChat>().unwrap(), expected);
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
            { #[serde(rename = ",")] A } "subprotocol 1, \",\": a comma at byte 1";
            { A, #[serde(rename = "b/c")] B } "`Subprotocol::non_token_from_static`";
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
