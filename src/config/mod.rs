//! Reading layers, enums and names with serde.

mod credential;
mod layer;
pub(crate) mod name;
pub(crate) mod variants;
