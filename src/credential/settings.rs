//! What a layer is configured with.

use super::{find::Shape, target::Target};
use crate::{
    error::{ConfigError, Fault},
    negotiate::Malformed,
    rejection::CredentialFault,
};

/// The shape of the credential, and what happens to it.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) shape: Shape,
    pub(crate) base64url: bool,
    pub(crate) max_len: usize,
    pub(crate) malformed: Malformed,
    pub(super) target: Target,
    pub(super) echo_if_alone: bool,
}

impl Settings {
    pub(crate) const MAX_LEN: usize = 8 * 1024;

    pub(crate) fn new(shape: Shape) -> Self {
        Self {
            shape,
            base64url: false,
            max_len: Self::MAX_LEN,
            malformed: Malformed::default(),
            target: Target::default(),
            echo_if_alone: false,
        }
    }

    /// Sets the scheme, or the header. The last scheme or header counts, and the two
    /// exclude each other.
    pub(crate) fn set_target(&mut self, target: Target) -> Result<(), ConfigError> {
        match (&self.target, &target) {
            (Target::Scheme(_), Target::Header(_)) | (Target::Header(_), Target::Scheme(_)) => {
                Err(Fault::SchemeAndHeader.into())
            }
            _ => {
                self.target = target;
                Ok(())
            }
        }
    }

    /// A fault rejects the handshake, or is ignored (C3).
    pub(super) fn tolerate<T>(
        &self,
        result: Result<T, CredentialFault>,
    ) -> Result<Option<T>, CredentialFault> {
        match (result, self.malformed) {
            (Ok(value), _) => Ok(Some(value)),
            (Err(fault), Malformed::Reject) => Err(fault),
            #[cfg_attr(not(feature = "tracing"), expect(unused_variables))]
            (Err(fault), Malformed::Ignore) => {
                #[cfg(feature = "tracing")]
                crate::trace::credential_ignored(fault);
                Ok(None)
            }
        }
    }

    pub(crate) fn set_echo(&mut self) -> Result<(), ConfigError> {
        if let Shape::AfterName(_) = self.shape {
            return Err(Fault::EchoAfterName.into());
        }
        self.echo_if_alone = true;
        Ok(())
    }
}
