//! The smoothing brush: a segment evened where the brush goes, and nowhere else.

use super::Marks;
use super::cropped::cropped;
use crate::base::{Progress, SegmentId};
use crate::image::LabelMap;
use crate::image::filter::{gaussian, reach_of_gaussian};

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
    let grid = labels.grid();
    assert_eq!(grid.dims(), marks.dims(), "marks and labels lie on the same grid");
    let (dims, spacing_mm) = (grid.dims(), grid.spacing_mm());
    let wide = [0, 1, 2].map(|a| {
        let reach = reach_of_gaussian(sigma_mm / spacing_mm[a]);
        let range = &marks.region()[a];
        range.start.saturating_sub(reach)..(range.end + reach).min(dims[a])
    });
    let Some((mask, start)) = cropped(labels, id, &wide) else { return labels.clone() };
    let share = gaussian(&mask, sigma_mm, &Progress::default()).expect("nobody can cancel this progress");
    let new_label = |offset: usize, old: u8| {
        if !marks.holds(offset) {
            return old;
        }
        let voxel = grid.voxel(offset);
        let inside = 0.5 <= share.at([0, 1, 2].map(|a| voxel[a] - start[a]));
        let new = match (inside, old == id.0) {
            (true, _) => id.0,
            (false, true) => 0,
            (false, false) => old,
        };
        if new != old && may_change(offset, old) { new } else { old }
    };
    labels.edited(marks.region(), new_label, &Progress::default()).expect("nobody can cancel this progress")
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
}
