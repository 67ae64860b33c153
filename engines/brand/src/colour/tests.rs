//! What cannot be seen from outside: that a fix moves lightness and nothing else.

use proptest::prelude::*;

use super::Rgb;
use super::contrast::{TEXT_RATIO, contrast_ratio};
use super::fix::fix_contrast;
use super::oklab::{Oklab, Oklch};

#[test]
fn oklab_agrees_with_published_values() {
    // CSS Color 4 gives sRGB red as oklch(62.8% 0.2577 29.23).
    let white = Oklab::from(Rgb::WHITE);
    assert!((white.lightness - 1.0).abs() < 1e-4 && white.chroma() < 1e-4);
    let red = Oklch::from(Rgb::new(255, 0, 0));
    assert!((red.lightness - 0.628).abs() < 1e-3 && (red.chroma - 0.2577).abs() < 1e-3);
    assert!((red.hue.to_degrees() - 29.23).abs() < 0.05);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_colour_survives_oklch(bytes in any::<[u8; 3]>()) {
        let colour = Rgb::new(bytes[0], bytes[1], bytes[2]);
        prop_assert_eq!(Oklch::from(colour).to_rgb(), colour);
    }

    #[test]
    fn a_fix_keeps_the_hue_and_never_gains_chroma(bytes in any::<[u8; 6]>()) {
        let [colour, against] = [Rgb::new(bytes[0], bytes[1], bytes[2]), Rgb::new(bytes[3], bytes[4], bytes[5])];
        let (before, after) = (Oklch::from(colour), Oklch::from(fix_contrast(colour, against, TEXT_RATIO)));
        prop_assert!(after.chroma <= before.chroma + 0.01);
        // Near black one step of eight bits turns the hue further than anybody could see.
        if after.chroma > 0.06 && after.lightness > 0.3 {
            let turn = (after.hue - before.hue).sin().abs();
            prop_assert!(turn < 0.12, "{colour} turned by {turn} rad");
        }
    }

    #[test]
    fn a_smaller_step_would_not_have_been_enough(bytes in any::<[u8; 6]>()) {
        let [colour, against] = [Rgb::new(bytes[0], bytes[1], bytes[2]), Rgb::new(bytes[3], bytes[4], bytes[5])];
        let fixed = fix_contrast(colour, against, TEXT_RATIO);
        let (before, after) = (Oklch::from(colour), Oklch::from(fixed));
        let change = (after.lightness - before.lightness).abs();
        for part in [0.25, 0.5, 0.75, 0.9] {
            for direction in [-1.0, 1.0] {
                // A step within a hundredth of the result is the rounding to eight bits.
                let smaller = (change - 0.01) * part;
                if smaller > 0.0 {
                    let candidate = before.with_lightness(before.lightness + direction * smaller).to_rgb();
                    // Near the ends a smaller step rounds to the very colour that was found.
                    let is_weaker = candidate == fixed || contrast_ratio(candidate, against) < TEXT_RATIO;
                    prop_assert!(is_weaker, "{candidate} was enough");
                }
            }
        }
    }
}
