//! What clients send.

use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Request,
    header::{
        CONNECTION, HOST, ORIGIN, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
        UPGRADE, USER_AGENT,
    },
};
use hyper::upgrade::OnUpgrade;

/// One row of the report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) title: &'static str,
    pub(crate) is_handshake: bool,
    /// The instances of `Sec-WebSocket-Protocol`: a text, and how often it is
    /// repeated.
    offers: &'static [(&'static str, usize)],
    /// How many names the server supports.
    pub(crate) supported: usize,
}

const KIB_60: usize = 60 * 1024;

const HANDSHAKE: Shape = Shape {
    title: "nothing offered",
    is_handshake: true,
    offers: &[],
    supported: 2,
};

const TWO_NAMES: Shape = Shape {
    title: "`graphql-ws, graphql-transport-ws`",
    offers: &[("graphql-ws, graphql-transport-ws", 1)],
    ..HANDSHAKE
};

pub(crate) const SHAPES: [Shape; 9] = [
    Shape {
        title: "plain GET",
        is_handshake: false,
        ..HANDSHAKE
    },
    HANDSHAKE,
    Shape {
        title: "one name",
        offers: &[("graphql-ws", 1)],
        ..HANDSHAKE
    },
    TWO_NAMES,
    Shape {
        title: "the same, 64 names supported",
        supported: 64,
        ..TWO_NAMES
    },
    Shape {
        title: "three instances",
        offers: &[("soap", 1), ("graphql-ws", 1), ("graphql-transport-ws", 1)],
        ..HANDSHAKE
    },
    Shape {
        title: "60 KiB of `a,a,…`",
        offers: &[("a,", KIB_60 / 2)],
        ..HANDSHAKE
    },
    Shape {
        title: "60 KiB of commas",
        offers: &[(",", KIB_60)],
        ..HANDSHAKE
    },
    Shape {
        title: "60 KiB of one name",
        offers: &[("a", KIB_60)],
        ..HANDSHAKE
    },
];

impl Shape {
    /// Whether it is too large to be sent often.
    pub(crate) fn is_hostile(self) -> bool {
        self.offers.iter().any(|(_, times)| *times > 1)
    }
}

/// The names that a server supports, the two that clients want first.
pub(crate) fn supported(count: usize) -> Vec<String> {
    let wanted = ["graphql-transport-ws", "graphql-ws"].map(str::to_owned);
    let others = (2..).map(|number| format!("graphql-ws-{number:02}"));
    wanted.into_iter().chain(others).take(count).collect()
}

/// Sends requests of one shape, all alike.
pub(crate) struct Client {
    is_handshake: bool,
    offers: Vec<HeaderValue>,
    on_upgrade: OnUpgrade,
}

impl Client {
    pub(crate) fn new(shape: Shape) -> Self {
        let offers = shape.offers.iter().map(|(text, times)| {
            let value = HeaderValue::from_maybe_shared(Bytes::from(text.repeat(*times)));
            value.expect("offers are visible")
        });
        let client = Self {
            is_handshake: shape.is_handshake,
            offers: offers.collect(),
            on_upgrade: hyper::upgrade::on(Request::new(())),
        };
        // From its first clone on, a value is part of a shared buffer, as those
        // are that a server reads.
        drop(client.request());
        client
    }

    /// A client that sends the same, and offers nothing.
    pub(crate) fn offering_nothing(shape: Shape) -> Self {
        Self::new(Shape {
            offers: &[],
            ..shape
        })
    }

    pub(crate) fn request(&self) -> Request<()> {
        const COMMON: [(HeaderName, &str); 3] = [
            (HOST, "example.com"),
            (USER_AGENT, "Mozilla/5.0"),
            (ORIGIN, "https://example.com"),
        ];
        const OF_HANDSHAKES: [(HeaderName, &str); 4] = [
            (UPGRADE, "websocket"),
            (CONNECTION, "Upgrade"),
            (SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ=="),
            (SEC_WEBSOCKET_VERSION, "13"),
        ];

        let mut request = Request::new(());
        request.extensions_mut().insert(self.on_upgrade.clone());
        let headers = request.headers_mut();
        headers.reserve(16);
        let common = COMMON.into_iter();
        let of_handshakes = OF_HANDSHAKES.into_iter().filter(|_| self.is_handshake);
        for (name, value) in common.chain(of_handshakes) {
            headers.insert(name, HeaderValue::from_static(value));
        }
        for offer in &self.offers {
            headers.append(SEC_WEBSOCKET_PROTOCOL, offer.clone());
        }
        request
    }
}
