//! SVG checked against a list of what a logo may contain, and drawn.
//!
//! The list is short and positive: shapes, groups, gradients, clip paths, masks. Everything else is refused by
//! name, so a feature nobody thought of cannot come in. Two budgets bound the time: elements after all
//! references are followed, and area painted. No file, font or address is ever opened.

mod budget;
mod screen;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::roxmltree::{Document, Error as XmlError, ParsingOptions};
use resvg::usvg::{Options, Tree};

use super::canvas::Canvas;
use super::error::{LogoError, SvgError};
use super::{CANONICAL_SIDE_PX, MAX_ASPECT};
use crate::layer::Layer;

const MAX_BYTES: usize = 1024 * 1024;
const MAX_ELEMENTS: usize = 20_000;

/// Checks and draws an SVG, 1024 px along its longer side.
pub(super) fn decode(bytes: &[u8]) -> Result<Canvas, LogoError> {
    let text = readable(bytes)?;
    let options = ParsingOptions {
        // A document type without entities is harmless and common in older exports.
        allow_dtd: true,
        nodes_limit: u32::try_from(MAX_ELEMENTS * 4).expect("a small constant"),
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        XmlError::NodesLimitReached => SvgError::TooManyElements { limit: MAX_ELEMENTS },
        other => SvgError::Malformed { detail: other.to_string() },
    })?;
    screen::check(&document)?;

    let undrawable = |detail: String| SvgError::Undrawable { detail };
    let tree =
        Tree::from_xmltree(&document, &Options::default()).map_err(|error| undrawable(error.to_string()))?;
    let size = tree.size();
    let (short, long) = (size.width().min(size.height()), size.width().max(size.height()));
    if long > short * MAX_ASPECT as f32 {
        return Err(LogoError::TooElongated {
            width: size.width().round() as u32,
            height: size.height().round() as u32,
            limit: MAX_ASPECT,
        });
    }
    budget::check(&tree)?;

    let scale = CANONICAL_SIDE_PX as f32 / long;
    let side = |length: f32| ((length * scale).round() as u32).max(1);
    let mut pixmap = Pixmap::new(side(size.width()), side(size.height()))
        .ok_or_else(|| undrawable("its size is not a number of pixels".to_owned()))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    let (width_px, height_px) = (pixmap.width() as usize, pixmap.height() as usize);
    let layer = Layer::from_premultiplied(width_px, height_px, pixmap.take());
    Ok(layer.centred_in_square().into_canvas())
}

fn readable(bytes: &[u8]) -> Result<&str, SvgError> {
    if bytes.starts_with(b"\x1f\x8b") {
        return Err(SvgError::Compressed);
    }
    if bytes.len() > MAX_BYTES {
        return Err(SvgError::TooManyBytes { actual_bytes: bytes.len(), limit_bytes: MAX_BYTES });
    }
    let text = str::from_utf8(bytes).map_err(|error| SvgError::NotUtf8 { position: error.valid_up_to() })?;
    if text.contains("<!ENTITY") {
        return Err(SvgError::Entity);
    }
    Ok(text)
}
