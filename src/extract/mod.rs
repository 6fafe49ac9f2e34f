//! What a handler gets: the axum extractors, and the same without axum.

mod offered;
mod selected;

pub use self::selected::SelectedSubprotocol;
