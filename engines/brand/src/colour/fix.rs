//! The smallest change of lightness that makes a colour readable; hue is never touched.

use super::Rgb;
use super::contrast::contrast_ratio;
use super::oklab::Oklch;

/// One step is a quarter of the smallest difference people notice, so no visible step is skipped.
const LIGHTNESS_STEPS: u32 = 200;

/// The colour nearest to `colour` that reaches `ratio` against `against`.
///
/// Only the OKLCH lightness moves; chroma follows only as far as sRGB forces it. A colour that already reaches
/// the ratio comes back unchanged, which also makes a second call a no-op. For any `against`, ratios up to
/// 4.58 (the square root of 21) can be reached; beyond that the better of black and white comes back.
#[must_use]
pub fn fix_contrast(colour: Rgb, against: Rgb, ratio: f64) -> Rgb {
    fix_contrast_all(colour, &[against], ratio)
}

/// Like [`fix_contrast`], against several colours at once: the result reaches the ratio on all of them, or is
/// the better of black and white when no lightness does.
#[must_use]
pub fn fix_contrast_all(colour: Rgb, against: &[Rgb], ratio: f64) -> Rgb {
    let worst = |candidate: Rgb| {
        against.iter().map(|&other| contrast_ratio(candidate, other)).fold(f64::INFINITY, f64::min)
    };
    if worst(colour) >= ratio {
        return colour;
    }
    let start = Oklch::from(colour);
    for step in 1..=LIGHTNESS_STEPS {
        let change = f64::from(step) / f64::from(LIGHTNESS_STEPS);
        let darker = start.with_lightness(start.lightness - change).to_rgb();
        let lighter = start.with_lightness(start.lightness + change).to_rgb();
        // When both directions arrive in the same step the stronger one wins, so that the order cannot matter.
        let best = if worst(darker) >= worst(lighter) { darker } else { lighter };
        if worst(best) >= ratio {
            return best;
        }
    }
    if worst(Rgb::BLACK) >= worst(Rgb::WHITE) { Rgb::BLACK } else { Rgb::WHITE }
}
