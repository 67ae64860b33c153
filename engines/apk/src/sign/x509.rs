//! X.509 certificates (RFC 5280), just enough of them: Android uses a certificate as a name tag for a public key.
//! It refuses chains, extensions, revocation and every algorithm but RSA with SHA-256.

use super::der;
use super::{Sign, SigningError};
use rsa::RsaPublicKey;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use thiserror::Error;

/// The smallest key Google Play accepts, in bits.
const MINIMUM_KEY_BITS: usize = 2048;

/// `DigestInfo` of SHA-256 up to the hash itself (RFC 8017 §9.2, note 1).
const SHA256_DIGEST_INFO: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];

/// A certificate with the parts that signatures repeat.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    public_key_info: Vec<u8>,
    public_key: RsaPublicKey,
}

/// What is wrong with a certificate or with the wish for one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CertificateError {
    #[error("the certificate is not a DER-encoded X.509 certificate")]
    Form,
    #[error("the public key is not an RSA key in a DER-encoded SubjectPublicKeyInfo")]
    PublicKey,
    #[error("the RSA key has {0} bits; the stores ask for at least {MINIMUM_KEY_BITS}")]
    KeySize(usize),
    #[error("the certificate ends before it begins; swap the instants of its validity")]
    Validity,
    #[error("an instant of the certificate's validity lies outside the years 1970 to 9999")]
    Instant,
    #[error("a name in the certificate has 1 to 64 characters")]
    Name,
    #[error("the serial number of a certificate has 1 to 20 bytes, not all of them zero")]
    Serial,
}

/// What a self-signed certificate says. All of it comes from the caller, so that the same wish gives the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelfSigned<'a> {
    /// Big-endian, 1 to 20 bytes (RFC 5280 §4.1.2.2).
    pub serial: &'a [u8],
    /// Seconds since 1970-01-01T00:00:00Z.
    pub not_before_s: i64,
    /// Seconds since 1970-01-01T00:00:00Z. Google Play asks for a day after 22 October 2033.
    pub not_after_s: i64,
    /// The app or brand, 1 to 64 characters.
    pub common_name: &'a str,
    /// The organisation behind it, 1 to 64 characters.
    pub organisation: Option<&'a str>,
    /// The public key as DER-encoded SubjectPublicKeyInfo.
    pub public_key_info: &'a [u8],
}

impl Certificate {
    /// Reads a DER-encoded certificate.
    ///
    /// # Errors
    /// [`CertificateError`] if it is none, or its key is not RSA or too small.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        let (serial, issuer, public_key_info) = fields(der).ok_or(CertificateError::Form)?;
        let public_key = public_key(public_key_info)?;
        let [serial, issuer, public_key_info] = [serial, issuer, public_key_info].map(<[u8]>::to_vec);
        Ok(Self { der: der.to_vec(), serial, issuer, public_key_info, public_key })
    }

    /// Builds a certificate in which the key vouches for itself, as every Android certificate does.
    ///
    /// # Errors
    /// [`SigningError`] if the wish cannot be written down, the key fails, or it is not the key of `public_key_info`.
    pub fn self_signed(wish: &SelfSigned<'_>, key: &dyn Sign) -> Result<Self, SigningError> {
        let to_be_signed = to_be_signed(wish)?;
        let signature = key.sign(&to_be_signed)?;
        let bits = der::element(der::BIT_STRING, &[&[0], &signature[..]].concat());
        let certificate =
            Self::parse(&der::sequence(&[&to_be_signed, &der::algorithm(der::SHA256_WITH_RSA), &bits]))?;
        if certificate.confirms(&to_be_signed, &signature) {
            Ok(certificate)
        } else {
            Err(SigningError::KeyMismatch)
        }
    }

    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The public key as DER-encoded SubjectPublicKeyInfo.
    #[must_use]
    pub fn public_key_info(&self) -> &[u8] {
        &self.public_key_info
    }

    /// The SHA-256 of the certificate as Android shows it and `assetlinks.json` expects it: `AB:CD:…`, 95 characters.
    #[must_use]
    pub fn fingerprint_sha256(&self) -> String {
        colon_hex(&Sha256::digest(&self.der))
    }

    /// The SHA-1 of the certificate, which some consoles still ask for: `AB:CD:…`, 59 characters.
    #[must_use]
    pub fn fingerprint_sha1(&self) -> String {
        colon_hex(&Sha1::digest(&self.der))
    }

    /// Whether `signature` is this certificate's key's RSASSA-PKCS1-v1_5 signature with SHA-256 of `message`.
    #[must_use]
    pub fn confirms(&self, message: &[u8], signature: &[u8]) -> bool {
        let scheme = Pkcs1v15Sign { hash_len: Some(32), prefix: Box::new(SHA256_DIGEST_INFO) };
        self.public_key.verify(scheme, &Sha256::digest(message), signature).is_ok()
    }

    /// The length of the key's signatures in bytes.
    pub(crate) fn signature_bytes(&self) -> usize {
        self.public_key.size()
    }

    /// `IssuerAndSerialNumber` of PKCS#7.
    pub(crate) fn issuer_and_serial(&self) -> Vec<u8> {
        der::sequence(&[&self.issuer, &self.serial])
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Certificate({})", self.fingerprint_sha256())
    }
}

fn public_key(public_key_info: &[u8]) -> Result<RsaPublicKey, CertificateError> {
    let key = RsaPublicKey::from_public_key_der(public_key_info).map_err(|_| CertificateError::PublicKey)?;
    let bits = key.n().bits();
    if bits < MINIMUM_KEY_BITS { Err(CertificateError::KeySize(bits)) } else { Ok(key) }
}

/// Serial number, issuer and SubjectPublicKeyInfo, each with its header (RFC 5280 §4.1).
fn fields(mut bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let certificate = der::expect(&mut bytes, der::SEQUENCE)?;
    let mut parts = certificate.content;
    let mut fields = der::expect(&mut parts, der::SEQUENCE)?.content;
    der::expect(&mut parts, der::SEQUENCE)?;
    der::expect(&mut parts, der::BIT_STRING)?;
    der::expect(&mut fields, der::CONTEXT_0)?; // Version.
    let serial = der::expect(&mut fields, der::INTEGER)?;
    der::expect(&mut fields, der::SEQUENCE)?; // Algorithm.
    let issuer = der::expect(&mut fields, der::SEQUENCE)?;
    der::expect(&mut fields, der::SEQUENCE)?; // Validity.
    der::expect(&mut fields, der::SEQUENCE)?; // Subject.
    let public_key_info = der::expect(&mut fields, der::SEQUENCE)?;
    (bytes.is_empty() && parts.is_empty()).then_some((serial.whole, issuer.whole, public_key_info.whole))
}

/// `TBSCertificate`.
fn to_be_signed(wish: &SelfSigned<'_>) -> Result<Vec<u8>, CertificateError> {
    if !(1..=20).contains(&wish.serial.len()) || wish.serial.iter().all(|byte| *byte == 0) {
        return Err(CertificateError::Serial);
    }
    if wish.not_after_s <= wish.not_before_s {
        return Err(CertificateError::Validity);
    }
    public_key(wish.public_key_info)?;
    let mut name = relative_name(der::COMMON_NAME, wish.common_name)?;
    if let Some(organisation) = wish.organisation {
        name.extend(relative_name(der::ORGANISATION, organisation)?);
    }
    let name = der::element(der::SEQUENCE, &name);
    let validity = der::sequence(&[&time(wish.not_before_s)?, &time(wish.not_after_s)?]);
    let version = der::element(der::CONTEXT_0, &der::unsigned(&[2])); // Counted from zero: version 3.
    Ok(der::sequence(&[
        &version,
        &der::unsigned(wish.serial),
        &der::algorithm(der::SHA256_WITH_RSA),
        &name,
        &validity,
        &name,
        wish.public_key_info,
    ]))
}

fn relative_name(kind: &[u8], text: &str) -> Result<Vec<u8>, CertificateError> {
    if !(1..=64).contains(&text.chars().count()) {
        return Err(CertificateError::Name);
    }
    let pair = der::sequence(&[kind, &der::element(der::UTF8_STRING, text.as_bytes())]);
    Ok(der::element(der::SET, &pair))
}

/// UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 §4.1.2.5).
fn time(instant_s: i64) -> Result<Vec<u8>, CertificateError> {
    const LAST_SECOND_OF_9999: i64 = 253_402_300_799;
    if !(0..=LAST_SECOND_OF_9999).contains(&instant_s) {
        return Err(CertificateError::Instant);
    }
    let (year, month, day) = civil_date(instant_s / 86_400);
    let second = instant_s % 86_400;
    let rest = format!("{month:02}{day:02}{:02}{:02}{:02}Z", second / 3600, second / 60 % 60, second % 60);
    Ok(if year < 2050 {
        der::element(der::UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        der::element(der::GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes())
    })
}

/// Year, month and day of a day counted from 1970-01-01, not before it.
///
/// The Gregorian calendar repeats every 400 years of 146 097 days; counting years from 1 March puts the leap day last
/// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
fn civil_date(day: i64) -> (i64, i64, i64) {
    let shifted = day + 719_468; // Days from 0000-03-01.
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day_of_month)
}

fn colon_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(3 * bytes.len());
    for (index, byte) in bytes.iter().enumerate() {
        let colon = if index == 0 { "" } else { ":" };
        write!(text, "{colon}{byte:02X}").expect("writing to a string cannot fail");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{self, BrokenKey};
    use proptest::prelude::*;

    #[test]
    fn a_self_signed_certificate_is_read_back() {
        let key = fixture::key();
        let certificate = fixture::certificate(&key);
        assert_eq!(Certificate::parse(certificate.der()), Ok(certificate.clone()));
        assert_eq!(certificate.public_key_info(), key.public_key_info());
        assert_eq!((certificate.fingerprint_sha256().len(), certificate.fingerprint_sha1().len()), (95, 59));
        assert!(format!("{certificate:?}").contains(&certificate.fingerprint_sha256()));
    }

    #[test]
    fn a_wish_that_cannot_be_written_down_is_refused() {
        let key = fixture::key();
        let info = key.public_key_info();
        let good = fixture::wish(&info);
        let long = "x".repeat(65);
        let cases = [
            (SelfSigned { serial: &[], ..good }, CertificateError::Serial),
            (SelfSigned { serial: &[0; 20], ..good }, CertificateError::Serial),
            (SelfSigned { serial: &[1; 21], ..good }, CertificateError::Serial),
            (SelfSigned { not_after_s: good.not_before_s, ..good }, CertificateError::Validity),
            (SelfSigned { not_before_s: -1, ..good }, CertificateError::Instant),
            (SelfSigned { not_after_s: 253_402_300_800, ..good }, CertificateError::Instant),
            (SelfSigned { common_name: "", ..good }, CertificateError::Name),
            (SelfSigned { organisation: Some(&long), ..good }, CertificateError::Name),
            (SelfSigned { public_key_info: &[1, 2, 3], ..good }, CertificateError::PublicKey),
        ];
        for (wish, expected) in cases {
            assert_eq!(Certificate::self_signed(&wish, &key), Err(expected.into()), "{wish:?}");
        }
    }

    #[test]
    fn another_key_and_a_broken_key_are_refused() {
        let info = fixture::key().public_key_info();
        let wish = fixture::wish(&info);
        assert_eq!(Certificate::self_signed(&wish, &fixture::other_key()), Err(SigningError::KeyMismatch));
        assert!(matches!(Certificate::self_signed(&wish, &BrokenKey), Err(SigningError::Key(_))));
    }

    #[test]
    fn a_damaged_certificate_is_refused() {
        let certificate = fixture::certificate(&fixture::key());
        for length in 0..certificate.der().len() {
            assert!(Certificate::parse(&certificate.der()[..length]).is_err(), "{length} bytes");
        }
        let longer = [certificate.der(), &[0]].concat();
        assert_eq!(Certificate::parse(&longer), Err(CertificateError::Form));
    }

    #[test]
    fn times_are_written_as_the_rules_say() {
        let text = |instant_s| String::from_utf8_lossy(&time(instant_s).unwrap()[2..]).into_owned();
        assert_eq!(text(0), "700101000000Z");
        assert_eq!(text(951_782_399), "000228235959Z");
        assert_eq!(text(951_782_400), "000229000000Z");
        assert_eq!(text(2_524_607_999), "491231235959Z");
        assert_eq!(text(2_524_608_000), "20500101000000Z");
        assert_eq!(text(253_402_300_799), "99991231235959Z");
    }

    proptest! {
        #[test]
        fn days_follow_each_other(day in 0_i64..2_932_896) {
            let (year, month, of_month) = civil_date(day);
            let next = civil_date(day + 1);
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = match month { 2 => 28 + i64::from(leap), 4 | 6 | 9 | 11 => 30, _ => 31 };
            let expected = if of_month < length {
                (year, month, of_month + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            };
            prop_assert_eq!(next, expected);
        }
    }
}
