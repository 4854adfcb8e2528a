//! Growing and shrinking masks by a ball in millimetres, exact on anisotropic grids.
//!
//! All four work in the box around the mask. Beyond the grid there is nothing to grow from, and nothing to shrink
//! from either: an organ cut off by the end of the scan is not worn away there.

use super::distance::squared_distance_of;
use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use rayon::prelude::*;
use std::sync::Arc;

/// All voxels whose centre is at most `radius_mm` from the centre of a voxel of `mask`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn dilate(mask: &Volume<u8>, radius_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let Some(mut part) = Part::around(mask, radius_mm, Beyond::Cut) else { return Ok(mask.clone()) };
    part.dilate(radius_mm, progress)?;
    Ok(part.placed(mask))
}

/// All voxels of `mask` whose centre is more than `radius_mm` from the centre of every voxel outside.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn erode(mask: &Volume<u8>, radius_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let Some(mut part) = Part::around(mask, radius_mm, Beyond::Cut) else { return Ok(mask.clone()) };
    part.erode(radius_mm, progress)?;
    Ok(part.placed(mask))
}

/// [`erode`], then [`dilate`]: removes what is thinner than the ball. Contained in `mask`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn open(mask: &Volume<u8>, radius_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let Some(mut part) = Part::around(mask, radius_mm, Beyond::Cut) else { return Ok(mask.clone()) };
    part.erode(radius_mm, &progress.part(0.0..0.5, "opening"))?;
    part.dilate(radius_mm, &progress.part(0.5..1.0, "opening"))?;
    Ok(part.placed(mask))
}

/// [`dilate`], then [`erode`]: fills what the ball does not fit into. Contains `mask`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn close(mask: &Volume<u8>, radius_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let Some(mut part) = Part::around(mask, radius_mm, Beyond::Padded) else { return Ok(mask.clone()) };
    part.dilate(radius_mm, &progress.part(0.0..0.5, "closing"))?;
    part.erode(radius_mm, &progress.part(0.5..1.0, "closing"))?;
    Ok(part.placed(mask))
}

/// The smallest and largest index of `mask` along each axis, both included; `None` if it is empty.
pub fn bounds(mask: &Volume<u8>) -> Option<[[usize; 3]; 2]> {
    let [ni, nj, _] = mask.grid().dims();
    let of_slice = |(k, slice): (usize, &[u8])| {
        let mut found: Option<[[usize; 3]; 2]> = None;
        for (j, row) in slice.chunks(ni).enumerate() {
            let Some(first) = row.iter().position(|v| *v != 0) else { continue };
            let last = row.iter().rposition(|v| *v != 0).unwrap_or(first);
            found = joined(found, Some([[first, j, k], [last, j, k]]));
        }
        found
    };
    mask.voxels().par_chunks(ni * nj).enumerate().map(of_slice).reduce(|| None, joined)
}

type Bounds = Option<[[usize; 3]; 2]>;

fn joined(a: Bounds, b: Bounds) -> Bounds {
    match (a, b) {
        (Some([a, b]), Some([c, d])) => Some([[0, 1, 2].map(|x| a[x].min(c[x])), [0, 1, 2].map(|x| b[x].max(d[x]))]),
        (one, other) => one.or(other),
    }
}

/// What a working box does where it would stick out of the grid.
#[derive(Clone, Copy, PartialEq)]
enum Beyond {
    /// It ends at the grid.
    Cut,
    /// It goes on with empty voxels.
    Padded,
}

/// The box around a mask, wide enough for one dilation.
struct Part {
    /// Index of the box's first voxel in the grid; negative in the padding.
    start: [i64; 3],
    dims: [usize; 3],
    spacing_mm: [f64; 3],
    voxels: Vec<u8>,
}

impl Part {
    fn around(mask: &Volume<u8>, radius_mm: f64, beyond: Beyond) -> Option<Self> {
        let [min, max] = bounds(mask)?;
        let (dims, spacing_mm) = (mask.grid().dims(), mask.grid().spacing_mm());
        let reach = spacing_mm.map(|h| (radius_mm.max(0.0) / h).floor() as i64 + 1);
        let clamp = |index: i64, a: usize| match beyond {
            Beyond::Cut => index.clamp(0, dims[a] as i64 - 1),
            Beyond::Padded => index,
        };
        let start = [0, 1, 2].map(|a| clamp(min[a] as i64 - reach[a], a));
        let size = [0, 1, 2].map(|a| (clamp(max[a] as i64 + reach[a], a) - start[a] + 1) as usize);
        let mut part = Self { start, dims: size, spacing_mm, voxels: vec![0; size.iter().product()] };
        let [width, height, _] = size;
        part.voxels.par_chunks_mut(width * height).enumerate().for_each(|(k, slice)| {
            for (j, row) in slice.chunks_mut(width).enumerate() {
                let Some((from, to, count)) = shared(start, width, dims, j, k) else { continue };
                for (out, value) in row[to..to + count].iter_mut().zip(&mask.voxels()[from..from + count]) {
                    *out = u8::from(*value != 0);
                }
            }
        });
        Some(part)
    }

    fn dilate(&mut self, radius_mm: f64, progress: &Progress) -> Result<(), Cancelled> {
        let squared = squared_distance_of(&self.voxels, self.dims, self.spacing_mm, radius_mm.max(0.0), progress)?;
        self.voxels.par_iter_mut().zip(&squared).for_each(|(out, d)| *out = u8::from(d.is_finite()));
        Ok(())
    }

    fn erode(&mut self, radius_mm: f64, progress: &Progress) -> Result<(), Cancelled> {
        self.voxels.par_iter_mut().for_each(|value| *value = 1 - *value);
        let squared = squared_distance_of(&self.voxels, self.dims, self.spacing_mm, radius_mm.max(0.0), progress)?;
        self.voxels.par_iter_mut().zip(&squared).for_each(|(out, d)| *out = u8::from(d.is_infinite()));
        Ok(())
    }

    /// The box put back into an empty mask on the grid of `like`.
    fn placed(&self, like: &Volume<u8>) -> Volume<u8> {
        let dims = like.grid().dims();
        let mut voxels = vec![0; like.grid().len()];
        let [width, height, depth] = self.dims;
        voxels.par_chunks_mut(dims[0] * dims[1]).enumerate().for_each(|(gk, slice)| {
            let k = gk as i64 - self.start[2];
            if k < 0 || depth as i64 <= k {
                return;
            }
            for j in 0..height {
                let Some((to, from, count)) = shared(self.start, width, dims, j, k as usize) else { continue };
                let row = (k as usize * height + j) * width + from;
                let to = to - gk * dims[0] * dims[1];
                slice[to..to + count].copy_from_slice(&self.voxels[row..row + count]);
            }
        });
        Volume::new(Arc::clone(like.grid()), voxels).expect("one value per voxel of the same grid")
    }
}

/// The part of row `(j, k)` of a box that lies in the grid: its place in the grid's memory, in the row, and its length.
fn shared(start: [i64; 3], width: usize, dims: [usize; 3], j: usize, k: usize) -> Option<(usize, usize, usize)> {
    let (gj, gk) = (start[1] + j as i64, start[2] + k as i64);
    if gj < 0 || gk < 0 || dims[1] as i64 <= gj || dims[2] as i64 <= gk {
        return None;
    }
    let first = start[0].max(0);
    let last = (start[0] + width as i64).min(dims[0] as i64);
    let from = (gk as usize * dims[1] + gj as usize) * dims[0] + first as usize;
    (first < last).then(|| (from, (first - start[0]) as usize, (last - first) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::{Grid, Point};

    fn blobs(seed: u64) -> Volume<u8> {
        let grid = Grid::aligned([24, 20, 14], Point::origin(), [0.7, 0.9, 2.0]).unwrap();
        let mut rng = Rng::new(seed);
        let balls: Vec<(Point, f64)> = (0..6)
            .map(|_| {
                let centre = grid.centre([rng.below(24), rng.below(20), rng.below(14)]);
                (centre, rng.between(1.0, 5.0))
            })
            .collect();
        let inside = |o| balls.iter().any(|(c, r)| (grid.centre(grid.voxel(o)) - c).norm() <= *r);
        let voxels = (0..grid.len()).map(|o| u8::from(inside(o))).collect();
        Volume::new(grid.clone(), voxels).unwrap()
    }

    fn contains(outer: &Volume<u8>, inner: &Volume<u8>) -> bool {
        outer.voxels().iter().zip(inner.voxels()).all(|(outer, inner)| inner <= outer)
    }

    #[test]
    fn closing_contains_the_mask_and_opening_is_contained() {
        for seed in 0..6 {
            let mask = blobs(seed);
            for radius_mm in [0.8, 2.1, 4.0] {
                let progress = Progress::default();
                let closed = close(&mask, radius_mm, &progress).unwrap();
                let opened = open(&mask, radius_mm, &progress).unwrap();
                assert!(contains(&closed, &mask) && contains(&mask, &opened), "seed {seed}, {radius_mm} mm");
                assert_eq!(close(&closed, radius_mm, &progress).unwrap(), closed);
                assert_eq!(open(&opened, radius_mm, &progress).unwrap(), opened);
            }
        }
    }

    #[test]
    fn dilation_reaches_exactly_its_radius() {
        let mask = blobs(3);
        let grid = mask.grid();
        let inside: Vec<Point> =
            (0..grid.len()).filter(|o| mask.voxels()[*o] != 0).map(|o| grid.centre(grid.voxel(o))).collect();
        let grown = dilate(&mask, 2.5, &Progress::default()).unwrap();
        for offset in 0..grid.len() {
            let here = grid.centre(grid.voxel(offset));
            let near = inside.iter().any(|p| (p - here).norm() <= 2.5 + 1e-9);
            assert_eq!(grown.voxels()[offset] != 0, near);
        }
    }

    #[test]
    fn the_end_of_the_scan_wears_nothing_away() {
        let grid = Grid::aligned([6, 6, 6], Point::origin(), [1.0; 3]).unwrap();
        let full = Volume::new(grid, vec![1_u8; 216]).unwrap();
        assert_eq!(erode(&full, 2.0, &Progress::default()).unwrap(), full);
    }

    #[test]
    fn an_empty_mask_stays_empty() {
        let grid = Grid::aligned([6, 6, 6], Point::origin(), [1.0; 3]).unwrap();
        let empty = Volume::new(grid, vec![0_u8; 216]).unwrap();
        assert_eq!(close(&empty, 2.0, &Progress::default()).unwrap(), empty);
        assert_eq!(bounds(&empty), None);
    }
}
