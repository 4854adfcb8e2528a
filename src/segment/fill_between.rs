//! Filling between slices: shapes drawn in some slices become a solid through all of them.

use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point};
use crate::image::Volume;
use crate::image::filter::squared_distance;
use rayon::prelude::*;
use std::sync::Arc;

/// One slice across an axis: width, height, and labels in rows.
#[derive(Debug, Clone)]
struct Shape {
    /// Signed distance to the outline in mm, negative inside.
    distance_mm: Vec<f32>,
    /// Centre of mass in pixels.
    centre: [f64; 2],
}

/// Labels between the slices across `axis` that hold them.
///
/// For each label (other than 0) and each pair of its slices with none of it between, the shape at a slice between is
/// where the signed distances to both outlines, weighted by nearness, are negative in sum (shape-based interpolation,
/// Raya & Udupa 1990, Herman, Zheng & Bucholtz 1992; distances in mm). Outlines that do not overlap are first
/// moved onto each other along the line between their centres, so that slanted tubes stay whole. Labels that meet are
/// parted where their distances are equal, equal ones go to the smaller label; voxels that have a label keep it.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn fill_between(labels: &Volume<u8>, axis: usize, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let slices = Slices::across(labels, axis);
    let present = slices.present(labels, progress)?;
    let n = slices.dims[axis];
    // For each slice the pairs it lies between: label, slice below, slice above.
    let mut pairs: Vec<(u8, usize, usize)> = Vec::new();
    for label in 1..=255_u8 {
        let at: Vec<usize> = (0..n).filter(|slice| present[*slice][usize::from(label)]).collect();
        pairs.extend(at.windows(2).filter(|pair| pair[0] + 1 < pair[1]).map(|pair| (label, pair[0], pair[1])));
    }
    pairs.sort_by_key(|(label, below, _)| (*below, *label));
    let mut out = labels.voxels().to_vec();
    // How deep each voxel filled so far lies in its label, where it was filled.
    let mut depth: Vec<Option<Vec<f32>>> = vec![None; n];
    for (done, (label, below, above)) in pairs.iter().enumerate() {
        progress.step(done, pairs.len())?;
        let shapes = [below, above].map(|slice| slices.shape(labels, *slice, *label, progress));
        let [first, second] = shapes;
        let (first, second) = (first?, second?);
        let between: Vec<(usize, Vec<f32>)> = (below + 1..*above)
            .into_par_iter()
            .map(|slice| {
                let part = (slice - below) as f64 / (above - below) as f64;
                (slice, slices.blend(&first, &second, part))
            })
            .collect();
        for (slice, distance) in between {
            let known = depth[slice].get_or_insert_with(|| vec![0.0; distance.len()]);
            for (pixel, (distance, known)) in distance.iter().zip(known).enumerate() {
                let offset = slices.offset(slice, pixel);
                if distance < known && labels.voxels()[offset] == 0 {
                    *known = *distance;
                    out[offset] = *label;
                }
            }
        }
        depth[..*below].iter_mut().for_each(|slice| *slice = None);
    }
    Ok(Volume::new(Arc::clone(labels.grid()), out).expect("one label per voxel"))
}

/// The axis along which the fewest of the slices between the first and the last labelled one hold a label; `None` if
/// no axis has a gap.
pub fn sparsest_axis(labels: &Volume<u8>, progress: &Progress) -> Result<Option<usize>, Cancelled> {
    let mut best: Option<(f64, usize)> = None;
    for axis in 0..3 {
        let present = Slices::across(labels, axis).present(labels, progress)?;
        let some: Vec<bool> = present.iter().map(|labels| labels[1..].iter().any(|present| *present)).collect();
        let ends = some.iter().position(|some| *some).zip(some.iter().rposition(|some| *some));
        let Some((first, last)) = ends else { return Ok(None) };
        let share = some[first..=last].iter().filter(|some| **some).count() as f64 / (last - first + 1) as f64;
        if share < best.map_or(1.0, |(least, _)| least) {
            best = Some((share, axis));
        }
    }
    Ok(best.map(|(_, axis)| axis))
}

/// The slices of a grid across an axis.
struct Slices {
    dims: [usize; 3],
    axis: usize,
    /// The axes along rows and columns of a slice.
    plane: [usize; 2],
    steps: [usize; 3],
    grid: Arc<Grid>,
}

impl Slices {
    fn across(labels: &Volume<u8>, axis: usize) -> Self {
        let dims = labels.grid().dims();
        let plane = [[1, 2], [0, 2], [0, 1]][axis];
        let spacing_mm = labels.grid().spacing_mm();
        let size = [dims[plane[0]], dims[plane[1]], 1];
        let grid = Grid::aligned(size, Point::origin(), [spacing_mm[plane[0]], spacing_mm[plane[1]], 1.0]);
        let steps = [1, dims[0], dims[0] * dims[1]];
        Self { dims, axis, plane, steps, grid: Arc::new(grid.expect("a slice of a grid is one")) }
    }

    fn offset(&self, slice: usize, pixel: usize) -> usize {
        let width = self.dims[self.plane[0]];
        slice * self.steps[self.axis]
            + pixel % width * self.steps[self.plane[0]]
            + pixel / width * self.steps[self.plane[1]]
    }

    /// Which labels each slice holds.
    fn present(&self, labels: &Volume<u8>, progress: &Progress) -> Result<Vec<[bool; 256]>, Cancelled> {
        let of_slice = |slice: usize| {
            progress.check()?;
            let mut present = [false; 256];
            (0..self.grid.len())
                .for_each(|pixel| present[usize::from(labels.voxels()[self.offset(slice, pixel)])] = true);
            Ok(present)
        };
        (0..self.dims[self.axis]).into_par_iter().map(of_slice).collect()
    }

    fn shape(&self, labels: &Volume<u8>, slice: usize, label: u8, progress: &Progress) -> Result<Shape, Cancelled> {
        let width = self.dims[self.plane[0]];
        let inside = |pixel: usize| labels.voxels()[self.offset(slice, pixel)] == label;
        let mask: Vec<u8> = (0..self.grid.len()).map(|pixel| u8::from(inside(pixel))).collect();
        let (mut n, mut sum) = (0.0, [0.0; 2]);
        for pixel in (0..mask.len()).filter(|pixel| mask[*pixel] != 0) {
            n += 1.0;
            sum = [sum[0] + (pixel % width) as f64, sum[1] + (pixel / width) as f64];
        }
        let centre = sum.map(|sum| sum / f64::max(n, 1.0));
        let volume = |voxels| Volume::new(Arc::clone(&self.grid), voxels).expect("one mark per pixel");
        let outside: Vec<u8> = mask.iter().map(|inside| 1 - inside).collect();
        let to_shape = squared_distance(&volume(mask), f64::INFINITY, &progress.part(0.0..0.0, "distances"))?;
        let to_rest = squared_distance(&volume(outside), f64::INFINITY, &progress.part(0.0..0.0, "distances"))?;
        let pairs = to_shape.voxels().iter().zip(to_rest.voxels());
        // A slice full of one label has no outline; its depth is then as large as can be.
        let distance_mm = pairs.map(|(out, inside)| out.sqrt() - inside.sqrt().min(1e6)).collect();
        Ok(Shape { distance_mm, centre })
    }

    /// The signed distance at `part` of the way from `first` to `second`.
    fn blend(&self, first: &Shape, second: &Shape, part: f64) -> Vec<f32> {
        let pairs = || first.distance_mm.iter().zip(&second.distance_mm);
        let (near, far) = ((1.0 - part) as f32, part as f32);
        if pairs().any(|(a, b)| *a < 0.0 && *b < 0.0) {
            return pairs().map(|(a, b)| near * a + far * b).collect();
        }
        let way = [0, 1].map(|n| second.centre[n] - first.centre[n]);
        let (width, height) = (self.dims[self.plane[0]], self.dims[self.plane[1]]);
        let at = |pixel: usize| [(pixel % width) as f64, (pixel / width) as f64];
        let sample = |shape: &Shape, place: [f64; 2]| bilinear(&shape.distance_mm, [width, height], place);
        let value = |pixel: usize| {
            let p = at(pixel);
            let a = sample(first, [0, 1].map(|n| p[n] - part * way[n]));
            let b = sample(second, [0, 1].map(|n| p[n] + (1.0 - part) * way[n]));
            near * a + far * b
        };
        (0..width * height).map(value).collect()
    }
}

/// The value between four pixels; beyond the image that of its border.
fn bilinear(values: &[f32], size: [usize; 2], place: [f64; 2]) -> f32 {
    let clamped = [0, 1].map(|n| place[n].clamp(0.0, (size[n] - 1) as f64));
    let low = clamped.map(|x| x as usize);
    let high = [0, 1].map(|n| (low[n] + 1).min(size[n] - 1));
    let part = [0, 1].map(|n| (clamped[n] - low[n] as f64) as f32);
    let row = |y: usize| values[y * size[0] + low[0]] * (1.0 - part[0]) + values[y * size[0] + high[0]] * part[0];
    row(low[1]) * (1.0 - part[1]) + row(high[1]) * part[1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::parallel;

    const DIMS: [usize; 3] = [50, 40, 30];

    fn volume(value: impl Fn([f64; 3]) -> u8) -> Volume<u8> {
        let grid = Grid::aligned(DIMS, Point::origin(), [0.8, 1.0, 2.0]).unwrap();
        let at = |offset| grid.centre(grid.voxel(offset));
        let voxels = (0..grid.len()).map(|offset| value([at(offset).x, at(offset).y, at(offset).z])).collect();
        Volume::new(grid, voxels).unwrap()
    }

    /// `solid` in every `every`th slice across `axis` only.
    fn drawn(solid: &Volume<u8>, axis: usize, every: usize) -> Volume<u8> {
        let grid = solid.grid();
        let keep =
            |(offset, label): (usize, &u8)| if grid.voxel(offset)[axis].is_multiple_of(every) { *label } else { 0 };
        let voxels = solid.voxels().iter().enumerate().map(keep).collect();
        Volume::new(Arc::clone(grid), voxels).unwrap()
    }

    fn dice(a: &Volume<u8>, b: &Volume<u8>, label: u8) -> f64 {
        let count = |v: &Volume<u8>| v.voxels().iter().filter(|l| **l == label).count();
        let both = a.voxels().iter().zip(b.voxels()).filter(|(a, b)| **a == label && **b == label).count();
        2.0 * both as f64 / (count(a) + count(b)) as f64
    }

    #[test]
    fn every_fifth_slice_of_two_touching_solids_gives_them_back_on_any_axis() {
        let solid = volume(|[x, y, z]| {
            let r = ((x - 20.0).powi(2) + (y - 20.0).powi(2) + (0.5 * (z - 30.0)).powi(2)).sqrt();
            if 13.0 < r {
                0
            } else if x < 20.0 + 0.2 * (z - 30.0) {
                1
            } else {
                2
            }
        });
        for axis in 0..3 {
            let drawn = drawn(&solid, axis, 5);
            assert_eq!(sparsest_axis(&drawn, &Progress::default()), Ok(Some(axis)));
            let filled = fill_between(&drawn, axis, &Progress::default()).unwrap();
            for label in [1, 2] {
                let found = dice(&filled, &solid, label);
                // What bulges beyond the last slice drawn in stays empty.
                assert!(0.92 < found, "axis {axis} label {label}: {found}");
            }
            let kept =
                drawn.voxels().iter().zip(filled.voxels()).all(|(before, after)| *before == 0 || before == after);
            assert!(kept, "what was drawn stays");
        }
    }

    #[test]
    fn a_slanted_tube_whose_outlines_do_not_overlap_stays_whole() {
        let solid = volume(|[x, y, z]| u8::from((x - 6.0 - 0.5 * z).hypot(y - 20.0) < 4.0));
        let filled = fill_between(&drawn(&solid, 2, 10), 2, &Progress::default()).unwrap();
        let until = |v: &Volume<u8>| {
            let below = |(n, l): (usize, &u8)| if n / (DIMS[0] * DIMS[1]) <= 20 { *l } else { 0 };
            Volume::new(Arc::clone(v.grid()), v.voxels().iter().enumerate().map(below).collect()).unwrap()
        };
        let found = dice(&until(&filled), &until(&solid), 1);
        assert!(0.95 < found, "{found}");
    }

    #[test]
    fn without_a_gap_nothing_changes() {
        let solid = volume(|[x, _, _]| u8::from(x < 9.0));
        let filled = fill_between(&solid, 2, &Progress::default()).unwrap();
        assert_eq!(filled, solid);
        assert_eq!(sparsest_axis(&solid, &Progress::default()), Ok(None));
        let empty = volume(|_| 0);
        assert_eq!(sparsest_axis(&empty, &Progress::default()), Ok(None));
        assert_eq!(fill_between(&empty, 0, &Progress::default()).unwrap(), empty);
    }

    #[test]
    fn one_thread_and_three_give_the_same_labels() {
        let drawn = drawn(&volume(|[x, y, _]| u8::from((x - 20.0).hypot(y - 20.0) < 12.0)), 2, 7);
        let run = || fill_between(&drawn, 2, &Progress::default()).unwrap();
        assert_eq!(parallel::with_threads(1, run), parallel::with_threads(3, run));
    }
}
