//! Verifies an app bundle: archive, JAR digests, PKCS#7 signature.
//! It refuses to parse the signature files: it writes them anew from the contents found and compares.

use super::{Report, Scheme, VerifyError, report};
use crate::package::{BUNDLE_CODE, BUNDLE_CONFIG, BUNDLE_MANIFEST, BUNDLE_TABLE};
use crate::sign::jar;
use crate::sign::x509::Certificate;
use crate::zip::read::Archive;

/// Checks that every file of the bundle is one that `expected` signed, and that there is no other.
///
/// # Errors
/// [`VerifyError`] names the first thing found wrong.
pub fn verify_aab(bytes: &[u8], expected: &Certificate) -> Result<Report, VerifyError> {
    let archive = Archive::parse(bytes)?;
    if archive.entries_end != archive.directory_start {
        return Err(VerifyError::ForeignBytes);
    }
    for name in [BUNDLE_CONFIG, BUNDLE_MANIFEST, BUNDLE_TABLE, BUNDLE_CODE] {
        archive.file(name).ok_or(VerifyError::Missing(name))?;
    }
    let signature_entry = |name: &'static str| {
        Ok::<_, VerifyError>(archive.file(name).ok_or(VerifyError::Missing(name))?.content()?)
    };
    let manifest = signature_entry(jar::MANIFEST)?;
    let signature_file = signature_entry(jar::SIGNATURE_FILE)?;
    let signature_block = signature_entry(jar::SIGNATURE_BLOCK)?;

    let signatures = [jar::MANIFEST, jar::SIGNATURE_FILE, jar::SIGNATURE_BLOCK];
    let mut names = Vec::new();
    let mut sections = Vec::new();
    for file in archive.files.iter().filter(|file| !signatures.contains(&file.entry.name.as_str())) {
        let name = file.entry.name.as_str();
        let section = jar::section(name, &file.content()?);
        if !contains(&manifest, section.as_bytes()) {
            return Err(VerifyError::Changed(name.to_owned()));
        }
        names.push(name);
        sections.push(section);
    }
    if manifest != jar::manifest(&sections).as_bytes() {
        return Err(VerifyError::Digests(jar::MANIFEST));
    }
    if signature_file != jar::signature_file(&names, &sections).as_bytes() {
        return Err(VerifyError::Digests(jar::SIGNATURE_FILE));
    }
    // The signature is the last field of the block; everything before it follows from the certificate.
    let start = signature_block.len().checked_sub(expected.signature_bytes());
    let signature = &signature_block[start.ok_or(VerifyError::Signer(Scheme::Jar))?..];
    if signature_block != jar::signature_block(expected, signature) {
        return Err(VerifyError::OtherCertificate(Scheme::Jar));
    }
    if !expected.confirms(&signature_file, signature) {
        return Err(VerifyError::Signature(Scheme::Jar));
    }
    Ok(report(bytes, archive.files.len(), expected))
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
