//! What the verifier accepts and every way of spoiling it.

use super::*;
use crate::fixture::{self, TestKey};
use crate::package::BUNDLE_CODE;
use crate::sign::{Signer, jar};
use crate::zip::{Archive, Entry, read};
use crate::{build_aab, build_apk};
use proptest::prelude::*;
use std::sync::LazyLock;

/// One build for all tests: signing takes most of the time.
struct Built {
    key: TestKey,
    certificate: Certificate,
    apk: Vec<u8>,
    aab: Vec<u8>,
}

static BUILT: LazyLock<Built> = LazyLock::new(|| {
    let key = fixture::key();
    let certificate = fixture::certificate(&key);
    let signer = Signer::new(&key, &certificate);
    let apk = build_apk(&fixture::store(), &signer).unwrap();
    let aab = build_aab(&fixture::store(), &signer).unwrap();
    Built { key, certificate, apk, aab }
});

fn apk_error(bytes: &[u8]) -> VerifyError {
    verify_apk(bytes, &BUILT.certificate).unwrap_err()
}

fn aab_error(bytes: &[u8]) -> VerifyError {
    verify_aab(bytes, &BUILT.certificate).unwrap_err()
}

fn apk_sections() -> read::Archive {
    read::Archive::parse(&BUILT.apk).unwrap()
}

fn flipped(bytes: &[u8], index: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[index] ^= 1;
    bytes
}

#[test]
fn what_was_built_is_accepted_and_described() {
    let report = verify_apk(&BUILT.apk, &BUILT.certificate).unwrap();
    assert_eq!(report.sha256[..], Sha256::digest(&BUILT.apk)[..]);
    assert_eq!((report.size_bytes, report.entries), (BUILT.apk.len(), 17));
    assert_eq!(report.signer_sha256, BUILT.certificate.fingerprint_sha256());
    // Three signature files and the configuration more.
    assert_eq!(verify_aab(&BUILT.aab, &BUILT.certificate).unwrap().entries, 21);
}

#[test]
fn every_flipped_byte_of_block_directory_and_end_is_noticed() {
    let sections = apk_sections();
    // The padding of the block is all the same; its first and last bytes stand for it.
    let block = sections.entries_end..sections.directory_start;
    let content_end =
        block.start + BUILT.apk[block.clone()].windows(64).position(|window| window == [0; 64]).unwrap();
    for index in (block.start..content_end + 16).chain(block.end - 40..BUILT.apk.len()) {
        assert!(verify_apk(&flipped(&BUILT.apk, index), &BUILT.certificate).is_err(), "byte {index}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_changed_byte_of_an_apk_is_noticed(place in 0.0..1.0, difference in 1_u8..) {
        let mut bytes = BUILT.apk.clone();
        let index = (place * bytes.len() as f64) as usize;
        bytes[index] ^= difference;
        prop_assert!(verify_apk(&bytes, &BUILT.certificate).is_err(), "byte {}", index);
    }

    #[test]
    fn anything_cut_off_or_added_is_noticed(length in 0.0..1.0, tail in proptest::collection::vec(any::<u8>(), 1..40)) {
        let cut = (length * BUILT.apk.len() as f64) as usize;
        prop_assert!(verify_apk(&BUILT.apk[..cut], &BUILT.certificate).is_err());
        prop_assert!(verify_apk(&[&BUILT.apk[..], &tail].concat(), &BUILT.certificate).is_err());
        prop_assert!(verify_aab(&[&BUILT.aab[..], &tail].concat(), &BUILT.certificate).is_err());
    }

    #[test]
    fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(verify_apk(&bytes, &BUILT.certificate).is_err());
        prop_assert!(verify_aab(&bytes, &BUILT.certificate).is_err());
    }
}

#[test]
fn each_part_of_an_apk_has_its_own_answer() {
    let sections = apk_sections();
    let content = sections.file("resources.arsc").unwrap().data_start;
    // The signatures are checked first: the digest speaks before the checksum.
    assert_eq!(apk_error(&flipped(&BUILT.apk, content)), VerifyError::Digest(Scheme::V2));
    assert_eq!(apk_error(&flipped(&BUILT.apk, sections.entries_end)), VerifyError::SigningBlock);
    let magic = sections.directory_start - 1;
    assert_eq!(apk_error(&flipped(&BUILT.apk, magic)), VerifyError::SigningBlock);
    let padding = sections.directory_start - 40;
    assert_eq!(BUILT.apk[padding], 0);
    assert_eq!(apk_error(&flipped(&BUILT.apk, padding)), VerifyError::SigningBlock);
    // Block size, pair size, id, list, signer, signed data and digest list: the certificate follows.
    let certificate =
        BUILT.apk.windows(8).position(|window| window == &BUILT.certificate.der()[..8]).unwrap();
    assert_eq!(apk_error(&flipped(&BUILT.apk, certificate)), VerifyError::OtherCertificate(Scheme::V2));
    let digest = certificate - 16;
    assert_eq!(apk_error(&flipped(&BUILT.apk, digest)), VerifyError::Signature(Scheme::V2));
}

#[test]
fn an_unsigned_apk_is_not_accepted() {
    let sections = apk_sections();
    let unsigned = Archive::write(sections.files.iter().map(|file| &file.entry)).concat();
    assert_eq!(apk_error(&unsigned), VerifyError::NoSigningBlock);
}

#[test]
fn an_apk_that_no_phone_installs_is_not_signed_off() {
    let signer = Signer::new(&BUILT.key, &BUILT.certificate);
    let rebuilt = |change: &dyn Fn(Entry) -> Option<Entry>| {
        let entries: Vec<Entry> =
            apk_sections().files.into_iter().filter_map(|file| change(file.entry)).collect();
        crate::sign::scheme::sign(&Archive::write(&entries), &signer).unwrap()
    };
    let packed = rebuilt(&|entry| {
        Some(if entry.name == "resources.arsc" { Entry::deflated(&entry.name, &entry.data) } else { entry })
    });
    assert_eq!(apk_error(&packed), VerifyError::TableCompressed);
    let without = rebuilt(&|entry| (entry.name != "classes.dex").then_some(entry));
    assert_eq!(apk_error(&without), VerifyError::Missing("classes.dex"));
}

#[test]
fn another_certificate_is_not_accepted() {
    let other = fixture::certificate(&fixture::other_key());
    assert_eq!(verify_apk(&BUILT.apk, &other), Err(VerifyError::OtherCertificate(Scheme::V2)));
    assert_eq!(verify_aab(&BUILT.aab, &other), Err(VerifyError::OtherCertificate(Scheme::Jar)));
}

/// The bundle with some of its entries changed and everything else, checksums included, in order.
fn rebundled(change: impl Fn(Entry) -> Vec<Entry>) -> Vec<u8> {
    let files = read::Archive::parse(&BUILT.aab).unwrap().files;
    let entries: Vec<Entry> = files.into_iter().flat_map(|file| change(file.entry)).collect();
    Archive::write(&entries).concat()
}

#[test]
fn a_changed_bundle_is_not_accepted() {
    let code = rebundled(|entry| {
        if entry.name == BUNDLE_CODE { vec![Entry::deflated(BUNDLE_CODE, &[0; 500])] } else { vec![entry] }
    });
    assert_eq!(aab_error(&code), VerifyError::Changed(BUNDLE_CODE.to_owned()));

    let added = rebundled(|entry| {
        let extra = (entry.name == BUNDLE_CODE).then(|| Entry::stored("base/dex/classes2.dex", vec![1]));
        [entry].into_iter().chain(extra).collect()
    });
    assert_eq!(aab_error(&added), VerifyError::Changed("base/dex/classes2.dex".to_owned()));

    let removed =
        rebundled(|entry| if entry.name.ends_with("ic_monochrome.png") { vec![] } else { vec![entry] });
    assert_eq!(aab_error(&removed), VerifyError::Digests(jar::MANIFEST));

    let missing = rebundled(|entry| if entry.name == "BundleConfig.pb" { vec![] } else { vec![entry] });
    assert_eq!(aab_error(&missing), VerifyError::Missing("BundleConfig.pb"));

    let unsigned = rebundled(|entry| if entry.name.ends_with(".RSA") { vec![] } else { vec![entry] });
    assert_eq!(aab_error(&unsigned), VerifyError::Missing(jar::SIGNATURE_BLOCK));
}

#[test]
fn a_forged_signature_file_is_not_accepted() {
    let forge = |name: &'static str, change: fn(&mut Vec<u8>)| {
        rebundled(|entry| {
            if entry.name != name {
                return vec![entry];
            }
            let archive = read::Archive::parse(&BUILT.aab).unwrap();
            let mut content = archive.file(name).unwrap().content().unwrap();
            change(&mut content);
            vec![Entry::deflated(name, &content)]
        })
    };
    let last = |content: &mut Vec<u8>| *content.last_mut().unwrap() ^= 1;
    assert_eq!(
        aab_error(&forge(jar::MANIFEST, last)),
        VerifyError::Changed("base/res/drawable-xxxhdpi-v4/splash.png".to_owned())
    );
    assert_eq!(
        aab_error(&forge(jar::MANIFEST, |content| content[0] ^= 1)),
        VerifyError::Digests(jar::MANIFEST)
    );
    assert_eq!(aab_error(&forge(jar::SIGNATURE_FILE, last)), VerifyError::Digests(jar::SIGNATURE_FILE));
    assert_eq!(aab_error(&forge(jar::SIGNATURE_BLOCK, last)), VerifyError::Signature(Scheme::Jar));
    assert_eq!(
        aab_error(&forge(jar::SIGNATURE_BLOCK, |content| content[60] ^= 1)),
        VerifyError::OtherCertificate(Scheme::Jar)
    );
}
