//! What the layers are told, and how they are stacked.

use axum_subprotocol::{Malformed, OfferedCredential, SubprotocolLayer};

use crate::token;

/// What a layer is told.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// The supported names; or if the choice `is_by_code`, what the function knows.
    pub names: &'static [&'static str],
    pub is_by_code: bool,
    pub shapes: &'static [Shape],
    pub malformed: Malformed,
    pub max_offers: usize,
}

/// Where a credential is.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Prefix(&'static str),
    Base64Url(&'static str),
    Name(&'static str),
}

/// Of a token, in bytes.
pub const MAX_LEN: usize = 3;

const NAMES: &[&str] = &["bearer", "chat"];
const PREFIXES: &[Shape] = &[Shape::Prefix("bearer."), Shape::Base64Url("b64.")];
const ALL: &[Shape] = &[
    Shape::Prefix("bearer."),
    Shape::Base64Url("b64."),
    Shape::Name("bearer"),
];

const PLAIN: Told = Told {
    names: NAMES,
    is_by_code: false,
    shapes: &[],
    malformed: Malformed::Reject,
    max_offers: 64,
};
const TAKES_PREFIXED: Told = Told {
    shapes: PREFIXES,
    ..PLAIN
};
const TAKES_ALL: Told = Told {
    shapes: ALL,
    ..PLAIN
};
const BY_CODE: Told = Told {
    is_by_code: true,
    ..TAKES_ALL
};
const NON_TOKENS: Told = Told {
    names: &["a=", "bearer", "chat"],
    ..TAKES_ALL
};

/// From the outermost layer to the innermost.
const STACKS: [&[Told]; 9] = [
    &[TAKES_ALL],
    &[BY_CODE],
    &[NON_TOKENS],
    &[PLAIN, TAKES_ALL],
    &[TAKES_ALL, PLAIN],
    &[TAKES_ALL, TAKES_ALL],
    &[TAKES_ALL, TAKES_PREFIXED],
    &[TAKES_PREFIXED, TAKES_ALL],
    &[TAKES_PREFIXED, BY_CODE],
];

/// All stacks, in both modes, with limits above and below what is sent.
pub fn stacks() -> impl Iterator<Item = Vec<Told>> {
    let modes = [Malformed::Reject, Malformed::Ignore];
    let outer_modes = modes
        .into_iter()
        .flat_map(move |outer| modes.map(|inner| (outer, inner)));
    let policies =
        outer_modes.flat_map(|modes| [0, 1, 2, 64].map(|max_offers| (modes, max_offers)));
    policies.flat_map(|((outer, inner), max_offers)| {
        let told = STACKS
            .iter()
            .filter(move |stack| stack.len() > 1 || outer == inner);
        told.map(move |stack| {
            let mut stack = stack.to_vec();
            stack[0].malformed = outer;
            // What an outer layer rejects gets no further.
            let innermost = stack.last_mut().unwrap();
            innermost.malformed = inner;
            innermost.max_offers = max_offers;
            stack
        })
    })
}

impl Told {
    pub fn layer(&self) -> SubprotocolLayer {
        let names = self.names;
        let layer = if self.is_by_code {
            SubprotocolLayer::from_fn(move |offered, _| {
                offered.iter().find(|name| names.contains(name))
            })
        } else {
            SubprotocolLayer::new_with_non_tokens(names)
        };
        let shapes = self.shapes.iter().map(|shape| match *shape {
            Shape::Prefix(prefix) => OfferedCredential::after_prefix(prefix),
            Shape::Base64Url(prefix) => OfferedCredential::base64url_after_prefix(prefix),
            Shape::Name(name) => OfferedCredential::after_name(name),
        });
        shapes
            .map(|credential| credential.max_len(MAX_LEN))
            .fold(layer, SubprotocolLayer::credential)
            .malformed(self.malformed)
            .max_offers(self.max_offers)
    }

    /// Whether `text` can be an offer.
    pub fn is_offer(&self, text: &str) -> bool {
        token::is_token(text) || self.is_configured(text)
    }

    /// Whether `text` is no token that a name announces, but a name itself.
    pub fn is_name(&self, text: &str) -> bool {
        self.is_configured(text) || self.announcement(text).is_some()
    }

    /// A function's names aren't known.
    fn is_configured(&self, text: &str) -> bool {
        !self.is_by_code && self.names.contains(&text)
    }

    /// The shape that begins like `text`, and the rest of it.
    pub fn prefix<'a>(&self, text: &'a str) -> Option<(Shape, &'a str)> {
        self.shapes.iter().find_map(|shape| match shape {
            Shape::Prefix(prefix) | Shape::Base64Url(prefix) => {
                Some((*shape, text.strip_prefix(prefix)?))
            }
            Shape::Name(_) => None,
        })
    }

    /// The shape that `text` announces.
    pub fn announcement(&self, text: &str) -> Option<Shape> {
        let announces = |shape: &&Shape| matches!(shape, Shape::Name(name) if *name == text);
        self.shapes.iter().find(announces).copied()
    }
}
