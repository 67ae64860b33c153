//! How much an SVG paints, added up before anything is painted.
//!
//! A few thousand full-size translucent shapes are a small file and half a minute of work; the sum of the
//! painted areas tells beforehand.

use resvg::tiny_skia::{PathSegment, Point};
use resvg::usvg::{Group, Node, Paint, Path, Rect, Tree};

use super::super::error::SvgError;

/// In multiples of the whole picture. A detailed logo paints itself three to ten times over.
const MAX_COVERS: u32 = 100;
/// The renderer counts in 16.16 fixed point and panics on coordinates far beyond it.
const MAX_OUTSIDE: u32 = 8;
/// A dashed outline is cut into up to a million pieces, whatever its area.
const DASH_COVERS: f64 = 10.0;
/// A group with its own layer is allocated, painted and blended.
const LAYER_COVERS: f64 = 4.0;
/// A gradient is worked out pixel by pixel.
const GRADIENT_COVERS: f64 = 4.0;
/// What even a tiny shape costs.
const SHAPE_COVERS: f64 = 0.005;
/// What one piece of an outline costs, and what it costs more when it runs from top to bottom: it is then
/// looked at in every line of the picture.
const SEGMENT_COVERS: f64 = 0.0005;
const UPRIGHT_COVERS: f64 = 0.02;

/// Refuses a tree that paints more than its budget.
pub(super) fn check(tree: &Tree) -> Result<(), SvgError> {
    let whole = f64::from(tree.size().width()) * f64::from(tree.size().height());
    let mut budget = Budget { tree, whole, covers: 0.0, is_far_outside: false };
    budget.add_group(tree.root());
    if budget.is_far_outside {
        return Err(SvgError::FarOutside { limit: MAX_OUTSIDE });
    }
    if budget.covers > f64::from(MAX_COVERS) {
        return Err(SvgError::TooMuchPaint { limit: MAX_COVERS });
    }
    Ok(())
}

struct Budget<'a> {
    tree: &'a Tree,
    whole: f64,
    covers: f64,
    is_far_outside: bool,
}

impl Budget<'_> {
    fn add_group(&mut self, group: &Group) {
        // Over budget is over budget: masks within masks must not be walked to their end.
        if self.covers > f64::from(MAX_COVERS) {
            return;
        }
        if group.should_isolate() {
            self.covers += LAYER_COVERS * self.visible_part(group.abs_stroke_bounding_box());
        }
        if let Some(mask) = group.mask() {
            self.covers += LAYER_COVERS;
            self.add_group(mask.root());
            if let Some(outer) = mask.mask() {
                self.add_group(outer.root());
            }
        }
        if let Some(clip) = group.clip_path() {
            self.covers += LAYER_COVERS * self.visible_part(group.abs_stroke_bounding_box());
            self.add_group(clip.root());
            if let Some(outer) = clip.clip_path() {
                self.add_group(outer.root());
            }
        }
        for child in group.children() {
            match child {
                Node::Group(group) => self.add_group(group),
                Node::Path(path) => self.add_path(path),
                Node::Image(_) | Node::Text(_) => {}
            }
        }
    }

    fn add_path(&mut self, path: &Path) {
        let size = self.tree.size();
        let area = path.abs_stroke_bounding_box();
        let limit = MAX_OUTSIDE as f32 * size.width().max(size.height());
        let is_near = [area.left(), area.top(), area.right(), area.bottom()]
            .into_iter()
            .all(|edge| edge.abs() <= limit);
        self.is_far_outside |= !is_near;
        let is_dashed = path.stroke().is_some_and(|stroke| stroke.dasharray().is_some());
        let paints = [path.fill().map(|fill| fill.paint()), path.stroke().map(|stroke| stroke.paint())];
        let is_flat = paints.into_iter().flatten().all(|paint| matches!(paint, Paint::Color(_)));
        // An outline has two sides and joins between them.
        let outlines =
            f64::from(u8::from(path.fill().is_some())) + if path.stroke().is_some() { 3.0 } else { 0.0 };
        self.covers += SHAPE_COVERS
            + self.visible_part(path.abs_stroke_bounding_box()) * if is_flat { 1.0 } else { GRADIENT_COVERS }
            + outlines * self.outline_covers(path)
            + if is_dashed { DASH_COVERS } else { 0.0 };
    }

    fn outline_covers(&self, path: &Path) -> f64 {
        let height = self.tree.size().height();
        let line = |point: Point| {
            let mut point = point;
            path.abs_transform().map_point(&mut point);
            point.y.clamp(0.0, height)
        };
        let (mut covers, mut y) = (0.0, 0.0);
        for segment in path.data().segments() {
            let next = match segment {
                PathSegment::MoveTo(end) => {
                    y = line(end);
                    continue;
                }
                PathSegment::LineTo(end) | PathSegment::QuadTo(_, end) | PathSegment::CubicTo(_, _, end) => {
                    line(end)
                }
                PathSegment::Close => y,
            };
            covers += SEGMENT_COVERS + UPRIGHT_COVERS * f64::from((next - y).abs() / height);
            y = next;
        }
        covers
    }

    /// The part of the picture a box covers, 0..=1.
    fn visible_part(&self, area: Rect) -> f64 {
        let size = self.tree.size();
        let overlap = |from: f32, to: f32, limit: f32| f64::from((to.min(limit) - from.max(0.0)).max(0.0));
        overlap(area.left(), area.right(), size.width()) * overlap(area.top(), area.bottom(), size.height())
            / self.whole
    }
}
