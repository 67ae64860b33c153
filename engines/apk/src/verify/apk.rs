//! Verifies an APK: archive, alignment, signing block, digests, signatures.
//! It refuses to trust the parser of the builder: the signing block is taken apart field by field.

use super::{Report, Scheme, VerifyError, report};
use crate::bytes::Reader;
use crate::package::{APK_CODE, APK_MANIFEST, APK_TABLE};
use crate::resources::MINIMUM_SDK;
use crate::sign::scheme::{
    ALGORITHM, ATTRIBUTE_STRIPPING_PROTECTION, BLOCK_PADDING, BLOCK_V2, BLOCK_V3, MAGIC, MAXIMUM_SDK,
    content_digest,
};
use crate::sign::x509::Certificate;
use crate::zip::read::{Archive, File};
use crate::zip::{END_DIRECTORY_OFFSET, Method};

/// Checks that every byte of `bytes` is what this builder writes and what `expected` signed.
///
/// # Errors
/// [`VerifyError`] names the first thing found wrong.
pub fn verify_apk(bytes: &[u8], expected: &Certificate) -> Result<Report, VerifyError> {
    let archive = Archive::parse(bytes)?;
    for name in [APK_MANIFEST, APK_TABLE, APK_CODE] {
        let file = archive.file(name).ok_or(VerifyError::Missing(name))?;
        if name == APK_TABLE && file.entry.method != Method::Stored {
            return Err(VerifyError::TableCompressed);
        }
    }
    let block = &bytes[archive.entries_end..archive.directory_start];
    if block.is_empty() {
        return Err(VerifyError::NoSigningBlock);
    }
    let [v2, v3] = signing_block(block).ok_or(VerifyError::SigningBlock)?;

    // The digests are over an end record that points at the signing block.
    let mut end = bytes[archive.end_start..].to_vec();
    let block_start = u32::try_from(archive.entries_end).map_err(|_| VerifyError::SigningBlock)?;
    end[END_DIRECTORY_OFFSET..END_DIRECTORY_OFFSET + 4].copy_from_slice(&block_start.to_le_bytes());
    let entries = &bytes[..archive.entries_end];
    let directory = &bytes[archive.directory_start..archive.end_start];
    let digest = content_digest([entries, directory, &end]);
    for (scheme, value) in [(Scheme::V2, v2), (Scheme::V3, v3)] {
        let signer = signer(value, scheme).ok_or(VerifyError::Signer(scheme))?;
        if signer.certificate != expected.der() || signer.public_key_info != expected.public_key_info() {
            return Err(VerifyError::OtherCertificate(scheme));
        }
        if !expected.confirms(signer.signed_data, signer.signature) {
            return Err(VerifyError::Signature(scheme));
        }
        if signer.digest != digest {
            return Err(VerifyError::Digest(scheme));
        }
    }
    for content in archive.files.iter().map(File::content) {
        content?;
    }
    Ok(report(bytes, archive.files.len(), expected))
}

/// The values of the v2 and the v3 block; after them only zeros may follow as padding.
fn signing_block(block: &[u8]) -> Option<[&[u8]; 2]> {
    let mut reader = Reader::new(block);
    let size = reader.u64()?;
    let mut pairs = Reader::new(reader.take(block.len().checked_sub(8 + 8 + MAGIC.len())?)?);
    let sizes_agree = usize::try_from(size) == Ok(block.len() - 8) && reader.u64()? == size;
    let mut value_of = |id: u32| {
        let length = usize::try_from(pairs.u64()?).ok()?.checked_sub(4)?;
        (pairs.u32()? == id).then_some(())?;
        pairs.take(length)
    };
    let (v2, v3, padding) = (value_of(BLOCK_V2)?, value_of(BLOCK_V3)?, value_of(BLOCK_PADDING)?);
    let whole = sizes_agree
        && reader.take(MAGIC.len())? == MAGIC
        && pairs.is_empty()
        && padding.iter().all(|byte| *byte == 0)
        && block.len().is_multiple_of(4096);
    whole.then_some([v2, v3])
}

struct SignerBlock<'a> {
    signed_data: &'a [u8],
    digest: &'a [u8],
    certificate: &'a [u8],
    signature: &'a [u8],
    public_key_info: &'a [u8],
}

/// The one signer of a scheme.
fn signer(value: &[u8], scheme: Scheme) -> Option<SignerBlock<'_>> {
    let mut signer = Reader::new(only(only(value)?)?);
    let signed_data = signer.prefixed()?;
    if scheme == Scheme::V3 {
        (signer.u32()? == MINIMUM_SDK && signer.u32()? == MAXIMUM_SDK).then_some(())?;
    }
    let signature = of_algorithm(signer.prefixed()?)?;
    let public_key_info = signer.prefixed()?;

    let mut data = Reader::new(signed_data);
    let digest = of_algorithm(data.prefixed()?)?;
    let certificate = only(data.prefixed()?)?;
    let mut attributes = match scheme {
        Scheme::V3 => {
            (data.u32()? == MINIMUM_SDK && data.u32()? == MAXIMUM_SDK).then_some(())?;
            Reader::new(data.prefixed()?)
        }
        Scheme::V2 | Scheme::Jar => {
            let mut attribute = Reader::new(only(data.prefixed()?)?);
            (attribute.u32()? == ATTRIBUTE_STRIPPING_PROTECTION && attribute.u32()? == 3).then_some(())?;
            attribute
        }
    };
    let whole = signer.is_empty() && data.is_empty() && attributes.take(1).is_none();
    whole.then_some(SignerBlock { signed_data, digest, certificate, signature, public_key_info })
}

/// The content of a length-prefixed value that nothing follows.
fn only(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(bytes);
    let content = reader.prefixed()?;
    reader.is_empty().then_some(content)
}

/// The digest or signature in a list that holds one, of our algorithm.
fn of_algorithm(list: &[u8]) -> Option<&[u8]> {
    let mut pair = Reader::new(only(list)?);
    (pair.u32()? == ALGORITHM).then_some(())?;
    let bytes = pair.prefixed()?;
    pair.is_empty().then_some(bytes)
}
