//! The names that a layer is given, and looking one up (R4).

use std::{collections::BinaryHeap, fmt};

use http::HeaderValue;

use super::Subprotocol;
use crate::error::{ConfigError, InvalidSubprotocol};

/// Names in the server's order, each once.
///
/// All threads change the counts of the `Arc` around it. The alignment puts them and the fields
/// into different cache lines, where a line has 64 bytes.
#[derive(Default)]
#[repr(align(64))]
pub(crate) struct Supported {
    pub(crate) names: Vec<Subprotocol>,
    /// The same names, to be written into a header without a check of each byte.
    pub(crate) values: Vec<HeaderValue>,
    /// The length, the name and the rank of each, sorted: by length first, because most names
    /// differ in it.
    sorted: Vec<(usize, HeaderValue, usize)>,
}

impl Supported {
    /// At least one name. The error is about the first faulty one.
    pub(crate) fn try_new<I>(names: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<str> + TryInto<Subprotocol>,
        <I::Item as TryInto<Subprotocol>>::Error: Into<InvalidSubprotocol>,
    {
        let mut parsed = Vec::new();
        let valid = names.into_iter().enumerate().try_for_each(|(rank, name)| {
            let text = name.as_ref().to_owned();
            let name = name.try_into().map_err(|error| {
                let error: InvalidSubprotocol = error.into();
                about(rank, &text, &error)
            })?;
            parsed.push(name);
            Ok(())
        });
        Self::from_parsed(parsed, valid)
    }

    /// The rest of `try_new`, which is compiled once for all types of names.
    fn from_parsed(
        names: Vec<Subprotocol>,
        valid: Result<(), ConfigError>,
    ) -> Result<Self, ConfigError> {
        let values: Vec<_> = names.iter().map(HeaderValue::from).collect();
        // A heap is less code than `sort` or `sort_unstable`.
        let ranked = values.iter().zip(0..);
        let ranked = ranked.map(|(name, rank)| (name.len(), name.clone(), rank));
        let sorted = ranked.collect::<BinaryHeap<_>>().into_sorted_vec();
        // Parsing ended at the first invalid name, so each repetition is before that.
        let repeated = sorted.windows(2).filter_map(|pair| match pair {
            [(_, name, first), (_, same, rank)] if name == same => Some((*rank, *first, name)),
            _ => None,
        });
        if let Some((rank, first, name)) = repeated.min() {
            let listed = format!("already listed as number {}; name each once", first + 1);
            return Err(about(rank, name.to_str().unwrap_or_default(), &listed));
        }
        valid?;
        if names.is_empty() {
            return Err(ConfigError::new(
                "the list of subprotocols is empty: name at least one",
            ));
        }
        Ok(Self {
            names,
            values,
            sorted,
        })
    }

    /// The rank, in the server's order, of the name that is equal to `element`.
    #[inline]
    pub(crate) fn rank(&self, element: &[u8]) -> Option<usize> {
        // A search costs more than a look at a few names.
        if self.values.len() <= 4 {
            self.values.iter().position(|value| value == element)
        } else {
            let found = self.sorted.binary_search_by(|(length, name, _)| {
                (*length, name.as_bytes()).cmp(&(element.len(), element))
            });
            Some(self.sorted.get(found.ok()?)?.2)
        }
    }

    pub(crate) fn contains(&self, element: &[u8]) -> bool {
        self.rank(element).is_some()
    }
}

/// The error of one entry.
fn about(rank: usize, text: &str, what: &dyn fmt::Display) -> ConfigError {
    ConfigError::new(format!("subprotocol {}, {text:?}: {what}", rank + 1))
}

impl fmt::Debug for Supported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r4_finds_a_name_byte_for_byte_with_its_rank() {
        let all = [
            "wamp", "WAMP", "soap", "wam", "mqtt", "wamp2", "amqp", "xmpp",
        ];
        for count in 1..=all.len() {
            let (names, others) = all.split_at(count);
            let supported = Supported::try_new(names).unwrap();
            for (rank, name) in names.iter().enumerate() {
                assert_eq!(supported.rank(name.as_bytes()), Some(rank), "{names:?}");
                assert_eq!(supported.values[rank], *name);
            }
            for unknown in ["", "wa", "Wamp", "wamp ", "wampx", "zzz"]
                .iter()
                .chain(others)
            {
                let rank = supported.rank(unknown.as_bytes());
                assert_eq!(rank, None, "{unknown:?} {names:?}");
            }
        }
    }

    #[test]
    fn debug_shows_the_names_in_order() {
        let supported = Supported::try_new(["wamp", "soap"]).unwrap();
        assert_eq!(format!("{supported:?}"), r#"["wamp", "soap"]"#);
    }
}
