//! OKLab and OKLCH, the colour spaces in which "a little darker" means the same for every hue.
//!
//! Formulas: Björn Ottosson, "A perceptual color space for image processing", 2020,
//! <https://bottosson.github.io/posts/oklab/>. Out-of-gamut colours are brought back by chroma alone.

use super::Rgb;
use super::contrast::{encoded, linear};

/// Lightness 0..=1 and two opponent axes (green to red, blue to yellow), about -0.4..=0.4.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Oklab {
    pub(crate) lightness: f64,
    pub(crate) a: f64,
    pub(crate) b: f64,
}

impl Oklab {
    /// The plain Euclidean distance; 0.02 is about the smallest step people notice.
    pub(crate) fn distance(self, other: Oklab) -> f64 {
        self.squared_distance(other).sqrt()
    }

    pub(crate) fn squared_distance(self, other: Oklab) -> f64 {
        let (l, a, b) = (self.lightness - other.lightness, self.a - other.a, self.b - other.b);
        l * l + a * a + b * b
    }

    pub(crate) fn chroma(self) -> f64 {
        self.a.hypot(self.b)
    }

    /// Linear-light red, green and blue; outside 0..=1 when sRGB cannot show the colour.
    fn to_linear(self) -> [f64; 3] {
        let cube = |value: f64| value * value * value;
        let l = cube(self.lightness + 0.396_337_777_4 * self.a + 0.215_803_757_3 * self.b);
        let m = cube(self.lightness - 0.105_561_345_8 * self.a - 0.063_854_172_8 * self.b);
        let s = cube(self.lightness - 0.089_484_177_5 * self.a - 1.291_485_548_0 * self.b);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
        ]
    }

    fn is_in_gamut(self) -> bool {
        self.to_linear().into_iter().all(|channel| (-0.0005..=1.0005).contains(&channel))
    }
}

impl From<Rgb> for Oklab {
    fn from(colour: Rgb) -> Oklab {
        let [r, g, b] = [colour.red, colour.green, colour.blue].map(|value| linear(f64::from(value) / 255.0));
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        Oklab {
            lightness: 0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
            a: 1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s,
            b: 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s,
        }
    }
}

impl From<Oklab> for Rgb {
    /// Clips each channel; callers that care for the hue come through [`Oklch::to_rgb`].
    fn from(colour: Oklab) -> Rgb {
        let [red, green, blue] =
            colour.to_linear().map(|channel| (encoded(channel.clamp(0.0, 1.0)) * 255.0).round() as u8);
        Rgb { red, green, blue }
    }
}

/// OKLab in polar form: lightness 0..=1, chroma 0..=0.4, hue in radians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Oklch {
    pub(crate) lightness: f64,
    pub(crate) chroma: f64,
    pub(crate) hue: f64,
}

impl Oklch {
    pub(crate) fn with_lightness(self, lightness: f64) -> Oklch {
        Oklch { lightness: lightness.clamp(0.0, 1.0), ..self }
    }

    pub(crate) fn with_chroma(self, chroma: f64) -> Oklch {
        Oklch { chroma, ..self }
    }

    /// The same lightness and hue with as much of the chroma as sRGB can show.
    pub(crate) fn to_rgb(self) -> Rgb {
        if self.to_oklab().is_in_gamut() {
            return Rgb::from(self.to_oklab());
        }
        let (mut inside, mut outside) = (0.0, self.chroma);
        for _ in 0..16 {
            let middle = f64::midpoint(inside, outside);
            if self.with_chroma(middle).to_oklab().is_in_gamut() {
                inside = middle;
            } else {
                outside = middle;
            }
        }
        Rgb::from(self.with_chroma(inside).to_oklab())
    }

    fn to_oklab(self) -> Oklab {
        let (sine, cosine) = self.hue.sin_cos();
        Oklab { lightness: self.lightness, a: self.chroma * cosine, b: self.chroma * sine }
    }
}

impl From<Rgb> for Oklch {
    fn from(colour: Rgb) -> Oklch {
        let oklab = Oklab::from(colour);
        Oklch { lightness: oklab.lightness, chroma: oklab.chroma(), hue: oklab.b.atan2(oklab.a) }
    }
}
