//! A rectangle of premultiplied RGBA: the only form in which pictures may be resized and laid over each other.
//!
//! Resizing straight alpha drags the colour of invisible pixels into every edge (the dark or white fringe of
//! badly made icons), so [`Canvas`] has no resize and this type has nothing else.

use std::ops::Range;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::logo::canvas::Canvas;

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
        let rgba = resize(
            &self.rgba,
            (self.width_px, self.height_px),
            (width_px, height_px),
            PixelType::U8x4,
            filter,
        );
        Layer::from_premultiplied(width_px, height_px, rgba)
    }

    /// A part of the layer.
    pub(crate) fn cropped(&self, columns: Range<usize>, rows: Range<usize>) -> Layer {
        let mut rgba = Vec::with_capacity(columns.len() * rows.len() * 4);
        for y in rows.clone() {
            rgba.extend_from_slice(self.row(y)[columns.clone()].as_flattened());
        }
        Layer { width_px: columns.len(), height_px: rows.len(), rgba }
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
        Layer::from_straight(canvas.side_px(), canvas.side_px(), canvas.rgba().to_vec())
    }
}

/// Resizes one grey channel of `side_px` × `side_px` pixels.
pub(crate) fn resized_grey(grey: &[u8], side_px: usize, new_side_px: usize) -> Vec<u8> {
    if side_px == new_side_px {
        return grey.to_vec();
    }
    let filter = if side_px == new_side_px * 2 { FilterType::Box } else { FilterType::Hamming };
    resize(grey, (side_px, side_px), (new_side_px, new_side_px), PixelType::U8, filter)
}

fn resize(
    pixels: &[u8],
    from_px: (usize, usize),
    to_px: (usize, usize),
    pixel_type: PixelType,
    filter: FilterType,
) -> Vec<u8> {
    let side = |pixels: usize| u32::try_from(pixels).expect("pictures here are at most 4096 px wide");
    let source = ImageRef::new(side(from_px.0), side(from_px.1), pixels, pixel_type)
        .expect("the buffer has the size it is said to have");
    let mut target = Image::new(side(to_px.0), side(to_px.1), pixel_type);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).use_alpha(false);
    Resizer::new().resize(&source, &mut target, &options).expect("both pictures have one pixel type");
    target.into_vec()
}

fn premultiplied([red, green, blue, alpha]: [u8; 4]) -> [u8; 4] {
    if alpha == 255 {
        return [red, green, blue, alpha];
    }
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
    let product = u32::from(value) * u32::from(part) + 128;
    u8::try_from((product + (product >> 8)) >> 8).expect("a part of a byte is a byte")
}
