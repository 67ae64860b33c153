//! Signing: the port through which a key is used, and the formats that carry its signatures.
//! It refuses to hold a private key, to make one, and to hand out a signature its certificate does not confirm.

pub(crate) mod der;
pub(crate) mod jar;
pub(crate) mod scheme;
pub(crate) mod x509;

use thiserror::Error;
use x509::{Certificate, CertificateError};

/// A private RSA key somewhere: in memory, in a vault, in hardware. Several threads may ask it at once.
pub trait Sign: Sync {
    /// The RSASSA-PKCS1-v1_5 signature with SHA-256 (RFC 8017 §8.2) of `message`, which is not hashed yet.
    /// The scheme is deterministic, and so are the packages.
    ///
    /// # Errors
    /// [`SignError`] when the key cannot be used now; its text must not contain a secret.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// The key behind a [`Sign`] port could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the signing key cannot be used: {0}")]
pub struct SignError(pub String);

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SigningError {
    #[error(transparent)]
    Key(#[from] SignError),
    #[error(
        "the signing key does not belong to the certificate; every release of an app is signed with the same key"
    )]
    KeyMismatch,
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

/// A key together with the certificate that speaks for it.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    key: &'a dyn Sign,
    certificate: &'a Certificate,
}

impl<'a> Signer<'a> {
    #[must_use]
    pub fn new(key: &'a dyn Sign, certificate: &'a Certificate) -> Self {
        Self { key, certificate }
    }

    #[must_use]
    pub fn certificate(&self) -> &'a Certificate {
        self.certificate
    }

    /// Signs, and checks the signature with the certificate's public key: a wrong key or a faulty one never gets out.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let signature = self.key.sign(message)?;
        if self.certificate.confirms(message, &signature) {
            Ok(signature)
        } else {
            Err(SigningError::KeyMismatch)
        }
    }
}

impl std::fmt::Debug for Signer<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Signer").field("certificate", self.certificate).finish_non_exhaustive()
    }
}
