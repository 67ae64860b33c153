//! A square picture in straight-alpha RGBA, and the one way pictures are written as PNG.
//!
//! Pixels that cannot be seen carry no colour: what somebody erased stays erased, and equal pictures have
//! equal bytes.

use png::{BitDepth, ColorType, Compression, Encoder, Filter};

/// Square, eight bits per channel, sRGB, straight alpha, rows from the top, no padding.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Canvas {
    side_px: usize,
    rgba: Vec<u8>,
}

impl Canvas {
    /// Takes `side_px` × `side_px` pixels of four bytes each and blackens the invisible ones.
    pub(crate) fn new(side_px: usize, mut rgba: Vec<u8>) -> Canvas {
        assert_eq!(rgba.len(), side_px * side_px * 4, "a canvas is square");
        for pixel in rgba.as_chunks_mut::<4>().0 {
            if pixel[3] == 0 {
                *pixel = [0; 4];
            }
        }
        Canvas { side_px, rgba }
    }

    #[must_use]
    pub fn side_px(&self) -> usize {
        self.side_px
    }

    /// All pixels, four bytes each.
    #[must_use]
    pub fn rgba(&self) -> &[u8] {
        &self.rgba
    }

    /// Red, green, blue, alpha.
    ///
    /// # Panics
    /// Outside the picture.
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 4] {
        self.pixels()[y * self.side_px + x]
    }

    pub(crate) fn pixels(&self) -> &[[u8; 4]] {
        self.rgba.as_chunks::<4>().0
    }

    /// Whether there is nothing to see; a haze of a few levels counts as nothing.
    pub(crate) fn is_invisible(&self) -> bool {
        self.pixels().iter().all(|pixel| pixel[3] < 8)
    }

    /// Whether (nearly) no pixel lets the background through.
    pub(crate) fn is_opaque(&self) -> bool {
        is_opaque(self.pixels())
    }

    pub(crate) fn to_png(&self) -> Vec<u8> {
        encode_png(self.side_px, self.side_px, ColorType::Rgba, &self.rgba)
    }
}

/// Whether (nearly) no pixel lets the background through; the same for straight and premultiplied ones.
pub(crate) fn is_opaque(pixels: &[[u8; 4]]) -> bool {
    let transparent = pixels.iter().filter(|pixel| pixel[3] < 250).count();
    transparent * 200 < pixels.len()
}

/// From here on the best filter for each row is not looked for: 4 MB.
const HUGE_BYTES: usize = 4_000_000;

/// Writes pixels as a PNG without any metadata; equal pixels give equal bytes.
pub(crate) fn encode_png(width_px: usize, height_px: usize, colour: ColorType, pixels: &[u8]) -> Vec<u8> {
    let side = |pixels: usize| u32::try_from(pixels).expect("pictures here are at most 4096 px wide");
    let mut bytes = Vec::with_capacity(pixels.len() / 8 + 1024);
    let mut encoder = Encoder::new(&mut bytes, side(width_px), side(height_px));
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    // Choosing a filter for every row makes a tenth fewer bytes; on the one picture of a million pixels it costs a millisecond that
    // somebody waits for.
    encoder.set_filter(if pixels.len() > HUGE_BYTES { Filter::Up } else { Filter::Adaptive });
    let mut writer = encoder.write_header().expect("width and height are not zero");
    writer.write_image_data(pixels).expect("the buffer has the size the header announces");
    writer.finish().expect("a Vec takes every write");
    bytes
}
