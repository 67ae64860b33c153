//! The logo made ready to be drawn at many sizes.
//!
//! It is cropped to what can be seen and halved again and again once, so that drawing it at a small size reads
//! few pixels instead of a million.

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
    /// The monochrome form, alpha only, of one level in the middle: nothing larger is ever drawn from it.
    mask: Vec<u8>,
    mask_px: usize,
    /// Half the width of the art times this is the radius of the smallest centred circle around it: 1 for a
    /// disc, 1.41 for a square.
    reach: f64,
    is_opaque: bool,
}

impl Art {
    pub(super) fn of(canvas: &Canvas) -> Art {
        let whole = Layer::from(canvas);
        let (columns, rows) = visible_area(&whole);
        let mut levels = vec![whole.cropped(columns, rows).centred_in_square()];
        let reach = reach(&levels[0]);
        while let Some(layer) = levels.last()
            && layer.width_px >= 2 * SMALLEST_LEVEL_PX
        {
            let half_px = layer.width_px / 2;
            let half = layer.resized(half_px, half_px);
            levels.push(half);
        }
        let middle = levels[level(&levels, LARGEST_MASK_PX)].clone().into_canvas();
        let (is_opaque, mask_px) = (middle.is_opaque(), middle.side_px());
        Art { mask: Mark::of(&middle).monochrome(&middle), mask_px, levels, reach, is_opaque }
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
        resized_grey(&self.mask, self.mask_px, side_px)
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
fn visible_area(layer: &Layer) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let (mut left, mut right, mut top, mut bottom) = (layer.width_px, 0, layer.height_px, 0);
    for y in 0..layer.height_px {
        let row = layer.row(y);
        if let (Some(first), Some(last)) = (row.iter().position(is_visible), row.iter().rposition(is_visible))
        {
            left = left.min(first);
            right = right.max(last + 1);
            top = top.min(y);
            bottom = y + 1;
        }
    }
    // A logo of haze alone was let through because something in it is visible, if faintly: keep it whole.
    if left < right { (left..right, top..bottom) } else { (0..layer.width_px, 0..layer.height_px) }
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
