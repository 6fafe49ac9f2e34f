//! The rules C1 to C8: what becomes of a credential among the offers.

use axum::{
    Router,
    extract::{Request as AxumRequest, ws::WebSocketUpgrade},
    middleware::map_request,
    routing::any,
};
use axum_extra::{
    TypedHeader,
    headers::{Authorization, authorization::Bearer},
};
use axum_subprotocol::{
    CredentialFromOffers, Malformed, OfferedCredentialLayer, OfferedSubprotocols, SubprotocolLayer,
    rejection::{CredentialFault, CredentialRejection},
};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{
    HeaderName, HeaderValue, Request, Response, StatusCode,
    header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL, UPGRADE},
};
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::validate_request::ValidateRequestHeaderLayer;

use crate::support::{
    BOTH, Over, Reply,
    app::{answer, headstrong, plain, refuse, tell},
    check::{check, or_dash, selected_of_offered},
    http1,
    panics::assert_panics,
    requests, serve,
    websocket::Client,
};

fn after_prefix() -> OfferedCredentialLayer {
    OfferedCredentialLayer::after_prefix("bearer.")
}

fn after_name() -> OfferedCredentialLayer {
    OfferedCredentialLayer::after_name("bearer")
}

fn tenant() -> OfferedCredentialLayer {
    OfferedCredentialLayer::after_prefix("tenant.").header("x-tenant")
}

fn encoded() -> OfferedCredentialLayer {
    OfferedCredentialLayer::after_prefix("b64.").base64url()
}

fn ignoring(layer: OfferedCredentialLayer) -> OfferedCredentialLayer {
    layer.malformed(Malformed::Ignore)
}

fn layer() -> SubprotocolLayer {
    SubprotocolLayer::new(["chat", "bearer", "token"])
}

/// What a handler finds: the list, `Authorization` and `x-tenant`. What is sensitive
/// must be listed as coming from offers, and nothing else.
fn found(reply: &Reply) -> String {
    let [list, authorization, tenant] =
        ["x-inward", "x-authorization", "x-tenant"].map(|name| or_dash(reply.all(name)));
    let from_offers = reply.all("x-from-offers");
    let listed = |name| from_offers.contains(name);
    assert_eq!(
        authorization.starts_with('!'),
        listed("authorization"),
        "{reply:?}"
    );
    assert_eq!(tenant.starts_with('!'), listed("x-tenant"), "{reply:?}");
    match &*tenant {
        "-" => format!("{list}; {authorization}"),
        tenant => format!("{list}; {authorization}; {tenant}"),
    }
}

/// Checks what a handler finds inside `layers`, of which the first is the innermost.
async fn check_found<const N: usize>(layers: [OfferedCredentialLayer; N], cases: &[&str]) {
    let app = Router::new().route("/", any(tell));
    let port = serve(layers.into_iter().fold(app, Router::layer)).await;
    check(port, "/", found, cases).await;
}

#[tokio::test]
async fn c1_all_handshakes_are_looked_at_and_no_other_request() {
    let port = serve(Router::new().fallback(plain).layer(after_prefix())).await;
    let (handshakes, others) = requests::replies(port, "chat, bearer.a,").await;
    for reply in handshakes {
        assert_eq!(found(&reply), "chat,; !Bearer a");
        assert_eq!(reply.selected(), "own");
    }
    for reply in others {
        assert_eq!(found(&reply), "chat, bearer.a,; -");
        assert_eq!(reply.selected(), "own");
    }
}

#[tokio::test]
async fn c2_an_element_with_the_prefix_is_a_credential() {
    let cases = [
        "chat => chat; -",
        "- => -; -",
        "bearer.a => -; !Bearer a",
        "bearer.aZ/9==, chat => chat; !Bearer aZ/9==",
        "chat|bearer.a => chat; !Bearer a",
        "bearer.a|x|chat => x|chat; !Bearer a",
        "chat, bearer.bearer.a => chat; !Bearer bearer.a",
        "Bearer.a, xbearer.a, bearer => Bearer.a, xbearer.a, bearer; -",
    ];
    check_found([after_prefix()], &cases).await;
}

#[tokio::test]
async fn c2_the_element_after_the_name_is_a_credential() {
    let cases = [
        "chat => chat; -",
        "bearer => bearer; -",
        "chat, bearer, ,| => chat, bearer, ,|; -",
        "bearer, aZ/9== => bearer; !Bearer aZ/9==",
        "bearer,, ,a,chat => bearer,, ,chat; !Bearer a",
        "x, bearer||a, chat => x, bearer||chat; !Bearer a",
        "bearer, chat => bearer; !Bearer chat",
        "bearer, bearer, chat => bearer, chat; !Bearer bearer",
        "BEARER, a, bearer.b => BEARER, a, bearer.b; -",
    ];
    check_found([after_name()], &cases).await;
}

#[tokio::test]
async fn c2_stacked_layers_each_find_their_shape() {
    let cases = ["tenant.t, chat|bearer.a => chat; !Bearer a; !t"];
    check_found([after_prefix(), tenant()], &cases).await;
    check_found([tenant(), after_prefix()], &cases).await;
    // Longer prefixes stand outside shorter ones, and prefixes outside names.
    let longer = OfferedCredentialLayer::after_prefix("bearer.t.").header("x-tenant");
    let cases = ["bearer.t.t, bearer.a => -; !Bearer a; !t"];
    check_found([after_prefix(), longer], &cases).await;
    let name = after_name().header("x-tenant");
    let cases = ["bearer, bearer.a, t => bearer; !Bearer a; !t"];
    check_found([name, after_prefix()], &cases).await;
    // A name that has announced one credential announces no second one.
    let cases = [",bearer,,a,x => ,bearer,,x; !Bearer a"];
    check_found([after_name(), after_name()], &cases).await;
    let token = OfferedCredentialLayer::after_name("token");
    let cases = [
        "bearer, a, token, b => bearer, token; !Bearer a",
        "token, bearer, a => token; !Bearer a",
    ];
    check_found([token, after_name()], &cases).await;
}

/// Each handshake is rejected for this fault, or continues as it says where the fault
/// is ignored.
async fn check_fault(layer: OfferedCredentialLayer, fault: CredentialFault, cases: &[&str]) {
    let app = Router::new()
        .route("/reject", any(tell).layer(layer.clone()))
        .route("/ignore", any(tell).layer(ignoring(layer)));
    let port = serve(app).await;
    check(port, "/ignore", found, cases).await;
    for case in cases {
        let (offers, _) = case.split_once(" => ").unwrap();
        let rejected = format!("{offers} => 400 {fault}");
        check(port, "/reject", found, &[&rejected]).await;
    }
}

#[tokio::test]
async fn c3_a_fault_is_a_400_or_ignored() {
    use CredentialFault::{Empty, ForbiddenCharacter, NotBase64Url, Repeated, TooLong};

    let of_4 = || after_name().max_len(4);
    check_fault(after_prefix(), Empty, &["bearer., chat => chat; -"]).await;
    check_fault(encoded(), Empty, &["chat|b64. => chat; -"]).await;
    check_fault(of_4(), TooLong, &["bearer, abcde, x => bearer, x; -"]).await;
    let of_3 = encoded().max_len(3);
    check_fault(of_3, TooLong, &["b64.YWFhYQ => -; -"]).await;
    let cases = [
        "b64.YQ==, x => x; -",
        "b64.YR, x => x; -",
        "b64.a+b/, x => x; -",
    ];
    check_fault(encoded(), NotBase64Url, &cases).await;
    // `a b`
    check_fault(encoded(), ForbiddenCharacter, &["b64.YSBi => -; -"]).await;
    let cases = ["bearer.a b, c d => c d; -", "x, bearer.\u{e9} => x; -"];
    check_fault(after_prefix(), ForbiddenCharacter, &cases).await;
    let cases = ["bearer, a|bearer, b => bearer|bearer; -"];
    check_fault(after_name(), Repeated, &cases).await;
    // Of several faults the first in the list counts.
    let cases = ["bearer.a, x, bearer.a => x; -", "bearer.a, bearer. => -; -"];
    check_fault(after_prefix(), Repeated, &cases).await;
    let cases = ["bearer., x, bearer.a => x; -"];
    check_fault(after_prefix(), Empty, &cases).await;

    // Up to the limit there is no fault, and all visible ASCII is allowed.
    let longest = "a".repeat(8 * 1024);
    let too_long = format!("bearer.{longest}a => -; -");
    check_fault(after_prefix(), TooLong, &[&too_long]).await;
    let longest = format!("bearer.{longest} => -; !Bearer {longest}");
    let cases = ["bearer.a\":b => -; !Bearer a\":b", &longest];
    check_found([after_prefix()], &cases).await;
    let cases = ["bearer, abcd => bearer; !Bearer abcd"];
    check_found([of_4()], &cases).await;
    let cases = [
        "b64.YWFh => -; !Bearer aaa",
        "b64.YS9iPQ, x => x; !Bearer a/b=",
    ];
    check_found([encoded()], &cases).await;
}

#[tokio::test]
async fn c3_a_response_carries_its_rejection() {
    let request = handshake(&["bearer."]);
    let response = inward(&after_prefix(), request).unwrap_err();
    let rejection: &CredentialRejection = response.extensions().get().unwrap();
    assert_eq!(rejection.fault(), CredentialFault::Empty);
    assert_eq!(rejection.status(), response.status());
    let content_type = &response.headers()["content-type"];
    assert_eq!(content_type, "text/plain; charset=utf-8");
}

#[tokio::test]
async fn c4_the_rest_of_the_list_stays_as_it_was() {
    let cases = [
        "a , bearer.t , c => a , c; !Bearer t",
        "a,bearer.t,\tc => a,\tc; !Bearer t",
        "a,,bearer.t => a,; !Bearer t",
        ",bearer.t, , => -; !Bearer t",
        "a ,, c|bearer.t|,b => a ,, c|,b; !Bearer t",
        "|bearer.t|, => |,; !Bearer t",
        "a b, \"c\", bearer.t => a b, \"c\"; !Bearer t",
    ];
    check_found([after_prefix()], &cases).await;

    // A line keeps its place, its mark, and bytes outside ASCII.
    let mut request = handshake(&["chat"]);
    let mut line = HeaderValue::from_bytes(b"bearer.t, \xff").unwrap();
    line.set_sensitive(true);
    let headers = request.headers_mut();
    headers.append(SEC_WEBSOCKET_PROTOCOL, line);
    headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("y"));
    let request = inward(&after_prefix(), request).unwrap();
    let lines = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let lines: Vec<_> = lines
        .map(|line| (line.as_bytes(), line.is_sensitive()))
        .collect();
    let expected: [(&[u8], _); 3] = [(b"chat", false), (b"\xff", true), (b"y", false)];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn c4_a_layer_inside_judges_the_rest_of_the_list() {
    let app = Router::new()
        .route("/", any(tell).layer(layer().max_offers(2)))
        .route("/64", any(tell).layer(layer()))
        .layer(after_prefix());
    let port = serve(app).await;
    let cases = [
        "chat, x, bearer.a => chat of chat x",
        "bearer.a|chat, x => chat of chat x",
        "x, bearer.a => - of x",
        "bearer.a => - of -",
        "chat, x, y, bearer.a => 400 Sec-WebSocket-Protocol has more than 2 elements…",
        "bearer.a, chat, x, => 400 Sec-WebSocket-Protocol has more than 2 elements…",
        "chat, x, y, bearer. => 400 The credential in Sec-WebSocket-Protocol is empty…",
        "bearer.a, chat, a b => 400 Element 2 of…",
        "a b, chat, bearer.a => 400 Element 1 of…",
    ];
    check(port, "/", selected_of_offered, &cases).await;

    let at_most_64 = ["chat"; 64].join("|");
    let cases = [
        format!("{at_most_64}|bearer.a => chat"),
        format!("{at_most_64}|bearer.a|chat => 400 Sec-WebSocket-Protocol has more…"),
    ];
    let cases = [&*cases[0], &cases[1]];
    check(port, "/64", Reply::selected, &cases).await;
}

#[tokio::test]
async fn c4_axums_own_protocols_dont_see_the_credential() {
    let handler = async |ws: WebSocketUpgrade| {
        let requested: Vec<_> = ws.requested_protocols().cloned().collect();
        let ws = ws.protocols(["chat", "bearer.a"]);
        (
            [("x-seen", format!("{requested:?}"))],
            ws.on_upgrade(|_| async {}),
        )
    };
    let port = serve(Router::new().route("/", any(handler).layer(after_prefix()))).await;
    let seen = |reply: &Reply| reply.selected() + " of " + &reply.all("x-seen");
    check(port, "/", seen, &["bearer.a, chat => chat of [\"chat\"]"]).await;
}

/// Checks what a handler finds as `header`, of which the client has the lines before
/// the `+`.
async fn check_own(layer: OfferedCredentialLayer, header: &str, cases: &[&str]) {
    let header: HeaderName = header.parse().unwrap();
    let port = serve(Router::new().route("/", any(tell)).layer(layer)).await;
    for over in BOTH {
        for case in cases {
            let (own, rest) = case.split_once(" + ").unwrap();
            let (offers, expected) = rest.split_once(" => ").unwrap();
            let own = own.split('|').filter(|line| *line != "-");
            let mut headers: Vec<_> = own.map(|line| (header.clone(), line)).collect();
            headers.push((SEC_WEBSOCKET_PROTOCOL, offers));
            let client = Client::open(over, port, "/", &headers).await;
            let reply = client.ok().unwrap().reply;
            let found = found(&reply);
            assert!(found.ends_with(expected), "{over:?} {case} {found}");
        }
    }
}

#[tokio::test]
async fn c5_the_first_line_of_the_clients_own_header_decides() {
    let cases = [
        "- + bearer.a => -; !Bearer a",
        "Basic eDp5 + bearer.a => -; !Bearer a",
        "Basic eDp5 + chat => chat; Basic eDp5",
        "Basic eDp5|Bearer x + bearer.a => -; !Bearer a",
        "bEARER x|Basic eDp5 + bearer.a => -; bEARER x|Basic eDp5",
        "Bearer + bearer.a => -; !Bearer a",
        "Bearer,x + bearer.a => -; !Bearer a",
    ];
    check_own(after_prefix(), "authorization", &cases).await;
    let api_key = OfferedCredentialLayer::after_name("token").scheme("ApiKey");
    let cases = [
        "- + token, a => token; !ApiKey a",
        "Bearer x + token, a => token; !ApiKey a",
        "apikey x + token, a => token; apikey x",
    ];
    check_own(api_key, "authorization", &cases).await;
    // Any other header stays, also if it is blank.
    let cases = [
        "- + chat, tenant.t => chat; -; !t",
        "u|v + chat, tenant.t => chat; -; u|v",
        " + chat, tenant.t => chat; -",
    ];
    check_own(tenant(), "x-tenant", &cases).await;
}

#[test]
fn c5_settings_panic_at_their_callers_location() {
    type Case<'a> = (&'a str, fn() -> OfferedCredentialLayer);

    let forbidden = "Authorization Cookie Host Connection Upgrade Content-Length \
                     Transfer-Encoding TE Trailer Expect Keep-Alive Proxy-X Sec-X";
    for name in forbidden.split(' ') {
        let name = name.to_lowercase();
        let message =
            format!("OfferedCredentialLayer::header: header {name:?}: servers and proxies");
        assert_panics(&message, || after_prefix().header(&name));
    }
    let cases: [Case<'_>; 7] = [
        ("header: header \"x y\"", || after_name().header("x y")),
        ("scheme: authentication scheme \"a,\"", || {
            after_name().scheme("a,")
        }),
        ("scheme: `scheme` and `header` exclude", || {
            tenant().scheme("Token")
        }),
        ("header: `scheme` and `header` exclude", || {
            after_name().scheme("Token").header("x-a")
        }),
        (
            "echo_if_alone: `echo_if_alone` needs `after_prefix`",
            || after_name().echo_if_alone(),
        ),
        ("after_prefix: credential prefix \"a b\"", || {
            OfferedCredentialLayer::after_prefix("a b")
        }),
        ("after_name: credential name \"\": it is empty", || {
            OfferedCredentialLayer::after_name("")
        }),
    ];
    for (message, construct) in cases {
        assert_panics(&format!("OfferedCredentialLayer::{message}"), construct);
    }
}

/// The checks of other crates, unchanged.
#[tokio::test]
async fn c5_existing_authentication_reads_the_header() {
    type Header = TypedHeader<Authorization<Bearer>>;

    async fn who(TypedHeader(Authorization(bearer)): Header) -> (StatusCode, String) {
        (StatusCode::IM_A_TEAPOT, bearer.token().to_owned())
    }

    #[expect(deprecated, reason = "too simple for real use, as it says")]
    let validate = ValidateRequestHeaderLayer::bearer("open.sesame");
    let checked = any(async || (StatusCode::IM_A_TEAPOT, "checked"))
        .layer::<_, std::convert::Infallible>(validate);
    let app = Router::new()
        .route("/tower-http", checked)
        .route("/axum-extra", any(who))
        .layer(after_prefix());
    let port = serve(app).await;
    let cases = [
        "chat, bearer.open.sesame => 418 checked",
        "chat, bearer.sesame => 401 ",
        "chat => 401 ",
    ];
    check(port, "/tower-http", found, &cases).await;
    let cases = [
        "bearer.open.sesame => 418 open.sesame",
        "chat => 400 Header of type `authorization` was missing",
    ];
    check(port, "/axum-extra", found, &cases).await;
}

#[tokio::test]
async fn c6_a_layer_of_the_same_shape_has_nothing_left_to_do() {
    async fn add_offer(mut request: AxumRequest) -> AxumRequest {
        let offer = HeaderValue::from_static("bearer.b, bearer.c");
        request.headers_mut().append(SEC_WEBSOCKET_PROTOCOL, offer);
        request
    }

    let other_target = after_prefix().header("x-tenant");
    let app = Router::new()
        .route("/", any(tell))
        .layer(other_target)
        .layer(map_request(add_offer))
        .layer(after_prefix());
    let port = serve(app).await;
    let cases = [
        "chat, bearer.a => chat|bearer.b, bearer.c; !Bearer a",
        // Whatever came of it.
        "chat => chat|bearer.b, bearer.c; -",
    ];
    check(port, "/", found, &cases).await;

    let cases = ["chat, bearer. => chat; -"];
    check_found([after_prefix(), ignoring(after_prefix())], &cases).await;
}

#[tokio::test]
async fn c6_a_layer_of_another_shape_adds_nothing_to_a_header_that_is_listed() {
    let cases = [
        "chat, bearer.a, b64.Yg => chat; !Bearer a",
        "chat, b64.Yg => chat; !Bearer b",
        // It is checked all the same.
        "chat, bearer.a, b64.= => 400 The credential in Sec-WebSocket-Protocol is not base64…",
    ];
    check_found([encoded(), after_prefix()], &cases).await;

    // The header that is listed stays, whatever scheme it has.
    let token = OfferedCredentialLayer::after_name("token").scheme("Token");
    let cases = ["token, t, bearer.a => token; !Bearer a"];
    check_found([token, after_prefix()], &cases).await;
}

#[test]
fn c6_a_test_can_make_the_mark() {
    let marked = CredentialFromOffers::from_iter([AUTHORIZATION]);
    assert!(marked.contains(&AUTHORIZATION) && !marked.contains(&UPGRADE));

    let request = inward(&tenant(), handshake(&["chat, tenant.t"])).unwrap();
    let expected = CredentialFromOffers::from_iter([HeaderName::from_static("x-tenant")]);
    assert_eq!(request.extensions().get(), Some(&expected));
    let request = inward(&tenant(), handshake(&["chat"])).unwrap();
    assert_eq!(request.extensions().get::<CredentialFromOffers>(), None);
}

#[tokio::test]
async fn c7_a_credential_that_is_alone_is_echoed() {
    let echoing = || after_prefix().echo_if_alone();
    let ignoring = ignoring(echoing()).max_len(3);
    let encoded = encoded().echo_if_alone();
    let inside = Router::new().route("/inside", any(tell)).layer(layer());
    let stacked = Router::new()
        .route("/", any(tell))
        .layer(echoing())
        .layer(tenant());
    let app = Router::new()
        .nest("/stacked", stacked)
        .route("/", any(tell).layer(echoing()))
        .route("/off", any(tell).layer(after_prefix()))
        .route("/ignore", any(tell).layer(ignoring))
        .route("/encoded", any(tell).layer(encoded))
        .route("/refuse", any(refuse).layer(echoing()))
        .route("/own", any(headstrong).layer(echoing()))
        .route("/{status}/{upgrade}", any(answer).layer(echoing()))
        .merge(inside.layer(echoing()));
    let port = serve(app).await;
    let echoed = |reply: &Reply| or_dash(reply.selected());
    let cases = [
        "bearer.a => bearer.a",
        ",bearer.a ,| => bearer.a",
        "- => -",
        "chat => -",
        "bearer.a, x => -",
        "bearer.a|a b => -",
        // Not an RFC 9110 token.
        "bearer.a=b => -",
        "bearer.a, bearer.a => 400 There is more than one credential…",
    ];
    check(port, "/", echoed, &cases).await;
    let cases = ["bearer.a => bearer.a", "bearer.a, chat => chat"];
    check(port, "/inside", echoed, &cases).await;
    check(port, "/off", echoed, &["bearer.a => -"]).await;
    // Whether or not it was used.
    let cases = [
        "bearer.abcd => bearer.abcd",
        "bearer. => bearer.",
        "bearer.a, bearer.b => -",
    ];
    check(port, "/ignore", echoed, &cases).await;
    check(port, "/encoded", echoed, &["b64.YQ => b64.YQ"]).await;
    // Only what the innermost layer saw counts.
    let cases = ["bearer.a, tenant.t => bearer.a"];
    check(port, "/stacked", echoed, &cases).await;
    // The reply names a subprotocol, or doesn't complete the handshake.
    check(port, "/own", echoed, &["bearer.a => own|choice"]).await;
    for (over, path, expected) in [
        (Over::Http1, "/refuse", "own"),
        (Over::Http2, "/refuse", "own"),
        (Over::Http1, "/101/-", "bearer.a"),
        (Over::Http1, "/101/h2c", ""),
        (Over::Http1, "/200/websocket", ""),
        (Over::Http2, "/204/-", "bearer.a"),
        (Over::Http2, "/302/-", ""),
    ] {
        let reply = over.handshake(port, path, &["bearer.a"]).await;
        assert_eq!(reply.selected(), expected, "{over:?} {path}");
    }
    let own = [
        (AUTHORIZATION, "Bearer own"),
        (SEC_WEBSOCKET_PROTOCOL, "bearer.a"),
    ];
    for over in BOTH {
        let client = Client::open(over, port, "/", &own).await;
        let reply = client.ok().unwrap().reply;
        assert_eq!(reply.all("x-authorization"), "Bearer own");
        assert_eq!(reply.selected(), "bearer.a");
    }
}

#[test]
fn c7_the_echo_is_sensitive_and_replaces_a_blank_line() {
    for own in [None, Some(" ,")] {
        let complete = |_| {
            let mut reply = switch();
            if let Some(own) = own {
                let own = HeaderValue::from_static(own);
                reply.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, own);
            }
            std::future::ready(Ok::<_, ()>(reply))
        };
        let service = after_prefix().echo_if_alone().layer(service_fn(complete));
        let reply = service.oneshot(handshake(&["bearer.a"])).now_or_never();
        let reply = reply.unwrap().unwrap();
        let lines: Vec<_> = reply
            .headers()
            .get_all(SEC_WEBSOCKET_PROTOCOL)
            .iter()
            .collect();
        assert_eq!(lines, ["bearer.a"], "{own:?}");
        assert!(lines[0].is_sensitive());
    }
}

#[tokio::test]
async fn c8_the_wrong_order_is_a_500_that_says_how_to_swap() {
    let right = Router::new().route("/", any(tell));
    let wrong = right.clone().layer(after_prefix()).layer(layer());
    let app = Router::new()
        .nest("/wrong", wrong.clone())
        .nest("/wrong-inside", wrong.clone().layer(tenant()))
        // Also for a shape that a layer outside has looked at.
        .nest("/wrong-again", wrong.layer(after_prefix()))
        .nest("/right", right.layer(layer()).layer(layer()))
        .layer(after_name());
    let port = serve(app).await;
    let text = CredentialFault::WrongOrder.to_string();
    assert!(text.contains("add the `SubprotocolLayer` first"), "{text}");
    for path in ["/wrong", "/wrong-inside", "/wrong-again"] {
        for offers in ["chat, bearer.a", "chat", "-"] {
            let case = format!("{offers} => 500 {text}");
            check(port, path, found, &[&case]).await;
        }
    }
    let cases = ["chat, bearer, a => chat; !Bearer a"];
    check(port, "/right", found, &cases).await;

    let page = b"GET /wrong HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let reply = http1::Connection::open(port).await.exchange(page).await;
    assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    assert_eq!(reply.body, "Connection header did not include 'upgrade'");
}

/// What the inner service is given, or the response that it is not.
#[expect(clippy::result_large_err, reason = "a test may move a response")]
fn inward(
    layer: &OfferedCredentialLayer,
    request: Request<()>,
) -> Result<Request<()>, Response<Full<Bytes>>> {
    let mut inward = None;
    let service = layer.layer(service_fn(|request: Request<()>| {
        inward = Some(request);
        std::future::ready(Ok::<_, ()>(switch()))
    }));
    let response = service.oneshot(request).now_or_never().unwrap().unwrap();
    inward.ok_or(response)
}

fn handshake(offers: &[&'static str]) -> Request<()> {
    let mut request = Request::new(());
    let headers = request.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    for offer in offers {
        headers.append(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offer));
    }
    request
}

fn switch() -> Response<Full<Bytes>> {
    let mut reply = Response::default();
    *reply.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    reply
}

#[test]
fn r10_a_credential_is_marked_and_nowhere_shown() {
    for (layer, offers) in [
        (after_prefix(), &["chat, bearer.secret"][..]),
        (after_name(), &["bearer", "secret"]),
        (tenant(), &["tenant.secret"]),
    ] {
        let request = inward(&layer, handshake(offers)).unwrap();
        let debug = format!("{request:?}");
        assert!(debug.contains("Sensitive"), "{debug}");
        assert!(!debug.contains("secret"), "{debug}");
        let offered = OfferedSubprotocols::from_headers(request.headers());
        assert!(offered.iter().all(|name| !name.contains("secret")));
    }
}

/// Adds headers until only `free` more fit.
fn fill(headers: &mut http::HeaderMap, free: usize) {
    for number in 0..24_576 - headers.keys_len() - free {
        let name: HeaderName = format!("x-{number}").parse().unwrap();
        let _ = headers.try_insert(name, HeaderValue::from_static(""));
    }
}

#[test]
fn a_full_map_of_headers_is_rejected_and_never_a_panic() {
    for (offers, free, goes_on) in [
        (&["chat, bearer.a"][..], 0, false),
        (&["chat", "bearer.a"], 0, false),
        (&["chat, bearer.a"], 1, true),
        (&["chat", "bearer.a"], 1, true),
        // The header that is gone leaves room.
        (&["bearer.a"], 0, true),
    ] {
        let mut request = handshake(offers);
        fill(request.headers_mut(), free);
        let ignored = inward(&ignoring(after_prefix()), request.clone()).unwrap();
        match inward(&after_prefix(), request) {
            Ok(request) => assert_eq!(request.headers()[AUTHORIZATION], "Bearer a"),
            Err(response) => {
                let rejection: &CredentialRejection = response.extensions().get().unwrap();
                assert_eq!(rejection.fault(), CredentialFault::NoRoom);
                assert!(!goes_on, "{offers:?} {free}");
            }
        }
        assert_eq!(ignored.headers().contains_key(AUTHORIZATION), goes_on);
        let offered = OfferedSubprotocols::from_headers(ignored.headers());
        assert!(!offered.contains("bearer.a"));
    }

    let echoing = after_prefix().echo_if_alone();
    let service = echoing.layer(service_fn(|_| {
        let mut reply = switch();
        fill(reply.headers_mut(), 0);
        std::future::ready(Ok::<_, ()>(reply))
    }));
    let reply = service.oneshot(handshake(&["bearer.a"])).now_or_never();
    let reply = reply.unwrap().unwrap();
    assert!(!reply.headers().contains_key(SEC_WEBSOCKET_PROTOCOL));
}
