//! The colours a logo is made of, and a set of brand colours suggested from them.
//!
//! k-means in OKLab over the logo's own colours, started from the commonest one and then from the farthest
//! ones, so nothing is random. Transparent pixels never count; white, black and grey count only when there is
//! nothing else.

use super::contrast::{TEXT_RATIO, contrast_ratio};
use super::fix::fix_contrast;
use super::oklab::{Oklab, Oklch};
use super::{Colours, Rgb};
use crate::logo::Logo;

/// A logo is looked at in a grid of at most this many points per side: colours do not hide between them.
const GRID: usize = 256;
const CLUSTERS: usize = 6;
const ROUNDS: usize = 12;
/// Below this OKLab chroma a colour reads as grey.
const GREY_CHROMA: f64 = 0.04;
/// Two clusters nearer than this are one colour with soft edges.
const SAME_COLOUR: f64 = 0.08;

/// One colour of a logo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swatch {
    pub colour: Rgb,
    /// The part of the counted area it covers, 0..=1.
    pub share: f64,
}

struct Sample {
    colour: Rgb,
    oklab: Oklab,
    count: usize,
}

/// Up to six colours of the logo, the one with the largest area first; empty only for an invisible logo.
#[must_use]
pub fn palette(logo: &Logo) -> Vec<Swatch> {
    let all = samples(logo);
    let (colourful, grey): (Vec<Sample>, Vec<Sample>) =
        all.into_iter().partition(|sample| sample.oklab.chroma() >= GREY_CHROMA);
    let area = |samples: &[Sample]| samples.iter().map(|sample| sample.count).sum::<usize>();
    // A few coloured pixels are the soft edge of a grey logo, not a brand colour.
    if area(&colourful) * 200 >= area(&grey) && !colourful.is_empty() {
        clusters(&colourful)
    } else {
        clusters(&grey)
    }
}

/// Brand colours that read well, made from the logo's strongest colour.
///
/// The primary colour is the swatch with the most area times chroma; it is darkened a little when white labels
/// would nearly read on it, and otherwise gets dark labels. Page and words carry a breath of its hue.
#[must_use]
pub fn suggest_colours(logo: &Logo) -> Colours {
    let strength = |swatch: &Swatch| swatch.share * (0.02 + Oklab::from(swatch.colour).chroma());
    let primary = palette(logo)
        .into_iter()
        .max_by(|one, other| strength(one).total_cmp(&strength(other)))
        .map_or(Rgb::new(0x33, 0x41, 0x55), |swatch| swatch.colour);
    let tone = Oklch::from(primary);
    let text = tone.with_lightness(0.23).with_chroma(tone.chroma.min(0.03)).to_rgb();
    let background = tone.with_lightness(0.985).with_chroma(tone.chroma.min(0.008)).to_rgb();

    let darkened = fix_contrast(primary, Rgb::WHITE, TEXT_RATIO);
    let darkening = Oklab::from(primary).distance(Oklab::from(darkened));
    let (primary, on_primary) = if darkening <= 0.12 {
        (darkened, Rgb::WHITE)
    } else if contrast_ratio(text, primary) >= TEXT_RATIO {
        (primary, text)
    } else {
        (primary, fix_contrast(text, primary, TEXT_RATIO))
    };
    Colours { primary, on_primary, background, text }.fixed()
}

/// The distinct colours of the grid with their counts, in colour order.
fn samples(logo: &Logo) -> Vec<Sample> {
    let canvas = logo.canvas();
    let step = canvas.side_px().div_ceil(GRID).max(1);
    let mut colours: Vec<Rgb> = (step / 2..canvas.side_px())
        .step_by(step)
        .flat_map(|y| (step / 2..canvas.side_px()).step_by(step).map(move |x| canvas.pixel(x, y)))
        .filter(|pixel| pixel[3] >= 128)
        .map(|[red, green, blue, _]| Rgb { red, green, blue })
        .collect();
    colours.sort_unstable();
    colours
        .chunk_by(|one, other| one == other)
        .map(|run| Sample { colour: run[0], oklab: Oklab::from(run[0]), count: run.len() })
        .collect()
}

fn clusters(samples: &[Sample]) -> Vec<Swatch> {
    let Some(commonest) = samples.iter().max_by_key(|sample| sample.count) else {
        return Vec::new();
    };
    let mut centres = vec![commonest.oklab];
    while centres.len() < CLUSTERS {
        // Farthest first, weighted by area so that one stray pixel does not found a cluster.
        let weight = |sample: &Sample| {
            let (_, distance) = nearest(&centres, sample.oklab);
            let count = sample.count as f64;
            distance * count.sqrt()
        };
        match samples.iter().max_by(|one, other| weight(one).total_cmp(&weight(other))) {
            Some(next) if nearest(&centres, next.oklab).1.sqrt() > SAME_COLOUR => centres.push(next.oklab),
            _ => break,
        }
    }
    for _ in 0..ROUNDS {
        let moved = means(samples, &centres);
        let settled = moved.iter().zip(&centres).all(|(new, old)| new.squared_distance(*old) < f64::EPSILON);
        centres = moved;
        if settled {
            break;
        }
    }
    swatches(samples, &centres)
}

/// The index of the nearest centre and the squared distance to it.
fn nearest(centres: &[Oklab], point: Oklab) -> (usize, f64) {
    centres
        .iter()
        .map(|centre| centre.squared_distance(point))
        .enumerate()
        .min_by(|one, other| one.1.total_cmp(&other.1))
        .expect("a clustering starts with one centre and never loses one")
}

fn means(samples: &[Sample], centres: &[Oklab]) -> Vec<Oklab> {
    let mut sums = vec![([0.0; 3], 0.0); centres.len()];
    for sample in samples {
        let (sum, weight) = &mut sums[nearest(centres, sample.oklab).0];
        let count = sample.count as f64;
        for (total, part) in sum.iter_mut().zip([sample.oklab.lightness, sample.oklab.a, sample.oklab.b]) {
            *total += part * count;
        }
        *weight += count;
    }
    sums.iter()
        .zip(centres)
        .map(|(([lightness, a, b], weight), &old)| {
            if *weight == 0.0 {
                return old;
            }
            Oklab { lightness: lightness / weight, a: a / weight, b: b / weight }
        })
        .collect()
}

fn swatches(samples: &[Sample], centres: &[Oklab]) -> Vec<Swatch> {
    let total: usize = samples.iter().map(|sample| sample.count).sum();
    let mut counted: Vec<(usize, Rgb)> = centres
        .iter()
        .enumerate()
        .filter_map(|(index, &centre)| {
            let members = || samples.iter().filter(|sample| nearest(centres, sample.oklab).0 == index);
            let count: usize = members().map(|sample| sample.count).sum();
            let commonest = members().max_by_key(|sample| sample.count)?;
            // A flat logo gives back the very colour it was drawn in; a photo gives the cluster's mean.
            let colour = if commonest.count * 5 >= count { commonest.colour } else { Rgb::from(centre) };
            Some((count, colour))
        })
        .filter(|(count, _)| count * 100 >= total)
        .collect();
    counted.sort_by(|one, other| other.cmp(one));
    let share = |count: usize| count as f64 / total as f64;
    counted.into_iter().map(|(count, colour)| Swatch { colour, share: share(count) }).collect()
}
