//! APK Signature Scheme v2 and v3 (<https://source.android.com/docs/security/features/apksigning/v2> and `/v3`).
//! It refuses v1 (needed before API 24 only), v3.1 key rotation and v4.

use super::{Signer, SigningError};
use crate::bytes::{PutLittleEndian, to_u32};
use crate::resources::MINIMUM_SDK;
use crate::sign::x509::Certificate;
use crate::zip::{Archive, END_DIRECTORY_OFFSET};
use sha2::{Digest, Sha256};

pub(crate) const BLOCK_V2: u32 = 0x7109_871a;
pub(crate) const BLOCK_V3: u32 = 0xf053_68c0;
pub(crate) const BLOCK_PADDING: u32 = 0x4272_6577;
pub(crate) const MAGIC: &[u8; 16] = b"APK Sig Block 42";
/// RSASSA-PKCS1-v1_5 with SHA-256, contents digested in chunks.
pub(crate) const ALGORITHM: u32 = 0x0103;
/// The v2 attribute that names the newer scheme, so that stripping v3 off is noticed.
pub(crate) const ATTRIBUTE_STRIPPING_PROTECTION: u32 = 0xbeef_f00d;
/// The v3 range of platform versions is open upwards.
pub(crate) const MAXIMUM_SDK: u32 = i32::MAX as u32;
/// The signing block fills whole pages, so that verity trees of the file line up.
const PAGE_BYTES: usize = 4096;
const CHUNK_BYTES: usize = 1 << 20;
/// Both size fields and the magic.
const BLOCK_OVERHEAD_BYTES: usize = 8 + 8 + 16;

/// The archive with a signing block between entries and directory.
pub(crate) fn sign(archive: &Archive, signer: &Signer<'_>) -> Result<Vec<u8>, SigningError> {
    let certificate = signer.certificate();
    let digest = content_digest([&archive.entries, &archive.directory, &archive.end]);

    let signed_v2 = signed_data_v2(&digest, certificate);
    let signature_v2 = signer.sign(&signed_v2)?;
    let mut signer_v2 = Vec::new();
    signer_v2.put_prefixed(&signed_v2);
    signer_v2.put_prefixed(&algorithm_and(&signature_v2));
    signer_v2.put_prefixed(certificate.public_key_info());

    let signed_v3 = signed_data_v3(&digest, certificate);
    let signature_v3 = signer.sign(&signed_v3)?;
    let mut signer_v3 = Vec::new();
    signer_v3.put_prefixed(&signed_v3);
    signer_v3.put_u32(MINIMUM_SDK);
    signer_v3.put_u32(MAXIMUM_SDK);
    signer_v3.put_prefixed(&algorithm_and(&signature_v3));
    signer_v3.put_prefixed(certificate.public_key_info());

    let block = block(&prefixed(&prefixed(&signer_v2)), &prefixed(&prefixed(&signer_v3)));
    let mut end = archive.end.clone();
    let directory_start = to_u32(archive.entries.len() + block.len());
    end[END_DIRECTORY_OFFSET..END_DIRECTORY_OFFSET + 4].copy_from_slice(&directory_start.to_le_bytes());
    Ok([&archive.entries[..], &block, &archive.directory, &end].concat())
}

/// The digest of digests over the chunks of each section (v2, "Integrity-protected contents").
///
/// The end record must point at the signing block, which is where the directory of the unsigned archive starts.
pub(crate) fn content_digest(sections: [&[u8]; 3]) -> [u8; 32] {
    let mut chunks = Vec::new();
    let mut count = 0;
    for chunk in sections.into_iter().flat_map(|section| section.chunks(CHUNK_BYTES)) {
        let mut hash = Sha256::new();
        hash.update([0xa5]);
        hash.update(to_u32(chunk.len()).to_le_bytes());
        hash.update(chunk);
        chunks.extend_from_slice(&hash.finalize());
        count += 1_u32;
    }
    let mut hash = Sha256::new();
    hash.update([0x5a]);
    hash.update(count.to_le_bytes());
    hash.update(&chunks);
    hash.finalize().into()
}

/// What a v2 signature is over: digests, certificates, attributes.
pub(crate) fn signed_data_v2(digest: &[u8], certificate: &Certificate) -> Vec<u8> {
    let mut attribute = Vec::new();
    attribute.put_u32(ATTRIBUTE_STRIPPING_PROTECTION);
    attribute.put_u32(3);
    let mut data = digests_and_certificates(digest, certificate);
    data.put_prefixed(&prefixed(&attribute));
    data
}

/// What a v3 signature is over: digests, certificates, platform versions, no attributes.
pub(crate) fn signed_data_v3(digest: &[u8], certificate: &Certificate) -> Vec<u8> {
    let mut data = digests_and_certificates(digest, certificate);
    data.put_u32(MINIMUM_SDK);
    data.put_u32(MAXIMUM_SDK);
    data.put_prefixed(&[]);
    data
}

fn digests_and_certificates(digest: &[u8], certificate: &Certificate) -> Vec<u8> {
    let mut data = Vec::new();
    data.put_prefixed(&algorithm_and(digest));
    data.put_prefixed(&prefixed(certificate.der()));
    data
}

/// A list of one pair: the algorithm and a digest or signature.
fn algorithm_and(bytes: &[u8]) -> Vec<u8> {
    let mut pair = Vec::new();
    pair.put_u32(ALGORITHM);
    pair.put_prefixed(bytes);
    prefixed(&pair)
}

fn prefixed(bytes: &[u8]) -> Vec<u8> {
    let mut list = Vec::new();
    list.put_prefixed(bytes);
    list
}

/// Sizes, id-value pairs, magic; the last pair pads the block to whole pages.
fn block(v2: &[u8], v3: &[u8]) -> Vec<u8> {
    let mut pairs = Vec::new();
    for (id, value) in [(BLOCK_V2, v2), (BLOCK_V3, v3)] {
        put_pair(&mut pairs, id, value);
    }
    // A pair takes twelve bytes at least.
    let unpadded = BLOCK_OVERHEAD_BYTES + pairs.len() + 12;
    let padding = vec![0; unpadded.next_multiple_of(PAGE_BYTES) - unpadded];
    put_pair(&mut pairs, BLOCK_PADDING, &padding);
    let size = (pairs.len() + BLOCK_OVERHEAD_BYTES - 8) as u64;
    let mut block = Vec::with_capacity(pairs.len() + BLOCK_OVERHEAD_BYTES);
    block.put_u64(size);
    block.extend_from_slice(&pairs);
    block.put_u64(size);
    block.extend_from_slice(MAGIC);
    block
}

fn put_pair(pairs: &mut Vec<u8>, id: u32, value: &[u8]) {
    pairs.put_u64(value.len() as u64 + 4);
    pairs.put_u32(id);
    pairs.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_fills_whole_pages_whatever_its_content() {
        for length in [0, 1, 4000, 4028, 4029, 4040, 4041, 5000] {
            let block = block(&vec![1; length], &[]);
            assert_eq!(block.len() % PAGE_BYTES, 0, "{length}");
            assert_eq!(block[block.len() - 16..], *MAGIC);
        }
    }

    #[test]
    fn chunks_do_not_cross_sections() {
        let long = vec![7; CHUNK_BYTES + 1];
        let apart = content_digest([&long, b"a", b"b"]);
        let together = content_digest([&[&long[..], b"a"].concat(), b"b", b""]);
        assert_ne!(apart, together);
    }
}
