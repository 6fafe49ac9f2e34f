//! Single credentials, good and bad: which fault is reported, and what is echoed. The
//! oracle must agree with each expected outcome.

use axum_subprotocol::{Encoding, Malformed};
use http::header::SEC_WEBSOCKET_PROTOCOL;

use crate::harness::{
    Case, CredentialConfig, Destination, Fault, Form, Line, Piece, Rejection, Seen,
};

const PREFIX: CredentialConfig = CredentialConfig::new(Form::AfterPrefix("bearer."));
const NAME: CredentialConfig = CredentialConfig::new(Form::AfterName("bearer"));
const BARE: CredentialConfig = CredentialConfig::new(Form::Bare { except: &[] });

/// A handshake that offers `line`, through one layer.
fn offer(config: CredentialConfig, line: &str) -> Seen {
    let mut case = Case::handshake(vec![Piece::Credential(config)], true);
    case.set_offers([Line::new(line)]);
    case.check_rules()
}

/// What is echoed of `element`. Faults are ignored.
fn echo(config: CredentialConfig, element: &str) -> Option<String> {
    let config = CredentialConfig {
        malformed: Malformed::Ignore,
        echo_if_alone: true,
        ..config
    };
    let seen = offer(config, element);
    assert!(!seen.inward[0].headers.contains(SEC_WEBSOCKET_PROTOCOL));
    seen.outward
        .headers
        .only(SEC_WEBSOCKET_PROTOCOL)
        .map(str::to_owned)
}

#[test]
fn c7_echoes_a_credential_as_sent_unless_it_has_a_fault() {
    use Encoding::{Base64, Percent, Plain};

    let long = &"a".repeat(300_000);
    for (config, before) in [(PREFIX, "bearer."), (BARE, "")] {
        for (encoding, good, bad) in [
            (Plain, &["a", "a%2", "abc"][..], &["abcd", long][..]),
            (
                Base64,
                &["YQ", "YWJj"],
                &["YR", "YSBi", "YWJjZA", "Y", "a-+a", long],
            ),
            (
                Percent,
                &["a", "%61%62%63", "a%2F"],
                &["%", "a%2", "%2C", "%61abc", "%20", long],
            ),
        ] {
            for destination in [Destination::Bearer, Destination::Token] {
                let config = CredentialConfig {
                    encoding,
                    destination,
                    ..config
                };
                for text in good {
                    let element = format!("{before}{text}");
                    assert_eq!(echo(config, &element), Some(element));
                }
                for text in bad {
                    assert_eq!(echo(config, &format!("{before}{text}")), None);
                }
            }
        }
    }
}

#[test]
fn c7_echoes_the_prefix_alone() {
    for encoding in [Encoding::Plain, Encoding::Base64, Encoding::Percent] {
        for max_len in [0, 8192] {
            let config = CredentialConfig {
                encoding,
                max_len,
                ..PREFIX
            };
            assert_eq!(echo(config, "bearer.").as_deref(), Some("bearer."));
        }
    }
}

#[test]
fn c7_echoes_no_element_that_is_not_a_token() {
    let base64 = CredentialConfig {
        encoding: Encoding::Base64,
        ..BARE
    };
    let header = CredentialConfig {
        destination: Destination::Header,
        ..PREFIX
    };
    for (config, element) in [(base64, "YQ=="), (base64, "YWI/"), (header, "bearer.a b")] {
        assert_eq!(echo(config, element), None);
    }
}

/// The fault of a layer in `elements`, if there is one.
fn fault(config: CredentialConfig, elements: &str) -> Option<Fault> {
    let seen = offer(config, elements);
    seen.outward.rejection.map(|rejection| match rejection {
        Rejection::Credential(fault) => fault,
        other => panic!("{other:?}"),
    })
}

#[test]
fn c3_counts_a_token_by_its_decoded_bytes() {
    use Encoding::{Base64, Percent, Plain};

    for max_len in [16, 17, 18, 8192] {
        let a = |length: usize| "a".repeat(length);
        let encoded = |length| "%61".repeat(length);
        // `aaa` in base64, and the rest.
        let base64 = |length: usize| "YWFh".repeat(length / 3) + ["", "YQ", "YWE"][length % 3];
        let padded = |length: usize| "YWFh".repeat(length / 3) + ["", "YQ==", "YWE="][length % 3];
        let texts: [(Encoding, &dyn Fn(usize) -> String); 5] = [
            (Plain, &a),
            (Percent, &a),
            (Percent, &encoded),
            (Base64, &base64),
            (Base64, &padded),
        ];
        for (encoding, text) in texts {
            for (config, before) in [(PREFIX, "bearer."), (NAME, "bearer,"), (BARE, "")] {
                let config = CredentialConfig {
                    encoding,
                    max_len,
                    ..config
                };
                let fault = |length| fault(config, &format!("{before}{}", text(length)));
                assert_eq!(fault(max_len), None);
                let too_long = Some(Fault::TooLong { limit: max_len });
                assert_eq!([1, 2, 3].map(|more| fault(max_len + more)), [too_long; 3]);
            }
        }
    }
}

#[test]
fn c3_reports_the_first_credentials_own_fault() {
    use Encoding::{Base64, Percent, Plain};

    let too_long = Fault::TooLong { limit: 3 };
    let undecodable = |encoding| Fault::Undecodable { encoding };
    for (encoding, elements, expected) in [
        (Plain, "bearer., bearer.abcd", Fault::Empty),
        (Plain, "bearer.a b c, bearer.a", too_long),
        (Plain, "bearer.a b, bearer.a", Fault::ForbiddenCharacter),
        (Plain, "bearer.a, bearer.a b c", Fault::Repeated),
        (Base64, "bearer., bearer.", Fault::Empty),
        // Five digits are three bytes, if they are anything; six are four.
        (Base64, "bearer.YWJj!, bearer.YQ", undecodable(Base64)),
        (Base64, "bearer.YWJj!!", too_long),
        (Base64, "bearer.YWJj=", undecodable(Base64)),
        (Base64, "bearer.YSBi, bearer.YQ", Fault::ForbiddenCharacter),
        (Base64, "bearer.YQ, bearer.YR", Fault::Repeated),
        // Nine characters are three bytes or more, ten are four.
        (Percent, "bearer.%%%%%%%%%", undecodable(Percent)),
        (Percent, "bearer.%%%%%%%%%%", too_long),
        (Percent, "bearer.%61%62%6g", undecodable(Percent)),
        (Percent, "bearer.abcd%", undecodable(Percent)),
        (Percent, "bearer.a%20%20a", too_long),
        (Percent, "bearer.%2Cabc", too_long),
        (Percent, "bearer.%2Cab, bearer.a", Fault::ForbiddenCharacter),
        (Percent, "bearer.%61, bearer.%", Fault::Repeated),
    ] {
        let config = CredentialConfig { encoding, ..PREFIX };
        assert_eq!(
            fault(config, elements),
            Some(expected),
            "{encoding:?}, {elements}"
        );
    }
}
