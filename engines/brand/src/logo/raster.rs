//! PNG, JPEG and WebP decoded into the canonical picture.
//!
//! EXIF orientation is applied, sixteen bits become eight, and everything that is not a pixel is dropped.

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, Limits};

use super::canvas::Canvas;
use super::error::LogoError;
use super::header::{self, Header};
use super::warning::LogoWarning;
use super::{CANONICAL_SIDE_PX, Format, MAX_ASPECT, MAX_SIDE_PX, MIN_SIDE_PX};
use crate::layer::Layer;

/// Twice the largest picture at sixteen bits per channel.
const MAX_DECODER_BYTES: u64 = 2 * 8 * (MAX_SIDE_PX as u64) * (MAX_SIDE_PX as u64);

/// Decodes a still raster picture of an allowed size; the warnings are those only this stage can see.
pub(super) fn decode(bytes: &[u8], format: Format) -> Result<(Canvas, Vec<LogoWarning>), LogoError> {
    check_size(header::read(bytes, format)?)?;
    let (picture, has_foreign_profile) = match format {
        Format::Png => decode_with(PngDecoder::new(Cursor::new(bytes)), format)?,
        Format::Jpeg => decode_with(JpegDecoder::new(Cursor::new(bytes)), format)?,
        Format::WebP => decode_with(WebPDecoder::new(Cursor::new(bytes)), format)?,
        Format::Svg => unreachable!("an SVG is drawn, not decoded"),
    };

    let rgba = picture.into_rgba8();
    let (width_px, height_px) = (rgba.width(), rgba.height());
    let canvas = if width_px == height_px && width_px as usize <= CANONICAL_SIDE_PX {
        // Pixels that need not move keep their exact colours.
        Canvas::new(width_px as usize, rgba.into_raw())
    } else {
        let layer = Layer::from_straight(width_px as usize, height_px as usize, rgba.into_raw());
        fitted(layer).centred_in_square().into_canvas()
    };

    let mut warnings = Vec::new();
    if has_foreign_profile {
        warnings.push(LogoWarning::ColourProfileIgnored);
    }
    if width_px != height_px {
        warnings.push(LogoWarning::Padded { width_px, height_px });
    }
    Ok((canvas, warnings))
}

fn check_size(Header { width_px, height_px }: Header) -> Result<(), LogoError> {
    let (short, long) = (width_px.min(height_px), width_px.max(height_px));
    if long > MAX_SIDE_PX {
        return Err(LogoError::TooLarge { width_px, height_px, limit_px: MAX_SIDE_PX });
    }
    if short < MIN_SIDE_PX {
        return Err(LogoError::TooSmall { width_px, height_px, required_px: MIN_SIDE_PX });
    }
    if long > short * MAX_ASPECT {
        return Err(LogoError::TooElongated { width: width_px, height: height_px, limit: MAX_ASPECT });
    }
    Ok(())
}

/// The upright picture, and whether it carries a colour profile other than sRGB.
fn decode_with<D: ImageDecoder>(
    decoder: Result<D, image::ImageError>,
    format: Format,
) -> Result<(DynamicImage, bool), LogoError> {
    let damaged = |error: image::ImageError| LogoError::Damaged { format, detail: error.to_string() };
    let mut decoder = decoder.map_err(damaged)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE_PX);
    limits.max_image_height = Some(MAX_SIDE_PX);
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    decoder.set_limits(limits).map_err(damaged)?;
    // A profile or an orientation that cannot be read is as good as none: only the pixels matter.
    let profile = decoder.icc_profile().ok().flatten();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    picture.apply_orientation(orientation);
    Ok((picture, profile.is_some_and(|profile| !names_srgb(&profile))))
}

/// Profiles carry their name as ASCII (ICC 2) or UTF-16 (ICC 4); without the zero bytes both read alike.
fn names_srgb(profile: &[u8]) -> bool {
    let letters: Vec<u8> = profile.iter().copied().filter(|&byte| byte != 0).collect();
    letters.windows(4).any(|window| window == b"sRGB")
}

fn fitted(layer: Layer) -> Layer {
    let long = layer.width_px.max(layer.height_px);
    if long <= CANONICAL_SIDE_PX {
        return layer;
    }
    let scaled = |side_px: usize| (side_px * CANONICAL_SIDE_PX + long / 2) / long;
    layer.resized(scaled(layer.width_px), scaled(layer.height_px))
}
