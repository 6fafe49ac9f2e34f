//! What `OfferedCredentialLayer` is and does (C1 to C8).

pub(crate) mod from_offers;
pub(crate) mod layer;
pub(crate) mod shape;
pub(crate) mod take;
