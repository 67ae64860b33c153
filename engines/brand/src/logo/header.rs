//! What a raster file says about itself, read without decoding a pixel.
//!
//! The walkers here look at lengths and markers only, never allocate, and accept nothing that ends early.
//! Formats: PNG third edition (W3C 2025), JPEG (ITU-T T.81, annex B), WebP container (RFC 9649).

use super::Format;
use super::error::LogoError;

/// Facts from the header; the decoder must agree with them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Header {
    pub(super) width_px: u32,
    pub(super) height_px: u32,
}

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Encoders write about ten.
const JPEG_MAX_SCANS: usize = 100;

/// Formats we know by their first bytes and do not take, so that the message can name them.
const UNSUPPORTED: [(usize, &[u8], &str); 10] = [
    (0, b"GIF8", "GIF"),
    (0, b"BM", "BMP"),
    (0, b"%PDF", "PDF"),
    (0, b"%!PS", "PostScript"),
    (0, b"8BPS", "Photoshop"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"\0\0\x01\0", "ICO"),
    (0, b"PK\x03\x04", "ZIP"),
    (4, b"ftyp", "HEIC, AVIF and video"),
];

/// The format by its first bytes; names and media types are not asked.
pub(crate) fn sniff(bytes: &[u8]) -> Result<Format, LogoError> {
    if bytes.is_empty() {
        return Err(LogoError::Empty);
    }
    if bytes.starts_with(PNG_SIGNATURE) {
        return Ok(Format::Png);
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Ok(Format::Jpeg);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(Format::WebP);
    }
    if looks_like_svg(bytes) {
        return Ok(Format::Svg);
    }
    let known = UNSUPPORTED
        .iter()
        .find(|(at, magic, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(magic)));
    Err(known.map_or(LogoError::UnknownFormat, |&(_, _, found)| LogoError::UnsupportedFormat { found }))
}

/// Gzip counts, so that the SVG reader can say what to do about it.
fn looks_like_svg(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\x1f\x8b") {
        return true;
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let opening = &text[..text.len().min(4096)];
    text.starts_with(b"<svg")
        || (text.starts_with(b"<") && opening.windows(4).any(|window| window == b"<svg" || window == b":svg"))
}

/// Walks a raster file from start to end and reports its size.
pub(super) fn read(bytes: &[u8], format: Format) -> Result<Header, LogoError> {
    match format {
        Format::Png => png(bytes),
        Format::Jpeg => jpeg(bytes),
        Format::WebP => webp(bytes),
        Format::Svg => unreachable!("an SVG has no raster header"),
    }
}

fn png(bytes: &[u8]) -> Result<Header, LogoError> {
    const FORMAT: Format = Format::Png;
    let truncated = |place| LogoError::Truncated { format: FORMAT, place };
    let mut header = None;
    let mut at = PNG_SIGNATURE.len();
    loop {
        let length = big_endian_u32(bytes, at).ok_or(truncated("chunk list"))? as usize;
        let kind = bytes.get(at + 4..at + 8).ok_or(truncated("chunk list"))?;
        let body = at + 8;
        let next = body.checked_add(length).and_then(|end| end.checked_add(4));
        let next = next.filter(|&next| next <= bytes.len()).ok_or(truncated("picture data"))?;
        match (kind, header) {
            (b"IHDR", None) if length == 13 => {
                let width_px = big_endian_u32(bytes, body).ok_or(truncated("header"))?;
                let height_px = big_endian_u32(bytes, body + 4).ok_or(truncated("header"))?;
                header = Some(Header { width_px, height_px });
            }
            (_, None) => return Err(damaged(FORMAT, "it does not start with its header")),
            (b"acTL", _) => return Err(LogoError::Animated { format: FORMAT }),
            (b"IEND", Some(header)) => return Ok(header),
            _ => {}
        }
        at = next;
    }
}

fn jpeg(bytes: &[u8]) -> Result<Header, LogoError> {
    const FORMAT: Format = Format::Jpeg;
    let truncated = |place| LogoError::Truncated { format: FORMAT, place };
    let mut header = None;
    let mut at = 2;
    loop {
        if *bytes.get(at).ok_or(truncated("header"))? != 0xff {
            return Err(damaged(FORMAT, "a marker is missing"));
        }
        let marker = *bytes.get(at + 1).ok_or(truncated("header"))?;
        at += match marker {
            // Fill bytes, and markers without a body (T.81, B.1.1.2 and table B.1).
            0xff => 1,
            0x01 | 0xd0..=0xd7 => 2,
            0xd9 => return Err(damaged(FORMAT, "it contains no picture")),
            _ => {
                let length = usize::from(big_endian_u16(bytes, at + 2).ok_or(truncated("header"))?);
                let body = bytes.get(at + 4..at + 2 + length.max(2)).ok_or(truncated("header"))?;
                match marker {
                    0xc4 | 0xc8 | 0xcc => {}
                    0xc0..=0xcf => header = Some(jpeg_frame(body)?),
                    0xda => break,
                    _ => {}
                }
                2 + length.max(2)
            }
        };
    }
    let header = header.ok_or_else(|| damaged(FORMAT, "a scan comes before the frame header"))?;
    // In entropy-coded data 0xff is always followed by zero, so these two bytes can only be the end marker.
    let count = |marker: &[u8]| bytes[at..].windows(2).filter(|&window| window == marker).count();
    if count(b"\xff\xd9") == 0 {
        return Err(truncated("picture data"));
    }
    // Each scan of a progressive picture touches every pixel; thousands of empty ones would cost minutes.
    if count(b"\xff\xda") > JPEG_MAX_SCANS {
        return Err(damaged(FORMAT, "it has too many scans"));
    }
    Ok(header)
}

/// The frame header: precision, height, width, number of components (T.81, B.2.2).
fn jpeg_frame(body: &[u8]) -> Result<Header, LogoError> {
    let &[_, high_y, low_y, high_x, low_x, components, ..] = body else {
        return Err(damaged(Format::Jpeg, "its frame header is too short"));
    };
    if components == 4 {
        return Err(LogoError::Cmyk { components });
    }
    Ok(Header {
        width_px: u32::from(u16::from_be_bytes([high_x, low_x])),
        height_px: u32::from(u16::from_be_bytes([high_y, low_y])),
    })
}

fn webp(bytes: &[u8]) -> Result<Header, LogoError> {
    const FORMAT: Format = Format::WebP;
    const ANIMATION: u8 = 0b10;
    let truncated = |place| LogoError::Truncated { format: FORMAT, place };
    let size = little_endian_u32(bytes, 4).ok_or(truncated("header"))? as usize;
    if size.saturating_add(8) > bytes.len() {
        return Err(truncated("picture data"));
    }
    let mut canvas = None;
    let mut at = 12;
    loop {
        let kind = bytes.get(at..at + 4).ok_or(truncated("chunk list"))?;
        let length = little_endian_u32(bytes, at + 4).ok_or(truncated("chunk list"))? as usize;
        let end = (at + 8).checked_add(length).ok_or(truncated("chunk list"))?;
        let body = bytes.get(at + 8..end).ok_or(truncated("picture data"))?;
        match (kind, body) {
            (b"VP8X", &[flags, _, _, _, x0, x1, x2, y0, y1, y2, ..]) => {
                if flags & ANIMATION != 0 {
                    return Err(LogoError::Animated { format: FORMAT });
                }
                canvas = Some(Header {
                    width_px: u32::from_le_bytes([x0, x1, x2, 0]) + 1,
                    height_px: u32::from_le_bytes([y0, y1, y2, 0]) + 1,
                });
            }
            (b"ANIM" | b"ANMF", _) => return Err(LogoError::Animated { format: FORMAT }),
            (b"VP8 ", &[_, _, _, 0x9d, 0x01, 0x2a, x0, x1, y0, y1, ..]) => {
                let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
                return agreeing(canvas, Header { width_px: side(x0, x1), height_px: side(y0, y1) });
            }
            (b"VP8L", &[0x2f, b0, b1, b2, b3, ..]) => {
                let bits = u32::from_le_bytes([b0, b1, b2, b3]);
                let frame = Header { width_px: (bits & 0x3fff) + 1, height_px: (bits >> 14 & 0x3fff) + 1 };
                return agreeing(canvas, frame);
            }
            (b"VP8 " | b"VP8L" | b"VP8X", _) => return Err(damaged(FORMAT, "a chunk has the wrong form")),
            _ => {}
        }
        at = end + length % 2;
    }
}

/// The frame fills its canvas, unless somebody hides a large picture behind a small header.
fn agreeing(canvas: Option<Header>, frame: Header) -> Result<Header, LogoError> {
    match canvas {
        Some(canvas) if canvas != frame => Err(damaged(Format::WebP, "canvas and picture differ in size")),
        _ => Ok(frame),
    }
}

fn damaged(format: Format, detail: &str) -> LogoError {
    LogoError::Damaged { format, detail: detail.to_owned() }
}

fn big_endian_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_be_bytes(*chunk))
}

fn big_endian_u16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_be_bytes(*chunk))
}

fn little_endian_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}
