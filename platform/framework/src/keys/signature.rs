//! Ed25519 (RFC 8032): signed under a derived key, checked by anybody who has the public one.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Signs, and does not hand its key out.
#[derive(Clone)]
pub struct Signer(SigningKey);

/// The half of a signing key that everybody may have; 64 lower-case hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

/// Why a text is no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a public key has 64 characters of 0-9 and a-f, and belongs to Ed25519")]
pub struct PublicKeyError;

impl Signer {
    pub(super) fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The signature of `message`: the same each time.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Signer({})", self.public_key())
    }
}

impl PublicKey {
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether the owner of this key signed `message`. Keys and signatures that fit many messages are refused ("strict").
    #[must_use]
    pub fn has_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = PublicKeyError;
    fn from_str(text: &str) -> Result<Self, PublicKeyError> {
        if text.len() != 64 || !text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(PublicKeyError);
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * index..2 * index + 2).ok_or(PublicKeyError)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| PublicKeyError)?;
        }
        VerifyingKey::from_bytes(&bytes).map_err(|_| PublicKeyError)?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{KeyPurpose, Keys};
    use super::*;

    const SECRET: &str = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978";

    #[test]
    fn a_signature_is_known_by_the_public_key_alone_and_for_one_purpose() {
        let keys = Keys::from_secret(SECRET).unwrap();
        let signer = keys.signer(KeyPurpose::AuditSeals);
        let public_key: PublicKey = signer.public_key().to_string().parse().unwrap();
        assert_eq!(public_key, signer.public_key());
        let signature = signer.sign(b"a message");
        assert!(public_key.has_signed(b"a message", &signature));
        assert!(!public_key.has_signed(b"b message", &signature));
        assert!(!keys.signer(KeyPurpose::Csrf).public_key().has_signed(b"a message", &signature));
        for bit in 0..512 {
            let mut changed = signature;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!public_key.has_signed(b"a message", &changed), "bit {bit}");
        }
        assert!(!format!("{signer:?}").contains(SECRET));
    }

    /// RFC 8032 §7.1, test 2.
    #[test]
    fn signs_as_the_specification_does() {
        let bytes = |text: &str| -> Vec<u8> {
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
        };
        let seed = bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let signer = Signer::from_seed(&seed.try_into().unwrap());
        let known = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        assert_eq!(signer.public_key().to_string(), known);
        let signature = bytes(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        assert_eq!(signer.sign(&[0x72])[..], signature);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "ab", &"g".repeat(64), &"A".repeat(64), &format!("{}é", "a".repeat(62))] {
            assert_eq!(text.parse::<PublicKey>(), Err(PublicKeyError), "{text}");
        }
    }
}
