//! The smoothing brush: a segment evened where the brush goes, and nowhere else.

use super::Marks;
use super::cropped::cropped;
use crate::base::{Progress, SegmentId};
use crate::image::filter::{gaussian, reach_of_gaussian};
use crate::image::{BrickLabels, LabelMap, VoxelBox};

/// `labels` with segment `id` smoothed at the marked voxels: a voxel belongs to it where the segment, blurred by a Gaussian
/// of standard deviation `sigma_mm`, is at least a half. Voxels it loses become background, as far as `may_change` lets them.
///
/// Reads only as far around the marks as the Gaussian reaches, so a stroke costs the same on a scan of any size.
///
/// # Panics
/// If the marks were made for a grid of another size.
pub fn smoothed_under(
    labels: &LabelMap,
    id: SegmentId,
    marks: &Marks,
    sigma_mm: f64,
    may_change: impl Fn(usize, u8) -> bool + Sync,
) -> LabelMap {
    smoothed_onto((labels, labels), id, marks, sigma_mm, may_change)
}

/// `onto` with what [`smoothed_under`] makes of `start` at the marked voxels. Where a stroke goes on, only its new piece is
/// smoothed so: `onto` is `start` smoothed under the pieces before, and the whole equals the stroke done at once.
///
/// # Panics
/// If the marks or `onto` were made for a grid of another size.
pub fn smoothed_onto(
    (start, onto): (&LabelMap, &LabelMap),
    id: SegmentId,
    marks: &Marks,
    sigma_mm: f64,
    may_change: impl Fn(usize, u8) -> bool + Sync,
) -> LabelMap {
    let grid = start.grid();
    assert_eq!(grid.dims(), marks.dims(), "marks and labels lie on the same grid");
    assert_eq!(grid.dims(), onto.grid().dims(), "both labels lie on the same grid");
    let (dims, spacing_mm) = (grid.dims(), grid.spacing_mm());
    let wide = [0, 1, 2].map(|a| {
        let reach = reach_of_gaussian(sigma_mm / spacing_mm[a]);
        let range = &marks.region()[a];
        range.start.saturating_sub(reach)..(range.end + reach).min(dims[a])
    });
    let Some((mask, first)) = cropped(start, id, &wide) else { return onto.clone() };
    let share = gaussian(&mask, sigma_mm, &Progress::default()).expect("nobody can cancel this progress");
    let new_row = |[i, j, k]: [usize; 3], row: &mut [u8]| {
        let mut changed = false;
        for (n, label) in row.iter_mut().enumerate() {
            let voxel = [i + n, j, k];
            let offset = grid.offset(voxel);
            if !marks.holds(offset) {
                continue;
            }
            let old = start.at(voxel);
            let inside = 0.5 <= share.at([0, 1, 2].map(|a| voxel[a] - first[a]));
            let new = match (inside, old == id.0) {
                (true, _) => id.0,
                (false, true) => 0,
                (false, false) => old,
            };
            let new = if new != old && may_change(offset, old) { new } else { old };
            changed |= *label != new;
            *label = new;
        }
        changed
    };
    let untouched = |part: &VoxelBox, _: BrickLabels<'_>| !marks.any_in(part);
    let quiet = Progress::default();
    onto.edited_rows(marks.region(), untouched, new_row, &quiet).expect("nobody can cancel this progress")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::{Segment, Volume};
    use crate::segment::{Brush, BrushShape, stroke};
    use std::sync::Arc;

    /// A plate with bumps of two voxels on its upper side, at i = 8 and i = 32.
    fn bumpy() -> LabelMap {
        let grid = Arc::new(Grid::aligned([40, 24, 24], Point::origin(), [0.8, 0.8, 1.2]).unwrap());
        let bump = |[i, j, k]: [usize; 3]| [8, 32].contains(&(i / 2 * 2)) && (10..12).contains(&j) && k == 12;
        let voxels = (0..grid.len()).map(|o| u8::from(grid.voxel(o)[2] < 12 || bump(grid.voxel(o)))).collect();
        let segment = |n: u8| Segment::new(SegmentId(n), format!("{n}"), [9; 3], None);
        let volume = Volume::new(grid, voxels).unwrap();
        LabelMap::from_volume(&volume, vec![segment(1), segment(2)]).unwrap()
    }

    #[test]
    fn a_bump_under_the_brush_goes_and_one_elsewhere_stays() {
        let labels = bumpy();
        let at = labels.grid().centre([8, 10, 12]);
        let brush = Brush { radius_mm: 4.0, shape: BrushShape::Sphere };
        let marks = stroke(labels.grid(), &[at], brush).unwrap();
        let even = smoothed_under(&labels, SegmentId(1), &marks, 1.5, |_, _| true);
        assert_eq!(even.at([8, 10, 12]), 0, "the bump is gone");
        assert_eq!(even.at([32, 10, 12]), 1, "that one was not brushed");
        assert_eq!(even.at([8, 10, 11]), 1, "the plate stays");
        assert_eq!(labels.count(SegmentId(1)) - even.count(SegmentId(1)), 4);
        let forbidden = smoothed_under(&labels, SegmentId(1), &marks, 1.5, |_, _| false);
        assert_eq!(forbidden, labels);
    }

    #[test]
    fn it_is_the_whole_segment_smoothed_where_the_brush_went() {
        let labels = bumpy();
        let whole =
            crate::segment::smooth::smooth_labels(&labels.mask(SegmentId(1)), 1.5, &Progress::default()).unwrap();
        let brush = Brush { radius_mm: 6.0, shape: BrushShape::Sphere };
        let marks = stroke(labels.grid(), &[labels.grid().centre([20, 12, 11])], brush).unwrap();
        let even = smoothed_under(&labels, SegmentId(1), &marks, 1.5, |_, _| true);
        for offset in 0..labels.grid().len() {
            let voxel = labels.grid().voxel(offset);
            let wanted = if marks.holds(offset) { whole.at(voxel) } else { labels.at(voxel) };
            assert_eq!(even.at(voxel), wanted, "{voxel:?}");
        }
    }

    /// A stroke in pieces, each of them smoothed alone, is the stroke at once: also where pieces overlap.
    #[test]
    fn a_stroke_smoothed_piece_by_piece_is_the_stroke_smoothed_at_once() {
        let labels = bumpy();
        let grid = labels.grid();
        let points: Vec<Point> = [8, 12, 20, 32, 26].map(|i| grid.centre([i, 10, 11])).to_vec();
        let brush = Brush { radius_mm: 3.0, shape: BrushShape::Sphere };
        let allowed = |offset: usize, _: u8| !offset.is_multiple_of(5);
        let whole = stroke(grid, &points, brush).unwrap();
        let whole = smoothed_under(&labels, SegmentId(1), &whole, 1.2, allowed);
        let mut now = labels.clone();
        for piece in points.windows(2) {
            let marks = stroke(grid, piece, brush).unwrap();
            now = smoothed_onto((&labels, &now), SegmentId(1), &marks, 1.2, allowed);
        }
        assert_eq!(now, whole);
        assert_ne!(now, labels, "something was smoothed");
    }
}
