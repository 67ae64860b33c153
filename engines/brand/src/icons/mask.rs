//! Which pixels are the mark and which are only ground, and the one-colour form made from that.
//!
//! A transparent logo says so itself. An opaque one is split by how far each pixel's brightness is from the
//! edge of the picture: a guess, hence the warning. Where a transparent logo is drawn in light and dark, its
//! one-colour form keeps both as two strengths; alpha alone would melt them into a blob.

use crate::Rgb;
use crate::logo::canvas::Canvas;

/// In levels of 0..=255: brightnesses nearer than this are one tone.
const TONE_SPREAD: u8 = 64;
/// The strength of the tone that covers more area; the rarer one is the drawing and stays at full strength.
const GROUND_STRENGTH: u32 = 72;
/// How far the pixels of a plain edge may be from their mean, in levels.
const EDGE_TOLERANCE: u8 = 12;

pub(crate) struct Mark<'a> {
    canvas: &'a Canvas,
    /// Of an opaque logo; of a transparent one the alpha says it.
    coverage: Option<Vec<u8>>,
    edge: Option<Rgb>,
}

impl Mark<'_> {
    pub(crate) fn of(canvas: &Canvas) -> Mark<'_> {
        if !canvas.is_opaque() {
            return Mark { canvas, coverage: None, edge: None };
        }
        let (mean, is_plain) = edge(canvas);
        let ground = brightness(mean);
        let distances: Vec<u8> =
            canvas.pixels().iter().map(|pixel| brightness(*pixel).abs_diff(ground)).collect();
        let farthest = u32::from(distances.iter().copied().max().unwrap_or(0).max(1));
        let coverage = distances
            .into_iter()
            .map(|distance| stretched(u32::from(distance) * 255 / farthest) as u8)
            .collect();
        let edge = is_plain.then(|| Rgb::new(mean[0], mean[1], mean[2]));
        Mark { canvas, coverage: Some(coverage), edge }
    }

    /// 0 for ground to 255 for the mark.
    pub(crate) fn coverage(&self, x: usize, y: usize) -> u8 {
        match &self.coverage {
            Some(coverage) => coverage[y * self.canvas.side_px() + x],
            None => self.canvas.pixel(x, y)[3],
        }
    }

    /// The colour of an opaque logo's edge, when it has just one.
    pub(crate) fn edge(&self) -> Option<Rgb> {
        self.edge
    }

    /// The alpha of the one-colour form, one byte per pixel.
    pub(crate) fn monochrome(self) -> Vec<u8> {
        if let Some(coverage) = self.coverage {
            return coverage;
        }
        let strengths = strengths(self.canvas);
        let pixels = self.canvas.pixels().iter();
        pixels
            .map(|&pixel| crate::layer::scaled(pixel[3], strengths[usize::from(brightness(pixel))]))
            .collect()
    }
}

/// The lowest fifth of 0..=255 becomes 0 and everything above three fifths 255: noise goes, shades of a tone
/// melt together, and soft edges stay soft.
fn stretched(part: u32) -> u32 {
    (part.saturating_sub(51) * 255 / 102).min(255)
}

/// Luma of ITU-R BT.709, on encoded values: what the eye sees without caring for hue.
fn brightness([red, green, blue, _]: [u8; 4]) -> u8 {
    ((u32::from(red) * 54 + u32::from(green) * 183 + u32::from(blue) * 19) >> 8) as u8
}

/// The mean colour along the four sides, and whether they all have it.
fn edge(canvas: &Canvas) -> ([u8; 4], bool) {
    let last = canvas.side_px() - 1;
    let ring: Vec<[u8; 4]> = (0..=last)
        .flat_map(|i| [(i, 0), (i, last), (0, i), (last, i)])
        .map(|(x, y)| canvas.pixel(x, y))
        .collect();
    let mut mean = [0; 4];
    for (channel, value) in mean.iter_mut().enumerate() {
        let sum: usize = ring.iter().map(|pixel| usize::from(pixel[channel])).sum();
        *value = (sum / ring.len()) as u8;
    }
    let is_near = |pixel: &[u8; 4]| pixel.iter().zip(mean).all(|(a, b)| a.abs_diff(b) <= EDGE_TOLERANCE);
    (mean, ring.iter().all(is_near))
}

/// For each brightness the strength it gets in the one-colour form.
fn strengths(canvas: &Canvas) -> [u8; 256] {
    let mut histogram = [0_u32; 256];
    for &pixel in canvas.pixels() {
        if pixel[3] >= 128 {
            histogram[usize::from(brightness(pixel))] += 1;
        }
    }
    let total: u32 = histogram.iter().sum();
    let percentile = |percent: u32| {
        let mut seen = 0;
        let reached = histogram.iter().position(|&count| {
            seen += count;
            seen * 20 >= total * percent / 5
        });
        reached.unwrap_or(0) as u8
    };
    let (dark, light) = (percentile(4), percentile(96));
    if light - dark < TONE_SPREAD {
        return [255; 256];
    }
    let middle = usize::from(dark.midpoint(light));
    let darker: u32 = histogram[..=middle].iter().sum();
    let dark_is_drawing = darker * 2 <= total;
    std::array::from_fn(|level| {
        let level = level.clamp(dark.into(), light.into()) as u8;
        let distance = u32::from(if dark_is_drawing { light - level } else { level - dark });
        let part = distance * 255 / u32::from(light - dark);
        (GROUND_STRENGTH + (255 - GROUND_STRENGTH) * stretched(part) / 255) as u8
    })
}
