//! What `OfferedCredentialLayer` does with a handshake: find, check, remove, add (C2 to
//! C8).

use http::{HeaderName, HeaderValue, header::AUTHORIZATION, request::Parts};

use super::{
    from_offers::CredentialFromOffers,
    layer::OfferedCredentialLayer,
    shape::{Found, Shape},
};
use crate::{
    handshake::list::trim_ows,
    rejection::CredentialRejection,
    selection::{outcome::Outcome, policy::Malformed},
    subprotocol::Grammar,
};

/// An extension of a request: the shapes that layers have looked for, each with the
/// header that its layer filled (C6).
#[derive(Clone, Default)]
struct Seen(Vec<(Shape, Option<HeaderName>)>);

/// Moves the credential from the offers to a header. Returns what the reply may have to
/// echo.
pub(crate) fn take(
    layer: &OfferedCredentialLayer,
    head: &mut Parts,
) -> Result<Option<HeaderValue>, CredentialRejection> {
    let Seen(seen) = head.extensions.get_or_insert_default();
    if seen.iter().any(|(shape, _)| *shape == layer.shape) {
        return Ok(None);
    }
    seen.push((layer.shape.clone(), None));
    if Outcome::of(&head.extensions).is_some() {
        return Err(CredentialRejection::WrongOrder);
    }
    let Some(found) = layer.shape.find(&head.headers) else {
        return Ok(None);
    };

    let value = check(layer, &found);
    let echo = match value {
        Ok(_) | Err(CredentialRejection::Empty) if layer.echo_if_alone => echo(&found),
        _ => None,
    };
    if let (Err(fault), Malformed::Reject) = (&value, layer.malformed) {
        return Err(fault.clone());
    }
    // Removes first, so that the map has room for the header.
    layer.shape.remove(&mut head.headers)?;
    match value {
        Ok(value) => add(layer, value, head)?,
        #[cfg(feature = "tracing")]
        Err(fault) => crate::trace::ignored(&fault),
        #[cfg(not(feature = "tracing"))]
        Err(_) => {}
    }
    Ok(echo)
}

/// The header's value with the token, or the first fault in the list (C3).
fn check(
    layer: &OfferedCredentialLayer,
    found: &Found<'_>,
) -> Result<HeaderValue, CredentialRejection> {
    let (encoding, limit) = (layer.encoding, layer.max_len);
    // What can only be too long is not decoded.
    if encoding.min_decoded_len(found.token) > limit {
        return Err(CredentialRejection::TooLong { limit });
    }
    let Some(token) = encoding.decode(found.token) else {
        return Err(CredentialRejection::Undecodable { encoding });
    };
    if token.is_empty() {
        return Err(CredentialRejection::Empty);
    }
    if token.len() > limit {
        return Err(CredentialRejection::TooLong { limit });
    }
    let value = match &layer.header {
        None if Grammar::Visible.accepts(&token) => {
            HeaderValue::try_from([layer.scheme_or_bearer().as_bytes(), b" ", &token].concat())
        }
        // RFC 9110 §5.5. `HeaderValue` refuses control characters.
        Some(_) if std::str::from_utf8(&token).is_ok() && trim_ows(&token) == &*token => {
            HeaderValue::from_bytes(&token)
        }
        _ => return Err(CredentialRejection::ForbiddenCharacter),
    };
    let mut value = value.map_err(|_| CredentialRejection::ForbiddenCharacter)?;
    if found.is_repeated {
        return Err(CredentialRejection::Repeated);
    }
    value.set_sensitive(true);
    Ok(value)
}

/// What a reply may echo: the element as it was sent, if it is the only one and an
/// RFC 9110 token (C7).
fn echo(found: &Found<'_>) -> Option<HeaderValue> {
    if !found.is_alone || !Grammar::Token.accepts(found.element) {
        return None;
    }
    let mut echo = HeaderValue::from_bytes(found.element).ok()?;
    echo.set_sensitive(true);
    Some(echo)
}

/// Adds the header, unless the request has it already (C5, C6).
fn add(
    layer: &OfferedCredentialLayer,
    value: HeaderValue,
    head: &mut Parts,
) -> Result<(), CredentialRejection> {
    let name = layer.header.as_ref().unwrap_or(&AUTHORIZATION);
    let Seen(seen) = head.extensions.get_or_insert_default();
    let is_filled = seen.iter().any(|(_, filled)| filled.as_ref() == Some(name));
    let own = head.headers.get(name);
    let is_kept = is_filled || own.is_some_and(|own| keeps(layer, own));
    if !is_kept {
        // A full map refuses even to replace a value.
        if own.is_some() {
            head.headers.remove(name);
        }
        let is_added = head.headers.try_insert(name, value);
        is_added.map_err(|_| CredentialRejection::NoRoom)?;
        // The last entry is this layer's: `take` added it.
        if let Some((_, filled)) = seen.last_mut() {
            *filled = Some(name.clone());
        }
        CredentialFromOffers::mark(name.clone(), &mut head.extensions);
    }
    #[cfg(feature = "tracing")]
    crate::trace::moved(name, is_kept);
    Ok(())
}

/// Whether a request with this `own` header of the client keeps it: a header without a
/// scheme always, and `Authorization` with this scheme, in any case (RFC 9110 §11.1), and
/// something after it.
fn keeps(layer: &OfferedCredentialLayer, own: &HeaderValue) -> bool {
    if layer.header.is_some() {
        return true;
    }
    let scheme = layer.scheme_or_bearer().as_bytes();
    match trim_ows(own.as_bytes()).split_at_checked(scheme.len()) {
        // The value is trimmed, so something follows this blank.
        Some((start, [b' ' | b'\t', ..])) => start.eq_ignore_ascii_case(scheme),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::Encoding;

    fn found(token: &[u8], is_repeated: bool) -> Found<'_> {
        Found {
            element: b"",
            token,
            is_repeated,
            is_alone: false,
        }
    }

    #[test]
    fn c5_the_first_line_of_the_clients_own_header_decides() {
        let bearer = OfferedCredentialLayer::after_prefix("bearer.");
        let api_key = bearer.clone().scheme("ApiKey");
        let own_header = bearer.clone().header("X-Token");
        let cases: [(&OfferedCredentialLayer, &[&'static str], &[&str]); 17] = [
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
        for (layer, own, expected) in cases {
            let (mut head, ()) = Request::new(()).into_parts();
            let name = layer.header.clone().unwrap_or(AUTHORIZATION);
            for own in own {
                let own = HeaderValue::from_static(own);
                head.headers.append(name.clone(), own);
            }
            let value = check(layer, &found(b"t", false)).unwrap();
            let shape = (layer.shape.clone(), None);
            head.extensions.insert(Seen(vec![shape]));
            add(layer, value, &mut head).unwrap();
            let marked: Option<&CredentialFromOffers> = head.extensions.get();
            let added = marked.is_some_and(|marked| marked.contains(&name));
            let lines: Vec<_> = head.headers.get_all(name).iter().collect();
            assert_eq!(lines, expected, "{layer:?} {own:?}");
            assert_eq!(added, own.is_empty() || own != expected);
            assert!(lines.iter().all(|line| line.is_sensitive() == added));
        }
    }

    type Expected = Result<&'static str, &'static str>;

    const EMPTY: Expected = Err("Empty");
    const TOO_LONG: Expected = Err("TooLong");
    const UNDECODABLE: Expected = Err("Undecodable");
    const FORBIDDEN: Expected = Err("ForbiddenCharacter");

    /// The header's value, or the name of the fault.
    fn checked(
        layer: &OfferedCredentialLayer,
        token: &[u8],
        is_repeated: bool,
    ) -> Result<String, &'static str> {
        match check(layer, &found(token, is_repeated)) {
            Ok(value) => return Ok(value.as_bytes().escape_ascii().to_string()),
            Err(CredentialRejection::TooLong { limit }) if limit == layer.max_len => TOO_LONG,
            Err(CredentialRejection::Undecodable { encoding }) if encoding == layer.encoding => {
                UNDECODABLE
            }
            Err(CredentialRejection::Empty) => EMPTY,
            Err(CredentialRejection::ForbiddenCharacter) => FORBIDDEN,
            Err(CredentialRejection::Repeated) => Err("Repeated"),
            Err(other) => panic!("{other:?}"),
        }
        .map(str::to_owned)
    }

    #[test]
    fn c3_a_token_is_accepted_or_has_a_fault() {
        let plain = OfferedCredentialLayer::after_prefix("t.").max_len(8);
        let base64 = plain.clone().encoding(Encoding::Base64);
        let percent = plain.clone().encoding(Encoding::Percent);
        // What `Authorization` has, and what another header has.
        let cases: [(&OfferedCredentialLayer, &[u8], Expected, Expected); 43] = [
            (&plain, b"a", Ok("a"), Ok("a")),
            (&plain, b"aZ09-._~", Ok("aZ09-._~"), Ok("aZ09-._~")),
            (&plain, b"+/a==", Ok("+/a=="), Ok("+/a==")),
            (&plain, b"12345678", Ok("12345678"), Ok("12345678")),
            (&plain, b"123456789", TOO_LONG, TOO_LONG),
            (&plain, b"", EMPTY, EMPTY),
            (&plain, b"a bcdefgh", TOO_LONG, TOO_LONG),
            (&plain, b"a b", FORBIDDEN, Ok("a b")),
            (&plain, b"a\tb", FORBIDDEN, Ok("a\\tb")),
            (&plain, b"a\xff", FORBIDDEN, FORBIDDEN),
            (&plain, "\u{e9}".as_bytes(), FORBIDDEN, Ok("\\xc3\\xa9")),
            // `a/b=`, `aaaaaaaa`, nine times `a`
            (&base64, b"YS9iPQ", Ok("a/b="), Ok("a/b=")),
            (&base64, b"YS9iPQ==", Ok("a/b="), Ok("a/b=")),
            (&base64, b"YWFhYWFhYWE=", Ok("aaaaaaaa"), Ok("aaaaaaaa")),
            (&base64, b"YWFhYWFhYWFh", TOO_LONG, TOO_LONG),
            (&base64, b"", EMPTY, EMPTY),
            (&base64, b"YR", UNDECODABLE, UNDECODABLE),
            (&base64, b"YWFhYWFhYW(", UNDECODABLE, UNDECODABLE),
            (&base64, b"YWFhYWFhYWF(", TOO_LONG, TOO_LONG),
            // `a b`, `a,b`, ` a`, `a` and a tab, CR LF, a zero byte, DEL, `Zürich`
            (&base64, b"YSBi", FORBIDDEN, Ok("a b")),
            (&base64, b"YSxi", FORBIDDEN, Ok("a,b")),
            (&base64, b"IGE", FORBIDDEN, FORBIDDEN),
            (&base64, b"YQk", FORBIDDEN, FORBIDDEN),
            (&base64, b"YQ0KYg", FORBIDDEN, FORBIDDEN),
            (&base64, b"AA", FORBIDDEN, FORBIDDEN),
            (&base64, b"fw", FORBIDDEN, FORBIDDEN),
            (&base64, b"WsO8cmljaA", FORBIDDEN, Ok("Z\\xc3\\xbcrich")),
            (&base64, b"_w", FORBIDDEN, FORBIDDEN),
            (&percent, b"a%2Fb%3D", Ok("a/b="), Ok("a/b=")),
            (
                &percent,
                b"%61%61%61%61%61%61%61%61",
                Ok("aaaaaaaa"),
                Ok("aaaaaaaa"),
            ),
            (&percent, b"%61%61%61%61%61%61%61%61a", TOO_LONG, TOO_LONG),
            (&percent, b"aaaaaa%61aa", TOO_LONG, TOO_LONG),
            (&percent, b"%2C12345678", TOO_LONG, TOO_LONG),
            (&percent, &[b'%'; 24], UNDECODABLE, UNDECODABLE),
            (&percent, &[b'%'; 25], TOO_LONG, TOO_LONG),
            (&percent, b"", EMPTY, EMPTY),
            (&percent, b"a%2", UNDECODABLE, UNDECODABLE),
            (&percent, b"a%2Cb", FORBIDDEN, Ok("a,b")),
            (&percent, b"%0d%0ax", FORBIDDEN, FORBIDDEN),
            (&percent, b"%20a", FORBIDDEN, FORBIDDEN),
            (&percent, b"a%09", FORBIDDEN, FORBIDDEN),
            (&percent, b"a%7f", FORBIDDEN, FORBIDDEN),
            (&percent, b"Z%C3%BC", FORBIDDEN, Ok("Z\\xc3\\xbc")),
        ];
        for (bearer, token, authorization, field) in cases {
            let authorization = authorization.map(|token| format!("Bearer {token}"));
            let field = field.map(str::to_owned);
            let header = bearer.clone().header("x-token");
            for (layer, expected) in [(bearer, authorization), (&header, field)] {
                let about = format!("{layer:?} {token:?}");
                assert_eq!(checked(layer, token, false), expected, "{about}");
                // The first fault counts, and the second credential comes later.
                let expected = expected.and(Err("Repeated"));
                assert_eq!(checked(layer, token, true), expected, "{about}");
            }
        }
    }
}
