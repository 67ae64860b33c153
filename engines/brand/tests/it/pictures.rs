//! Small makers of good and bad uploads.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use slipway_brand::Logo;

pub(crate) const VERDE: &[u8] = include_bytes!("../../../../examples/verde/logo.svg");

pub(crate) fn drawn(width_px: u32, height_px: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> RgbaImage {
    RgbaImage::from_fn(width_px, height_px, |x, y| Rgba(pixel(x, y)))
}

/// A disc of one colour on nothing.
pub(crate) fn disc(side_px: u32, [red, green, blue]: [u8; 3]) -> RgbaImage {
    let half = f64::from(side_px) / 2.0;
    drawn(side_px, side_px, |x, y| {
        let distance = (f64::from(x) + 0.5 - half).hypot(f64::from(y) + 0.5 - half);
        [red, green, blue, if distance < half { 255 } else { 0 }]
    })
}

pub(crate) fn encoded(picture: &RgbaImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::ImageRgba8(picture.clone());
    let picture =
        if format == ImageFormat::Jpeg { DynamicImage::ImageRgb8(picture.to_rgb8()) } else { picture };
    picture.write_to(&mut bytes, format).expect("a Vec takes every write");
    bytes.into_inner()
}

pub(crate) fn png(picture: &RgbaImage) -> Vec<u8> {
    encoded(picture, ImageFormat::Png)
}

pub(crate) fn logo(picture: &RgbaImage) -> Logo {
    Logo::decode(&png(picture)).expect("a good logo of the test")
}

pub(crate) fn svg(body: &str) -> Vec<u8> {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 100">{body}</svg>"#
    )
    .into_bytes()
}

pub(crate) fn decoded(png: &[u8]) -> RgbaImage {
    image::load_from_memory_with_format(png, ImageFormat::Png).expect("our own PNG").to_rgba8()
}
