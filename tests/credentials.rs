//! The rules for credentials, as a client sees them. The unit tests and the harness
//! compare far more handshakes with the rules, without a network.

use axum::{
    Router,
    extract::{Request, ws::WebSocketUpgrade},
    response::IntoResponse,
    routing::any,
};
use axum_subprotocol::{
    CredentialFromOffers, Encoding, Malformed, OfferedCredentialLayer, SubprotocolLayer,
};
use http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use tower::ServiceExt;

use crate::support::{
    Reply,
    app::{names_its_own, tell},
    check::{check, or_dash},
    http1,
    panics::assert_panics,
    serve,
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

fn layer() -> SubprotocolLayer {
    SubprotocolLayer::new(["chat", "bearer"])
}

/// What a handler finds: the list, `Authorization` and `x-tenant`. What is sensitive
/// must be listed as coming from offers, and nothing else.
fn found(reply: &Reply) -> String {
    let [list, authorization, tenant] =
        ["x-inward", "x-authorization", "x-tenant"].map(|name| or_dash(reply.all(name)));
    let from_offers = reply.all("x-from-offers");
    let listed = |name| from_offers.contains(name);
    assert_eq!(authorization.starts_with('!'), listed("authorization"));
    assert_eq!(tenant.starts_with('!'), listed("x-tenant"));
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
async fn c2_c4_c5_each_shape_is_moved_to_its_header() {
    let cases = [
        "chat => chat; -",
        "bearer.a => -; !Bearer a",
        "a b ,bearer.aZ/9==|\"x\" => a b|\"x\"; !Bearer aZ/9==",
        "bearer., Bearer.a, bearer => 400 The credential in Sec-WebSocket-Protocol is empty…",
    ];
    check_found([after_prefix()], &cases).await;
    let cases = ["x, bearer||aZ/9==, chat => x, bearer||chat; !Bearer aZ/9=="];
    check_found([after_name()], &cases).await;
    // Longer prefixes stand outside shorter ones, and prefixes outside names.
    let longer = OfferedCredentialLayer::after_prefix("bearer.t.").header("x-tenant");
    let cases = ["bearer.t.t, bearer.a => -; !Bearer a; !t"];
    check_found([after_prefix(), longer], &cases).await;
    let name = after_name().header("x-tenant");
    let cases = ["bearer, bearer.a, t => bearer; !Bearer a; !t"];
    check_found([name, after_prefix()], &cases).await;
}

#[tokio::test]
async fn c2_a_bare_token_is_moved_and_names_are_not() {
    let bare = OfferedCredentialLayer::bare;
    let chat = SubprotocolLayer::new(["chat", "v2"]);
    let cases = ["eyJh.eyJz.sig => -; !Bearer eyJh.eyJz.sig"];
    check_found([bare()], &cases).await;
    let cases = ["v2|a , chat => v2|chat; !Bearer a"];
    check_found([bare().except(chat.supported())], &cases).await;
    // Two bare layers have one shape, whatever they except.
    let inner = bare().except(["x"]).header("x-tenant");
    check_found(
        [inner, bare().except(["chat"])],
        &["a, chat => chat; !Bearer a"],
    )
    .await;
    // The bare shape is the innermost.
    let inner = bare().except(["chat"]).header("x-tenant");
    let cases = ["t, bearer.a, chat => chat; !Bearer a; !t"];
    check_found([inner, after_prefix()], &cases).await;
}

#[tokio::test]
async fn c3_an_encoded_token_is_decoded() {
    let base64 = tenant().encoding(Encoding::Base64);
    let percent = after_prefix().encoding(Encoding::Percent);
    let undecodable = "400 The credential in Sec-WebSocket-Protocol can't be decoded.";
    let cases = [
        "bearer.a%2Fb%3D, x => x; !Bearer a/b=",
        // `Acme Corp, Inc.`
        "tenant.QWNtZSBDb3JwLCBJbmMu => -; -; !Acme Corp, Inc.",
        &format!(
            "bearer.a%2 => {undecodable} Percent-encode the token as in RFC 3986 section 2.1, \
             with two hex digits after each `%`."
        ),
        &format!(
            "tenant.YQ= => {undecodable} Encode the token in base64 as in RFC 4648 section 4 \
             or 5, with all of its padding or none."
        ),
    ];
    check_found([percent, base64], &cases).await;
}

#[tokio::test]
async fn c3_a_fault_is_a_400_or_ignored() {
    let ignoring = after_prefix().malformed(Malformed::Ignore);
    let app = Router::new()
        .route("/", any(tell).layer(after_prefix()))
        .route("/ignore", any(tell).layer(ignoring));
    let port = serve(app).await;
    let longest = "a".repeat(8 * 1024);
    let fits = format!("bearer.{longest} => -; !Bearer {longest}");
    check(port, "/", found, &[&fits]).await;
    let in_header = "in Sec-WebSocket-Protocol";
    for (faulty, text) in [
        (
            &*format!("bearer.{longest}a"),
            format!(
                "The credential {in_header} is too long: the limit here is 8192 bytes. Send a \
                 shorter token."
            ),
        ),
        (
            "bearer.\u{e9}",
            format!(
                "The credential {in_header} contains a character that is not allowed in its \
                 header. In Authorization, send visible ASCII without commas; in another header, \
                 UTF-8 without control characters, and without blanks at the ends."
            ),
        ),
        (
            "bearer.a|bearer.",
            format!("There is more than one credential {in_header}. Send one."),
        ),
    ] {
        let rejected = format!("x|{faulty} => 400 {text}");
        check(port, "/", found, &[&rejected]).await;
        check(port, "/ignore", found, &[&format!("x|{faulty} => x; -")]).await;
    }
}

#[test]
fn c5_settings_panic_at_their_callers_location() {
    type Case = (&'static str, fn() -> OfferedCredentialLayer);

    let cases: [Case; 7] = [
        ("header", || after_name().header("te")),
        ("scheme", || tenant().scheme("Token")),
        ("except", || after_name().except(["chat"])),
        ("except", || OfferedCredentialLayer::bare().except([""; 0])),
        ("echo_if_alone", || after_name().echo_if_alone()),
        ("after_prefix", || OfferedCredentialLayer::after_prefix("")),
        ("after_name", || OfferedCredentialLayer::after_name("a b")),
    ];
    for (method, construct) in cases {
        let message = format!("OfferedCredentialLayer::{method}: ");
        assert_panics(&message, construct);
    }
}

#[tokio::test]
async fn c6_a_layer_of_another_shape_adds_nothing_to_a_header_that_is_listed() {
    let token = OfferedCredentialLayer::after_name("token").scheme("Token");
    let cases = [
        "token, t, bearer.a => token; !Bearer a",
        // It is checked all the same.
        "token, a b, bearer.a => 400 The credential in Sec-WebSocket-Protocol contains…",
    ];
    check_found([token, after_prefix()], &cases).await;
    // A layer of the same shape has nothing left to do.
    let cases = [
        "bearer, a, bearer => bearer, bearer; !Bearer a",
        "bearer, bearer, a => bearer, a; !Bearer bearer",
    ];
    check_found([after_name(), after_name()], &cases).await;
}

#[tokio::test]
async fn c6_a_request_that_the_program_sends_through_its_router_again_passes() {
    let layers = |router: Router| router.layer(layer()).layer(after_prefix());
    let app = layers(Router::new().route("/chat", any(tell)));
    let english = app.clone();
    let fallback = async move |mut request: Request| {
        let path = request
            .uri()
            .path()
            .strip_prefix("/en")
            .unwrap_or("/")
            .to_owned();
        *request.uri_mut() = path.parse().unwrap();
        english.oneshot(request).await.into_response()
    };
    let port = serve(layers(Router::new().merge(app).fallback(fallback))).await;
    let cases = ["chat, bearer.a => chat; !Bearer a", "chat => chat; -"];
    check(port, "/chat", found, &cases).await;
    check(port, "/en/chat", found, &cases).await;
}

#[test]
fn c6_a_test_can_make_the_mark() {
    let marked = CredentialFromOffers::from_iter([AUTHORIZATION]);
    assert!(marked.contains(&AUTHORIZATION) && !marked.contains(&UPGRADE));
}

#[tokio::test]
async fn c7_a_credential_that_is_alone_is_echoed() {
    let stacked = any(tell).layer((tenant(), after_prefix().echo_if_alone()));
    let bare = OfferedCredentialLayer::bare().encoding(Encoding::Percent);
    let ignoring = after_prefix().malformed(Malformed::Ignore).max_len(16);
    let blank =
        async |ws: WebSocketUpgrade| ([(SEC_WEBSOCKET_PROTOCOL, ",")], ws.on_upgrade(|_| async {}));
    let app = Router::new()
        .route("/", any(tell))
        .route("/own", any(names_its_own))
        .route("/blank", any(blank))
        .layer(after_prefix().echo_if_alone())
        .route("/off", any(tell).layer(after_prefix()))
        .route("/bare", any(tell).layer(bare.echo_if_alone()))
        .route("/ignore", any(tell).layer(ignoring.echo_if_alone()))
        .route("/stacked", stacked);
    let port = serve(app).await;
    let echoed = |reply: &Reply| or_dash(reply.selected());
    let cases = [
        ",bearer.a ,| => bearer.a",
        "bearer.a, x => -",
        // Not an RFC 9110 token.
        "bearer.a=b => -",
    ];
    check(port, "/", echoed, &cases).await;
    let cases = ["a%2Fb => a%2Fb", "a, x => 400 There is more…"];
    check(port, "/bare", echoed, &cases).await;
    // A credential with a fault isn't echoed. The prefix alone is.
    let too_long = format!("bearer.{} => -", "a".repeat(17));
    let cases = [
        &*too_long,
        "bearer.a => bearer.a",
        "bearer. => bearer.",
        "bearer.a|bearer.b => -",
    ];
    check(port, "/ignore", echoed, &cases).await;
    check(port, "/own", echoed, &["bearer.a => own|choice"]).await;
    // A blank line names no subprotocol.
    check(port, "/blank", echoed, &["bearer.a => bearer.a"]).await;
    check(port, "/off", echoed, &["bearer.a => -"]).await;
    // Only what the innermost layer saw counts.
    let cases = ["bearer.a, tenant.t => bearer.a"];
    check(port, "/stacked", echoed, &cases).await;
}

#[tokio::test]
async fn c8_the_wrong_order_is_a_500_that_says_how_to_swap() {
    let right = Router::new().route("/", any(tell));
    let wrong = right.clone().layer(after_prefix()).layer(layer());
    let app = Router::new()
        .nest("/wrong", wrong.clone())
        // C6 comes first: a layer outside has already looked for this shape.
        .nest("/looked-at", wrong.layer(after_prefix()))
        .nest("/right", right.layer(layer()).layer(layer()))
        .layer(after_name());
    let port = serve(app).await;
    let text = "`OfferedCredentialLayer` is inside a `SubprotocolLayer`, where the client's offers \
                are already gone. The `OfferedCredentialLayer` must be the outermost: a request \
                must meet it first. On an axum router, add it last; in a tuple or a \
                `ServiceBuilder`, write it first. A request…";
    for offers in ["chat, bearer.a", "-"] {
        let case = format!("{offers} => 500 {text}");
        check(port, "/wrong", found, &[&case]).await;
    }
    let cases = ["chat, bearer.a => chat; !Bearer a", "chat => chat; -"];
    check(port, "/looked-at", found, &cases).await;
    let cases = ["chat, bearer, a => chat; !Bearer a"];
    check(port, "/right", found, &cases).await;

    let page = b"GET /wrong HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let reply = http1::Connection::open(port).await.exchange(page).await;
    assert_eq!(reply.selected(), "own");
}
