//! Exact signed distances to the surface of a mask.

use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use rayon::prelude::*;
use std::sync::Arc;

/// Columns transformed together, so that memory is read in whole cache lines.
const TILE: usize = 16;

/// Distance in mm from every voxel centre to the surface of `mask`, negative inside; infinite if there is no surface.
///
/// The surface is that of the voxels as boxes: it lies half-way between the centres of neighbours of which one is inside.
/// Exact on grids with orthogonal axes and any spacing; sheared grids are treated as orthogonal with the same spacing. The
/// end of the grid is no surface.
///
/// The steps are those of Felzenszwalb & Huttenlocher 2012 ("Distance transforms of sampled functions"), with parabolas
/// on the faces between voxels instead of their centres. A run of voxels on the same side ends in a face of height 0
/// that nothing beyond can be nearer than, so every run has an envelope of its own, and both sides are done at once.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn signed_distance(mask: &Volume<u8>, progress: &Progress) -> Result<Volume<f32>, Cancelled> {
    let [ni, nj, nk] = mask.grid().dims();
    let [hi, hj, hk] = mask.grid().spacing_mm();
    let mut signed = vec![0.0_f32; mask.grid().len()];
    let slices = signed.par_chunks_mut(ni * nj).zip(mask.voxels().par_chunks(ni * nj));
    slices.try_for_each_init(Scratch::default, |scratch, (out, slice)| {
        progress.check()?;
        for (out, row) in out.chunks_mut(ni).zip(slice.chunks(ni)) {
            along_row(row, out, hi);
        }
        let mut rows: Vec<&mut [f32]> = out.chunks_mut(ni).collect();
        scratch.across(&mut rows, hj);
        Ok(())
    })?;
    progress.set(0.5)?;
    let mut columns: Vec<Vec<&mut [f32]>> = (0..nj).map(|_| Vec::with_capacity(nk)).collect();
    signed.chunks_mut(ni).enumerate().for_each(|(row, values)| columns[row % nj].push(values));
    columns.into_par_iter().try_for_each_init(Scratch::default, |scratch, mut rows| {
        progress.check()?;
        scratch.across(&mut rows, hk);
        let root = |value: &mut f32| *value = value.abs().sqrt().copysign(*value);
        rows.iter_mut().for_each(|row| row.iter_mut().for_each(root));
        Ok(())
    })?;
    progress.set(1.0)?;
    Ok(Volume::new(Arc::clone(mask.grid()), signed).expect("one distance per voxel"))
}

/// Squared distances within one row, with the sign of the side.
fn along_row(row: &[u8], out: &mut [f32], h: f64) {
    let mut start = 0;
    while start < row.len() {
        let inside = row[start] != 0;
        let end = row[start..].iter().position(|value| (*value != 0) != inside).map_or(row.len(), |n| start + n);
        let sign = if inside { -1.0_f32 } else { 1.0 };
        let (before, after) = (0 < start, end < row.len());
        let n = end - start;
        for (steps, out) in out[start..end].iter_mut().enumerate() {
            let left = if before { steps as f32 + 0.5 } else { f32::INFINITY };
            let right = if after { (n - steps) as f32 - 0.5 } else { f32::INFINITY };
            let distance = left.min(right) * h as f32;
            *out = sign * distance * distance;
        }
        start = end;
    }
}

/// What one thread works with.
#[derive(Default)]
struct Scratch {
    tile: Vec<f32>,
    /// Place and height of each parabola of the envelope.
    parabolas: Vec<(f64, f64)>,
    /// Where each parabola begins to be the lowest.
    begins: Vec<f64>,
    /// Half of 1 / n.
    halves: Vec<f64>,
}

impl Scratch {
    /// The step along the list of rows, for every column of the rows.
    fn across(&mut self, rows: &mut [&mut [f32]], h: f64) {
        let (n, width) = (rows.len(), rows.first().map_or(0, |row| row.len()));
        let mut tile = std::mem::take(&mut self.tile);
        tile.resize(n * TILE, 0.0);
        self.halves.clear();
        self.halves.extend((0..=n).map(|n| 0.5 / n as f64));
        for start in (0..width).step_by(TILE) {
            let end = (start + TILE).min(width);
            for (q, row) in rows.iter().enumerate() {
                for (c, value) in row[start..end].iter().enumerate() {
                    tile[c * n + q] = *value;
                }
            }
            for column in tile.chunks_mut(n).take(end - start) {
                self.column(column, h);
            }
            for (q, row) in rows.iter_mut().enumerate() {
                for (c, value) in row[start..end].iter_mut().enumerate() {
                    *value = tile[c * n + q];
                }
            }
        }
        self.tile = tile;
    }

    fn column(&mut self, column: &mut [f32], h: f64) {
        let n = column.len();
        let squared_mm2 = h * h;
        let mut start = 0;
        while start < n {
            let inside = column[start].is_sign_negative();
            let same = |value: &f32| value.is_sign_negative() == inside;
            let end = column[start..].iter().position(|value| !same(value)).map_or(n, |n| start + n);
            self.run(&mut column[start..end], squared_mm2, 0 < start, end < n);
            if inside {
                column[start..end].iter_mut().for_each(|value| *value = -*value);
            }
            start = end;
        }
    }

    /// One run; leaves squared distances without sign. Places are counted from the face before its first voxel.
    fn run(&mut self, run: &mut [f32], h2: f64, before: bool, after: bool) {
        self.parabolas.clear();
        self.begins.clear();
        run.iter_mut().for_each(|value| *value = value.abs());
        if before {
            self.push(0, 0.0);
        }
        for face in 1..run.len() {
            let height = run[face - 1].min(run[face]);
            if height.is_finite() {
                self.push(face, f64::from(height) / h2);
            }
        }
        if after {
            self.push(run.len(), 0.0);
        }
        if self.parabolas.is_empty() {
            return;
        }
        let mut current = 0;
        for (q, value) in run.iter_mut().enumerate() {
            let q = q as f64 + 0.5;
            while current + 1 < self.begins.len() && self.begins[current + 1] < q {
                current += 1;
            }
            let (place, height) = self.parabolas[current];
            *value = value.min((((q - place) * (q - place) + height) * h2) as f32);
        }
    }

    /// Another parabola, in units of voxels, behind all others.
    fn push(&mut self, place: usize, height: f64) {
        let p = place as f64;
        loop {
            let Some((&(last, last_height), &begin)) = self.parabolas.last().zip(self.begins.last()) else {
                self.begins.push(f64::NEG_INFINITY);
                break;
            };
            // (f + p²) − (f_last + last²) = 2 s (p − last) at the crossing s.
            let s = (height - last_height) * self.halves[place - last as usize] + 0.5 * (p + last);
            if begin < s {
                self.begins.push(s);
                break;
            }
            self.parabolas.pop();
            self.begins.pop();
        }
        self.parabolas.push((p, height));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{parallel, rng::Rng};
    use crate::geom::{Grid, Point};

    fn blocks(dims: [usize; 3], spacing_mm: [f64; 3], n: usize) -> Volume<u8> {
        let grid = Grid::aligned(dims, Point::origin(), spacing_mm).unwrap();
        let mut rng = Rng::new(11);
        let mut voxels = vec![0_u8; grid.len()];
        for _ in 0..n {
            let corner = dims.map(|n| rng.below(n));
            let size = dims.map(|n| 1 + rng.below(n.div_ceil(3)));
            for (offset, value) in voxels.iter_mut().enumerate() {
                let voxel = grid.voxel(offset);
                *value |= u8::from((0..3).all(|a| corner[a] <= voxel[a] && voxel[a] < corner[a] + size[a]));
            }
        }
        Volume::new(grid, voxels).unwrap()
    }

    /// Against the distance to every box of the other side.
    #[test]
    fn distances_are_those_to_the_nearest_box_of_the_other_side() {
        for (dims, spacing_mm, n) in [
            ([17, 14, 9], [0.7, 0.7, 5.0], 4),
            ([12, 9, 13], [1.0, 0.9, 0.4], 30),
            ([25, 1, 6], [1.0, 2.0, 3.0], 3),
            ([1, 9, 1], [1.0; 3], 1),
        ] {
            let mask = blocks(dims, spacing_mm, n);
            let found = signed_distance(&mask, &Progress::default()).unwrap();
            let grid = mask.grid();
            for here in 0..grid.len() {
                let voxel = grid.voxel(here);
                let gap = |there: usize| -> f64 {
                    let other = grid.voxel(there);
                    let along = [0, 1, 2].map(|a| (voxel[a].abs_diff(other[a]) as f64 - 0.5).max(0.0) * spacing_mm[a]);
                    along.iter().map(|x| x * x).sum()
                };
                let others = (0..grid.len()).filter(|o| mask.voxels()[*o] != mask.voxels()[here]);
                let nearest = others.map(gap).fold(f64::INFINITY, f64::min).sqrt();
                let expected = if mask.voxels()[here] != 0 { -nearest } else { nearest };
                let value = f64::from(found.voxels()[here]);
                assert!(value == expected || (value - expected).abs() < 1e-4, "{value} against {expected} mm");
            }
        }
    }

    #[test]
    fn without_a_surface_every_distance_is_infinite() {
        for (value, sign) in [(0_u8, 1.0), (1, -1.0)] {
            let grid = Grid::aligned([5, 4, 3], Point::origin(), [1.0; 3]).unwrap();
            let mask = Volume::new(grid, vec![value; 60]).unwrap();
            let found = signed_distance(&mask, &Progress::default()).unwrap();
            assert!(found.voxels().iter().all(|value| *value == sign * f32::INFINITY));
        }
    }

    #[test]
    fn one_thread_and_three_give_the_same_bits() {
        let mask = blocks([40, 33, 21], [0.7, 0.7, 1.25], 9);
        let run = || signed_distance(&mask, &Progress::default()).unwrap();
        assert_eq!(parallel::with_threads(1, run), parallel::with_threads(3, run));
    }
}
