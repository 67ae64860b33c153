//! What a partner should know about a logo that is good enough to use.

use std::fmt;

use super::canvas::Canvas;
use crate::Rgb;
use crate::colour::contrast::{NON_TEXT_RATIO, ratio, relative_luminance};
use crate::icons::LARGEST_ART_PX;
use crate::icons::mask::Mark;
use crate::layer::Layer;

/// The size at which a launcher shows an icon on an ordinary screen.
const SMALL_PX: usize = 48;
/// Mean difference, in levels, above which a logo loses too much of its drawing at that size.
const MAX_DETAIL_LOSS: f64 = 14.0;
/// A logo can be made out when at least this part of it stands out.
const MIN_LEGIBLE_SHARE: f64 = 0.25;

/// Something to know, not an error. `Display` says what it means and what would be better.
#[derive(Clone, Debug, PartialEq)]
pub enum LogoWarning {
    /// Carries a colour profile other than sRGB.
    ColourProfileIgnored,
    Padded {
        width_px: u32,
        height_px: u32,
    },
    Upscaled {
        side_px: usize,
        needed_px: usize,
    },
    Opaque,
    SmallDetail {
        at_px: usize,
    },
    LowContrast {
        background: Rgb,
        legible_share: f64,
    },
}

impl fmt::Display for LogoWarning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogoWarning::ColourProfileIgnored => formatter.write_str(
                "the picture carries a colour profile other than sRGB, which is ignored: colours may look \
                 duller, export it as sRGB",
            ),
            LogoWarning::Padded { width_px, height_px } => write!(
                formatter,
                "the picture is {width_px} × {height_px} px and was centred in a transparent square: \
                 a square logo fills icons better"
            ),
            LogoWarning::Upscaled { side_px, needed_px } => write!(
                formatter,
                "the picture is {side_px} px wide and the largest icon needs {needed_px} px, so that one \
                 will look soft: upload a larger picture or an SVG"
            ),
            LogoWarning::Opaque => formatter.write_str(
                "the logo has no transparent background: its themed icon is derived from light and dark, \
                 which is a guess, so upload it with a transparent background",
            ),
            LogoWarning::SmallDetail { at_px } => write!(
                formatter,
                "the logo has fine detail that disappears at {at_px} px: use a simpler mark for the icon"
            ),
            LogoWarning::LowContrast { background, legible_share } => write!(
                formatter,
                "only {:.0} % of the logo stands out on {background} (contrast of 3:1 or more): \
                 choose another background",
                legible_share * 100.0
            ),
        }
    }
}

/// Everything that can be seen in the canonical picture alone.
pub(super) fn inspect(canvas: &Canvas) -> Vec<LogoWarning> {
    let mut warnings = Vec::new();
    if canvas.side_px() < LARGEST_ART_PX {
        warnings.push(LogoWarning::Upscaled { side_px: canvas.side_px(), needed_px: LARGEST_ART_PX });
    }
    if canvas.is_opaque() {
        warnings.push(LogoWarning::Opaque);
    }
    if detail_loss(canvas) > MAX_DETAIL_LOSS {
        warnings.push(LogoWarning::SmallDetail { at_px: SMALL_PX });
    }
    warnings
}

/// How much of the drawing is gone at 48 px: the mean difference, over visible pixels and in levels of 0..=255,
/// between the logo at four times that size and the same after a visit to 48 px.
fn detail_loss(canvas: &Canvas) -> f64 {
    let large_px = SMALL_PX * 4;
    let large = Layer::from(canvas).resized(large_px, large_px);
    let returned = large.resized(SMALL_PX, SMALL_PX).resized(large_px, large_px);
    let (mut loss, mut area) = (0_u64, 0_u64);
    for (before, after) in large.pixels().iter().zip(returned.pixels()) {
        if before[3] > 0 {
            loss += u64::from(before.iter().zip(after).map(|(x, y)| x.abs_diff(*y)).max().unwrap_or(0));
            area += 1;
        }
    }
    loss as f64 / area.max(1) as f64
}

/// Warns when too little of the logo stands out on a background.
pub(super) fn check_background(canvas: &Canvas, background: Rgb) -> Option<LogoWarning> {
    let legible_share = Legibility::of(canvas, &Mark::of(canvas)).share_on(background);
    (legible_share < MIN_LEGIBLE_SHARE).then_some(LogoWarning::LowContrast { background, legible_share })
}

/// How light the mark is, point by point.
pub(crate) struct Legibility {
    luminances: Vec<f64>,
}

impl Legibility {
    pub(crate) fn of(canvas: &Canvas, mark: &Mark<'_>) -> Legibility {
        // One point in 16 is plenty for a share.
        let points = (0..canvas.side_px()).step_by(4);
        let marked = points
            .clone()
            .flat_map(|y| points.clone().map(move |x| (x, y)))
            .filter(|&(x, y)| mark.coverage(x, y) >= 128)
            .map(|(x, y)| canvas.pixel(x, y));
        Legibility {
            luminances: marked
                .map(|[red, green, blue, _]| relative_luminance(Rgb { red, green, blue }))
                .collect(),
        }
    }

    /// The part of the mark, 0..=1, that reaches the contrast WCAG asks of pictures.
    pub(crate) fn share_on(&self, background: Rgb) -> f64 {
        let ground = relative_luminance(background);
        let is_legible = |&&luminance: &&f64| ratio(luminance, ground) >= NON_TEXT_RATIO;
        let legible = self.luminances.iter().filter(is_legible).count();
        legible as f64 / self.luminances.len().max(1) as f64
    }
}
