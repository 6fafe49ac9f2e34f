//! The layers of a stack.

use arbitrary::Arbitrary;
use axum_subprotocol::{
    Encoding, Malformed, OfferedCredentialLayer,
    Preference::{self, Client, Server},
    Require::{self, Always, IfOffered, Never},
    Subprotocol, SubprotocolLayer,
};
use http::{HeaderName, header::AUTHORIZATION};

use super::{
    Middleware,
    generate::{Source, credential_name, encoding, except, malformed, name, names, one_of, prefix},
};

/// The header that `Destination::Header` fills.
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

/// A name for a layer.
fn subprotocol(name: &&'static str) -> Subprotocol {
    match name.parse() {
        Ok(token) => token,
        Err(_) => Subprotocol::non_token_from_static(name),
    }
}

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
    pub choice: Choice,
    #[arbitrary(with = |source: Source<'_, '_>| one_of(source, &[Never, Never, IfOffered, Always]))]
    pub require: Require,
    #[arbitrary(with = malformed)]
    pub malformed: Malformed,
    #[arbitrary(with = |source: Source<'_, '_>| one_of(source, &[64, 64, usize::MAX, 7, 5, 3, 2, 1, 0]))]
    pub max_offers: usize,
}

/// How a `SubprotocolLayer` selects.
#[derive(Arbitrary, Clone, Debug)]
pub enum Choice {
    Names {
        #[arbitrary(with = names)]
        names: Vec<&'static str>,
        #[arbitrary(with = |source: Source<'_, '_>| one_of(source, &[Client, Server]))]
        preference: Preference,
    },
    ByFunction(Pick),
}

/// A function that selects one of `NAMES`.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Pick {
    First,
    Last,
    /// The first one, and the last one if the request is sent again.
    LastOnRetry,
    /// This name, whether it is offered or not.
    Always(#[arbitrary(with = name)] &'static str),
}

impl Pick {
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
            choice: Choice::Names {
                names: names.to_vec(),
                preference: Client,
            },
            require: Never,
            malformed: Malformed::Reject,
            max_offers: 64,
        }
    }

    pub fn layer(&self) -> SubprotocolLayer {
        let layer = match &self.choice {
            Choice::Names { names, preference } => {
                SubprotocolLayer::new(names.iter().map(subprotocol)).prefer(*preference)
            }
            Choice::ByFunction(pick) => {
                let pick = *pick;
                SubprotocolLayer::from_fn(move |offered, head| {
                    let offered: Vec<_> = offered.iter().collect();
                    pick.select(&offered, head.headers.contains_key(RETRY))
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
        match &self.choice {
            Choice::Names { names, .. } => names,
            Choice::ByFunction(_) => &[],
        }
    }
}

/// The configuration of an `OfferedCredentialLayer`.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub struct CredentialConfig {
    pub form: Form,
    #[arbitrary(with = encoding)]
    pub encoding: Encoding,
    pub destination: Destination,
    #[arbitrary(with = |source: Source<'_, '_>| one_of(source, &[8192, 8192, 3, 6, 1, 0]))]
    pub max_len: usize,
    #[arbitrary(with = malformed)]
    pub malformed: Malformed,
    /// Not for a name.
    pub echo_if_alone: bool,
}

/// How clients offer a credential.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq)]
pub enum Form {
    AfterPrefix(#[arbitrary(with = prefix)] &'static str),
    AfterName(#[arbitrary(with = credential_name)] &'static str),
    Bare {
        #[arbitrary(with = except)]
        except: &'static [&'static str],
    },
}

/// Where a layer puts the token.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Destination {
    Bearer,
    /// The scheme `Token`.
    Token,
    /// The header `X_TOKEN`.
    Header,
}

impl CredentialConfig {
    /// The defaults, with tokens of up to three bytes.
    pub const fn new(form: Form) -> Self {
        Self {
            form,
            encoding: Encoding::Plain,
            destination: Destination::Bearer,
            max_len: 3,
            malformed: Malformed::Reject,
            echo_if_alone: false,
        }
    }

    pub fn layer(&self) -> OfferedCredentialLayer {
        let layer = match self.form {
            Form::AfterPrefix(prefix) => OfferedCredentialLayer::after_prefix(prefix),
            Form::AfterName(name) => OfferedCredentialLayer::after_name(name),
            Form::Bare { except: [] } => OfferedCredentialLayer::bare(),
            Form::Bare { except } => {
                OfferedCredentialLayer::bare().except(except.iter().map(subprotocol))
            }
        };
        let layer = layer
            .encoding(self.encoding)
            .max_len(self.max_len)
            .malformed(self.malformed);
        let layer = match self.destination {
            Destination::Bearer => layer,
            Destination::Token => layer.scheme("Token"),
            Destination::Header => layer.header(X_TOKEN),
        };
        if self.echoes() {
            layer.echo_if_alone()
        } else {
            layer
        }
    }

    pub const fn echoes(&self) -> bool {
        self.echo_if_alone && !matches!(self.form, Form::AfterName(_))
    }
}

impl Destination {
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
