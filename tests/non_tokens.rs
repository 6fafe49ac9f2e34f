//! Names that RFC 6455 forbids, and that a program supports on purpose.

use axum::{Router, routing::any};
use axum_subprotocol::{Malformed, Preference, SelectedSubprotocol, Subprotocol, SubprotocolLayer};
use http::StatusCode;
use serde::Deserialize;

use crate::support::{
    app::tell,
    check::{check, selected, selected_of_offered},
    panics::assert_panics,
    serve,
};

const V5: Subprotocol = Subprotocol::from_static("v5");
const PORT_FORWARD: Subprotocol = Subprotocol::non_token_from_static("SPDY/3.1+portforward.k8s.io");
const COMPACT: Subprotocol = Subprotocol::non_token_from_static("ogmios.v1:compact");

#[derive(Debug, Deserialize, PartialEq)]
enum Names {
    #[serde(rename = "v5")]
    V5,
    #[serde(rename = "SPDY/3.1+portforward.k8s.io")]
    PortForward,
    #[serde(rename = "ogmios.v1:compact")]
    Compact,
}

fn layer() -> SubprotocolLayer {
    SubprotocolLayer::new([V5, PORT_FORWARD, COMPACT])
}

#[tokio::test]
async fn they_match_byte_for_byte_and_all_else_stays_strict() {
    let newest = layer().prefer(Preference::Server);
    let lenient = layer().malformed(Malformed::Ignore);
    let app = Router::new()
        .route("/", any(tell).layer(layer()))
        .route("/newest", any(tell).layer(newest))
        .route("/lenient", any(tell).layer(lenient));
    let port = serve(app).await;
    let cases = [
        "SPDY/3.1+portforward.k8s.io => SPDY/3.1+portforward.k8s.io of SPDY/3.1+portforward.k8s.io",
        "x, ogmios.v1:compact\t|v5 => ogmios.v1:compact of x ogmios.v1:compact v5",
        "v5|ogmios.v1:compact => v5 of v5 ogmios.v1:compact",
        "spdy/3.1+portforward.k8s.io => 400 Element 1 of…",
        "v5, SPDY/3.1 => 400 Element 2 of…",
        "v5, SPDY/3.1+portforward.k8s.io2 => 400 Element 2 of…",
    ];
    check(port, "/", selected_of_offered, &cases).await;
    let cases = ["ogmios.v1:compact, v5 => v5 of ogmios.v1:compact v5"];
    check(port, "/newest", selected_of_offered, &cases).await;
    let cases = [
        "SPDY/3.1, ogmios.v1:compact => ogmios.v1:compact of ogmios.v1:compact",
        "SPDY/3.1 => - of -",
    ];
    check(port, "/lenient", selected_of_offered, &cases).await;
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

    let port = serve(Router::new().route("/", any(extract)).layer(layer())).await;
    let cases = [
        "v5 => 418 V5",
        "SPDY/3.1+portforward.k8s.io => 418 PortForward",
        "ogmios.v1:compact => 418 Compact",
    ];
    check(port, "/", selected, &cases).await;
}

/// An outer layer judges by its own names.
#[tokio::test]
async fn nested_layers_each_know_their_own() {
    let plain = || SubprotocolLayer::new(["v5"]).malformed(Malformed::Ignore);
    let special = || SubprotocolLayer::new([&COMPACT]);
    let offers = "v5, ogmios.v1:compact";
    for (outer, inner, outcome) in [
        (
            plain(),
            special(),
            "ogmios.v1:compact of v5 ogmios.v1:compact",
        ),
        (special(), plain(), "v5 of v5"),
    ] {
        let inner = Router::new().route("/", any(tell).layer(inner));
        let port = serve(inner.layer(outer)).await;
        let case = format!("{offers} => {outcome}");
        check(port, "/", selected_of_offered, &[&case]).await;
    }
}

/// Only `non_token_from_static` makes one.
#[test]
fn text_is_refused() {
    let of_layer = |name: &str| SubprotocolLayer::try_new([name]).unwrap_err().to_string();
    for name in [&*PORT_FORWARD, &*COMPACT, "a,b", "a b", "\u{e9}", ""] {
        let why = name.parse::<Subprotocol>().unwrap_err().to_string();
        let json = serde_json::to_string(name).unwrap();
        let of_json = serde_json::from_str::<Subprotocol>(&json).unwrap_err();
        assert!(of_json.to_string().starts_with(&why), "{of_json}");
        assert!(of_layer(name).ends_with(&why), "{name}");
    }
    let repeated = SubprotocolLayer::try_new([COMPACT, V5, COMPACT]).unwrap_err();
    let repeated = repeated.to_string();
    assert!(
        repeated.contains("already listed as number 1"),
        "{repeated}"
    );

    let message = "subprotocol 2, \"SPDY/3.1+portforward.k8s.io\": a delimiter at byte 5";
    assert_panics(message, || SubprotocolLayer::of::<Names>());
    for name in ["a,b", "a b", "\u{e9}", "a\u{7f}", ""] {
        assert_panics("must be visible ASCII", || {
            Subprotocol::non_token_from_static(name)
        });
    }
}
