//! A model, keys and images for tests and benches. It refuses to be part of the library.
//!
//! The parent module names the library's types, so that this one file serves the crate's own tests, its integration
//! tests and its bench.

use super::{
    AppModel, Certificate, Colour, Colours, Density, Host, IconSet, Images, Label, Mode, PackageId,
    Permissions, Png, Purpose, SelfSigned, Sign, SignError, StartUrl, Texts, Version, VersionCode,
    VersionName,
};
use flate2::{Compress, Compression, Crc, FlushCompress};
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pkcs8::EncodePublicKey;
use rsa::{BigUint, RsaPrivateKey};
use sha2::{Digest, Sha256};

/// An RSA key made from primes that are public on purpose, because making one takes seconds in a debug build.
pub(crate) struct TestKey(RsaPrivateKey);

const PRIMES: [&str; 2] = [
    concat!(
        "e93f359f7f4e88e482b1b7e410ed81c032ddf7827d8b09b8b3c99dc4db4191df150998d5a9e5d8068cbe9693fe86fde88c46",
        "0aae3d4e945588b10c37982f796a586f6fa6ef3f9c0e4d312ba02ace083529687ab79cda6674d8e1a64374e2417118fd550c",
        "f9fc6b56b7767ceecb38f4195dffeab96ecd3a1a1412d00e963c4935"
    ),
    concat!(
        "dc1eb9b7059dc783db5bc745f85c37d13ec85ba46958a20dbe5a561fc3ad36dc457635a0dfbe9050209a4aadda67505f6994",
        "dfaab9be3e3dbeca15c2cb98b412dfe7fafed42fbafa8e80ad7a561c5130c8715933a4843372f727a418663f5ee26bf91210",
        "e23c40a440e1074ee4745a0dd8eb6adb126e32520b633188eec5f505"
    ),
];

const OTHER_PRIMES: [&str; 2] = [
    concat!(
        "de255a7ed983defcd1adaf199c7f2b14743ed4d4554353ea3045613cbe6b71b63a1a6ca081d9ab81525f78b38db4feba4fdc",
        "9ed5ae2f083572c1c4e2065833d6b6ca7895bb5761eead9b0e894b33f6aa252094146c5db30a814e170769515adc225634d0",
        "5c3110790318a28378ed721715caa7148b3e97045a72a84738c57b11"
    ),
    concat!(
        "d9edea40302b878eddf58d1f6315ddff8697521efd896aa947c2054f79a524ba29acbf2a6c8af03c6feb9ed42b3a74b210a1",
        "cbb3a25a33285b2ecd2740bfd0c256e7e93ddc09663515986ebb2d424905a29abad9cdfab85c7be9e6fe94b16e33796558dc",
        "cfd75dc3886a5ae845eec06baf3bbfea86e494d56af25e01e4e68fbf"
    ),
];

pub(crate) fn key() -> TestKey {
    TestKey::from_primes(PRIMES)
}

pub(crate) fn other_key() -> TestKey {
    TestKey::from_primes(OTHER_PRIMES)
}

impl TestKey {
    fn from_primes(primes: [&str; 2]) -> Self {
        let [p, q] = primes.map(|prime| BigUint::parse_bytes(prime.as_bytes(), 16).unwrap());
        Self(RsaPrivateKey::from_p_q(p, q, BigUint::from(65_537_u32)).unwrap())
    }

    pub(crate) fn public_key_info(&self) -> Vec<u8> {
        self.0.to_public_key().to_public_key_der().unwrap().into_vec()
    }
}

impl Sign for TestKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let digest_info =
            [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
        let scheme = Pkcs1v15Sign { hash_len: Some(32), prefix: Box::new(digest_info) };
        self.0.sign(scheme, &Sha256::digest(message)).map_err(|error| SignError(error.to_string()))
    }
}

/// A key whose vault does not answer.
pub(crate) struct BrokenKey;

impl Sign for BrokenKey {
    fn sign(&self, _message: &[u8]) -> Result<Vec<u8>, SignError> {
        Err(SignError("the vault is closed".to_owned()))
    }
}

/// A certificate from 2026-01-01 to 2056-01-01.
pub(crate) fn wish(public_key_info: &[u8]) -> SelfSigned<'_> {
    SelfSigned {
        serial: &[0x51, 0x1b],
        not_before_s: 1_767_225_600,
        not_after_s: 2_713_910_400,
        common_name: "Lumi\u{e8}re",
        organisation: Some("Lumi\u{e8}re SARL"),
        public_key_info,
    }
}

pub(crate) fn certificate(key: &TestKey) -> Certificate {
    Certificate::self_signed(&wish(&key.public_key_info()), key).unwrap()
}

/// A square PNG of one colour with transparency, eight bits per channel.
pub(crate) fn png(edge_px: u32) -> Vec<u8> {
    let mut rows = Vec::new();
    for _ in 0..edge_px {
        rows.push(0);
        rows.extend([0x8b, 0x1e, 0x3f, 0xc0].repeat(edge_px as usize));
    }
    let mut packed = Vec::with_capacity(rows.len() + 1024);
    Compress::new(Compression::new(9), true).compress_vec(&rows, &mut packed, FlushCompress::Finish).unwrap();
    let edge = edge_px.to_be_bytes();
    let header = [&edge[..], &edge, &[8, 6, 0, 0, 0]].concat();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", &header), (b"IDAT", &packed), (b"IEND", &Vec::new())] {
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(data);
        file.extend((data.len() as u32).to_be_bytes());
        file.extend(kind);
        file.extend(data);
        file.extend(crc.sum().to_be_bytes());
    }
    file
}

fn images(purpose: Purpose, densities: &[Density]) -> Images {
    let of = |density: &Density| (*density, Png::parse(png(purpose.edge_px(*density))).unwrap());
    Images::new(purpose, densities.iter().map(of).collect()).unwrap()
}

/// An app for the store, with every kind of image.
pub(crate) fn store() -> AppModel {
    let host = |text: &str| Host::parse(text).unwrap();
    let colour = |text: &str| Colour::parse(text).unwrap();
    AppModel {
        package_id: PackageId::parse("app.lumiere.shop").unwrap(),
        version: Version {
            code: VersionCode::new(1007).unwrap(),
            name: VersionName::parse("1.0.7").unwrap(),
        },
        label: Label::parse("Caf\u{e9} Lumi\u{e8}re \u{1f388}").unwrap(),
        start_url: StartUrl::parse("https://shop.lumiere.example/?from=app").unwrap(),
        hosts: vec![host("shop.lumiere.example"), host("www.lumiere.example")],
        colours: Colours {
            background: colour("#fff7ee"),
            accent: colour("#8b1e3f"),
            icon_background: colour("#3c153b"),
        },
        texts: Texts::english(),
        icons: IconSet {
            legacy: images(Purpose::Legacy, &Density::ALL),
            foreground: images(Purpose::Foreground, &Density::ALL),
            monochrome: images(Purpose::Monochrome, &[Density::Xxxhdpi]),
            splash: Some(images(Purpose::Splash, &[Density::Xxxhdpi])),
        },
        permissions: Permissions::default(),
        mode: Mode::Store,
    }
}

/// The same app on the developer's machine.
pub(crate) fn preview() -> AppModel {
    AppModel {
        start_url: StartUrl::parse("http://lumiere.localhost:8080/").unwrap(),
        hosts: vec![Host::parse("lumiere.localhost").unwrap()],
        mode: Mode::Preview,
        ..store()
    }
}
