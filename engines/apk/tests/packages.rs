//! Whole packages through the front door, judged by independent parsers written in Rust.

use proptest::prelude::*;
use slipway_apk::*;
use std::path::PathBuf;

#[cfg(test)]
#[path = "../src/fixture.rs"]
mod fixture;

/// Writes a package where a judge can open it.
fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).expect("the folder for test files is writable");
    path
}

fn apk(model: &AppModel) -> Vec<u8> {
    let key = fixture::key();
    let certificate = fixture::certificate(&key);
    let apk = build_apk(model, &Signer::new(&key, &certificate)).expect("the model is sound");
    verify_apk(&apk, &certificate).expect("what was built is whole");
    apk
}

#[test]
fn two_builds_are_the_same_bytes() {
    let key = fixture::key();
    let certificate = fixture::certificate(&key);
    let signer = Signer::new(&key, &certificate);
    assert_eq!(certificate, fixture::certificate(&key));
    for model in [fixture::store(), fixture::preview()] {
        assert!(build_apk(&model, &signer) == build_apk(&model, &signer));
        assert!(build_aab(&model, &signer) == build_aab(&model, &signer));
    }
    assert_eq!(Code::assemble().dex(), Code::shell().dex());
}

const KNOWN_APK: &str = "d5361112dd37f6006e0c9deed634257a3ad17b9021fa9335d2c970e92b680f74";
const KNOWN_AAB: &str = "13c6d18a6032e75a64bc512b710f9ce201014e6c43acc066fc5af3793826f9b4";

/// These change only when every package that is ever rebuilt changes: with a format, the shell, or flate2's deflate.
/// Such a change belongs into the changelog.
#[test]
fn the_bytes_of_a_release_are_known() {
    let key = fixture::key();
    let certificate = fixture::certificate(&key);
    let signer = Signer::new(&key, &certificate);
    let apk = build_apk(&fixture::store(), &signer).unwrap();
    let aab = build_aab(&fixture::store(), &signer).unwrap();
    let hex = |report: Report| report.sha256.map(|byte| format!("{byte:02x}")).concat();
    let known = [verify_apk(&apk, &certificate).unwrap(), verify_aab(&aab, &certificate).unwrap()].map(hex);
    assert_eq!(known, [KNOWN_APK, KNOWN_AAB]);
}

#[test]
fn a_wrong_or_silent_key_signs_nothing() {
    let certificate = fixture::certificate(&fixture::key());
    let other = fixture::other_key();
    let mismatch = Err(BuildError::Signing(SigningError::KeyMismatch));
    assert_eq!(build_apk(&fixture::store(), &Signer::new(&other, &certificate)), mismatch);
    assert_eq!(build_aab(&fixture::store(), &Signer::new(&other, &certificate)), mismatch);
    let silent = build_apk(&fixture::store(), &Signer::new(&fixture::BrokenKey, &certificate));
    assert!(matches!(silent, Err(BuildError::Signing(SigningError::Key(_)))));
}

#[test]
fn a_model_that_breaks_a_rule_is_not_built() {
    let key = fixture::key();
    let certificate = fixture::certificate(&key);
    let model = AppModel { mode: Mode::Store, ..fixture::preview() };
    let refused = build_apk(&model, &Signer::new(&key, &certificate));
    assert!(matches!(refused, Err(BuildError::Model(ModelError::LocalHostInStore(_)))));
}

#[test]
fn apk_info_reads_what_the_model_says() {
    let model = fixture::store();
    let path = file("apk-info.apk", &apk(&model));
    let read = apk_info::Apk::new(&path).unwrap();
    assert_eq!(read.get_package_name().as_deref(), Some("app.lumiere.shop"));
    assert_eq!(read.get_version_code().as_deref(), Some("1007"));
    assert_eq!(read.get_version_name().as_deref(), Some("1.0.7"));
    assert_eq!(read.get_application_label().as_deref(), Some(model.label.as_str()));
    assert_eq!(read.get_min_sdk_version().as_deref(), Some("24"));
    assert_eq!(read.get_target_sdk_version(), TARGET_SDK);
    assert_eq!(read.get_main_activity(), Some("app.shell.ShellActivity"));
    assert_eq!(read.get_permissions().collect::<Vec<_>>(), ["android.permission.INTERNET"]);
    assert!(read.anomalies().is_empty(), "{:?}", read.anomalies());
    let schemes: Vec<String> = read
        .get_signatures()
        .unwrap()
        .iter()
        .map(|signature| format!("{signature:?}")[..2].to_owned())
        .collect();
    assert_eq!(schemes, ["V2", "V3"]);
}

#[test]
fn apksig_confirms_signature_and_digest_and_notices_damage() {
    use apksig::{Algorithms, ValueSigningBlock};
    let bytes = apk(&fixture::store());
    let judged = apksig::Apk::new(file("apksig.apk", &bytes)).unwrap();
    // It checks block after block and stops at v3, which it does not know: so it has confirmed v2.
    let stops_at_v3 = Err("Signature scheme v3 is not supported for the moment".to_owned());
    assert_eq!(judged.verify(), stops_at_v3);
    let digest = judged.digest(&Algorithms::RSASSA_PKCS1_v1_5_256).unwrap();
    let signed = judged.get_signing_block().unwrap().content.into_iter().find_map(|block| match block {
        ValueSigningBlock::SignatureSchemeV2Block(v2) => Some(v2.signers.signers_data[0].signed_data.clone()),
        _ => None,
    });
    assert_eq!(signed.unwrap().digests.digests_data[0].digest, digest);

    let magic = bytes.windows(16).position(|window| window == b"APK Sig Block 42").unwrap();
    let size = u64::from_le_bytes(bytes[magic - 8..magic].try_into().unwrap()) as usize;
    // Well inside the digest that the v2 signature is over.
    let mut damaged = bytes.clone();
    damaged[magic + 16 - (size + 8) + 60] ^= 1;
    let judged = apksig::Apk::new(file("apksig-damaged.apk", &damaged)).unwrap();
    assert!(judged.verify().is_err_and(|error| !error.contains("v3")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn labels_of_any_script_and_length_arrive(
        label in prop_oneof!["[\\PC&&\\S]{1}", "[\\PC&&\\S]{60}", "[\u{5d0}-\u{5ea}]{3,20}", "[\u{1f300}-\u{1f5ff}]{60}"]
    ) {
        let model = AppModel { label: Label::parse(&label).unwrap(), ..fixture::store() };
        let path = file("label.apk", &apk(&model));
        let read = apk_info::Apk::new(&path).unwrap();
        prop_assert_eq!(read.get_application_label(), Some(label));
    }
}
