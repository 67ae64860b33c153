//! Writes, signs and verifies Android packages in memory: no SDK, no Gradle, no JVM, no template.
//!
//! One [`AppModel`] becomes an element tree and a resource table ([`Resources`]); those become, with the shell's
//! [`Code`], an APK ([`build_apk`]) and an Android App Bundle ([`build_aab`]). The same model, certificate and key give
//! the same bytes. [`verify_apk`] and [`verify_aab`] check the result from its bytes alone.
//!
//! It refuses: files, clocks, randomness, network, private keys (they stay behind [`Sign`]), drawing icons, native code,
//! and models that a store or a phone would not accept.

mod arsc;
mod axml;
mod bytes;
mod code;
mod dex;
mod element;
#[cfg(test)]
mod fixture;
mod model;
mod package;
mod package_id;
mod protobuf;
mod resources;
mod sign;
mod smali;
mod string_pool;
mod table;
mod verify;
mod zip;

pub use code::Code;
pub use code::references::platform_references;
pub use model::address::{AddressError, Host, StartUrl};
pub use model::icons::{Density, IconError, IconSet, Images, Png, Purpose};
pub use model::{
    AppModel, Colour, Colours, Label, MAXIMUM_HOSTS, Mode, ModelError, Permissions, Text, Texts, Version,
    VersionCode, VersionName,
};
pub use package::{UnsignedApk, assemble_apk, bundle_aab, sign_apk};
pub use package_id::{PackageId, PackageIdError};
pub use resources::{MINIMUM_SDK, Resources, TARGET_SDK};
pub use sign::x509::{Certificate, CertificateError, SelfSigned};
pub use sign::{Sign, SignError, Signer, SigningError};
pub use verify::{Report, Scheme, VerifyError, verify_aab, verify_apk};
pub use zip::read::ArchiveError;

use thiserror::Error;

/// Why nothing was built.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BuildError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// Builds a signed APK: [`Resources::compose`], [`Code::shell`], [`assemble_apk`], [`sign_apk`]. A caller that wants to
/// announce progress calls the stages itself.
///
/// # Errors
/// [`BuildError`] if the model breaks a rule or the key fails.
pub fn build_apk(model: &AppModel, signer: &Signer<'_>) -> Result<Vec<u8>, BuildError> {
    let resources = Resources::compose(model)?;
    Ok(sign_apk(&assemble_apk(&resources, Code::shell()), signer)?)
}

/// Builds a signed Android App Bundle: [`Resources::compose`], [`Code::shell`], [`bundle_aab`].
///
/// # Errors
/// [`BuildError`] if the model breaks a rule or the key fails.
pub fn build_aab(model: &AppModel, signer: &Signer<'_>) -> Result<Vec<u8>, BuildError> {
    let resources = Resources::compose(model)?;
    Ok(bundle_aab(&resources, Code::shell(), signer)?)
}
