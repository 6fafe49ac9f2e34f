//! The credential layer: finding, checking, removing, adding (C1 to C8).

mod add;
mod check;
mod find;
mod future;
mod layer;
mod mark;
mod remove;
mod service;
mod settings;
mod take;
mod target;

pub(crate) use self::{find::Shape, settings::Settings, target::Target};
pub use self::{
    future::OfferedCredentialFuture, layer::OfferedCredentialLayer, mark::CredentialFromOffers,
    service::OfferedCredentialService,
};
