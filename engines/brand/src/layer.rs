//! A rectangle of premultiplied RGBA: the only form in which pictures may be resized and laid over each other.
//!
//! Resizing straight alpha drags the colour of invisible pixels into every edge (the dark or white fringe of
//! badly made icons), so [`Canvas`] has no resize and this type has nothing else.

use std::ops::Range;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use crate::logo::canvas::{Canvas, is_opaque};

#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) width_px: usize,
    pub(crate) height_px: usize,
    /// Four bytes per pixel, no channel above its alpha.
    rgba: Vec<u8>,
}

impl Layer {
    /// Premultiplies straight RGBA of `width_px` × `height_px` pixels.
    pub(crate) fn from_straight(width_px: usize, height_px: usize, mut rgba: Vec<u8>) -> Layer {
        assert_eq!(rgba.len(), width_px * height_px * 4, "four bytes per pixel");
        for pixel in rgba.as_chunks_mut::<4>().0 {
            *pixel = premultiplied(*pixel);
        }
        Layer { width_px, height_px, rgba }
    }

    /// Takes pixels that are premultiplied already, give or take the rounding of who made them.
    pub(crate) fn from_premultiplied(width_px: usize, height_px: usize, mut rgba: Vec<u8>) -> Layer {
        assert_eq!(rgba.len(), width_px * height_px * 4, "four bytes per pixel");
        for pixel in rgba.as_chunks_mut::<4>().0 {
            let alpha = pixel[3];
            *pixel = pixel.map(|channel| channel.min(alpha));
        }
        Layer { width_px, height_px, rgba }
    }

    pub(crate) fn pixels(&self) -> &[[u8; 4]] {
        self.rgba.as_chunks::<4>().0
    }

    pub(crate) fn is_opaque(&self) -> bool {
        is_opaque(self.pixels())
    }

    pub(crate) fn row(&self, y: usize) -> &[[u8; 4]] {
        &self.pixels()[y * self.width_px..(y + 1) * self.width_px]
    }

    /// The layer in another size: exact halves by averaging, everything else by a filter without negative lobes,
    /// because sharper ones draw light rings around flat shapes.
    pub(crate) fn resized(&self, width_px: usize, height_px: usize) -> Layer {
        if (width_px, height_px) == (self.width_px, self.height_px) {
            return self.clone();
        }
        let is_half = self.width_px == width_px * 2 && self.height_px == height_px * 2;
        let filter = if is_half { FilterType::Box } else { FilterType::Hamming };
        let rgba = resize::<U8x4>(&self.rgba, (self.width_px, self.height_px), (width_px, height_px), filter);
        Layer::from_premultiplied(width_px, height_px, rgba)
    }

    /// Those columns and rows of the canvas.
    pub(crate) fn part_of(canvas: &Canvas, columns: Range<usize>, rows: Range<usize>) -> Layer {
        let (width_px, height_px) = (columns.len(), rows.len());
        let mut rgba = Vec::with_capacity(width_px * height_px);
        for row in canvas.pixels().chunks_exact(canvas.side_px()).skip(rows.start).take(height_px) {
            rgba.extend(row[columns.clone()].iter().map(|pixel| premultiplied(*pixel)));
        }
        Layer { width_px, height_px, rgba: rgba.into_flattened() }
    }

    /// The layer in the middle of a transparent square.
    pub(crate) fn centred_in_square(self) -> Layer {
        let side_px = self.width_px.max(self.height_px);
        if self.width_px == self.height_px {
            return self;
        }
        let (left, top) = ((side_px - self.width_px) / 2, (side_px - self.height_px) / 2);
        let mut rgba = vec![0; side_px * side_px * 4];
        for y in 0..self.height_px {
            let start = ((top + y) * side_px + left) * 4;
            let row = &self.rgba[y * self.width_px * 4..(y + 1) * self.width_px * 4];
            rgba[start..start + row.len()].copy_from_slice(row);
        }
        Layer { width_px: side_px, height_px: side_px, rgba }
    }

    /// The square layer with straight alpha.
    pub(crate) fn into_canvas(mut self) -> Canvas {
        assert_eq!(self.width_px, self.height_px, "a canvas is square");
        for pixel in self.rgba.as_chunks_mut::<4>().0 {
            *pixel = straight(*pixel);
        }
        Canvas::new(self.width_px, self.rgba)
    }
}

impl From<&Canvas> for Layer {
    fn from(canvas: &Canvas) -> Layer {
        Layer::part_of(canvas, 0..canvas.side_px(), 0..canvas.side_px())
    }
}

/// Resizes one grey channel of `side_px` × `side_px` pixels.
pub(crate) fn resized_grey(grey: &[u8], side_px: usize, new_side_px: usize) -> Vec<u8> {
    if side_px == new_side_px {
        return grey.to_vec();
    }
    let filter = if side_px == new_side_px * 2 { FilterType::Box } else { FilterType::Hamming };
    resize::<U8>(grey, (side_px, side_px), (new_side_px, new_side_px), filter)
}

/// The kind of pixel is a type, so that the library is compiled for the two kinds used here and not for all it knows.
fn resize<P: PixelTrait>(
    pixels: &[u8],
    from_px: (usize, usize),
    to_px: (usize, usize),
    filter: FilterType,
) -> Vec<u8> {
    const SIZED: &str = "the buffer has the size it is said to have";
    let side = |pixels: usize| u32::try_from(pixels).expect("pictures here are at most 4096 px wide");
    let source = TypedImageRef::<P>::from_buffer(side(from_px.0), side(from_px.1), pixels).expect(SIZED);
    let mut resized = vec![0; to_px.0 * to_px.1 * P::size()];
    let mut target = TypedImage::<P>::from_buffer(side(to_px.0), side(to_px.1), &mut resized).expect(SIZED);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).use_alpha(false);
    Resizer::new().resize_typed(&source, &mut target, &options).expect("neither picture is cropped");
    resized
}

/// Without a case for opaque pixels, for which it changes nothing: so the compiler does many at once.
fn premultiplied([red, green, blue, alpha]: [u8; 4]) -> [u8; 4] {
    [scaled(red, alpha), scaled(green, alpha), scaled(blue, alpha), alpha]
}

/// The straight form of a premultiplied pixel, rounded to nearest.
pub(crate) fn straight([red, green, blue, alpha]: [u8; 4]) -> [u8; 4] {
    let divided = |channel: u8| {
        let value = (u32::from(channel) * 255 + u32::from(alpha) / 2) / u32::from(alpha);
        u8::try_from(value).expect("no channel is above its alpha")
    };
    match alpha {
        0 => [0; 4],
        255 => [red, green, blue, 255],
        _ => [divided(red), divided(green), divided(blue), alpha],
    }
}

/// `value` × `part` / 255, rounded to nearest.
pub(crate) fn scaled(value: u8, part: u8) -> u8 {
    // At most 255 × 255 + 128, and after the division at most 255: it fits.
    let product = u16::from(value) * u16::from(part) + 128;
    ((product + (product >> 8)) >> 8) as u8
}
