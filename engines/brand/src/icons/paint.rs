//! The few ways in which art is laid on ground.

use png::ColorType;

use super::Icon;
use super::art::Art;
use crate::Rgb;
use crate::layer::{Layer, scaled, straight};
use crate::logo::canvas::encode_png;

/// On a tile a round logo takes this part of the width, in percent; angular ones may grow beyond the circle.
const TILE_CIRCLE_PERCENT: usize = 82;
const TILE_LEAST_PERCENT: usize = 66;

/// Outlines, in a square of side 1 around its middle.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Square,
    Circle,
    /// A superellipse of degree five.
    Squircle,
    /// The radius of the corners, as a part of the side.
    Rounded(f32),
}

impl Shape {
    /// How much of a pixel lies inside, 0..=255, from the distance of its middle to the outline.
    pub(super) fn coverage(self, x: usize, y: usize, side_px: usize) -> u8 {
        let half = side_px as f32 / 2.0;
        let (dx, dy) = ((x as f32 + 0.5 - half).abs(), (y as f32 + 0.5 - half).abs());
        let distance = match self {
            Shape::Square => return 255,
            Shape::Circle => dx.hypot(dy) - half,
            Shape::Squircle => ((dx / half).powi(5) + (dy / half).powi(5)).powf(0.2).mul_add(half, -half),
            Shape::Rounded(radius) => {
                let radius = radius * side_px as f32;
                let (cx, cy) = (dx - (half - radius), dy - (half - radius));
                if cx <= 0.0 || cy <= 0.0 { cx.max(cy) - radius } else { cx.hypot(cy) - radius }
            }
        };
        ((0.5 - distance).clamp(0.0, 1.0) * 255.0).round() as u8
    }
}

/// How a picture is made of the art.
#[derive(Clone, Copy)]
pub(super) enum Style {
    /// A rounded tile of ground with the art on it and transparent corners.
    Tile(Rgb),
    /// A full square of ground with the art on it, for those who cut the corners themselves.
    FullBleed(Rgb),
    /// A full square of ground with the art inside a circle.
    WithinCircle { circle_px: usize, ground: Rgb },
    /// The art alone, inside a circle, on nothing.
    Floating { circle_px: usize },
    /// The one-colour form, white with alpha, inside a circle: the system tints it.
    Monochrome { circle_px: usize },
}

/// A picture to be drawn.
pub(super) struct Order {
    name: String,
    side_px: usize,
    style: Style,
}

impl Order {
    pub(super) fn new(name: impl Into<String>, side_px: usize, style: Style) -> Order {
        Order { name: name.into(), side_px, style }
    }

    pub(super) fn drawn(&self, art: &Art) -> Icon {
        let side_px = self.side_px;
        let (colour, pixels) = match self.style {
            Style::Tile(ground) => {
                let rgb = on_ground(&art.drawn(tile_art_px(art, side_px)), side_px, ground);
                (ColorType::Rgba, shaped(&rgb, side_px, Shape::Rounded(0.22)))
            }
            Style::FullBleed(ground) => {
                (ColorType::Rgb, on_ground(&art.drawn(tile_art_px(art, side_px)), side_px, ground))
            }
            Style::WithinCircle { circle_px, ground } => {
                let layer = art.drawn(circle_art_px(art, side_px, circle_px));
                (ColorType::Rgb, on_ground(&layer, side_px, ground))
            }
            Style::Floating { circle_px } => {
                (ColorType::Rgba, floating(&art.drawn(circle_art_px(art, side_px, circle_px)), side_px))
            }
            Style::Monochrome { circle_px } => {
                let art_px = circle_art_px(art, side_px, circle_px);
                (ColorType::GrayscaleAlpha, monochrome(&art.drawn_mask(art_px), art_px, side_px))
            }
        };
        icon(self.name.clone(), side_px, colour, &pixels)
    }
}

/// Art in the middle of nothing, as straight RGBA.
fn floating(layer: &Layer, side_px: usize) -> Vec<u8> {
    let mut rgba = vec![[0; 4]; side_px * side_px];
    let margin = (side_px - layer.width_px) / 2;
    for y in 0..layer.height_px {
        let start = (margin + y) * side_px + margin;
        for (target, source) in rgba[start..start + layer.width_px].iter_mut().zip(layer.row(y)) {
            *target = straight(*source);
        }
    }
    rgba.into_flattened()
}

/// A mask in the middle of nothing, as white with alpha.
fn monochrome(mask: &[u8], art_px: usize, side_px: usize) -> Vec<u8> {
    let margin = (side_px - art_px) / 2;
    let mut grey_alpha = vec![[255, 0]; side_px * side_px];
    for (y, row) in mask.chunks_exact(art_px).enumerate() {
        let start = (margin + y) * side_px + margin;
        for (target, &alpha) in grey_alpha[start..start + art_px].iter_mut().zip(row) {
            target[1] = alpha;
        }
    }
    grey_alpha.into_flattened()
}

/// The art's width inside a circle, leaving equal margins.
pub(super) fn circle_art_px(art: &Art, side_px: usize, circle_px: usize) -> usize {
    // A pixel on each side is left for the soft edge that resizing adds.
    same_parity(art.side_in_circle_px(circle_px - 2), side_px)
}

/// The art's width on a tile; a picture without transparency covers it all.
pub(super) fn tile_art_px(art: &Art, side_px: usize) -> usize {
    if art.is_opaque() {
        return side_px;
    }
    let circle_px = side_px * TILE_CIRCLE_PERCENT / 100;
    let round = art.side_in_circle_px(circle_px);
    same_parity(round.clamp(side_px * TILE_LEAST_PERCENT / 100, circle_px), side_px)
}

fn same_parity(art_px: usize, side_px: usize) -> usize {
    art_px - (side_px - art_px) % 2
}

/// Art in the middle of a square of one colour, as RGB.
pub(super) fn on_ground(layer: &Layer, side_px: usize, ground: Rgb) -> Vec<u8> {
    let ground = [ground.red, ground.green, ground.blue];
    let mut rgb = vec![ground; side_px * side_px];
    let margin = (side_px - layer.width_px) / 2;
    for y in 0..layer.height_px {
        let start = (margin + y) * side_px + margin;
        for (target, source) in rgb[start..start + layer.width_px].iter_mut().zip(layer.row(y)) {
            *target = over(*source, ground);
        }
    }
    rgb.into_flattened()
}

/// A premultiplied pixel over an opaque one (Porter and Duff, 1984).
pub(super) fn over([red, green, blue, alpha]: [u8; 4], ground: [u8; 3]) -> [u8; 3] {
    let rest = 255 - alpha;
    let mixed = |channel: u8, below: u8| channel.saturating_add(scaled(below, rest));
    [mixed(red, ground[0]), mixed(green, ground[1]), mixed(blue, ground[2])]
}

/// RGB cut to a shape, as straight RGBA.
pub(super) fn shaped(rgb: &[u8], side_px: usize, shape: Shape) -> Vec<u8> {
    let mut rgba = Vec::with_capacity(side_px * side_px * 4);
    for (y, row) in rgb.as_chunks::<3>().0.chunks_exact(side_px).enumerate() {
        for (x, &[red, green, blue]) in row.iter().enumerate() {
            match shape.coverage(x, y, side_px) {
                0 => rgba.extend_from_slice(&[0; 4]),
                alpha => rgba.extend_from_slice(&[red, green, blue, alpha]),
            }
        }
    }
    rgba
}

pub(super) fn icon(name: String, side_px: usize, colour: ColorType, pixels: &[u8]) -> Icon {
    Icon { name, width_px: side_px, height_px: side_px, png: encode_png(side_px, side_px, colour, pixels) }
}
