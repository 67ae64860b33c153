//! Raster uploads, good and bad.

use image::ImageFormat;
use proptest::prelude::*;
use slipway_brand::{Format, Logo, LogoError, LogoWarning, Rgb};

use crate::pictures::{VERDE, decoded, disc, drawn, encoded, logo, png};

const GREEN: [u8; 3] = [20, 120, 60];

#[test]
fn every_format_becomes_the_same_square() {
    let cases = [
        (png(&disc(1024, GREEN)), Format::Png, 1024),
        (encoded(&disc(600, GREEN), ImageFormat::Jpeg), Format::Jpeg, 600),
        (encoded(&disc(512, GREEN), ImageFormat::WebP), Format::WebP, 512),
        (png(&disc(1500, GREEN)), Format::Png, 1024),
        (VERDE.to_vec(), Format::Svg, 1024),
    ];
    for (bytes, format, side_px) in cases {
        let logo = Logo::decode(&bytes).unwrap();
        assert_eq!((logo.format(), logo.canvas().side_px()), (format, side_px));
        assert_eq!(logo.to_png(), Logo::decode(&bytes).unwrap().to_png(), "{format} is deterministic");
        assert_eq!(decoded(&logo.to_png()).into_raw(), logo.canvas().rgba(), "{format} survives its PNG");
    }
}

#[test]
fn sizes_outside_the_range_are_named() {
    let sized = |width, height| Logo::decode(&png(&drawn(width, height, |_, _| [1, 2, 3, 255])));
    assert_eq!(sized(511, 600), Err(LogoError::TooSmall { width_px: 511, height_px: 600, required_px: 512 }));
    assert_eq!(sized(4097, 600), Err(LogoError::TooLarge { width_px: 4097, height_px: 600, limit_px: 4096 }));
    assert_eq!(sized(1030, 514), Err(LogoError::TooElongated { width: 1030, height: 514, limit: 2 }));
    assert_eq!(
        sized(511, 600).unwrap_err().to_string(),
        "the picture is 511 × 600 px, but both sides need at least 512 px: export it larger, or upload an SVG"
    );
    let padded = sized(1024, 512).unwrap();
    assert!(padded.warnings().contains(&LogoWarning::Padded { width_px: 1024, height_px: 512 }));
    assert_eq!(padded.canvas().pixel(512, 255), [0; 4], "the padding is transparent");
    assert_eq!(padded.canvas().pixel(512, 256), [1, 2, 3, 255], "the picture is centred");
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    let mut bytes = png(&disc(512, GREEN));
    bytes[16..20].copy_from_slice(&100_000_u32.to_be_bytes());
    assert!(matches!(Logo::decode(&bytes), Err(LogoError::TooLarge { width_px: 100_000, .. })));
    let oversize = vec![0; 5 * 1024 * 1024 + 1];
    assert!(matches!(Logo::decode(&oversize), Err(LogoError::TooManyBytes { .. })));
}

#[test]
fn truncated_files_are_refused_at_every_length() {
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let bytes = encoded(&disc(512, GREEN), format);
        for part in 1..40 {
            let length = bytes.len() * part / 40;
            let error = Logo::decode(&bytes[..length]).unwrap_err();
            assert!(
                matches!(error, LogoError::Truncated { .. } | LogoError::UnknownFormat),
                "{format:?} cut to {length}: {error}"
            );
        }
    }
}

#[test]
fn animation_is_refused() {
    let mut apng = png(&disc(512, GREEN));
    let chunk = [&8_u32.to_be_bytes()[..], b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0], &[0; 4]].concat();
    apng.splice(33..33, chunk);
    assert_eq!(Logo::decode(&apng), Err(LogoError::Animated { format: Format::Png }));

    let vp8x = [&b"VP8X"[..], &10_u32.to_le_bytes(), &[0b10, 0, 0, 0], &[255, 1, 0], &[255, 1, 0]].concat();
    let size = u32::try_from(vp8x.len()).unwrap() + 4;
    let webp = [&b"RIFF"[..], &size.to_le_bytes(), b"WEBP", &vp8x].concat();
    assert_eq!(Logo::decode(&webp), Err(LogoError::Animated { format: Format::WebP }));
}

#[test]
fn cmyk_is_refused() {
    let mut frame = vec![0xff, 0xd8, 0xff, 0xc0, 0, 20, 8, 2, 0, 2, 0, 4];
    frame.extend([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0]);
    assert_eq!(Logo::decode(&frame), Err(LogoError::Cmyk { components: 4 }));
}

#[test]
fn a_jpeg_of_endless_scans_is_refused() {
    let mut bytes = encoded(&disc(512, GREEN), ImageFormat::Jpeg);
    let end = bytes.len() - 2;
    bytes.splice(end..end, [0xff, 0xda].repeat(200));
    assert!(matches!(Logo::decode(&bytes), Err(LogoError::Damaged { format: Format::Jpeg, .. })));
}

#[test]
fn a_false_name_is_refused_and_no_name_is_needed() {
    let jpeg = encoded(&disc(512, GREEN), ImageFormat::Jpeg);
    let mislabelled = LogoError::Mislabelled { claimed: Format::Png, actual: Format::Jpeg };
    assert_eq!(Logo::decode_claimed(&jpeg, "logo.PNG"), Err(mislabelled.clone()));
    assert_eq!(Logo::decode_claimed(&jpeg, "image/png"), Err(mislabelled));
    for name in ["image/jpeg", "photo.JPG", "application/octet-stream", ""] {
        assert!(Logo::decode_claimed(&jpeg, name).is_ok(), "{name:?}");
    }
}

#[test]
fn other_files_are_called_by_their_name() {
    let cases: [(&[u8], LogoError); 6] = [
        (b"", LogoError::Empty),
        (b"GIF89a...", LogoError::UnsupportedFormat { found: "GIF" }),
        (b"%PDF-1.7", LogoError::UnsupportedFormat { found: "PDF" }),
        (b"\0\0\0\x20ftypavif", LogoError::UnsupportedFormat { found: "HEIC, AVIF and video" }),
        (b"hello", LogoError::UnknownFormat),
        (b"<html><body>404</body></html>", LogoError::UnknownFormat),
    ];
    for (bytes, expected) in cases {
        assert_eq!(Logo::decode(bytes), Err(expected));
    }
}

#[test]
fn orientation_is_applied() {
    let left_red = drawn(600, 600, |x, _| if x < 300 { [255, 0, 0, 255] } else { [0, 0, 255, 255] });
    let mut bytes = encoded(&left_red, ImageFormat::Jpeg);
    // APP1 with a TIFF directory of one entry: orientation (0x0112), one SHORT, 6 = turn clockwise.
    let mut exif = b"\xff\xe1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0".to_vec();
    exif.extend([0; 4]);
    bytes.splice(2..2, exif);
    let logo = Logo::decode(&bytes).unwrap();
    let [red, _, blue, _] = logo.canvas().pixel(500, 50);
    assert!(red > 200 && blue < 50, "what was left is on top");
}

#[test]
fn what_cannot_be_seen_leaves_no_trace() {
    let secret = logo(&drawn(512, 512, |x, _| if x < 256 { [200, 30, 30, 0] } else { [0, 90, 60, 255] }));
    let plain = logo(&drawn(512, 512, |x, _| if x < 256 { [0, 0, 0, 0] } else { [0, 90, 60, 255] }));
    assert_eq!(secret.to_png(), plain.to_png());
    assert_eq!(Logo::decode(&png(&drawn(512, 512, |_, _| [9, 9, 9, 0]))), Err(LogoError::Invisible));
}

#[test]
fn a_foreign_colour_profile_is_noticed() {
    let with_profile = |name: &str| {
        let mut bytes = Vec::new();
        let mut info = png::Info::with_size(512, 512);
        (info.color_type, info.bit_depth) = (png::ColorType::Rgba, png::BitDepth::Eight);
        info.icc_profile = Some(format!("profile {name}").into_bytes().into());
        let mut writer = png::Encoder::with_info(&mut bytes, info).unwrap().write_header().unwrap();
        writer.write_image_data(disc(512, GREEN).as_raw()).unwrap();
        writer.finish().unwrap();
        Logo::decode(&bytes).unwrap().warnings().contains(&LogoWarning::ColourProfileIgnored)
    };
    assert!(with_profile("Display P3"));
    assert!(!with_profile("sRGB IEC61966-2.1"));
}

#[test]
fn warnings_tell_good_from_better() {
    let has = |logo: &Logo, warning: &LogoWarning| logo.warnings().contains(warning);
    let disc = logo(&disc(1024, GREEN));
    assert_eq!(disc.warnings(), []);
    let small = logo(&crate::pictures::disc(512, GREEN));
    assert!(has(&small, &LogoWarning::Upscaled { side_px: 512, needed_px: 768 }));
    let opaque = logo(&drawn(1024, 1024, |_, _| [250, 250, 250, 255]));
    assert!(has(&opaque, &LogoWarning::Opaque));
    let stripes = drawn(1024, 1024, |x, _| if x / 8 % 2 == 0 { [0, 0, 0, 255] } else { [0; 4] });
    assert!(has(&logo(&stripes), &LogoWarning::SmallDetail { at_px: 48 }));
    assert_eq!(Logo::decode(VERDE).unwrap().warnings(), []);

    assert_eq!(disc.check_background(Rgb::WHITE), None);
    let background = Rgb::new(20, 110, 60);
    assert_eq!(
        disc.check_background(background),
        Some(LogoWarning::LowContrast { background, legible_share: 0.0 })
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(magic in 0..6_usize, tail in proptest::collection::vec(any::<u8>(), 0..400)) {
        let magics: [&[u8]; 6] = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP", b"<svg", b"\x1f\x8b"];
        let bytes = [magics[magic], &tail].concat();
        prop_assert!(Logo::decode(&bytes).is_err());
    }

    #[test]
    fn damaged_pictures_never_panic(
        format in 0..4_usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let bytes = match format {
            0 => encoded(&disc(512, GREEN), ImageFormat::Png),
            1 => encoded(&disc(512, GREEN), ImageFormat::Jpeg),
            2 => encoded(&disc(512, GREEN), ImageFormat::WebP),
            _ => VERDE.to_vec(),
        };
        let mut bytes = bytes;
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok(logo) = Logo::decode(&bytes) {
            prop_assert!(logo.canvas().side_px() <= 1024);
        }
    }
}
