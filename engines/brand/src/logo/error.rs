//! Every reason to refuse a logo, in words a partner can act on.

use super::Format;

/// Why an upload cannot be a logo. The message says what is wrong, where, and what to do.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LogoError {
    #[error("the file is empty: choose a PNG, JPEG, WebP or SVG file")]
    Empty,
    #[error(
        "the file has {actual_bytes} bytes, the limit is {limit_bytes}: export it smaller, 1024 px wide is enough"
    )]
    TooManyBytes { actual_bytes: usize, limit_bytes: usize },
    #[error("{found} files cannot be a logo: export it as PNG, JPEG, WebP or SVG")]
    UnsupportedFormat { found: &'static str },
    #[error(
        "the first bytes belong to no picture format known here: export the logo as PNG, JPEG, WebP or SVG"
    )]
    UnknownFormat,
    #[error(
        "the file is named as {claimed} but contains {actual}: rename it, or export it again as {claimed}"
    )]
    Mislabelled { claimed: Format, actual: Format },
    #[error("the {format} file ends early, in its {place}: upload it again or export it anew")]
    Truncated { format: Format, place: &'static str },
    #[error("the {format} file is damaged ({detail}): export it anew")]
    Damaged { format: Format, detail: String },
    #[error("the {format} file is animated: export a single frame")]
    Animated { format: Format },
    #[error(
        "the JPEG has {components} colour components, which means CMYK: export it as RGB, best as PNG or SVG"
    )]
    Cmyk { components: u8 },
    #[error(
        "the picture is {width_px} × {height_px} px, but both sides need at least {required_px} px: \
         export it larger, or upload an SVG"
    )]
    TooSmall { width_px: u32, height_px: u32, required_px: u32 },
    #[error(
        "the picture is {width_px} × {height_px} px, but no side may exceed {limit_px} px: export it smaller"
    )]
    TooLarge { width_px: u32, height_px: u32, limit_px: u32 },
    #[error(
        "the picture is {width} × {height}, but the longer side may be at most {limit} times the shorter: \
         upload the mark without the lettering, or add transparent space"
    )]
    TooElongated { width: u32, height: u32, limit: u32 },
    #[error("every pixel of the picture is transparent: check that the right layer was exported")]
    Invisible,
    #[error(transparent)]
    Svg(#[from] SvgError),
}

/// Why an SVG is refused. Lines count from 1.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SvgError {
    #[error("the SVG is compressed: save it as plain .svg instead of .svgz")]
    Compressed,
    #[error("the SVG has {actual_bytes} bytes, the limit is {limit_bytes}: simplify its paths")]
    TooManyBytes { actual_bytes: usize, limit_bytes: usize },
    #[error("the SVG is not valid UTF-8 from byte {position}: save it with the encoding UTF-8")]
    NotUtf8 { position: usize },
    #[error("the SVG is not well-formed XML: {detail}")]
    Malformed { detail: String },
    #[error("the SVG declares entities (<!ENTITY …>): save it as plain SVG, without a document type")]
    Entity,
    #[error("the SVG contains a script, {place}: remove it, a logo cannot run code")]
    Script { place: String },
    #[error("the SVG refers to {target:?}, {place}: embed or remove it, a logo must be complete in itself")]
    ExternalReference { target: String, place: String },
    #[error(
        "the SVG contains an embedded picture, {place}: trace it to paths, or upload the picture itself as PNG"
    )]
    EmbeddedPicture { place: String },
    #[error("the SVG contains text, {place}: convert text to outlines, because no fonts are loaded")]
    Text { place: String },
    #[error("the SVG uses <{element}>, {place}: flatten it to plain shapes and colours")]
    UnsupportedElement { element: String, place: String },
    #[error("the SVG's style sheet uses {construct:?}, {place}: write plain colours into it")]
    UnsupportedStyle { construct: String, place: String },
    #[error("the SVG has more than {limit} elements: simplify it")]
    TooManyElements { limit: usize },
    #[error("the SVG is nested more than {limit} levels deep, {place}: ungroup it")]
    TooDeep { limit: usize, place: String },
    #[error(
        "the SVG draws more than {limit} elements once its references are followed, {place}: \
         replace <use>, masks and clip paths by plain shapes"
    )]
    ExpandsTooFar { limit: u64, place: String },
    #[error("the SVG refers to itself, {place}: remove the circle of references")]
    CircularReference { place: String },
    #[error("the SVG paints its area more than {limit} times over: merge its shapes")]
    TooMuchPaint { limit: u32 },
    #[error("the SVG has a shape more than {limit} times its size outside its area: crop it to the logo")]
    FarOutside { limit: u32 },
    #[error("the SVG cannot be drawn: {detail}")]
    Undrawable { detail: String },
}
