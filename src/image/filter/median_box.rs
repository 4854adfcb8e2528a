//! Median of a box of voxels in space: takes noise away and leaves edges.

use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::sync::Arc;

/// Every voxel's median with the others of the box that reaches `radius` voxels along each axis; the outermost values go
/// on beyond the grid.
///
/// 3 × 3 × 3 voxels are sorted by a network, many boxes at once. Larger boxes keep a histogram that slides along the row
/// (Huang, Yang & Tang 1979, "A fast two-dimensional median filtering algorithm"), coarse and fine.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn median(volume: &Volume<i16>, radius: [usize; 3], progress: &Progress) -> Result<Volume<i16>, Cancelled> {
    let [ni, nj, nk] = volume.grid().dims();
    let arch = Arch::new();
    let mut voxels = vec![0_i16; volume.grid().len()];
    let row_at = |j: usize, k: usize| &volume.voxels()[(k * nj + j) * ni..(k * nj + j + 1) * ni];
    let near = |at: usize, shift: usize, reach: usize, n: usize| (at + shift).saturating_sub(reach).min(n - 1);
    voxels.par_chunks_mut(ni * nj).enumerate().try_for_each_init(
        || (std::array::from_fn(|_| vec![0; ni + 2]), Histogram::default()),
        |(sorted, histogram), (k, slice)| {
            for (j, out) in slice.chunks_mut(ni).enumerate() {
                if radius == [1; 3] {
                    let rows = std::array::from_fn(|n| row_at(near(j, n / 3, 1, nj), near(k, n % 3, 1, nk)));
                    arch.dispatch(Network { rows, sorted, out });
                } else {
                    // A row of large boxes takes long enough to be asked for.
                    progress.check()?;
                    let [_, rj, rk] = radius;
                    let shifts = (0..=2 * rk).flat_map(|c| (0..=2 * rj).map(move |b| (b, c)));
                    let rows: Vec<&[i16]> =
                        shifts.map(|(b, c)| row_at(near(j, b, rj, nj), near(k, c, rk, nk))).collect();
                    histogram.slide(&rows, radius[0], out);
                }
            }
            progress.check()
        },
    )?;
    Ok(Volume::new(Arc::clone(volume.grid()), voxels).expect("one value per voxel"))
}

/// How often each value occurs in a box, with sums over 256 values each. Values are shifted to begin with 0.
struct Histogram {
    coarse: Vec<u32>,
    fine: Vec<u32>,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { coarse: vec![0; 1 << 8], fine: vec![0; 1 << 16] }
    }
}

impl Histogram {
    /// The medians along one row; `rows` are those of the box's cross-section. Leaves the histogram empty.
    fn slide(&mut self, rows: &[&[i16]], reach: usize, out: &mut [i16]) {
        let last = out.len() as isize - 1;
        let reach = reach as isize;
        (-reach..=reach).for_each(|i| self.count(rows, i.clamp(0, last), true));
        let half = (rows.len() as u32 * (2 * reach as u32 + 1)) / 2;
        for (i, out) in (0..).zip(out.iter_mut()) {
            *out = self.ranked(half);
            self.count(rows, (i - reach).clamp(0, last), false);
            self.count(rows, (i + reach + 1).clamp(0, last), true);
        }
        (1 - reach..=reach + 1).for_each(|i| self.count(rows, (last + i).clamp(0, last), false));
    }

    fn count(&mut self, rows: &[&[i16]], i: isize, comes: bool) {
        let by = if comes { 1 } else { u32::MAX };
        for row in rows {
            let value = (i32::from(row[i as usize]) - i32::from(i16::MIN)) as usize;
            self.coarse[value >> 8] = self.coarse[value >> 8].wrapping_add(by);
            self.fine[value] = self.fine[value].wrapping_add(by);
        }
    }

    /// The value that `rank` values of the box come before.
    fn ranked(&self, mut rank: u32) -> i16 {
        let mut find = |counts: &[u32]| {
            let found = counts.iter().position(|n| {
                let here = rank < *n;
                rank -= if here { 0 } else { *n };
                here
            });
            found.expect("the box holds more values than the rank")
        };
        let upper = find(&self.coarse) << 8;
        let value = upper + find(&self.fine[upper..upper + 256]);
        (value as i32 + i32::from(i16::MIN)) as i16
    }
}

/// Boxes sorted at a time.
const LANES: usize = 32;
type Values = [i16; LANES];

/// The medians of 3 × 3 × 3 along one row, for the processor's widest vectors.
///
/// Sorting along `k`, then `j`, then `i` leaves 27 values e[a][b][c] that rise with every index, so at least
/// (a + 1)(b + 1)(c + 1) values are at most e[a][b][c]: the four with a + b + c < 2 come before the 14th, the four with
/// 4 < a + b + c after it. Of the other 19 the least two have index sum 2 and the greatest two index sum 4, for
/// every value of sum 3 has two smaller neighbours of sum 2 at least. Of the last 15 the median is found by
/// dropping the least and the greatest of 9, then of 8 …, each time with a new one (as in Devillard 1998, "Fast median search").
struct Network<'a> {
    /// The rows of the cross-section, number 3 dj + dk.
    rows: [&'a [i16]; 9],
    /// Room for nine rows with one voxel more at either end.
    sorted: &'a mut [Vec<i16>; 9],
    out: &'a mut [i16],
}

impl WithSimd for Network<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { rows, sorted, out } = self;
        let n = out.len();
        for start in (0..n).step_by(LANES) {
            let here = LANES.min(n - start);
            let mut box_of: [Values; 9] = [[0; LANES]; 9];
            for (values, row) in box_of.iter_mut().zip(rows) {
                if here == LANES {
                    *values = row[start..start + LANES].try_into().expect("as many as asked for");
                } else {
                    values[..here].copy_from_slice(&row[start..start + here]);
                }
            }
            (0..3).for_each(|j| sort_three(&mut box_of, 3 * j, 3 * j + 1, 3 * j + 2));
            (0..3).for_each(|k| sort_three(&mut box_of, k, k + 3, k + 6));
            for (to, values) in sorted.iter_mut().zip(&box_of) {
                to[1 + start..1 + start + here].copy_from_slice(&values[..here]);
            }
        }
        for row in sorted.iter_mut() {
            (row[0], row[n + 1]) = (row[1], row[n]);
        }
        for start in (0..n).step_by(LANES) {
            let here = LANES.min(n - start);
            let mut e: [Values; 27] = [[0; LANES]; 27];
            for (rank, row) in sorted.iter().enumerate() {
                for a in 0..3 {
                    if here == LANES {
                        let from = start + a;
                        e[9 * a + rank] = row[from..from + LANES].try_into().expect("as many as asked for");
                    } else {
                        e[9 * a + rank][..here].copy_from_slice(&row[start + a..start + a + here]);
                    }
                }
                sort_three(&mut e, rank, rank + 9, rank + 18);
            }
            out[start..start + here].copy_from_slice(&middle(&mut e)[..here]);
        }
    }
}

/// The 14th of 27 values that rise with every index.
#[inline(always)]
fn middle(e: &mut [Values; 27]) -> Values {
    // Index 9 a + 3 b + c by a + b + c: 2, 4 and 3.
    let (low, high) = ([2, 6, 18, 4, 10, 12], [26 - 2, 26 - 6, 26 - 18, 26 - 4, 26 - 10, 26 - 12]);
    for last in [5, 4] {
        for n in 0..last {
            order(e, low[last], low[n]);
            order(e, high[n], high[last]);
        }
    }
    // What is left: four of each, and seven from the middle.
    let mut held = [low[0], low[1], low[2], low[3], high[0], high[1], high[2], high[3], 13];
    let mut new = [5, 7, 11, 15, 19, 21].into_iter();
    for n in (3..=9).rev() {
        // The least of the first n comes first, the greatest last.
        (0..n / 2).for_each(|m| order(e, held[m], held[n - 1 - m]));
        (1..n.div_ceil(2)).for_each(|m| order(e, held[0], held[m]));
        (n / 2..n - 1).for_each(|m| order(e, held[m], held[n - 1]));
        if let Some(new) = new.next() {
            held[0] = new;
        }
    }
    e[held[1]]
}

#[inline(always)]
fn sort_three<const N: usize>(values: &mut [Values; N], a: usize, b: usize, c: usize) {
    order(values, a, b);
    order(values, b, c);
    order(values, a, b);
}

/// The smaller of two to `a`, the larger to `b`.
#[inline(always)]
fn order<const N: usize>(values: &mut [Values; N], a: usize, b: usize) {
    let (x, y) = (values[a], values[b]);
    for n in 0..LANES {
        values[a][n] = x[n].min(y[n]);
        values[b][n] = x[n].max(y[n]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{parallel, rng::Rng};
    use crate::geom::{Grid, Point};

    fn noise(dims: [usize; 3], values: usize) -> Volume<i16> {
        let grid = Grid::aligned(dims, Point::origin(), [1.0; 3]).unwrap();
        let mut rng = Rng::new(2);
        let mut value = |_| (rng.below(values) as i32 - 32_768 + 7 * (rng.below(2) as i32)) as i16;
        let voxels = (0..grid.len()).map(&mut value).collect();
        Volume::new(grid, voxels).unwrap()
    }

    #[test]
    fn medians_are_those_of_sorting_the_box() {
        for (dims, radius) in
            [([71, 9, 5], [1, 1, 1]), ([3, 2, 1], [1, 1, 1]), ([17, 9, 6], [2, 1, 0]), ([5, 4, 3], [3, 3, 1])]
        {
            for values in [3, 60_000] {
                let volume = noise(dims, values);
                let found = median(&volume, radius, &Progress::default()).unwrap();
                for offset in 0..volume.grid().len() {
                    let voxel = volume.grid().voxel(offset);
                    let mut all = Vec::new();
                    let near = |a: usize, d: usize| (voxel[a] + d).saturating_sub(radius[a]).min(dims[a] - 1);
                    for c in 0..=2 * radius[2] {
                        for b in 0..=2 * radius[1] {
                            all.extend((0..=2 * radius[0]).map(|a| volume.at([near(0, a), near(1, b), near(2, c)])));
                        }
                    }
                    all.sort_unstable();
                    assert_eq!(found.voxels()[offset], all[all.len() / 2], "{radius:?} at {voxel:?}");
                }
            }
        }
    }

    #[test]
    fn one_thread_and_three_give_the_same_values() {
        let volume = noise([40, 20, 9], 2000);
        for radius in [[1; 3], [2, 2, 1]] {
            let run = || median(&volume, radius, &Progress::default()).unwrap();
            assert_eq!(parallel::with_threads(1, run), parallel::with_threads(3, run));
        }
    }
}
