//! What a handler learns: the axum side of the crate.

mod offered;
pub(crate) mod rejection;
mod selected;

pub use self::selected::SelectedSubprotocol;
