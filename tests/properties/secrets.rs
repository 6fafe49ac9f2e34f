//! R10: what a client sent, and the program doesn't know by name, is shown nowhere.

use std::future::ready;

use axum::extract::FromRequestParts;
use axum_subprotocol::{
    AuthorizationFromOffers, Malformed, OfferedCredential, OfferedSubprotocols, Require,
    SubprotocolLayer, SubprotocolRejection,
};
use futures_util::FutureExt;
use http::{
    HeaderValue, Request, Response,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
};
use proptest::{collection::vec, prelude::*, sample::select};
use tower::{Layer, Service, service_fn};

use crate::{Body, lines};

/// What no other text contains, in tokens, and in base64url.
const MARK: &str = "QUJD";

/// An element with a secret in it, right or wrong in its form, or a known name.
fn element() -> impl Strategy<Value = String> {
    let before = select(&["bearer.", "b64.", "bearer,", "bearer, ,", "x"][..]);
    let after = select(&["", "", "", "=", " a", "\"", "/", "\u{e9}", "_"][..]);
    let secret =
        (before, "[A-Za-z0-9]{0,4}", 1..4_usize, after).prop_map(|(before, salt, times, after)| {
            before.to_owned() + &MARK.repeat(times) + &salt + after
        });
    let known = select(&["chat", "bearer", "", "bearer.", "b64."][..]);
    prop_oneof![3 => secret, 2 => known.prop_map(str::to_owned)]
}

/// Instances of all sorts, or one that is in order.
fn instances() -> impl Strategy<Value = Vec<Vec<String>>> {
    let in_order = (
        "[A-Za-z0-9]{0,4}",
        select(&["bearer.", "b64.", "bearer,"][..]),
    )
        .prop_map(|(salt, before)| {
            let unselected = format!("x{MARK}{salt}");
            // Whole bytes in base64url, as it has four digits.
            vec![format!("{before}{MARK}"), unselected, "chat".to_owned()]
        })
        .prop_shuffle();
    prop_oneof![
        vec(vec(element(), 0..4), 0..3),
        in_order.prop_map(|instance| vec![instance]),
    ]
}

/// By a list or by code; the last function is one that makes a name of the token.
fn layer() -> impl Strategy<Value = SubprotocolLayer> {
    let with_credentials = |layer: SubprotocolLayer| {
        layer
            .credential(OfferedCredential::after_prefix("bearer.").max_len(12))
            .credential(OfferedCredential::base64url_after_prefix("b64."))
            .credential(OfferedCredential::after_name("bearer"))
    };
    let choice = (0..3_usize).prop_map(|choice| match choice {
        0 => SubprotocolLayer::new(["bearer", "chat"]),
        1 => SubprotocolLayer::from_fn(|offered, _| offered.iter().find(|name| *name == "chat")),
        _ => SubprotocolLayer::from_fn(|_, head| {
            let authorization = head.headers.get(AUTHORIZATION)?.to_str().ok()?;
            authorization.strip_prefix("Bearer ")
        }),
    });
    let require = select(&[Require::Never, Require::IfOffered, Require::Always][..]);
    let malformed = select(&[Malformed::Reject, Malformed::Ignore][..]);
    let max_offers = select(&[2, 4, 64][..]);
    (choice, any::<bool>(), require, malformed, max_offers).prop_map(
        move |(layer, takes, require, malformed, max_offers)| {
            let layer = if takes {
                with_credentials(layer)
            } else {
                layer
            };
            layer
                .require(require)
                .malformed(malformed)
                .max_offers(max_offers)
        },
    )
}

/// All that can be printed of the request behind the layers.
fn shown(request: Request<()>) -> String {
    let whole = format!("{request:?}");
    let (mut head, ()) = request.into_parts();
    let offered = OfferedSubprotocols::from_request_parts(&mut head, &());
    let Ok(offered) = offered.now_or_never().unwrap();
    let from_offers = head.extensions.get::<AuthorizationFromOffers>();
    let is_authorized = head.headers.contains_key(AUTHORIZATION);
    assert_eq!(from_offers.is_some(), is_authorized);
    format!("{whole} {head:?} {from_offers:?} {offered:?}")
}

proptest! {
    #[test]
    fn r10_neither_credentials_nor_unselected_offers_are_shown(
        instances in instances(),
        outer in layer(),
        inner in layer(),
    ) {
        let mut request = Request::new(());
        let headers = request.headers_mut();
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        for instance in &instances {
            let instance = HeaderValue::from_bytes(instance.join(", ").as_bytes()).unwrap();
            headers.append(SEC_WEBSOCKET_PROTOCOL, instance);
        }

        let mut seen = String::new();
        let handler = service_fn(|request| {
            seen = shown(request);
            let mut response = Response::new(Body::Own(Vec::new()));
            *response.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
            let websocket = HeaderValue::from_static("websocket");
            response.headers_mut().insert(UPGRADE, websocket);
            ready(Ok::<_, ()>(response))
        });
        let mut service = outer.layer(inner.layer(handler));
        let future = service.call(request);
        let waiting = format!("{future:?}");
        let response = future.now_or_never().unwrap().unwrap();
        let rejection = response.extensions().get::<SubprotocolRejection>();
        let rejection = rejection.map(|reason| format!("{reason} {reason:?} {}", reason.body_text()));
        // The values of all headers, sensitive or not.
        let values: Vec<_> = response.headers().values().map(HeaderValue::as_bytes).collect();
        let values = String::from_utf8_lossy(&values.concat()).into_owned();
        prop_assert!(lines(response.headers()).len() <= 1);
        let outward = format!("{response:?} {values} {rejection:?} {waiting}");
        drop(service);
        for text in [seen, outward, format!("{outer:?} {inner:?}")] {
            prop_assert!(!text.contains(MARK) && !text.contains("ABC"), "{text}");
        }
    }
}
