//! Verifies finished packages from their bytes alone, as the last stage of a build and before every delivery.
//! It refuses whatever this builder would not have written for the expected certificate, even if a phone might accept it:
//! more signers, other algorithms, unknown blocks, bytes that no signature covers.

mod apk;
mod bundle;

pub use apk::verify_apk;
pub use bundle::verify_aab;

use crate::sign::x509::Certificate;
use crate::zip::read::ArchiveError;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// SHA-256 of the whole file.
    pub sha256: [u8; 32],
    pub size_bytes: usize,
    pub entries: usize,
    /// The fingerprint of the certificate that signed it ([`Certificate::fingerprint_sha256`]).
    pub signer_sha256: String,
}

/// Why a package is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VerifyError {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("the package lacks \"{0}\"")]
    Missing(&'static str),
    #[error("resources.arsc is compressed; it must be stored, or no phone installs the package")]
    TableCompressed,
    #[error("there are foreign bytes between the entries and the directory of the bundle")]
    ForeignBytes,
    #[error("the package has no signing block")]
    NoSigningBlock,
    #[error("the signing block is damaged, or holds something else than schemes v2 and v3 and padding")]
    SigningBlock,
    #[error("the {0} signer is damaged, or not of the form this builder writes")]
    Signer(Scheme),
    #[error("the {0} signature was made with another certificate than the expected one")]
    OtherCertificate(Scheme),
    #[error("the contents of the package do not match the digest of {0}; it was changed after signing")]
    Digest(Scheme),
    #[error("the {0} signature is not valid")]
    Signature(Scheme),
    #[error("\"{0}\" was changed after signing, or was never signed")]
    Changed(String),
    #[error("the list of digests in \"{0}\" does not match the bundle")]
    Digests(&'static str),
}

/// A way to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Jar,
    V2,
    V3,
}

impl std::fmt::Display for Scheme {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Jar => "jar",
            Self::V2 => "v2",
            Self::V3 => "v3",
        })
    }
}

fn report(bytes: &[u8], entries: usize, certificate: &Certificate) -> Report {
    Report {
        sha256: Sha256::digest(bytes).into(),
        size_bytes: bytes.len(),
        entries,
        signer_sha256: certificate.fingerprint_sha256(),
    }
}

#[cfg(test)]
mod tests;
