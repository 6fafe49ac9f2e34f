//! What a client offers, how a layer may select, and what is selected.

pub(crate) mod offered;
pub(crate) mod outcome;
pub(crate) mod policy;
pub(crate) mod selected;
