//! Growing and shrinking masks by a ball in millimetres, exact on anisotropic grids.
//!
//! All work in the box around the mask. Beyond the grid there is nothing to grow from, and nothing to shrink
//! from either: an organ cut off by the end of the scan is not worn away there.

use super::ball::{Ball, Measure};
use super::bits::{Bits, pack, unpack};
use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use rayon::prelude::*;
use std::sync::Arc;

/// All voxels whose centre is at most `radius_mm` from the centre of a voxel of `mask`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn dilate(mask: &Volume<u8>, radius_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    grown(mask, radius_mm, Measure::Centres, progress)
}

/// All voxels of `mask` whose centre is more than `radius_mm` from the centre of every voxel outside.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn erode(mask: &Volume<u8>, radius_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    shrunk(mask, radius_mm, Measure::Centres, progress)
}

/// `mask` and all voxels whose centre is at most `margin_mm` from its surface, which lies half-way between voxels.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn grow(mask: &Volume<u8>, margin_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    grown(mask, margin_mm, Measure::HalfWay, progress)
}

/// `mask` without the voxels whose centre is at most `margin_mm` from its surface, which lies half-way between voxels.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn shrink(mask: &Volume<u8>, margin_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    shrunk(mask, margin_mm, Measure::HalfWay, progress)
}

fn grown(mask: &Volume<u8>, by_mm: f64, measure: Measure, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let ball = Ball::new(by_mm, mask.grid().spacing_mm(), measure);
    let Some(part) = Part::around(mask, &ball, Beyond::Cut) else { return Ok(mask.clone()) };
    Ok(part.dilated(&ball, progress)?.placed(mask))
}

fn shrunk(mask: &Volume<u8>, by_mm: f64, measure: Measure, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let ball = Ball::new(by_mm, mask.grid().spacing_mm(), measure);
    let Some(part) = Part::around(mask, &ball, Beyond::Cut) else { return Ok(mask.clone()) };
    Ok(part.eroded(&ball, progress)?.placed(mask))
}

/// [`erode`], then [`dilate`]: removes what is thinner than the ball. Contained in `mask`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn open(mask: &Volume<u8>, radius_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let ball = Ball::new(radius_mm, mask.grid().spacing_mm(), Measure::Centres);
    let Some(part) = Part::around(mask, &ball, Beyond::Cut) else { return Ok(mask.clone()) };
    let part = part.eroded(&ball, &progress.part(0.0..0.5, "opening"))?;
    Ok(part.dilated(&ball, &progress.part(0.5..1.0, "opening"))?.placed(mask))
}

/// [`dilate`], then [`erode`]: fills what the ball does not fit into. Contains `mask`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn close(mask: &Volume<u8>, radius_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let ball = Ball::new(radius_mm, mask.grid().spacing_mm(), Measure::Centres);
    let Some(part) = Part::around(mask, &ball, Beyond::Padded) else { return Ok(mask.clone()) };
    let part = part.dilated(&ball, &progress.part(0.0..0.5, "closing"))?;
    Ok(part.eroded(&ball, &progress.part(0.5..1.0, "closing"))?.placed(mask))
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
    bits: Bits,
}

impl Part {
    fn around(mask: &Volume<u8>, ball: &Ball, beyond: Beyond) -> Option<Self> {
        let [min, max] = bounds(mask)?;
        let dims = mask.grid().dims();
        let reach = ball.reach().map(|n| n as i64 + 1);
        let clamp = |index: i64, a: usize| match beyond {
            Beyond::Cut => index.clamp(0, dims[a] as i64 - 1),
            Beyond::Padded => index,
        };
        let start = [0, 1, 2].map(|a| clamp(min[a] as i64 - reach[a], a));
        let size = [0, 1, 2].map(|a| (clamp(max[a] as i64 + reach[a], a) - start[a] + 1) as usize);
        let mut bits = Bits::empty(size);
        let width = bits.width();
        bits.par_slices_mut(1).enumerate().for_each(|(k, slice)| {
            for (j, row) in slice.chunks_mut(width).enumerate() {
                let Some((from, to, count)) = shared(start, size[0], dims, j, k) else { continue };
                pack(&mask.voxels()[from..from + count], row, to);
            }
        });
        Some(Self { start, bits })
    }

    fn dilated(self, ball: &Ball, progress: &Progress) -> Result<Self, Cancelled> {
        Ok(Self { bits: ball.dilated(&self.bits, progress)?, ..self })
    }

    fn eroded(self, ball: &Ball, progress: &Progress) -> Result<Self, Cancelled> {
        Ok(Self { bits: ball.dilated(&self.bits.inverted(), progress)?.inverted(), ..self })
    }

    /// The box put back into an empty mask on the grid of `like`.
    fn placed(&self, like: &Volume<u8>) -> Volume<u8> {
        let dims = like.grid().dims();
        let mut voxels = vec![0; like.grid().len()];
        let [width, height, depth] = self.bits.dims();
        voxels.par_chunks_mut(dims[0] * dims[1]).enumerate().for_each(|(gk, slice)| {
            let k = gk as i64 - self.start[2];
            if k < 0 || depth as i64 <= k {
                return;
            }
            for j in 0..height {
                let Some((to, from, count)) = shared(self.start, width, dims, j, k as usize) else { continue };
                let to = to - gk * dims[0] * dims[1];
                unpack(self.bits.row(j, k as usize), from, &mut slice[to..to + count]);
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
