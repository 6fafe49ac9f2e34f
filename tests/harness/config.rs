//! The layers of a stack, and the middleware between them.

use arbitrary::Arbitrary;
use axum_subprotocol::{
    Malformed, OfferedCredentialLayer,
    Preference::{self, Client, Server},
    Require::{self, Always, IfOffered, Never},
    Subprotocol, SubprotocolLayer,
};
use http::{HeaderName, HeaderValue, Response, StatusCode, header::AUTHORIZATION};

use super::{
    Handler, Line,
    generate::{
        Source, credential_name, malformed, name, names, one_of, prefix, reply_line,
        request_header, request_line, status,
    },
};

/// The header that `Target::Header` fills.
pub const X_TOKEN: HeaderName = HeaderName::from_static("x-token");

/// The header of a request that is sent again.
pub const RETRY: HeaderName = HeaderName::from_static("x-retry");

/// The names that layers support. One is not a token.
pub const NAMES: [&str; 8] = [
    "v1",
    "v2",
    "V1",
    "v",
    "bearer",
    "bearer.t",
    "v/0",
    "!#$%&'*+-.^_`|~",
];

/// A layer, or middleware between layers.
#[derive(Arbitrary, Clone, Debug)]
pub enum Piece {
    Subprotocol(SubprotocolConfig),
    Credential(CredentialConfig),
    Middleware(Middleware),
}

/// The configuration of a `SubprotocolLayer`.
#[derive(Arbitrary, Clone, Debug)]
pub struct SubprotocolConfig {
    pub selector: Selector,
    #[arbitrary(with = |source: Source<'_, '_>| one_of(source, &[Never, Never, IfOffered, Always]))]
    pub require: Require,
    #[arbitrary(with = malformed)]
    pub malformed: Malformed,
    #[arbitrary(with = |source: Source<'_, '_>| one_of(source, &[64, 64, usize::MAX, 7, 5, 3, 2, 1, 0]))]
    pub max_offers: usize,
}

#[derive(Arbitrary, Clone, Debug)]
pub enum Selector {
    Names {
        #[arbitrary(with = names)]
        names: Vec<&'static str>,
        #[arbitrary(with = |source: Source<'_, '_>| one_of(source, &[Client, Server]))]
        preference: Preference,
    },
    Function(Function),
}

/// A function that selects one of `NAMES`.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Function {
    First,
    Last,
    /// The first one, and the last one if the request is sent again.
    LastOnRetry,
    /// This name, whether it is offered or not.
    Always(#[arbitrary(with = name)] &'static str),
}

impl Function {
    pub fn select<'a>(self, offered: &[&'a str], is_retry: bool) -> Option<&'a str> {
        let mut known = offered.iter().copied().filter(|name| NAMES.contains(name));
        match self {
            Self::Always(name) => Some(name),
            Self::LastOnRetry if is_retry => known.next_back(),
            Self::Last => known.next_back(),
            Self::First | Self::LastOnRetry => known.next(),
        }
    }
}

impl SubprotocolConfig {
    /// The defaults.
    pub fn new(names: &[&'static str]) -> Self {
        Self {
            selector: Selector::Names {
                names: names.to_vec(),
                preference: Client,
            },
            require: Never,
            malformed: Malformed::Reject,
            max_offers: 64,
        }
    }

    pub fn layer(&self) -> SubprotocolLayer {
        let layer = match &self.selector {
            Selector::Names { names, preference } => {
                let name = |name: &&'static str| match name.parse() {
                    Ok(token) => token,
                    Err(_) => Subprotocol::non_token_from_static(name),
                };
                SubprotocolLayer::new(names.iter().map(name)).prefer(*preference)
            }
            Selector::Function(function) => {
                let function = *function;
                SubprotocolLayer::from_fn(move |offered, head| {
                    let offered: Vec<_> = offered.iter().collect();
                    function.select(&offered, head.headers.contains_key(RETRY))
                })
            }
        };
        layer
            .require(self.require)
            .malformed(self.malformed)
            .max_offers(self.max_offers)
    }

    /// The configured names, in the server's order.
    pub fn names(&self) -> &[&'static str] {
        match &self.selector {
            Selector::Names { names, .. } => names,
            Selector::Function(_) => &[],
        }
    }
}

/// The configuration of an `OfferedCredentialLayer`.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct CredentialConfig {
    pub shape: Shape,
    pub base64url: bool,
    pub target: Target,
    #[arbitrary(with = |source: Source<'_, '_>| one_of(source, &[8192, 3, 6, 1, 0]))]
    pub max_len: usize,
    #[arbitrary(with = malformed)]
    pub malformed: Malformed,
    /// Only for a prefix.
    pub echo_if_alone: bool,
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    AfterPrefix(#[arbitrary(with = prefix)] &'static str),
    AfterName(#[arbitrary(with = credential_name)] &'static str),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Target {
    Bearer,
    /// The scheme `Token`.
    Token,
    /// The header `X_TOKEN`.
    Header,
}

impl CredentialConfig {
    /// The defaults, with tokens of up to three bytes.
    pub const fn new(shape: Shape) -> Self {
        Self {
            shape,
            base64url: false,
            target: Target::Bearer,
            max_len: 3,
            malformed: Malformed::Reject,
            echo_if_alone: false,
        }
    }

    pub fn layer(&self) -> OfferedCredentialLayer {
        let layer = match self.shape {
            Shape::AfterPrefix(prefix) => OfferedCredentialLayer::after_prefix(prefix),
            Shape::AfterName(name) => OfferedCredentialLayer::after_name(name),
        };
        let mut layer = layer.max_len(self.max_len).malformed(self.malformed);
        layer = match self.target {
            Target::Bearer => layer,
            Target::Token => layer.scheme("Token"),
            Target::Header => layer.header(X_TOKEN),
        };
        if self.base64url {
            layer = layer.base64url();
        }
        if self.echoes() {
            layer = layer.echo_if_alone();
        }
        layer
    }

    pub const fn echoes(&self) -> bool {
        self.echo_if_alone && matches!(self.shape, Shape::AfterPrefix(_))
    }
}

impl Target {
    pub const fn header(self) -> HeaderName {
        match self {
            Self::Bearer | Self::Token => AUTHORIZATION,
            Self::Header => X_TOKEN,
        }
    }

    pub const fn scheme(self) -> Option<&'static str> {
        match self {
            Self::Bearer => Some("Bearer"),
            Self::Token => Some("Token"),
            Self::Header => None,
        }
    }
}

/// What other middleware does to requests and replies.
#[derive(Arbitrary, Clone, Debug)]
pub enum Middleware {
    /// Sends the request twice, and drops the first reply.
    Retry,
    /// Makes the reply anew from its status and its body.
    RebuildReply,
    SetStatus(#[arbitrary(with = status)] u16),
    AppendToReply(#[arbitrary(with = reply_line)] (HeaderName, Line)),
    AppendToRequest(#[arbitrary(with = request_line)] (HeaderName, Line)),
    RemoveFromRequest(#[arbitrary(with = request_header)] HeaderName),
}

impl Middleware {
    pub fn wrap(&self, mut inner: Handler) -> Handler {
        let middleware = self.clone();
        Box::new(move |mut request| {
            let headers = request.headers_mut();
            match &middleware {
                Self::AppendToRequest((name, line)) => _ = headers.append(name, line.value()),
                Self::RemoveFromRequest(name) => _ = headers.remove(name),
                Self::Retry => {
                    inner(request.clone());
                    let retry = HeaderValue::from_static("");
                    request.headers_mut().append(RETRY, retry);
                }
                _ => {}
            }
            let mut reply = inner(request);
            let status = reply.status();
            match &middleware {
                Self::AppendToReply((name, line)) => {
                    reply.headers_mut().append(name, line.value());
                }
                Self::SetStatus(status) => {
                    *reply.status_mut() = StatusCode::from_u16(*status).expect("a status");
                }
                Self::RebuildReply => {
                    reply = Response::new(reply.into_body());
                    *reply.status_mut() = status;
                }
                _ => {}
            }
            reply
        })
    }
}
