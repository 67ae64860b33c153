//! The images of an app as finished PNG files, named by purpose and screen density.
//! It refuses to draw, scale or recompress; it checks that each file is a square PNG of the size Android expects.

use std::collections::BTreeMap;
use thiserror::Error;

/// A screen density bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Density {
    Mdpi,
    Hdpi,
    Xhdpi,
    Xxhdpi,
    Xxxhdpi,
}

impl Density {
    pub const ALL: [Self; 5] = [Self::Mdpi, Self::Hdpi, Self::Xhdpi, Self::Xxhdpi, Self::Xxxhdpi];

    /// Dots per inch.
    #[must_use]
    pub fn dpi(self) -> u16 {
        match self {
            Self::Mdpi => 160,
            Self::Hdpi => 240,
            Self::Xhdpi => 320,
            Self::Xxhdpi => 480,
            Self::Xxxhdpi => 640,
        }
    }

    /// The qualifier in resource folder names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mdpi => "mdpi",
            Self::Hdpi => "hdpi",
            Self::Xhdpi => "xhdpi",
            Self::Xxhdpi => "xxhdpi",
            Self::Xxxhdpi => "xxxhdpi",
        }
    }
}

/// What an image is for; decides its edge in density-independent pixels (160 per inch).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The finished icon for systems before API 26: 48 dp.
    Legacy,
    /// The foreground layer of the adaptive icon: 108 dp, the art inside the middle 66 dp.
    Foreground,
    /// The one-colour layer for themed icons (API 33): 108 dp, only alpha counts.
    Monochrome,
    /// The icon of the splash screen (API 31) without an icon background: 288 dp, the art inside a circle of 192 dp.
    Splash,
}

impl Purpose {
    /// The edge of the square image at `density`, in pixels.
    #[must_use]
    pub fn edge_px(self, density: Density) -> u32 {
        let edge_dp = match self {
            Self::Legacy => 48,
            Self::Foreground | Self::Monochrome => 108,
            Self::Splash => 288,
        };
        edge_dp * u32::from(density.dpi()) / 160
    }
}

/// A PNG file and the edge its header states.
#[derive(Clone, PartialEq, Eq)]
pub struct Png {
    bytes: Vec<u8>,
    edge_px: u32,
}

/// One image in one or more densities; [`Density::Xxxhdpi`] is always there and Android scales it down for the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images(BTreeMap<Density, Png>);

/// All images of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IconSet {
    pub legacy: Images,
    pub foreground: Images,
    pub monochrome: Images,
    /// Without one the splash screen shows the launcher icon.
    pub splash: Option<Images>,
}

/// Why an image is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IconError {
    #[error("the image is no PNG file: its first 24 bytes are not a PNG signature and header")]
    NotPng,
    #[error("the image is {width_px} x {height_px} px; icons are square")]
    NotSquare { width_px: u32, height_px: u32 },
    #[error("the {purpose:?} image for {density:?} is {actual_px} px wide; it must be {expected_px} px")]
    Size { purpose: Purpose, density: Density, expected_px: u32, actual_px: u32 },
    #[error("the {0:?} image is missing in its largest density, xxxhdpi")]
    MissingLargest(Purpose),
    #[error("an image of {0} bytes is larger than {MAXIMUM_PNG_BYTES} bytes; compress it")]
    TooLarge(usize),
}

/// No sensible icon comes near; the cap keeps a package small enough to hold in memory several times.
const MAXIMUM_PNG_BYTES: usize = 4 << 20;

impl Png {
    /// Reads signature and header (PNG, W3C third edition, §5.2 and §11.2.1); the pixels stay untouched.
    ///
    /// # Errors
    /// [`IconError::NotPng`], [`IconError::NotSquare`] or [`IconError::TooLarge`].
    pub fn parse(bytes: Vec<u8>) -> Result<Self, IconError> {
        if bytes.len() > MAXIMUM_PNG_BYTES {
            return Err(IconError::TooLarge(bytes.len()));
        }
        let header = bytes.first_chunk::<24>().ok_or(IconError::NotPng)?;
        if !header.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") {
            return Err(IconError::NotPng);
        }
        let [.., w0, w1, w2, w3, h0, h1, h2, h3] = *header;
        let width_px = u32::from_be_bytes([w0, w1, w2, w3]);
        let height_px = u32::from_be_bytes([h0, h1, h2, h3]);
        if width_px != height_px {
            return Err(IconError::NotSquare { width_px, height_px });
        }
        Ok(Self { bytes, edge_px: width_px })
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl std::fmt::Debug for Png {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Png({} px, {} bytes)", self.edge_px, self.bytes.len())
    }
}

impl Images {
    /// Checks the size of every image for `purpose`.
    ///
    /// # Errors
    /// [`IconError::Size`] or [`IconError::MissingLargest`].
    pub fn new(purpose: Purpose, images: BTreeMap<Density, Png>) -> Result<Self, IconError> {
        for (density, png) in &images {
            let expected_px = purpose.edge_px(*density);
            if png.edge_px != expected_px {
                return Err(IconError::Size {
                    purpose,
                    density: *density,
                    expected_px,
                    actual_px: png.edge_px,
                });
            }
        }
        if !images.contains_key(&Density::Xxxhdpi) {
            return Err(IconError::MissingLargest(purpose));
        }
        Ok(Self(images))
    }

    /// From the smallest to the largest density.
    pub fn iter(&self) -> impl Iterator<Item = (Density, &Png)> {
        self.0.iter().map(|(density, png)| (*density, png))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::png;

    #[test]
    fn sizes_follow_the_density() {
        let edges = |purpose: Purpose| Density::ALL.map(|density| purpose.edge_px(density));
        assert_eq!(edges(Purpose::Legacy), [48, 72, 96, 144, 192]);
        assert_eq!(edges(Purpose::Foreground), [108, 162, 216, 324, 432]);
        assert_eq!(edges(Purpose::Splash), [288, 432, 576, 864, 1152]);
    }

    #[test]
    fn a_file_that_is_no_square_png_is_refused() {
        assert_eq!(Png::parse(b"GIF89a".to_vec()), Err(IconError::NotPng));
        let mut damaged = png(48);
        damaged[1] = b'Q';
        assert_eq!(Png::parse(damaged), Err(IconError::NotPng));
        let mut wide = png(48);
        wide[19] = 49;
        assert_eq!(Png::parse(wide), Err(IconError::NotSquare { width_px: 49, height_px: 48 }));
        let mut large = png(48);
        large.resize(MAXIMUM_PNG_BYTES + 1, 0);
        assert_eq!(Png::parse(large), Err(IconError::TooLarge(MAXIMUM_PNG_BYTES + 1)));
    }

    #[test]
    fn the_size_must_fit_the_purpose_and_the_largest_must_be_there() {
        let of = |density, edge| BTreeMap::from([(density, Png::parse(png(edge)).unwrap())]);
        assert!(Images::new(Purpose::Legacy, of(Density::Xxxhdpi, 192)).is_ok());
        assert_eq!(
            Images::new(Purpose::Legacy, of(Density::Xxxhdpi, 48)),
            Err(IconError::Size {
                purpose: Purpose::Legacy,
                density: Density::Xxxhdpi,
                expected_px: 192,
                actual_px: 48
            })
        );
        assert_eq!(
            Images::new(Purpose::Legacy, of(Density::Mdpi, 48)),
            Err(IconError::MissingLargest(Purpose::Legacy))
        );
    }
}
