//! The logo made ready to be drawn at many sizes.
//!
//! It is cropped to what can be seen and halved again and again once, so that drawing it at a small size reads
//! few pixels instead of a million.

use std::ops::Range;
use std::sync::OnceLock;

use super::mask::Mark;
use crate::layer::{Layer, resized_grey};
use crate::logo::canvas::Canvas;

/// Haze below this alpha does not make a logo larger.
const VISIBLE_ALPHA: u8 = 16;
const SMALLEST_LEVEL_PX: usize = 32;
/// The safe circle of the largest monochrome layer.
const LARGEST_MASK_PX: usize = super::ADAPTIVE_SAFE_DP * 4;

pub(super) struct Art {
    /// Each half as wide as the one before.
    levels: Vec<Layer>,
    /// Which level is large enough for the largest monochrome layer.
    middle: usize,
    /// The monochrome form, alpha only, of that level, made by whoever needs it first.
    mask: OnceLock<Vec<u8>>,
    /// Half the width of the art times this is the radius of the smallest centred circle around it: 1 for a
    /// disc, 1.41 for a square.
    reach: f64,
    is_opaque: bool,
}

impl Art {
    pub(super) fn of(canvas: &Canvas) -> Art {
        let (columns, rows) = visible_area(canvas);
        let mut levels = vec![Layer::part_of(canvas, columns, rows).centred_in_square()];
        let reach = reach(&levels[0]);
        while let Some(layer) = levels.last()
            && layer.width_px >= 2 * SMALLEST_LEVEL_PX
        {
            let half_px = layer.width_px / 2;
            let half = layer.resized(half_px, half_px);
            levels.push(half);
        }
        let middle = level(&levels, LARGEST_MASK_PX);
        let is_opaque = levels[middle].is_opaque();
        Art { levels, middle, mask: OnceLock::new(), reach, is_opaque }
    }

    pub(super) fn is_opaque(&self) -> bool {
        self.is_opaque
    }

    /// The width at which the art just fits into a circle.
    pub(super) fn side_in_circle_px(&self, diameter_px: usize) -> usize {
        (diameter_px as f64 / self.reach) as usize
    }

    pub(super) fn drawn(&self, side_px: usize) -> Layer {
        self.levels[level(&self.levels, side_px)].resized(side_px, side_px)
    }

    pub(super) fn drawn_mask(&self, side_px: usize) -> Vec<u8> {
        let middle = &self.levels[self.middle];
        let mask = self.mask.get_or_init(|| Mark::of(&middle.clone().into_canvas()).monochrome());
        resized_grey(mask, middle.width_px, side_px)
    }
}

/// The smallest level that is at least as large as what is drawn from it.
fn level(levels: &[Layer], side_px: usize) -> usize {
    levels.iter().rposition(|level| level.width_px >= side_px).unwrap_or(0)
}

fn is_visible(pixel: &[u8; 4]) -> bool {
    pixel[3] >= VISIBLE_ALPHA
}

/// The columns and rows of the smallest box around everything visible.
fn visible_area(canvas: &Canvas) -> (Range<usize>, Range<usize>) {
    let side_px = canvas.side_px();
    let (mut left, mut right, mut top, mut bottom) = (side_px, 0, side_px, 0);
    for (y, row) in canvas.pixels().chunks_exact(side_px).enumerate() {
        if let (Some(first), Some(last)) = (row.iter().position(is_visible), row.iter().rposition(is_visible))
        {
            left = left.min(first);
            right = right.max(last + 1);
            top = top.min(y);
            bottom = y + 1;
        }
    }
    // A logo of haze alone was let through because something in it is visible, if faintly: keep it whole.
    if left < right { (left..right, top..bottom) } else { (0..side_px, 0..side_px) }
}

fn reach(layer: &Layer) -> f64 {
    let half = layer.width_px as f64 / 2.0;
    let from_centre = |index: usize| (index as f64 - half).abs().max((index as f64 + 1.0 - half).abs());
    let farthest = (0..layer.height_px)
        .flat_map(|y| {
            let row = layer.row(y);
            let ends = [row.iter().position(is_visible), row.iter().rposition(is_visible)];
            ends.into_iter().flatten().map(move |x| from_centre(x).hypot(from_centre(y)))
        })
        .fold(0.0, f64::max);
    if farthest > 0.0 { farthest / half } else { std::f64::consts::SQRT_2 }
}
