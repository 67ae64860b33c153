//! A partner's logo and colours turned into everything visual an app needs: a checked logo, a readable theme,
//! launcher icons, splash pictures and previews.
//!
//! It refuses to do IO: bytes come in, values and bytes go out, and the same input gives the same bytes on
//! every machine. It draws no text, loads no font, follows no reference out of the file it was given, and
//! gives up on a picture *before* it has spent memory or time on it.

mod colour;
mod icons;
mod layer;
mod logo;
mod parallel;

pub use colour::contrast::{NON_TEXT_RATIO, TEXT_RATIO, contrast_ratio, relative_luminance};
pub use colour::fix::{fix_contrast, fix_contrast_all};
pub use colour::palette::{Swatch, palette, suggest_colours};
pub use colour::theme::{Requirement, Scheme, Theme, Token};
pub use colour::{ColourError, Colours, ContrastProblem, Rgb};
pub use icons::preview::previews;
pub use icons::{Icon, IconSet, android_icons, icon_background, web_icons};
pub use logo::canvas::Canvas;
pub use logo::error::{LogoError, SvgError};
pub use logo::warning::LogoWarning;
pub use logo::{Format, Logo};
