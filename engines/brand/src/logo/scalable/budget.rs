//! How much an SVG paints, added up before anything is painted.
//!
//! A few thousand full-size translucent shapes are a small file and half a minute of work; the sum of the
//! painted areas tells beforehand.

use resvg::usvg::{Group, Node, Rect, Tree};

use super::super::error::SvgError;

/// In multiples of the whole picture. A detailed logo paints itself three to ten times over.
const MAX_COVERS: u32 = 300;
/// A dashed outline is cut into up to a million pieces, whatever its area.
const DASH_COVERS: f64 = 10.0;
/// A group with its own layer is allocated, painted and blended.
const LAYER_COVERS: f64 = 4.0;
/// What even a tiny shape costs.
const SHAPE_COVERS: f64 = 0.005;

/// Refuses a tree that paints more than its budget.
pub(super) fn check(tree: &Tree) -> Result<(), SvgError> {
    let whole = f64::from(tree.size().width()) * f64::from(tree.size().height());
    let mut budget = Budget { tree, whole, covers: 0.0 };
    budget.add_group(tree.root());
    if budget.covers > f64::from(MAX_COVERS) {
        return Err(SvgError::TooMuchPaint { limit: MAX_COVERS });
    }
    Ok(())
}

struct Budget<'a> {
    tree: &'a Tree,
    whole: f64,
    covers: f64,
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
                Node::Path(path) => {
                    let is_dashed = path.stroke().is_some_and(|stroke| stroke.dasharray().is_some());
                    self.covers += SHAPE_COVERS
                        + self.visible_part(path.abs_stroke_bounding_box())
                        + if is_dashed { DASH_COVERS } else { 0.0 };
                }
                Node::Image(_) | Node::Text(_) => {}
            }
        }
    }

    /// The part of the picture a box covers, 0..=1.
    fn visible_part(&self, area: Rect) -> f64 {
        let size = self.tree.size();
        let overlap = |from: f32, to: f32, limit: f32| f64::from((to.min(limit) - from.max(0.0)).max(0.0));
        overlap(area.left(), area.right(), size.width()) * overlap(area.top(), area.bottom(), size.height())
            / self.whole
    }
}
