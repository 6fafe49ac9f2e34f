//! Reading the layers with serde.

mod credential_layer;
mod subprotocol_layer;
