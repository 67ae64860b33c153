//! Keys derived from the installation's one secret, each for one purpose.
//!
//! It refuses to hand a key out: callers seal, open and sign through it, so a key can be rotated in one place.

mod signature;

pub use signature::{PublicKey, PublicKeyError, Signer};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use slipway_kernel::Entropy;
use std::fmt;
use thiserror::Error;

/// The shortest secret that is taken: 32 bytes written as 64 hexadecimal digits.
const SECRET_DIGITS: usize = 64;
const NONCE_BYTES: usize = 24;
/// The first byte of what is sealed: which key it was sealed under, so that a later key can live beside this one.
const KEY_ID: u8 = 1;

/// What a derived key is for. The word goes into the derivation, so it never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPurpose {
    /// Signing keys of apps at rest.
    SigningKeys,
    /// Tokens against cross-site request forgery.
    Csrf,
    /// Recognising the secret an installation began with.
    Recognition,
    /// Signing where the chains of audit entries end.
    AuditSeals,
}

impl KeyPurpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::SigningKeys => b"slipway signing keys v1",
            Self::Csrf => b"slipway csrf v1",
            Self::Recognition => b"slipway secret recognition v1",
            Self::AuditSeals => b"slipway audit seals v1",
        }
    }
}

/// The installation's secret, able to seal and sign.
#[derive(Clone)]
pub struct Keys(Hkdf<Sha256>);

/// Why a secret cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SecretError {
    #[error("the secret must be 64 hexadecimal digits (32 bytes); make one with: openssl rand -hex 32")]
    Form,
    #[error("the secret is a placeholder that anybody could guess; make one with: openssl rand -hex 32")]
    Guessable,
}

/// Why something sealed cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OpenError {
    #[error("this was sealed under another secret, or for another purpose or owner, or it was changed")]
    Refused,
    #[error("this was sealed under key {0}, which this program does not have")]
    UnknownKey(u8),
    #[error("this is too short to have been sealed here")]
    Malformed,
}

impl Keys {
    /// Reads the secret's text form.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn from_secret(text: &str) -> Result<Self, SecretError> {
        if text.len() != SECRET_DIGITS {
            return Err(SecretError::Form);
        }
        let bytes: Option<Vec<u8>> = (0..SECRET_DIGITS)
            .step_by(2)
            .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
            .collect();
        let bytes = bytes.ok_or(SecretError::Form)?;
        let mut distinct = bytes.clone();
        distinct.sort_unstable();
        distinct.dedup();
        // 32 random bytes repeat so much about once in 10^40 secrets; a person's placeholder always does.
        if distinct.len() < 12 {
            return Err(SecretError::Guessable);
        }
        Ok(Self(Hkdf::new(None, &bytes)))
    }

    /// Encrypts for `purpose`, bound to `owner`: opened with another owner it is refused. XChaCha20-Poly1305; the result is
    /// key id, nonce, ciphertext and tag.
    pub fn seal(&self, purpose: KeyPurpose, owner: &[u8], plain: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = entropy.bytes();
        let payload = Payload { msg: plain, aad: owner };
        let sealed =
            self.cipher(purpose).encrypt(&XNonce::from(nonce), payload).expect("memory holds the ciphertext");
        [&[KEY_ID][..], &nonce, &sealed].concat()
    }

    /// Decrypts what [`Keys::seal`] made.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, purpose: KeyPurpose, owner: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let (key_id, rest) = sealed.split_first().ok_or(OpenError::Malformed)?;
        if *key_id != KEY_ID {
            return Err(OpenError::UnknownKey(*key_id));
        }
        let (nonce, cipher_text) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError::Malformed)?;
        let payload = Payload { msg: cipher_text, aad: owner };
        self.cipher(purpose).decrypt(&XNonce::from(*nonce), payload).map_err(|_| OpenError::Refused)
    }

    /// An HMAC-SHA-256 of `message`.
    pub fn sign(&self, purpose: KeyPurpose, message: &[u8]) -> [u8; 32] {
        self.mac(purpose).chain_update(message).finalize().into_bytes().into()
    }

    /// Whether `tag` is the HMAC-SHA-256 of `message`; takes the same time wherever they differ.
    #[must_use]
    pub fn is_signed(&self, purpose: KeyPurpose, message: &[u8], tag: &[u8]) -> bool {
        self.mac(purpose).chain_update(message).verify_slice(tag).is_ok()
    }

    /// What signs so that others can check it without the secret.
    #[must_use]
    pub fn signer(&self, purpose: KeyPurpose) -> Signer {
        Signer::from_seed(&self.derive(purpose))
    }

    fn mac(&self, purpose: KeyPurpose) -> Hmac<Sha256> {
        Hmac::new_from_slice(&self.derive(purpose)).expect("HMAC takes keys of any length")
    }

    fn cipher(&self, purpose: KeyPurpose) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.derive(purpose)))
    }

    fn derive(&self, purpose: KeyPurpose) -> [u8; 32] {
        let mut key = [0; 32];
        self.0.expand(purpose.label(), &mut key).expect("32 bytes are a length HKDF-SHA-256 can give");
        key
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    const SECRET: &str = "00112233445566778899aabbccddeeff0123456789abcdef0f1e2d3c4b5a6978";

    #[test]
    fn opens_only_what_was_sealed_for_the_same_purpose_and_owner_and_never_what_was_changed() {
        let keys = Keys::from_secret(SECRET).unwrap();
        let sealed = keys.seal(KeyPurpose::SigningKeys, b"app_1", b"a private key", &SystemEntropy);
        assert_eq!(keys.open(KeyPurpose::SigningKeys, b"app_1", &sealed), Ok(b"a private key".to_vec()));
        assert_eq!(keys.open(KeyPurpose::SigningKeys, b"app_2", &sealed), Err(OpenError::Refused));
        assert_eq!(keys.open(KeyPurpose::Csrf, b"app_1", &sealed), Err(OpenError::Refused));
        let other = Keys::from_secret(&SECRET.replace("00", "01")).unwrap();
        assert_eq!(other.open(KeyPurpose::SigningKeys, b"app_1", &sealed), Err(OpenError::Refused));
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(keys.open(KeyPurpose::SigningKeys, b"app_1", &changed).is_err(), "byte {index}");
        }
        assert_eq!(keys.open(KeyPurpose::SigningKeys, b"app_1", &sealed[..20]), Err(OpenError::Malformed));
        assert_eq!(keys.open(KeyPurpose::SigningKeys, b"app_1", &[]), Err(OpenError::Malformed));
    }

    #[test]
    fn knows_its_own_signature_and_no_other() {
        let keys = Keys::from_secret(SECRET).unwrap();
        let tag = keys.sign(KeyPurpose::Csrf, b"a token");
        assert!(keys.is_signed(KeyPurpose::Csrf, b"a token", &tag));
        assert!(!keys.is_signed(KeyPurpose::Csrf, b"b token", &tag));
        assert!(!keys.is_signed(KeyPurpose::SigningKeys, b"a token", &tag));
        assert!(!keys.is_signed(KeyPurpose::Csrf, b"a token", &tag[..31]));
        assert!(!keys.is_signed(KeyPurpose::Csrf, b"a token", &[]));
    }

    #[test]
    fn refuses_secrets_that_anybody_could_guess() {
        for (secret, error) in [
            ("", SecretError::Form),
            ("change-me", SecretError::Form),
            (&SECRET[1..], SecretError::Form),
            (&SECRET.replace('0', "g"), SecretError::Form),
            (&"0".repeat(64), SecretError::Guessable),
            (&"deadbeef".repeat(8), SecretError::Guessable),
        ] {
            assert_eq!(Keys::from_secret(secret).err(), Some(error), "{secret}");
        }
    }
}
