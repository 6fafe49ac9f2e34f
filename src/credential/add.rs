//! Adding the token as an ordinary header (C5).

use http::{HeaderValue, request::Parts};

use super::{
    mark::{is_from_offers, mark_as_from_offers},
    target::Target,
};
use crate::{header, rejection::CredentialFault};

/// Adds `value` to the head of a request, unless the header is there already.
pub(super) fn add(
    target: &Target,
    value: &HeaderValue,
    head: &mut Parts,
) -> Result<(), CredentialFault> {
    let name = target.name();
    let own = head.headers.get(&name);
    let is_kept =
        is_from_offers(&name, &head.extensions) || own.is_some_and(|own| target.keeps(own));
    if !is_kept {
        header::set(&mut head.headers, &name, || value.clone())
            .map_err(|_| CredentialFault::NoRoom)?;
        mark_as_from_offers(&name, &mut head.extensions);
    }
    #[cfg(feature = "tracing")]
    crate::trace::credential(&name, is_kept);
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn c5_the_first_line_of_the_clients_own_header_decides() {
        let bearer = Target::default();
        let api_key = Target::scheme("ApiKey".to_owned()).unwrap();
        let own_header = Target::header("X-Token").unwrap();
        let cases: [(&Target, &[&'static str], &[&str]); 17] = [
            (&bearer, &[], &["Bearer t"]),
            (&bearer, &["Basic eDp5"], &["Bearer t"]),
            (&bearer, &["Basic eDp5", "Bearer x"], &["Bearer t"]),
            (
                &bearer,
                &["Bearer x", "Basic eDp5"],
                &["Bearer x", "Basic eDp5"],
            ),
            (&bearer, &["bEARER \tx"], &["bEARER \tx"]),
            (&bearer, &["Bearer\tx"], &["Bearer\tx"]),
            (&bearer, &[" Bearer x"], &[" Bearer x"]),
            (&bearer, &["Bearer"], &["Bearer t"]),
            (&bearer, &["Bearer "], &["Bearer t"]),
            (&bearer, &["Bearerx y"], &["Bearer t"]),
            (&bearer, &["Bearer,x"], &["Bearer t"]),
            (&bearer, &[""], &["Bearer t"]),
            (&api_key, &["Bearer x"], &["ApiKey t"]),
            (&api_key, &["apikey x"], &["apikey x"]),
            (&own_header, &[], &["t"]),
            (&own_header, &[""], &[""]),
            (&own_header, &["x", "y"], &["x", "y"]),
        ];
        for (target, own, expected) in cases {
            let (mut head, ()) = Request::new(()).into_parts();
            for own in own {
                head.headers
                    .append(target.name(), HeaderValue::from_static(own));
            }
            let value = target.value(b"t").unwrap();
            add(target, &value, &mut head).unwrap();
            let added = is_from_offers(&target.name(), &head.extensions);
            let lines: Vec<_> = head.headers.get_all(target.name()).iter().collect();
            assert_eq!(lines, expected, "{target:?} {own:?}");
            assert_eq!(added, own.is_empty() || own != expected);
            assert!(lines.iter().all(|line| line.is_sensitive() == added));
        }
    }
}
