//! Puts resources and code together: the APK that a phone installs and the bundle that Google Play takes.
//! It refuses native libraries, assets and feature modules; the shell has none.

use crate::code::Code;
use crate::resources::Resources;
use crate::sign::{Signer, SigningError, jar, scheme};
use crate::zip::{Archive, Entry};
use crate::{arsc, axml, protobuf};

pub(crate) const APK_MANIFEST: &str = "AndroidManifest.xml";
pub(crate) const APK_TABLE: &str = "resources.arsc";
pub(crate) const APK_CODE: &str = "classes.dex";
pub(crate) const BUNDLE_CONFIG: &str = "BundleConfig.pb";
pub(crate) const BUNDLE_MANIFEST: &str = "base/manifest/AndroidManifest.xml";
pub(crate) const BUNDLE_TABLE: &str = "base/resources.pb";
pub(crate) const BUNDLE_CODE: &str = "base/dex/classes.dex";

/// An aligned archive that lacks nothing but its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedApk(Archive);

/// Encodes the resources as binary XML and lays out the archive.
#[must_use]
pub fn assemble_apk(resources: &Resources, code: &Code) -> UnsignedApk {
    // Targeting API 30 and above, the table must be stored and aligned or the package is not installed.
    let table = Entry::stored(APK_TABLE, arsc::encode(&resources.table));
    let mut entries =
        vec![Entry::deflated(APK_MANIFEST, &axml::encode(&resources.manifest)), code.entry().clone(), table];
    for (path, document) in &resources.documents {
        entries.push(Entry::deflated(path, &axml::encode(document)));
    }
    // PNG files are deflated inside.
    entries.extend(resources.images.iter().map(|(path, png)| Entry::stored(path, png.clone())));
    UnsignedApk(Archive::write(&entries))
}

/// Signs with APK Signature Scheme v2 and v3.
///
/// # Errors
/// [`SigningError`] if the key fails or does not belong to the certificate.
pub fn sign_apk(apk: &UnsignedApk, signer: &Signer<'_>) -> Result<Vec<u8>, SigningError> {
    scheme::sign(&apk.0, signer)
}

/// Encodes the resources as protobuf, lays out the bundle and signs it as a JAR, which is how Google Play knows who
/// uploads it. Google signs what users get with another key; hence two fingerprints in `assetlinks.json`.
///
/// # Errors
/// [`SigningError`] if the key fails or does not belong to the certificate.
pub fn bundle_aab(resources: &Resources, code: &Code, signer: &Signer<'_>) -> Result<Vec<u8>, SigningError> {
    let table = &resources.table;
    let mut files = vec![
        (BUNDLE_CONFIG.to_owned(), protobuf::bundle_config()),
        (BUNDLE_MANIFEST.to_owned(), protobuf::xml(&resources.manifest, table)),
        (BUNDLE_TABLE.to_owned(), protobuf::resource_table(table)),
        (BUNDLE_CODE.to_owned(), code.dex().to_vec()),
    ];
    for (path, document) in &resources.documents {
        files.push((format!("base/{path}"), protobuf::xml(document, table)));
    }
    files.extend(resources.images.iter().map(|(path, png)| (format!("base/{path}"), png.clone())));

    let named: Vec<(&str, &[u8])> =
        files.iter().map(|(name, content)| (name.as_str(), &content[..])).collect();
    let signature = jar::sign(&named, signer)?;
    let entries: Vec<Entry> = files
        .iter()
        .map(|(name, content)| {
            if name == BUNDLE_CODE {
                Entry { name: name.clone(), ..code.entry().clone() }
            } else if name.ends_with(".png") {
                Entry::stored(name, content.clone())
            } else {
                Entry::deflated(name, content)
            }
        })
        .collect();
    Ok(Archive::write(signature.iter().chain(&entries)).concat())
}
