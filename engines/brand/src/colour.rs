//! Colours as a partner writes them, and the one question asked of them: can they be read?
//!
//! It knows sRGB only. Named colours, `rgb()` and alpha are refused: a brand colour is six hexadecimal digits.

pub(crate) mod contrast;
pub(crate) mod fix;
pub(crate) mod oklab;
pub(crate) mod palette;
#[cfg(test)]
mod tests;
pub(crate) mod theme;

use std::fmt;
use std::str::FromStr;

use contrast::{TEXT_RATIO, contrast_ratio};
use fix::fix_contrast;
use oklab::Oklab;

/// One opaque colour, eight bits per channel, in sRGB (IEC 61966-2-1).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Rgb {
    pub red: u8,
    pub green: u8,
    pub blue: u8,
}

impl Rgb {
    pub const BLACK: Rgb = Rgb::new(0, 0, 0);
    pub const WHITE: Rgb = Rgb::new(255, 255, 255);

    #[must_use]
    pub const fn new(red: u8, green: u8, blue: u8) -> Rgb {
        Rgb { red, green, blue }
    }
}

/// Writes `#rrggbb` in lower case, the form `from_str` reads back unchanged.
impl fmt::Display for Rgb {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ColourError {
    #[error("the colour {0:?} does not start with '#': write it like #1f7a4d")]
    MissingHash(String),
    #[error("the colour {0:?} has {1} digits after '#': write three or six, like #1f7a4d")]
    WrongLength(String, usize),
    #[error("the colour {0:?} contains {1:?}: only the digits 0-9 and a-f are allowed")]
    NotHexadecimal(String, char),
}

/// Reads `#rrggbb` and `#rgb` (CSS Color 4, section 5.2), in either case.
impl FromStr for Rgb {
    type Err = ColourError;

    fn from_str(text: &str) -> Result<Rgb, ColourError> {
        let quoted = || text.chars().take(32).collect::<String>();
        let digits = text.strip_prefix('#').ok_or_else(|| ColourError::MissingHash(quoted()))?;
        if let Some(stranger) = digits.chars().find(|character| !character.is_ascii_hexdigit()) {
            return Err(ColourError::NotHexadecimal(quoted(), stranger));
        }
        let nibbles: Vec<u8> = digits
            .chars()
            .filter_map(|digit| digit.to_digit(16))
            .filter_map(|digit| u8::try_from(digit).ok())
            .collect();
        match nibbles[..] {
            [r, g, b] => Ok(Rgb::new(r * 17, g * 17, b * 17)),
            [r1, r0, g1, g0, b1, b0] => Ok(Rgb::new(r1 * 16 + r0, g1 * 16 + g0, b1 * 16 + b0)),
            _ => Err(ColourError::WrongLength(quoted(), nibbles.len())),
        }
    }
}

/// The four colours a partner picks; everything else is derived from them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Colours {
    /// Buttons, links, the splash screen.
    pub primary: Rgb,
    /// Labels on `primary`.
    pub on_primary: Rgb,
    /// The page.
    pub background: Rgb,
    /// Words on the page.
    pub text: Rgb,
}

/// A pair that cannot be read, with a fix for either side: the partner chooses which colour is dearer.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "{foreground} on {background} has a contrast of {ratio:.2}:1, but {required}:1 is needed: \
     use {fixed_foreground} for {foreground}, or {fixed_background} for {background}"
)]
pub struct ContrastProblem {
    /// The field of `Colours` that holds the words.
    pub foreground: &'static str,
    /// The field of `Colours` that lies under them.
    pub background: &'static str,
    pub ratio: f64,
    pub required: f64,
    /// The nearest foreground that reads on the background as it is.
    pub fixed_foreground: Rgb,
    /// The nearest background on which the foreground reads as it is.
    pub fixed_background: Rgb,
}

impl Colours {
    /// Every pair below WCAG 2.1 level AA for text; empty when the colours can be used as they are.
    #[must_use]
    pub fn problems(&self) -> Vec<ContrastProblem> {
        [
            ("on_primary", self.on_primary, "primary", self.primary),
            ("text", self.text, "background", self.background),
        ]
        .into_iter()
        .filter_map(|(foreground, above, background, below)| {
            let ratio = contrast_ratio(above, below);
            (ratio < TEXT_RATIO).then(|| ContrastProblem {
                foreground,
                background,
                ratio,
                required: TEXT_RATIO,
                fixed_foreground: fix_contrast(above, below, TEXT_RATIO),
                fixed_background: fix_contrast(below, above, TEXT_RATIO),
            })
        })
        .collect()
    }

    /// The same colours with each unreadable pair mended on the side where the change is smaller to the eye.
    #[must_use]
    pub fn fixed(mut self) -> Colours {
        (self.on_primary, self.primary) = mend(self.on_primary, self.primary);
        (self.text, self.background) = mend(self.text, self.background);
        self
    }
}

fn mend(above: Rgb, below: Rgb) -> (Rgb, Rgb) {
    let fixed_above = fix_contrast(above, below, TEXT_RATIO);
    let fixed_below = fix_contrast(below, above, TEXT_RATIO);
    let change = |from: Rgb, to: Rgb| Oklab::from(from).distance(Oklab::from(to));
    if change(above, fixed_above) <= change(below, fixed_below) {
        (fixed_above, below)
    } else {
        (above, fixed_below)
    }
}
