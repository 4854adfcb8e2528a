//! How far any place is from a structure, looked up in a map that is made once.

use super::Bounded;
use super::resection::extent;
use crate::base::{Cancelled, Progress};
use crate::geom::{Aabb, Grid, Point, Vector};
use crate::image::Volume;
use crate::image::filter::signed_distance;
use std::sync::Arc;

/// Exact signed distances from all voxel centres of a grid to a structure, negative inside it.
///
/// The structure is its voxels as boxes, as in [`signed_distance`]; between the centres distances are interpolated.
#[derive(Debug, Clone)]
pub struct DistanceMap {
    signed_mm: Volume<f32>,
    half_voxel_mm: f64,
    /// Deepest value: nothing lies deeper inside.
    deepest_mm: f64,
}

impl DistanceMap {
    /// The map of `mask` (anything but 0 is the structure).
    ///
    /// # Errors
    /// [`Cancelled`] if `progress` was cancelled.
    pub fn of(mask: &Volume<u8>, progress: &Progress) -> Result<Self, Cancelled> {
        let signed_mm = signed_distance(mask, progress)?;
        let deepest_mm = signed_mm.voxels().iter().copied().fold(f32::INFINITY, f32::min).into();
        Ok(Self { half_voxel_mm: half_voxel_mm(mask.grid()), signed_mm, deepest_mm })
    }

    /// The map of `mask` on the part of its grid that holds the structure and `around`: for places near an organ in a large
    /// scan, with less time and memory.
    ///
    /// # Errors
    /// [`Cancelled`] if `progress` was cancelled.
    pub fn near(mask: &Volume<u8>, around: &Aabb, progress: &Progress) -> Result<Self, Cancelled> {
        let grid = mask.grid();
        let dims = grid.dims();
        let Some([mut low, mut high]) = extent(mask) else { return Self::of(mask, progress) };
        let ends = [around.min, around.max];
        for corner in (0..8).map(|c| Point::new(ends[c & 1].x, ends[c >> 1 & 1].y, ends[c >> 2].z)) {
            let index = grid.index_from_patient(corner);
            for a in 0..3 {
                let last = (dims[a] - 1) as f64;
                low[a] = low[a].min(index[a].floor().clamp(0.0, last) as usize);
                high[a] = high[a].max(index[a].ceil().clamp(0.0, last) as usize);
            }
        }
        // One voxel more, so that the structure has an outside wherever the scan has one.
        let start = low.map(|x| x.saturating_sub(1));
        let size = [0, 1, 2].map(|a| (high[a] + 2).min(dims[a]) - start[a]);
        let part = Arc::new(grid.cropped(start, size).expect("a box around voxels is not empty"));
        let mut voxels = Vec::with_capacity(part.len());
        for row in 0..size[1] * size[2] {
            let first = grid.offset([start[0], start[1] + row % size[1], start[2] + row / size[1]]);
            voxels.extend_from_slice(&mask.voxels()[first..first + size[0]]);
        }
        Self::of(&Volume::new(part, voxels).expect("one mark per voxel"), progress)
    }

    /// Where its values are.
    pub fn grid(&self) -> &Arc<Grid> {
        self.signed_mm.grid()
    }

    /// The values at the centres of voxels, in mm.
    pub fn values(&self) -> &Volume<f32> {
        &self.signed_mm
    }

    /// Whether there is a structure at all.
    pub fn is_empty(&self) -> bool {
        !(self.deepest_mm < 0.0)
    }

    /// Distance of `point` in mm, negative inside; infinite if there is no structure.
    ///
    /// Trilinear between centres. Outside the grid, which holds all of the structure, the truth lies between √(d² + a²) and
    /// d + a, with the value d at the nearest place of the grid and the way a from there; this is the middle.
    pub fn at(&self, point: &Point) -> f64 {
        self.with_doubt(point).0
    }

    /// The distance with bounds that hold it, if the edge of the structure is known within half a voxel and `edge_mm` more.
    ///
    /// The boxes of voxels stick out of the real edge, or lack from it, by up to half their diagonal, which is what a distance
    /// is known within. Deep inside, where places are as far from two sides and interpolation cuts off the ridge between,
    /// it is twice as much.
    pub fn bounded(&self, point: &Point, edge_mm: f64) -> Bounded {
        let (value, doubt_mm) = self.with_doubt(point);
        let times = if value < -3.0 * self.half_voxel_mm { 2.0 } else { 1.0 };
        Bounded::within(value, times * self.half_voxel_mm + edge_mm + doubt_mm)
    }

    /// Half the diagonal of a voxel: what a distance is known within.
    pub fn half_voxel_mm(&self) -> f64 {
        self.half_voxel_mm
    }

    fn with_doubt(&self, point: &Point) -> (f64, f64) {
        if self.is_empty() {
            return (f64::INFINITY, 0.0);
        }
        let grid = self.grid();
        let index = grid.index_from_patient(*point);
        let dims = grid.dims();
        let within = Vector::from_fn(|a, _| index[a].clamp(0.0, (dims[a] - 1) as f64));
        let value = self.signed_mm.sample_index(within).unwrap_or(f64::INFINITY);
        if within == index {
            return (value, 0.0);
        }
        let away_mm = (grid.patient_from_index(within) - point).norm();
        let beside = value.max(0.0);
        let [least, most] = [beside.hypot(away_mm), beside + away_mm];
        (0.5 * (least + most), 0.5 * (most - least))
    }
}

/// Half the longest diagonal of a voxel in mm.
pub fn half_voxel_mm(grid: &Grid) -> f64 {
    reach_mm(grid, 1.0)
}

/// From the middle of a block of `n` voxels along every axis to its farthest corner, in mm.
pub(super) fn reach_mm(grid: &Grid, n: f64) -> f64 {
    let step = grid.step();
    let signs = [[1.0, 1.0, 1.0], [1.0, 1.0, -1.0], [1.0, -1.0, 1.0], [1.0, -1.0, -1.0]];
    signs.iter().map(|s| 0.5 * n * (step * Vector::from(*s)).norm()).fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ball whose distances are known at every place, inside and outside the grid.
    #[test]
    fn distances_to_a_ball_are_within_half_a_voxel() {
        let grid = Grid::aligned([40, 44, 30], Point::new(-14.0, -15.4, -15.0), [0.7, 0.7, 1.0]).unwrap();
        let voxels = (0..grid.len()).map(|o| u8::from(grid.centre(grid.voxel(o)).coords.norm() < 8.3)).collect();
        let map = DistanceMap::of(&Volume::new(grid, voxels).unwrap(), &Progress::default()).unwrap();
        let mut rng = crate::base::rng::Rng::new(5);
        for _ in 0..2000 {
            let point = Point::new(rng.between(-13.0, 13.0), rng.between(-14.0, 14.0), rng.between(-14.0, 13.0));
            let truth = point.coords.norm() - 8.3;
            // Deep inside a ball no nearest point stands out.
            if -6.0 < truth {
                assert!((map.at(&point) - truth).abs() < map.half_voxel_mm(), "{} at {point}", map.at(&point) - truth);
            }
            assert!(map.bounded(&point, 0.0).holds(truth), "{:?} {truth}", map.bounded(&point, 0.0));
        }
        let far = Point::new(60.0, 0.0, 0.0);
        let bounded = map.bounded(&far, 0.0);
        assert!(bounded.holds(51.7) && bounded.high - bounded.low < 7.0, "{bounded:?}");
    }

    #[test]
    fn a_part_of_the_grid_has_the_same_distances() {
        let grid = Grid::aligned([60, 44, 30], Point::new(-14.0, -15.4, -15.0), [0.7, 0.7, 1.0]).unwrap();
        let inside = |p: Point| (p - Point::new(4.0, 0.0, 0.0)).norm() < 6.0;
        let voxels = (0..grid.len()).map(|o| u8::from(inside(grid.centre(grid.voxel(o))))).collect();
        let mask = Volume::new(grid, voxels).unwrap();
        let around = Aabb { min: Point::new(-9.0, -5.0, -4.0), max: Point::new(5.0, 13.0, 4.0) };
        let whole = DistanceMap::of(&mask, &Progress::default()).unwrap();
        let part = DistanceMap::near(&mask, &around, &Progress::default()).unwrap();
        assert!(part.grid().len() < whole.grid().len() / 2);
        for corner in (0..27).map(|n| [n % 3, n / 3 % 3, n / 9].map(|x| 0.5 * f64::from(x))) {
            let point = around.min + around.size().component_mul(&Vector::from(corner));
            assert!((whole.at(&point) - part.at(&point)).abs() < 1e-5, "{point}");
        }
    }

    #[test]
    fn nothing_is_infinitely_far_away() {
        let grid = Grid::aligned([4; 3], Point::origin(), [1.0; 3]).unwrap();
        let map = DistanceMap::of(&Volume::new(grid, vec![0; 64]).unwrap(), &Progress::default()).unwrap();
        assert!(map.is_empty() && map.at(&Point::origin()) == f64::INFINITY);
    }
}
