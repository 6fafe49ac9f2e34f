//! Looking for a header, and writing one into a map that may be full.

use http::{HeaderMap, HeaderName, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};

/// Whether `headers` has the header `name`. In a head of the usual size, a walk costs
/// less than a look-up, which hashes the name.
#[inline]
pub(crate) fn has(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers.keys().any(|key| key == name)
}

/// Whether no header has a second line. Nearly all heads are like this.
#[inline]
pub(crate) fn have_one_line_each(headers: &HeaderMap) -> bool {
    headers.len() == headers.keys_len()
}

/// Makes `selected` the only value of `Sec-WebSocket-Protocol`, or removes the header.
#[inline]
pub(crate) fn write(headers: &mut HeaderMap, selected: Option<&HeaderValue>) {
    match selected {
        Some(selected) => set(headers, selected),
        None if has(headers, &SEC_WEBSOCKET_PROTOCOL) => {
            headers.remove(&SEC_WEBSOCKET_PROTOCOL);
        }
        None => {}
    }
}

/// Makes `value` the only value of `Sec-WebSocket-Protocol`. In a full map without one,
/// inserting would panic, so nothing is written.
///
/// A full map (24,576 names) refuses even a replacement, so the second try removes the old
/// lines first. A map with many colliding names refuses one insertion and accepts the next.
pub(crate) fn set(headers: &mut HeaderMap, value: &HeaderValue) {
    let inserted = headers.try_insert(SEC_WEBSOCKET_PROTOCOL, value.clone());
    if inserted.is_err() {
        headers.remove(&SEC_WEBSOCKET_PROTOCOL);
        let _ = headers.try_insert(SEC_WEBSOCKET_PROTOCOL, value.clone());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashMap,
        hash::{Hash, Hasher},
    };

    use super::*;

    /// What a map hashes a name with (FNV-1a, of which it uses the lowest 15 bits).
    #[derive(Clone, Copy)]
    struct Fnv(u64);

    impl Hasher for Fnv {
        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }

        fn finish(&self) -> u64 {
            self.0 & 0x7fff
        }
    }

    /// 512 names with one hash: nine times, either of two endings of equal effect.
    fn colliding_names() -> Vec<HeaderName> {
        let mut names = vec!["x-".to_owned()];
        for _ in 0..9 {
            let hash = |text: &str| {
                let name: HeaderName = text.parse().unwrap();
                let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
                name.hash(&mut hasher);
                hasher.finish()
            };
            let mut seen = HashMap::new();
            let (one, other) = (1000..)
                .find_map(|number| {
                    let ending = number.to_string();
                    let earlier = seen.insert(hash(&(names[0].clone() + &ending)), ending.clone());
                    Some((earlier?, ending))
                })
                .unwrap();
            names = names
                .into_iter()
                .flat_map(|name| [name.clone() + &one, name + &other])
                .collect();
        }
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn a_map_with_colliding_names_has_the_value() {
        let blank = || HeaderValue::from_static("");
        let mut headers = HeaderMap::new();
        headers.append(&SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("own"));
        headers.append(&SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("choice"));
        for number in 0..12_300 {
            let name: HeaderName = format!("y-{number}").parse().unwrap();
            headers.insert(name, blank());
        }
        let v1 = HeaderValue::from_static("v1");
        let mut refusals = 0;
        for name in colliding_names() {
            let before = headers.clone();
            if headers.try_insert(name, blank()).is_ok() {
                continue;
            }
            refusals += 1;
            assert!(before.keys_len() < before.capacity());
            let mut replaced = before;
            set(&mut replaced, &v1);
            assert!(replaced.get_all(&SEC_WEBSOCKET_PROTOCOL).iter().eq(["v1"]));
            break;
        }
        assert_eq!(refusals, 1);
    }
}
