//! An app's signing key: made once, kept sealed, the same for every release.
//!
//! A lost or second key would end an app's updates for ever, so there is no way to replace one. It refuses to be printed, and to leave
//! the house except to an owner, under a password, as PKCS#12 (RFC 7292) or PEM (RFC 7468).

mod http;
mod pool;
pub(crate) mod store;

pub(crate) use http::routes;
pub use pool::keep_keys_ready;
pub(crate) use pool::take;
pub(crate) use store::{KeyRecord, find};

use crate::scope::OfApp;
use p12_keystore::{Certificate as P12Certificate, KeyStore, KeyStoreEntry, PrivateKeyChain};
use pkcs8::pkcs5::pbes2;
use pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey, LineEnding, PrivateKeyInfo};
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::rand_core::{CryptoRng, Error as RngError, RngCore};
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::json;
use sha2::{Digest, Sha256};
use slipway_apk::{Certificate, SelfSigned, Sign, SignError};
use slipway_framework::audit::Audit;
use slipway_framework::db::{DbError, Tx};
use slipway_framework::entropy::SystemEntropy;
use slipway_framework::keys::{KeyPurpose, Keys};
use slipway_framework::platform::Platform;
use slipway_framework::scope::{AppScope, LaunchScope};
use slipway_kernel::{AppId, Entropy, Ts};
use std::fmt;
use thiserror::Error;

/// What the stores accept and phones verify quickly.
const KEY_BITS: usize = 2048;
/// Google Play asks for a day after 22 October 2033; an app should outlive its first certificate's doubts.
const VALIDITY_S: i64 = 30 * 365 * 86_400;
/// What the OWASP Password Storage Cheat Sheet asks of PBKDF2-HMAC-SHA256.
const PEM_ITERATIONS: u32 = 600_000;
/// `DigestInfo` of SHA-256 up to the hash itself (RFC 8017 §9.2, note 1).
const SHA256_DIGEST_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];

/// An RSA-2048 private key in memory.
pub struct SigningKey(RsaPrivateKey);

/// Why a key cannot be used. No variant carries any part of a key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SigningKeyError {
    #[error("a signing key could not be made: {0}")]
    Make(String),
    #[error("the sealed signing key cannot be opened: {0}")]
    Sealed(String),
    #[error("the certificate cannot be made or read: {0}")]
    Certificate(String),
    #[error("the key cannot be written: {0}")]
    Export(String),
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(…)")
    }
}

/// The operating system's randomness as the RSA library wants it. Keys are never drawn from what a test could seed.
struct SystemRng;

impl RngCore for SystemRng {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes((&SystemEntropy as &dyn Entropy).bytes())
    }
    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes((&SystemEntropy as &dyn Entropy).bytes())
    }
    fn fill_bytes(&mut self, buffer: &mut [u8]) {
        SystemEntropy.fill(buffer);
    }
    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), RngError> {
        self.fill_bytes(buffer);
        Ok(())
    }
}

impl CryptoRng for SystemRng {}

impl SigningKey {
    /// Makes a key; a fifth of a second of work.
    ///
    /// # Errors
    /// [`SigningKeyError::Make`].
    pub fn make() -> Result<Self, SigningKeyError> {
        let made = RsaPrivateKey::new(&mut SystemRng, KEY_BITS);
        made.map(Self).map_err(|error| SigningKeyError::Make(error.to_string()))
    }

    /// A certificate in which the key vouches for itself, valid for 30 years from `now`.
    ///
    /// # Errors
    /// [`SigningKeyError::Certificate`].
    pub fn certify(&self, name: &str, company: &str, now: Ts) -> Result<Certificate, SigningKeyError> {
        let failed = |reason: String| SigningKeyError::Certificate(reason);
        let public =
            RsaPublicKey::from(&self.0).to_public_key_der().map_err(|error| failed(error.to_string()))?;
        let mut serial: [u8; 16] = (&SystemEntropy as &dyn Entropy).bytes();
        // RFC 5280 §4.1.2.2 wants a positive number.
        serial[0] = serial[0] & 0x7f | 0x40;
        let wish = SelfSigned {
            serial: &serial,
            not_before_s: now.as_seconds(),
            not_after_s: now.as_seconds() + VALIDITY_S,
            common_name: name,
            organisation: (company.chars().count() <= 64).then_some(company),
            public_key_info: public.as_bytes(),
        };
        Certificate::self_signed(&wish, self).map_err(|error| failed(error.to_string()))
    }

    /// Encrypts the key under the installation's secret, for this app only.
    ///
    /// # Errors
    /// [`SigningKeyError::Export`] when the key cannot be written as PKCS#8.
    pub(crate) fn seal(&self, platform: &Platform, app: AppId) -> Result<Vec<u8>, SigningKeyError> {
        let der = self.0.to_pkcs8_der().map_err(|error| SigningKeyError::Export(error.to_string()))?;
        Ok(platform.keys().seal(KeyPurpose::SigningKeys, &owner(app), der.as_bytes(), platform.entropy()))
    }

    /// Decrypts what [`SigningKey::seal`] made for this app.
    ///
    /// # Errors
    /// [`SigningKeyError::Sealed`].
    pub(crate) fn open(keys: &Keys, app: AppId, sealed: &[u8]) -> Result<Self, SigningKeyError> {
        let refused = |reason: String| SigningKeyError::Sealed(reason);
        let der = keys.open(KeyPurpose::SigningKeys, &owner(app), sealed);
        let der = der.map_err(|error| refused(error.to_string()))?;
        let key = RsaPrivateKey::from_pkcs8_der(&der);
        key.map(Self).map_err(|_| refused("it is no PKCS#8 key".to_owned()))
    }

    /// The key with its certificate as PKCS#12, encrypted with AES-256 under the password.
    ///
    /// # Errors
    /// [`SigningKeyError::Export`].
    pub(crate) fn to_pkcs12(
        &self,
        certificate: &[u8],
        alias: &str,
        password: &str,
    ) -> Result<Vec<u8>, SigningKeyError> {
        let failed = |error: &dyn fmt::Display| SigningKeyError::Export(error.to_string());
        let der = self.0.to_pkcs8_der().map_err(|error| failed(&error))?;
        let leaf = P12Certificate::from_der(certificate).map_err(|error| failed(&error))?;
        let local_key_id = Sha256::digest(certificate).to_vec();
        let mut keystore = KeyStore::new();
        let chain = PrivateKeyChain::new(der.as_bytes(), local_key_id, [leaf]);
        keystore.add_entry(alias, KeyStoreEntry::PrivateKeyChain(chain));
        keystore.writer(password).write().map_err(|error| failed(&error))
    }

    /// The key as an encrypted PKCS#8 block with its certificate below, as PEM. PBES2 with PBKDF2 and AES-256 (RFC 8018):
    /// OpenSSL refuses the memory that scrypt wants for the same strength.
    ///
    /// # Errors
    /// [`SigningKeyError::Export`].
    pub(crate) fn to_pem(&self, certificate: &[u8], password: &str) -> Result<Vec<u8>, SigningKeyError> {
        let failed = |error: &dyn fmt::Display| SigningKeyError::Export(error.to_string());
        let der = self.0.to_pkcs8_der().map_err(|error| failed(&error))?;
        let plain = PrivateKeyInfo::try_from(der.as_bytes()).map_err(|error| failed(&error))?;
        let (salt, iv): ([u8; 16], [u8; 16]) =
            ((&SystemEntropy as &dyn Entropy).bytes(), (&SystemEntropy as &dyn Entropy).bytes());
        let parameters = pbes2::Parameters::pbkdf2_sha256_aes256cbc(PEM_ITERATIONS, &salt, &iv);
        let parameters = parameters.map_err(|error| failed(&error))?;
        let locked = plain.encrypt_with_params(parameters, password).map_err(|error| failed(&error))?;
        let locked =
            locked.to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF).map_err(|error| failed(&error))?;
        Ok([locked.as_bytes(), certificate_pem(certificate).as_bytes()].concat())
    }
}

/// A DER certificate as PEM (RFC 7468 §5): what the Play Console wants when an upload key is replaced.
pub(crate) fn certificate_pem(der: &[u8]) -> String {
    pkcs8::der::pem::encode_string("CERTIFICATE", LineEnding::LF, der)
        .expect("a certificate is far shorter than a PEM may be, and the label is well formed")
}

impl Sign for SigningKey {
    /// Blinded, so that the time it takes tells nothing of the key (RUSTSEC-2023-0071); the signature is the same every time.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let scheme = Pkcs1v15Sign { hash_len: Some(32), prefix: Box::new(SHA256_DIGEST_INFO) };
        let signed = self.0.sign_with_rng(&mut SystemRng, scheme, &Sha256::digest(message));
        signed.map_err(|error| SignError(error.to_string()))
    }
}

fn owner(app: AppId) -> [u8; 16] {
    app.bits().to_be_bytes()
}

/// A new app's key, ready to be stored.
pub(crate) struct Sealed {
    pub(crate) sealed: Vec<u8>,
    pub(crate) certificate: Vec<u8>,
}

/// Takes a key for an app that is about to be launched.
///
/// # Errors
/// [`SigningKeyError`].
pub(crate) async fn prepare(
    platform: &Platform,
    app: AppId,
    name: String,
    company: String,
) -> Result<Sealed, SigningKeyError> {
    let key = take(platform).await?;
    let platform = platform.clone();
    let work = move || {
        let certificate = key.certify(&name, &company, platform.clock().now())?;
        Ok(Sealed { sealed: key.seal(&platform, app)?, certificate: certificate.der().to_vec() })
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(SigningKeyError::Make("the thread panicked".to_owned())))
}

/// Keeps a new app's key.
///
/// # Errors
/// [`DbError`].
pub(crate) fn create(tx: &mut Tx<LaunchScope>, key: &Sealed) -> Result<(), DbError> {
    store::insert(tx, key)?;
    audit(tx, "signing_key_created");
    Ok(())
}

/// Remembers that the key is about to leave the house.
pub(crate) fn tell_exported(tx: &mut Tx<AppScope>) {
    audit(tx, "signing_key_exported");
}

/// Remembers the fingerprint of the key that Google Play signs with, so that links open the app from there too.
///
/// # Errors
/// [`DbError`].
pub(crate) fn set_play_fingerprint(tx: &mut Tx<AppScope>, fingerprint: &str) -> Result<(), DbError> {
    store::set_play_fingerprint(tx, fingerprint)?;
    audit(tx, "play_fingerprint_set");
    crate::site::forget(tx);
    Ok(())
}

fn audit<S: OfApp>(tx: &mut Tx<S>, action: &'static str) {
    let resource_id = tx.scope().app_id().to_string();
    tx.audit(Audit { action, resource_type: "signing_key", resource_id, details: json!({}) });
}

/// Why a password cannot protect an exported key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum ExportPasswordError {
    #[error("write 10 to 128 characters")]
    Length,
    #[error(
        "write letters, digits, marks and blanks only: key files know no emoji and no control characters"
    )]
    Character,
}

/// A password that a PKCS#12 file can carry: its text is a `BMPString` (RFC 7292 §B.1), which ends at U+FFFF.
///
/// # Errors
/// [`ExportPasswordError`] says which rule was broken.
pub(crate) fn check_export_password(text: &str) -> Result<(), ExportPasswordError> {
    if !(10..=128).contains(&text.chars().count()) {
        return Err(ExportPasswordError::Length);
    }
    let fits = |character: char| !character.is_control() && u32::from(character) <= 0xffff;
    if text.chars().all(fits) { Ok(()) } else { Err(ExportPasswordError::Character) }
}

/// Reads `AB:CD:…` with 32 bytes; small letters become capitals.
pub(crate) fn parse_fingerprint(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_uppercase();
    let bytes: Vec<&str> = text.split(':').collect();
    let is_byte = |byte: &&str| byte.len() == 2 && byte.bytes().all(|digit| digit.is_ascii_hexdigit());
    (bytes.len() == 32 && bytes.iter().all(is_byte)).then_some(text)
}
