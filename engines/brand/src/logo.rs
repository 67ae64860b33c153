//! A partner's logo, from upload to one canonical picture.
//!
//! It trusts nothing the upload says about itself: the format comes from the first bytes, the size from the
//! header, and both are checked before a pixel is decoded. Metadata never survives, because only pixels are
//! kept. Colour profiles are ignored with a warning (pixels are taken as sRGB) and CMYK is refused: a wrong
//! colour that nobody notices is worse than a question.

pub(crate) mod canvas;
pub(crate) mod error;
pub(crate) mod header;
mod raster;
mod scalable;
pub(crate) mod warning;

use std::fmt;

use canvas::Canvas;
use error::LogoError;
use warning::LogoWarning;

use crate::Rgb;

/// Larger uploads are refused unread.
pub(crate) const MAX_BYTES: usize = 5 * 1024 * 1024;
/// Both sides of a raster logo lie in this range.
pub(crate) const MIN_SIDE_PX: u32 = 512;
pub(crate) const MAX_SIDE_PX: u32 = 4096;
/// The longer side is at most this many times the shorter one.
pub(crate) const MAX_ASPECT: u32 = 2;
/// The canonical picture is never larger than this.
pub(crate) const CANONICAL_SIDE_PX: usize = 1024;

/// The formats a logo may have.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Format {
    Png,
    Jpeg,
    WebP,
    Svg,
}

impl Format {
    /// The format a media type (`image/png`) or a file name (`logo.PNG`) claims, if it is one of ours.
    #[must_use]
    pub fn claimed_by(name: &str) -> Option<Format> {
        let name = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match name.rsplit(['.', '/']).next().unwrap_or_default() {
            "png" => Some(Format::Png),
            "jpg" | "jpeg" | "pjpeg" => Some(Format::Jpeg),
            "webp" => Some(Format::WebP),
            "svg" | "svg+xml" => Some(Format::Svg),
            _ => None,
        }
    }

    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Format::Png => "image/png",
            Format::Jpeg => "image/jpeg",
            Format::WebP => "image/webp",
            Format::Svg => "image/svg+xml",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Format::Png => "PNG",
            Format::Jpeg => "JPEG",
            Format::WebP => "WebP",
            Format::Svg => "SVG",
        })
    }
}

/// A logo that passed every check: a square picture of 512 to 1024 px and what was noticed on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Logo {
    canvas: Canvas,
    format: Format,
    /// What only its file showed.
    noticed: Vec<LogoWarning>,
}

impl Logo {
    /// Decodes an upload for what it is, whatever its name says.
    ///
    /// # Errors
    /// Everything that makes an upload unusable; see [`LogoError`].
    pub fn decode(bytes: &[u8]) -> Result<Logo, LogoError> {
        if bytes.len() > MAX_BYTES {
            return Err(LogoError::TooManyBytes { actual_bytes: bytes.len(), limit_bytes: MAX_BYTES });
        }
        let format = header::sniff(bytes)?;
        let (canvas, noticed) = match format {
            Format::Svg => (scalable::decode(bytes)?, Vec::new()),
            Format::Png | Format::Jpeg | Format::WebP => raster::decode(bytes, format)?,
        };
        if canvas.is_invisible() {
            return Err(LogoError::Invisible);
        }
        Ok(Logo { canvas, format, noticed })
    }

    /// Like [`Logo::decode`], and refuses an upload that is not what its media type or file name claims.
    ///
    /// # Errors
    /// [`LogoError::Mislabelled`], and everything [`Logo::decode`] refuses.
    pub fn decode_claimed(bytes: &[u8], name: &str) -> Result<Logo, LogoError> {
        if let (Some(claimed), Ok(actual)) = (Format::claimed_by(name), header::sniff(bytes))
            && claimed != actual
        {
            return Err(LogoError::Mislabelled { claimed, actual });
        }
        Logo::decode(bytes)
    }

    /// The canonical picture: square, straight alpha, transparent pixels black.
    #[must_use]
    pub fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    /// What the upload was.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// What the partner should know but need not change, in a fixed order. It is found out when asked for: a build does not ask.
    #[must_use]
    pub fn warnings(&self) -> Vec<LogoWarning> {
        let mut warnings = self.noticed.clone();
        warnings.extend(warning::inspect(&self.canvas));
        warnings
    }

    /// Whether the logo can be made out on a background; `None` when it can.
    #[must_use]
    pub fn check_background(&self, background: Rgb) -> Option<LogoWarning> {
        warning::check_background(&self.canvas, background)
    }

    /// The canonical picture as PNG; equal logos give equal bytes.
    #[must_use]
    pub fn to_png(&self) -> Vec<u8> {
        self.canvas.to_png()
    }
}
