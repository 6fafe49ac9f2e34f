//! Credentials among the offers: what becomes of them, and who reads them.

mod support;

use axum::{
    Extension, Router,
    extract::FromRequestParts,
    middleware::map_response,
    response::Response,
    routing::{MethodRouter, any},
};
use axum_extra::{
    TypedHeader,
    headers::{Authorization, authorization::Bearer},
};
use axum_subprotocol::{
    AuthorizationFromOffers, Malformed, OfferedCredential, OfferedSubprotocols, SubprotocolLayer,
    SubprotocolRejection, rejection::CredentialFault,
};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, StatusCode,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
};
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::validate_request::ValidateRequestHeaderLayer;

use self::support::{BOTH, Over, Reply, app::tell, http1, serve};

const KUBERNETES: &str = "base64url.bearer.authorization.k8s.io.";

/// Takes all three shapes.
fn layer() -> SubprotocolLayer {
    SubprotocolLayer::new(["chat", "bearer", "token"])
        .credential(OfferedCredential::after_prefix("bearer."))
        .credential(OfferedCredential::base64url_after_prefix(KUBERNETES))
        .credential(OfferedCredential::after_name("bearer"))
        .credential(
            OfferedCredential::after_name("token")
                .scheme("Token")
                .max_len(4),
        )
}

/// Which rule a rejection named, as a header.
async fn name_fault(mut response: Response) -> Response {
    if let Some(SubprotocolRejection::FaultyCredential(cause)) = response.extensions().get() {
        let fault = format!("{:?}", cause.fault()).parse().unwrap();
        response.headers_mut().insert("x-fault", fault);
    }
    response
}

fn route(handler: MethodRouter, layer: SubprotocolLayer) -> Router {
    Router::new()
        .route("/", handler)
        .route_layer(layer)
        .route_layer(map_response(name_fault))
}

/// What was selected, offered, and found as `Authorization`.
fn told(reply: &Reply) -> [String; 4] {
    let inward = reply.all("x-inward");
    assert_eq!(inward, reply.selected());
    let [offered, authorized] = ["x-offered", "x-authorized"].map(|name| reply.all(name));
    let fault = reply.all("x-fault");
    [inward, offered, authorized, fault]
}

#[tokio::test]
async fn a_credential_becomes_authorization_and_is_no_offer() {
    let port = serve(route(any(tell), layer())).await;
    let kubernetes = |token: &str| format!("{KUBERNETES}{token}");
    let cases: [(Vec<String>, [&str; 4]); 16] = [
        (vec!["chat".into()], ["chat", "chat", "", ""]),
        (
            vec!["bearer.aZ/9==, chat".into()],
            ["chat", "chat", "Bearer aZ/9==", ""],
        ),
        (
            vec!["chat, bearer.a".into()],
            ["chat", "chat", "Bearer a", ""],
        ),
        (
            vec!["chat".into(), "bearer.a".into()],
            ["chat", "chat", "Bearer a", ""],
        ),
        (
            vec!["bearer.a".into(), "x".into(), "chat".into()],
            ["chat", "x chat", "Bearer a", ""],
        ),
        (
            vec!["x, ,bearer.a , , chat".into()],
            ["chat", "x chat", "Bearer a", ""],
        ),
        (vec!["x, bearer.a".into()], ["", "x", "Bearer a", ""]),
        // In base64url: `a/b=`.
        (
            vec![kubernetes("YS9iPQ"), "chat".into()],
            ["chat", "chat", "Bearer a/b=", ""],
        ),
        (
            vec!["bearer, aZ/9==".into()],
            ["bearer", "bearer", "Bearer aZ/9==", ""],
        ),
        (
            vec!["bearer,, ,a,chat".into()],
            ["bearer", "bearer chat", "Bearer a", ""],
        ),
        (
            vec!["chat, bearer".into(), String::new(), "a".into()],
            ["chat", "chat bearer", "Bearer a", ""],
        ),
        (
            vec!["x, bearer".into(), "a, chat".into()],
            ["bearer", "x bearer chat", "Bearer a", ""],
        ),
        (
            vec!["token, key".into()],
            ["token", "token", "Token key", ""],
        ),
        // Not these prefixes and names, byte for byte.
        (
            vec!["Bearer.a, chat".into()],
            ["chat", "Bearer.a chat", "", ""],
        ),
        (
            vec!["chat, BEARER, a".into()],
            ["chat", "chat BEARER a", "", ""],
        ),
        (
            vec!["chat, xbearer.a".into()],
            ["chat", "chat xbearer.a", "", ""],
        ),
    ];
    for over in BOTH {
        for (offers, expected) in &cases {
            let reply = over.handshake(port, "/", offers).await;
            assert_eq!(reply.status, over.completed(), "{over:?} {offers:?}");
            assert_eq!(told(&reply), *expected, "{over:?} {offers:?}");
        }
    }
}

#[tokio::test]
async fn what_is_against_a_rule_is_rejected_in_both_modes() {
    let long = "a".repeat(8 * 1024 + 1);
    // One byte more than 8 KiB, decoded.
    let long_encoded = "YWFh".repeat(8 * 1024 / 3) + "YWFh";
    let cases: [(Vec<String>, CredentialFault); 26] = [
        (vec!["bearer., chat".into()], CredentialFault::Empty),
        (vec![format!("{KUBERNETES}, chat")], CredentialFault::Empty),
        (
            vec![format!("chat, bearer.{long}")],
            CredentialFault::TooLong,
        ),
        (
            vec![format!("chat, {KUBERNETES}{long_encoded}")],
            CredentialFault::TooLong,
        ),
        (vec!["token, abcde".into()], CredentialFault::TooLong),
        (
            vec![format!("{KUBERNETES}YQ==, chat")],
            CredentialFault::NotBase64Url,
        ),
        (
            vec![format!("{KUBERNETES}YR, chat")],
            CredentialFault::NotBase64Url,
        ),
        (
            vec![format!("{KUBERNETES}a+b/, chat")],
            CredentialFault::NotBase64Url,
        ),
        // `a b`
        (
            vec![format!("{KUBERNETES}YSBi, chat")],
            CredentialFault::NotAToken,
        ),
        (
            vec!["bearer.secr et, chat".into()],
            CredentialFault::NotAToken,
        ),
        (
            vec!["bearer.\"secret\", chat".into()],
            CredentialFault::NotAToken,
        ),
        (vec!["bearer.a=b, chat".into()], CredentialFault::NotAToken),
        (vec!["bearer.=, chat".into()], CredentialFault::NotAToken),
        (vec!["bearer, secr@t".into()], CredentialFault::NotAToken),
        (vec!["bearer".into()], CredentialFault::Missing),
        (
            vec!["chat, bearer, ,".into(), String::new()],
            CredentialFault::Missing,
        ),
        (vec!["bearer, chat".into()], CredentialFault::NameInItsPlace),
        (
            vec!["bearer".into(), "bearer, secret".into()],
            CredentialFault::NameInItsPlace,
        ),
        (
            vec!["bearer, bearer.secret".into()],
            CredentialFault::NameInItsPlace,
        ),
        (
            vec!["bearer.secret, chat, bearer.secret".into()],
            CredentialFault::Repeated,
        ),
        (
            vec!["bearer, secret, bearer, secret".into()],
            CredentialFault::Repeated,
        ),
        (
            vec!["bearer.secret".into(), "bearer, secret".into()],
            CredentialFault::Repeated,
        ),
        (vec!["bearer.secret".into()], CredentialFault::Alone),
        (
            vec![", ,bearer.secret,".into(), String::new()],
            CredentialFault::Alone,
        ),
        // Before anything else is judged.
        (vec!["a b, chat, bearer.".into()], CredentialFault::Empty),
        (
            vec![format!("{}, chat, bearer.", ",".repeat(61))],
            CredentialFault::Empty,
        ),
    ];
    for malformed in [Malformed::Reject, Malformed::Ignore] {
        let port = serve(route(any(tell), layer().malformed(malformed))).await;
        for over in BOTH {
            for (offers, fault) in &cases {
                let reply = over.handshake(port, "/", offers).await;
                let about = format!("{over:?} {offers:?}");
                assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{about}");
                assert_eq!(reply.all("x-fault"), format!("{fault:?}"), "{about}");
                assert!(reply.body.contains("redential"), "{}", reply.body);
                assert!(!reply.body.contains("secr"), "{}", reply.body);
            }
        }
    }
}

/// The limit is for the list that is left.
#[tokio::test]
async fn the_rest_of_the_list_is_judged_without_the_credential() {
    let port = serve(route(any(tell), layer().max_offers(2))).await;
    for (offers, expected) in [
        ("chat, x, bearer.a", "chat"),
        ("bearer.a, chat, x", "chat"),
        ("bearer, a, x", "bearer"),
        ("chat, x, y, bearer.a", "more elements than the 2"),
        ("chat, x, y, bearer.", "more elements than the 2"),
        ("bearer.a, chat, x, ", "more elements than the 2"),
        ("bearer.a, chat, a b", "Element 3 of"),
        ("a b, chat, bearer.a", "Element 1 of"),
        ("bearer.a, a b", "Element 2 of"),
    ] {
        for over in BOTH {
            let reply = over.handshake(port, "/", &[offers]).await;
            let outcome = reply.selected() + &reply.body;
            assert!(outcome.contains(expected), "{offers}: {outcome}");
        }
    }
}

#[tokio::test]
async fn nested_layers_find_it_taken_or_take_it() {
    let plain = || SubprotocolLayer::new(["chat", "bearer"]);
    let taking = || plain().credential(OfferedCredential::after_prefix("bearer."));
    let strict = || taking().credential(OfferedCredential::after_name("bearer"));
    for (outer, inner) in [
        (taking(), plain()),
        (taking(), taking()),
        (plain(), taking()),
        (strict(), taking()),
        (strict(), strict()),
        (plain(), strict()),
    ] {
        let app = route(any(tell).layer(inner), outer);
        let port = serve(app).await;
        for over in BOTH {
            let reply = over.handshake(port, "/", &["x, bearer.a", "chat"]).await;
            assert_eq!(told(&reply), ["chat", "x chat", "Bearer a", ""]);
        }
    }
}

/// The name that announced it is still in the list.
#[tokio::test]
async fn what_announced_a_credential_outside_announces_none_further_in() {
    let names = || SubprotocolLayer::new(["chat", "bearer", "token"]);
    let bearer = || names().credential(OfferedCredential::after_name("bearer"));
    let token = || names().credential(OfferedCredential::after_name("token"));
    let prefix = || names().credential(OfferedCredential::after_prefix("bearer."));
    for (outer, inner, offers, expected) in [
        (
            bearer(),
            bearer(),
            "bearer, a",
            ["bearer", "bearer", "Bearer a", ""],
        ),
        (
            bearer(),
            bearer(),
            ",bearer,,a,x",
            ["bearer", "bearer x", "Bearer a", ""],
        ),
        (
            bearer(),
            bearer(),
            "chat, bearer, a, x",
            ["chat", "chat bearer x", "Bearer a", ""],
        ),
        (
            bearer(),
            token(),
            "bearer, a, token, b",
            ["", "", "", "Repeated"],
        ),
        (
            bearer(),
            prefix(),
            "bearer, a, x, bearer.b",
            ["", "", "", "Repeated"],
        ),
        (
            prefix(),
            token(),
            "bearer.a, token, b",
            ["", "", "", "Repeated"],
        ),
        (
            prefix(),
            token(),
            "bearer.a, token",
            ["", "", "", "Missing"],
        ),
    ] {
        let port = serve(route(any(tell).layer(inner), outer)).await;
        for over in BOTH {
            let reply = over.handshake(port, "/", &[offers]).await;
            assert_eq!(told(&reply), expected, "{offers}");
        }
    }
}

#[tokio::test]
async fn the_limits_are_met_to_the_element_and_the_byte() {
    let port = serve(route(any(tell), layer())).await;
    let token = "a".repeat(8 * 1024);
    let reply = Over::Http1
        .handshake(port, "/", &[format!("chat, bearer.{token}")])
        .await;
    assert_eq!(reply.all("x-authorized"), format!("Bearer {token}"));

    // 64 elements and a credential, and one more, each on a line of its own.
    let mut lines = vec!["chat"; 64];
    lines.push("bearer.a");
    for (lines, selected) in [
        (&lines[..], "chat"),
        (&[&lines[..], &["chat"]].concat(), ""),
    ] {
        let reply = Over::Http1.handshake(port, "/", lines).await;
        assert_eq!(reply.selected(), selected, "{}", reply.body);
    }

    let one = || layer().max_offers(1);
    let port = serve(route(any(tell).layer(one()), one())).await;
    for (lines, outcome) in [
        (&["chat", "bearer.a"][..], "chat"),
        (&["bearer.a", "chat"], "chat"),
        (&["bearer.a/b==, chat", "x"], "more elements than the 1"),
    ] {
        let reply = Over::Http1.handshake(port, "/", lines).await;
        let told = reply.selected() + &reply.body;
        assert!(told.contains(outcome), "{lines:?}: {told}");
    }
}

#[tokio::test]
async fn a_client_s_own_authorization_is_kept() {
    type FromOffers = Option<Extension<AuthorizationFromOffers>>;

    async fn header(headers: HeaderMap, from_offers: FromOffers) -> String {
        let authorization = headers.get_all(AUTHORIZATION).iter();
        let authorization: Vec<_> = authorization.map(|value| value.to_str().unwrap()).collect();
        let authorization = authorization.join("|");
        format!("{authorization} from offers: {}", from_offers.is_some())
    }

    let port = serve(route(any(header), layer())).await;
    for (own, offers, status, expected) in [
        ("", "chat, bearer.a", 200, "Bearer a from offers: true"),
        (
            "Authorization: Basic eDp5\r\n",
            "chat, bearer.a",
            200,
            "Basic eDp5 from offers: false",
        ),
        (
            "Authorization: Basic eDp5\r\n",
            "chat",
            200,
            "Basic eDp5 from offers: false",
        ),
        ("", "chat", 200, " from offers: false"),
        (
            "Authorization: Basic eDp5\r\n",
            "chat, bearer.",
            400,
            "The credential in",
        ),
        (
            "Authorization: Basic eDp5\r\n",
            "bearer.a",
            400,
            "Sec-WebSocket-Protocol has a credential",
        ),
    ] {
        let handshake = String::from_utf8(http1::handshake("/", &[offers])).unwrap();
        let handshake = handshake.replacen("Host:", &format!("{own}Host:"), 1);
        let mut connection = http1::Connection::open(port).await;
        let reply = connection.exchange(handshake.as_bytes()).await;
        assert_eq!(reply.status.as_u16(), status, "{own}{offers}");
        assert!(reply.body.starts_with(expected), "{}", reply.body);
    }
}

/// The checks that others wrote, unchanged.
#[tokio::test]
async fn existing_authentication_reads_it() {
    type Header = TypedHeader<Authorization<Bearer>>;

    // In a refusal, whose body both versions of HTTP can carry.
    async fn who(TypedHeader(Authorization(bearer)): Header) -> (StatusCode, String) {
        (StatusCode::IM_A_TEAPOT, bearer.token().to_owned())
    }

    #[expect(deprecated, reason = "too simple for real use, as it says")]
    let check = ValidateRequestHeaderLayer::bearer("open.sesame");
    let checked = any(async || (StatusCode::IM_A_TEAPOT, "checked"))
        .layer::<_, std::convert::Infallible>(check);
    let app = Router::new()
        .route("/tower-http", checked)
        .route("/axum-extra", any(who))
        .layer(layer());
    let port = serve(app).await;
    for (path, offers, status, body) in [
        ("/tower-http", "chat, bearer.open.sesame", 418, "checked"),
        ("/tower-http", "chat, bearer.sesame", 401, ""),
        ("/tower-http", "chat", 401, ""),
        ("/axum-extra", "bearer, open.sesame", 418, "open.sesame"),
        (
            "/axum-extra",
            "chat",
            400,
            "Header of type `authorization` was missing",
        ),
    ] {
        for over in BOTH {
            let reply = over.handshake(port, path, &[offers]).await;
            assert_eq!(reply.status.as_u16(), status, "{path} {offers}");
            assert_eq!(reply.body, body, "{path} {offers}");
        }
    }
}

/// What the inner service is given, without a server; `Err` if nothing.
fn inward(request: Request<()>) -> Result<Request<()>, StatusCode> {
    let mut inward = None;
    let service = layer().layer(service_fn(|request: Request<()>| {
        inward = Some(request);
        std::future::ready(Ok::<_, ()>(http::Response::new(Full::<Bytes>::default())))
    }));
    let response = service.oneshot(request).now_or_never().unwrap().unwrap();
    inward.ok_or(response.status())
}

fn handshake(offers: &[&'static str]) -> Request<()> {
    let mut request = Request::new(());
    let headers = request.headers_mut();
    headers.insert("upgrade", HeaderValue::from_static("websocket"));
    for offer in offers {
        headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offer));
    }
    request
}

#[test]
fn r10_a_credential_is_marked_and_nowhere_shown() {
    for offers in [&["chat, bearer.secret"][..], &["bearer", "secret"]] {
        let request = inward(handshake(offers)).unwrap();
        assert!(request.headers()[AUTHORIZATION].is_sensitive());
        assert!(!format!("{request:?}").contains("secret"), "{request:?}");

        let (mut head, ()) = request.into_parts();
        let offered = OfferedSubprotocols::from_request_parts(&mut head, &());
        let Ok(offered) = offered.now_or_never().unwrap();
        assert!(!offered.contains("secret"));
        assert!(offered.iter().all(|name| !name.contains("secret")));
    }
}

#[test]
fn a_full_map_of_headers_is_rejected_and_never_a_panic() {
    for (offers, free, goes_on) in [
        (&["chat, bearer.a"][..], 0, false),
        (&["chat", "bearer.a"], 0, false),
        (&["chat, bearer.a"], 1, true),
        (&["chat", "bearer.a"], 1, true),
    ] {
        let mut request = handshake(offers);
        let headers = request.headers_mut();
        for number in 0..24_576 - 2 - free {
            let name: HeaderName = format!("x-{number}").parse().unwrap();
            let _ = headers.try_insert(name, HeaderValue::from_static(""));
        }
        let inward = inward(request);
        assert_eq!(inward.is_ok(), goes_on, "{offers:?} {free}");
        if let Ok(request) = inward {
            assert_eq!(request.headers()[AUTHORIZATION], "Bearer a");
            assert_eq!(request.headers()[SEC_WEBSOCKET_PROTOCOL], "chat");
        }
    }
}
