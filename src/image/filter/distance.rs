//! Exact Euclidean distances to a set of voxels.

use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use rayon::prelude::*;
use std::sync::Arc;

/// Columns transformed together, so that memory is read in whole cache lines.
const TILE: usize = 16;

/// Up to this many rows away, trying every row is faster than building an envelope.
const NEAR: f64 = 16.0;
/// Columns tried together, so that their rows stay in the cache.
const BLOCK: usize = 128;

/// Squared distance in mm² from every voxel centre to the nearest centre of a voxel of `mask`; infinite beyond `reach_mm`.
///
/// Exact on grids with orthogonal axes and any spacing: one scan along `i`, then lower envelopes of parabolas along
/// `j` and `k` (Felzenszwalb & Huttenlocher 2012, "Distance transforms of sampled functions"), or every shift in turn
/// where the reach is short. Sheared grids are
/// treated as orthogonal with the same spacing.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn squared_distance(mask: &Volume<u8>, reach_mm: f64, progress: &Progress) -> Result<Volume<f32>, Cancelled> {
    let distances =
        squared_distance_of(mask.voxels(), mask.grid().dims(), mask.grid().spacing_mm(), reach_mm, progress)?;
    Ok(Volume::new(Arc::clone(mask.grid()), distances).expect("one distance per voxel"))
}

/// As [`squared_distance`], on bare arrays.
pub(super) fn squared_distance_of(
    mask: &[u8],
    [ni, nj, nk]: [usize; 3],
    spacing_mm: [f64; 3],
    reach_mm: f64,
    progress: &Progress,
) -> Result<Vec<f32>, Cancelled> {
    let limit = (reach_mm * reach_mm * (1.0 + 1e-6)) as f32;
    let mut squared = vec![f32::INFINITY; mask.len()];
    squared.par_chunks_mut(ni * nj).zip(mask.par_chunks(ni * nj)).try_for_each(|(out, slice)| {
        progress.check()?;
        let mut any = false;
        for (out, row) in out.chunks_mut(ni).zip(slice.chunks(ni)) {
            any |= scan_row(row, out, spacing_mm[0], limit);
        }
        if any {
            let mut rows: Vec<&mut [f32]> = out.chunks_mut(ni).collect();
            transform(&mut rows, spacing_mm[1], limit);
        }
        Ok(())
    })?;
    progress.set(0.6)?;
    if 1 < nk {
        let mut columns: Vec<Vec<&mut [f32]>> = (0..nj).map(|_| Vec::with_capacity(nk)).collect();
        squared.chunks_mut(ni).enumerate().for_each(|(row, values)| columns[row % nj].push(values));
        columns.into_par_iter().try_for_each(|mut rows| {
            progress.check()?;
            transform(&mut rows, spacing_mm[2], limit);
            Ok(())
        })?;
    }
    progress.set(1.0)?;
    Ok(squared)
}

/// Squared distances within one row; says whether the row has any voxel of the mask.
fn scan_row(row: &[u8], out: &mut [f32], spacing_mm: f64, limit: f32) -> bool {
    if row.iter().all(|value| *value == 0) {
        return false;
    }
    let mut steps = f32::INFINITY;
    for (out, value) in out.iter_mut().zip(row) {
        steps = if *value != 0 { 0.0 } else { steps + 1.0 };
        *out = steps;
    }
    steps = f32::INFINITY;
    let h = spacing_mm as f32;
    for (out, value) in out.iter_mut().zip(row).rev() {
        steps = if *value != 0 { 0.0 } else { steps + 1.0 };
        let distance = steps.min(*out) * h;
        let squared = distance * distance;
        *out = if squared <= limit { squared } else { f32::INFINITY };
    }
    true
}

/// D(q) ← min over p of D(p) + (h (q − p))², along the list of rows, for every column of the rows.
fn transform(rows: &mut [&mut [f32]], h: f64, limit: f32) {
    let reach = f64::from(limit).sqrt() / h;
    if reach < NEAR { by_window(rows, h, limit, reach as usize) } else { by_envelope(rows, h, limit) }
}

/// Try every shift up to `reach` rows, whole rows at a time.
fn by_window(rows: &mut [&mut [f32]], h: f64, limit: f32, reach: usize) {
    let (n, width) = (rows.len(), rows.first().map_or(0, |row| row.len()));
    let mut source = Vec::with_capacity(n * BLOCK.min(width));
    for start in (0..width).step_by(BLOCK) {
        let end = (start + BLOCK).min(width);
        source.clear();
        rows.iter().for_each(|row| source.extend_from_slice(&row[start..end]));
        let of = |q: usize| &source[q * (end - start)..(q + 1) * (end - start)];
        let empty: Vec<bool> = (0..n).map(|q| of(q).iter().all(|value| value.is_infinite())).collect();
        if empty.iter().all(|empty| *empty) {
            continue;
        }
        for (q, row) in rows.iter_mut().enumerate() {
            let out = &mut row[start..end];
            if out.iter().all(|value| *value == 0.0) {
                continue;
            }
            for p in (q.saturating_sub(reach)..(q + reach + 1).min(n)).filter(|p| *p != q && !empty[*p]) {
                let step = (h * q.abs_diff(p) as f64).powi(2) as f32;
                for (out, other) in out.iter_mut().zip(of(p)) {
                    let through = other + step;
                    *out = if through < *out { through } else { *out };
                }
            }
            out.iter_mut().for_each(|value| *value = if *value <= limit { *value } else { f32::INFINITY });
        }
    }
}

/// The lower envelope of parabolas, column by column.
fn by_envelope(rows: &mut [&mut [f32]], h: f64, limit: f32) {
    let (n, width) = (rows.len(), rows.first().map_or(0, |row| row.len()));
    let mut envelope = Envelope::default();
    let mut tile = vec![0.0_f32; n * TILE];
    for start in (0..width).step_by(TILE) {
        let end = (start + TILE).min(width);
        let (mut any_zero_missing, mut any_finite) = (false, false);
        for (q, row) in rows.iter().enumerate() {
            for (c, value) in row[start..end].iter().enumerate() {
                tile[c * n + q] = *value;
                any_zero_missing |= *value != 0.0;
                any_finite |= value.is_finite();
            }
        }
        if !(any_zero_missing && any_finite) {
            continue;
        }
        for column in tile.chunks_mut(n).take(end - start) {
            envelope.transform(column, h, limit);
        }
        for (q, row) in rows.iter_mut().enumerate() {
            for (c, value) in row[start..end].iter_mut().enumerate() {
                *value = tile[c * n + q];
            }
        }
    }
}

/// The lower envelope of parabolas f(p) + (h (q − p))².
#[derive(Default)]
struct Envelope {
    /// Place and height of each parabola of the envelope.
    parabolas: Vec<(f64, f64)>,
    /// Where each parabola begins to be the lowest.
    begins: Vec<f64>,
}

impl Envelope {
    fn transform(&mut self, column: &mut [f32], h: f64, limit: f32) {
        self.parabolas.clear();
        self.begins.clear();
        for (p, height) in column.iter().enumerate().filter(|(_, height)| height.is_finite()) {
            let (p, f) = (p as f64 * h, f64::from(*height));
            loop {
                let Some((&(last, f_last), &begin)) = self.parabolas.last().zip(self.begins.last()) else {
                    self.begins.push(f64::NEG_INFINITY);
                    break;
                };
                // (f + p²) − (f_last + last²) = 2 s (p − last) at the crossing s.
                let s = 0.5 * ((f - f_last) / (p - last) + p + last);
                if begin < s {
                    self.begins.push(s);
                    break;
                }
                self.parabolas.pop();
                self.begins.pop();
            }
            self.parabolas.push((p, f));
        }
        if self.parabolas.is_empty() {
            return;
        }
        let mut current = 0;
        for (q, value) in column.iter_mut().enumerate() {
            let q = q as f64 * h;
            while current + 1 < self.begins.len() && self.begins[current + 1] < q {
                current += 1;
            }
            let (p, f) = self.parabolas[current];
            let squared = ((q - p) * (q - p) + f) as f32;
            *value = if squared <= limit { squared } else { f32::INFINITY };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{parallel, rng::Rng};
    use crate::geom::{Grid, Point};

    fn dots(dims: [usize; 3], spacing_mm: [f64; 3], n: usize) -> Volume<u8> {
        let grid = Grid::aligned(dims, Point::origin(), spacing_mm).unwrap();
        let mut rng = Rng::new(11);
        let mut voxels = vec![0_u8; grid.len()];
        (0..n).for_each(|_| voxels[rng.below(grid.len())] = 1);
        Volume::new(grid, voxels).unwrap()
    }

    #[test]
    fn distances_are_exact_on_an_anisotropic_grid() {
        for (n, reach_mm) in [(1, f64::INFINITY), (12, f64::INFINITY), (40, 6.0), (9, 2.4), (9, 0.0)] {
            let mask = dots([21, 17, 13], [0.7, 0.9, 2.5], n);
            let found = squared_distance(&mask, reach_mm, &Progress::default()).unwrap();
            let grid = mask.grid();
            let centres: Vec<Point> =
                (0..grid.len()).filter(|o| mask.voxels()[*o] != 0).map(|o| grid.centre(grid.voxel(o))).collect();
            for offset in 0..grid.len() {
                let here = grid.centre(grid.voxel(offset));
                let nearest = centres.iter().map(|c| (c - here).norm_squared()).fold(f64::INFINITY, f64::min);
                let expected = if nearest <= reach_mm * reach_mm { nearest } else { f64::INFINITY };
                let value = f64::from(found.voxels()[offset]);
                assert!(value == expected || (value - expected).abs() < 1e-3, "{value} against {expected} mm²");
            }
        }
    }

    #[test]
    fn an_empty_mask_is_infinitely_far_away() {
        let mask = dots([5, 5, 5], [1.0; 3], 0);
        let found = squared_distance(&mask, f64::INFINITY, &Progress::default()).unwrap();
        assert!(found.voxels().iter().all(|value| *value == f32::INFINITY));
    }

    #[test]
    fn one_thread_and_three_give_the_same_bits() {
        let mask = dots([40, 33, 21], [0.7, 0.7, 1.25], 30);
        let run = || squared_distance(&mask, 20.0, &Progress::default()).unwrap();
        assert_eq!(parallel::with_threads(1, run), parallel::with_threads(3, run));
    }
}
