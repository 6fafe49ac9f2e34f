//! Names that RFC 6455 forbids, and that are configured all the same.

mod support;

use std::panic;

use axum::{Router, routing::any};
use axum_subprotocol::{Malformed, Preference, SelectedSubprotocol, Subprotocol, SubprotocolLayer};
use http::StatusCode;
use serde::Deserialize;

use self::support::{BOTH, Over, app::tell, serve};

const PORT_FORWARD: &str = "SPDY/3.1+portforward.k8s.io";
const COMPACT: Subprotocol = Subprotocol::non_token_from_static("ogmios.v1:compact");

#[derive(Debug, Deserialize, PartialEq)]
enum Names {
    #[serde(rename = "v5.channel.k8s.io")]
    V5,
    #[serde(rename = "SPDY/3.1+portforward.k8s.io")]
    PortForward,
    #[serde(rename = "ogmios.v1:compact")]
    Compact,
}

#[tokio::test]
async fn they_match_byte_for_byte_and_all_else_stays_strict() {
    let layer = SubprotocolLayer::new_with_non_tokens(["v5", PORT_FORWARD, &COMPACT]);
    let newest = layer.clone().prefer(Preference::Server);
    let lenient = layer.clone().malformed(Malformed::Ignore);
    for (layer, offers, outcome, offered) in [
        (
            &layer,
            &["SPDY/3.1+portforward.k8s.io"][..],
            PORT_FORWARD,
            PORT_FORWARD,
        ),
        (
            &layer,
            &["x, ogmios.v1:compact\t", "v5"],
            &*COMPACT,
            "x ogmios.v1:compact v5",
        ),
        (
            &layer,
            &["v5", "ogmios.v1:compact"],
            "v5",
            "v5 ogmios.v1:compact",
        ),
        (
            &newest,
            &["ogmios.v1:compact, v5"],
            "v5",
            "ogmios.v1:compact v5",
        ),
        (&layer, &["spdy/3.1+portforward.k8s.io"], "Element 1 of", ""),
        (&layer, &["v5, SPDY/3.1"], "Element 2 of", ""),
        (
            &layer,
            &["v5, SPDY/3.1+portforward.k8s.io2"],
            "Element 2 of",
            "",
        ),
        (
            &lenient,
            &["SPDY/3.1, ogmios.v1:compact"],
            &COMPACT,
            &COMPACT,
        ),
        (&lenient, &["SPDY/3.1"], "", ""),
    ] {
        let port = serve(Router::new().route("/", any(tell).layer(layer.clone()))).await;
        for over in BOTH {
            let reply = over.handshake(port, "/", offers).await;
            if reply.status == StatusCode::BAD_REQUEST {
                assert!(
                    reply.body.starts_with(outcome),
                    "{offers:?}: {}",
                    reply.body
                );
            } else {
                assert_eq!(reply.selected(), outcome, "{offers:?}");
                assert_eq!(reply.all("x-inward"), outcome, "{offers:?}");
                assert_eq!(reply.all("x-extracted"), outcome, "{offers:?}");
                assert_eq!(reply.all("x-offered"), offered, "{offers:?}");
            }
        }
    }
}

#[tokio::test]
async fn they_are_extracted_like_any_other() {
    async fn extract(
        SelectedSubprotocol(of_enum): SelectedSubprotocol<Names>,
        SelectedSubprotocol(string): SelectedSubprotocol<String>,
        name: SelectedSubprotocol,
    ) -> (StatusCode, String) {
        assert_eq!(**name, *string);
        (StatusCode::IM_A_TEAPOT, format!("{of_enum:?}"))
    }

    let app = Router::new()
        .route("/", any(extract))
        .layer(SubprotocolLayer::of_with_non_tokens::<Names>());
    let port = serve(app).await;
    for (offers, variant) in [
        ("v5.channel.k8s.io", "V5"),
        (PORT_FORWARD, "PortForward"),
        (&COMPACT, "Compact"),
    ] {
        for over in BOTH {
            let reply = over.handshake(port, "/", &[offers]).await;
            assert_eq!(reply.body, variant);
        }
    }
}

/// An outer layer judges by its own names.
#[tokio::test]
async fn nested_layers_each_know_their_own() {
    let plain = || SubprotocolLayer::new(["v5"]).malformed(Malformed::Ignore);
    let special = || SubprotocolLayer::new_with_non_tokens([&COMPACT]);
    for (outer, inner, selected, offered) in [
        (plain(), special(), &*COMPACT, "v5 ogmios.v1:compact"),
        (special(), plain(), "v5", "v5"),
    ] {
        let port = serve(
            Router::new()
                .route("/", any(tell).layer(inner))
                .layer(outer),
        )
        .await;
        let reply = Over::Http1
            .handshake(port, "/", &["v5, ogmios.v1:compact"])
            .await;
        assert_eq!(reply.selected(), selected);
        assert_eq!(reply.all("x-offered"), offered);
    }
}

#[test]
fn they_are_refused_unless_they_are_asked_for() {
    for (name, why) in [
        ("", "can't be empty"),
        ("a,b", "byte 2 is not allowed"),
        ("a b", "byte 2 is not allowed"),
        ("\u{e9}", "byte 1 is not allowed"),
        ("a\u{7f}", "byte 2 is not allowed"),
    ] {
        let error = SubprotocolLayer::try_new_with_non_tokens([name]).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
    let error = SubprotocolLayer::try_new_with_non_tokens(["a:b", "a", "a:b"]).unwrap_err();
    assert!(error.to_string().contains("in the list already"), "{error}");

    for error in [
        SubprotocolLayer::try_new([PORT_FORWARD])
            .map(drop)
            .unwrap_err()
            .to_string(),
        SubprotocolLayer::try_new([COMPACT])
            .map(drop)
            .unwrap_err()
            .to_string(),
        serde_json::from_str::<Subprotocol>("\"a:b\"")
            .unwrap_err()
            .to_string(),
        serde_json::from_str::<SubprotocolLayer>("[\"a:b\"]")
            .unwrap_err()
            .to_string(),
        "a:b".parse::<Subprotocol>().unwrap_err().to_string(),
    ] {
        assert!(
            error.contains("is not allowed in a subprotocol name"),
            "{error}"
        );
    }
    for refused in [
        panic::catch_unwind(|| drop(SubprotocolLayer::of::<Names>())),
        panic::catch_unwind(|| drop(SubprotocolLayer::new([COMPACT]))),
        panic::catch_unwind(|| drop(Subprotocol::non_token_from_static("a,b"))),
    ] {
        assert!(refused.is_err());
    }
}
