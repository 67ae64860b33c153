//! Relative luminance and contrast ratio as WCAG 2.1 defines them, and nothing newer: the law asks for WCAG.

use std::sync::LazyLock;

use super::Rgb;

/// Success criterion 1.4.3, level AA: words against what lies under them.
pub const TEXT_RATIO: f64 = 4.5;

/// Success criterion 1.4.11, level AA: pictures and the parts of a control against what lies next to them.
pub const NON_TEXT_RATIO: f64 = 3.0;

/// The sRGB transfer function, undone: 0..=1 encoded to 0..=1 linear light (IEC 61966-2-1).
pub(crate) fn linear(encoded: f64) -> f64 {
    if encoded <= 0.04045 { encoded / 12.92 } else { ((encoded + 0.055) / 1.055).powf(2.4) }
}

/// The sRGB transfer function: 0..=1 linear light to 0..=1 encoded (IEC 61966-2-1).
pub(crate) fn encoded(linear: f64) -> f64 {
    if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }
}

/// [`linear`] of every eight-bit value: pictures ask a million times, and a power is dear.
static LINEAR: LazyLock<[f64; 256]> =
    LazyLock::new(|| std::array::from_fn(|value| linear(value as f64 / 255.0)));

/// 0 for black to 1 for white, <https://www.w3.org/TR/WCAG21/#dfn-relative-luminance>.
///
/// The threshold is the 0.04045 of IEC 61966-2-1, not the 0.03928 misprinted in WCAG 2.1: no eight-bit value
/// lies between the two, so no ratio differs.
#[must_use]
pub fn relative_luminance(colour: Rgb) -> f64 {
    let channel = |value: u8| LINEAR[usize::from(value)];
    0.2126 * channel(colour.red) + 0.7152 * channel(colour.green) + 0.0722 * channel(colour.blue)
}

/// 1 (equal) to 21 (black and white), whichever comes first, <https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio>.
#[must_use]
pub fn contrast_ratio(one: Rgb, other: Rgb) -> f64 {
    ratio(relative_luminance(one), relative_luminance(other))
}

/// The contrast ratio of two luminances.
pub(crate) fn ratio(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}
