//! JAR signatures (JDK "JAR File Specification", signature scheme v1 of Android), which app bundles carry.
//! It refuses MD5, SHA-1 and signed attributes; digests are SHA-256.

use super::{Signer, SigningError, der};
use crate::sign::x509::Certificate;
use crate::zip::Entry;
use sha2::{Digest, Sha256};

pub(crate) const MANIFEST: &str = "META-INF/MANIFEST.MF";
pub(crate) const SIGNATURE_FILE: &str = "META-INF/UPLOAD.SF";
pub(crate) const SIGNATURE_BLOCK: &str = "META-INF/UPLOAD.RSA";

/// The specification caps a line at 72 bytes, its end not counted.
const LINE_BYTES: usize = 72;
const MANIFEST_HEAD: &str = "Manifest-Version: 1.0\r\nCreated-By: Slipway\r\n\r\n";

/// The three signature entries for `files`, given as name and unpacked content.
pub(crate) fn sign(files: &[(&str, &[u8])], signer: &Signer<'_>) -> Result<[Entry; 3], SigningError> {
    let sections: Vec<String> = files.iter().map(|(name, content)| section(name, content)).collect();
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    let signature_file = signature_file(&names, &sections);
    let signature = signer.sign(signature_file.as_bytes())?;
    Ok([
        Entry::deflated(MANIFEST, manifest(&sections).as_bytes()),
        Entry::deflated(SIGNATURE_FILE, signature_file.as_bytes()),
        Entry::deflated(SIGNATURE_BLOCK, &signature_block(signer.certificate(), &signature)),
    ])
}

/// One file's section of the manifest.
pub(crate) fn section(name: &str, content: &[u8]) -> String {
    format!("{}SHA-256-Digest: {}\r\n\r\n", name_line(name), base64_digest(content))
}

pub(crate) fn manifest(sections: &[String]) -> String {
    [MANIFEST_HEAD, &sections.concat()].concat()
}

/// The digests of the manifest, of its head and of each of its sections.
pub(crate) fn signature_file(names: &[&str], sections: &[String]) -> String {
    let head = format!(
        "Signature-Version: 1.0\r\nCreated-By: Slipway\r\nSHA-256-Digest-Manifest: {}\r\nSHA-256-Digest-Manifest-Main-Attributes: {}\r\n\r\n",
        base64_digest(manifest(sections).as_bytes()),
        base64_digest(MANIFEST_HEAD.as_bytes()),
    );
    names
        .iter()
        .zip(sections)
        .fold(head, |text, (name, manifest_section)| text + &section(name, manifest_section.as_bytes()))
}

/// PKCS#7 `SignedData` (RFC 2315 §9) without content and without signed attributes.
pub(crate) fn signature_block(certificate: &Certificate, signature: &[u8]) -> Vec<u8> {
    let one = der::unsigned(&[1]);
    let digest_algorithm = der::algorithm(der::SHA256);
    let signer_info = der::sequence(&[
        &one,
        &certificate.issuer_and_serial(),
        &digest_algorithm,
        &der::algorithm(der::RSA_ENCRYPTION),
        &der::element(der::OCTET_STRING, signature),
    ]);
    let signed_data = der::sequence(&[
        &one,
        &der::element(der::SET, &digest_algorithm),
        &der::sequence(&[der::PKCS7_DATA]),
        &der::element(der::CONTEXT_0, certificate.der()),
        &der::element(der::SET, &signer_info),
    ]);
    der::sequence(&[der::PKCS7_SIGNED_DATA, &der::element(der::CONTEXT_0, &signed_data)])
}

/// `Name: …`, continued on lines that start with a space. Our names are ASCII, so no character is torn.
fn name_line(name: &str) -> String {
    let mut line = String::new();
    let mut length = 0;
    for character in "Name: ".chars().chain(name.chars()) {
        if length + character.len_utf8() > LINE_BYTES {
            line.push_str("\r\n ");
            length = 1;
        }
        line.push(character);
        length += character.len_utf8();
    }
    line + "\r\n"
}

fn base64_digest(content: &[u8]) -> String {
    base64(&Sha256::digest(content))
}

/// RFC 4648 §4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            (0..3).fold(0_u32, |group, index| group << 8 | u32::from(chunk.get(index).copied().unwrap_or(0)));
        for index in 0..4 {
            let sextet = (group >> (18 - 6 * index) & 0x3f) as usize;
            text.push(if index <= chunk.len() { char::from(ALPHABET[sextet]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_base64_specification() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }

    #[test]
    fn long_names_are_continued() {
        let name = "base/".to_owned() + &"x".repeat(200);
        let line = name_line(&name);
        assert!(line.split("\r\n").all(|part| part.len() <= LINE_BYTES));
        assert_eq!(line.replace("\r\n ", ""), format!("Name: {name}\r\n"));
    }
}
