//! Gaussian smoothing with a width in millimetres.

use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::sync::Arc;

/// `volume` convolved with a Gaussian of standard deviation `sigma_mm`, cut off at three deviations and normalised.
///
/// Separable; beyond the grid the outermost values go on. Axes with `sigma_mm` under a tenth of their spacing are left
/// as they are.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn gaussian<T: Copy + Into<f32> + Sync>(
    volume: &Volume<T>,
    sigma_mm: f64,
    progress: &Progress,
) -> Result<Volume<f32>, Cancelled> {
    let [ni, nj, nk] = volume.grid().dims();
    let [wi, wj, wk] = volume.grid().spacing_mm().map(|h| weights(sigma_mm / h));
    let arch = Arch::new();
    let mut voxels = vec![0.0_f32; volume.grid().len()];
    let slices = voxels.par_chunks_mut(ni * nj).zip(volume.voxels().par_chunks(ni * nj));
    slices.try_for_each_init(
        || (vec![0.0_f32; ni + wi.len() - 1], vec![0.0_f32; ni * nj]),
        |(padded, half), (out, slice)| {
            progress.check()?;
            for (out, row) in half.chunks_mut(ni).zip(slice.chunks(ni)) {
                pad(row, padded);
                arch.dispatch(Fir { source: padded, stride: 1, last: wi.len() - 1, first: 0, weights: &wi, out });
            }
            for (j, out) in out.chunks_mut(ni).enumerate() {
                arch.dispatch(Fir::across(half, ni, nj, j, &wj, out));
            }
            Ok(())
        },
    )?;
    progress.set(0.6)?;
    if 1 < wk.len() && 1 < nk {
        let mut columns: Vec<Vec<&mut [f32]>> = (0..nj).map(|_| Vec::with_capacity(nk)).collect();
        voxels.chunks_mut(ni).enumerate().for_each(|(row, values)| columns[row % nj].push(values));
        columns.into_par_iter().try_for_each_init(
            || vec![0.0_f32; ni * nk],
            |plane, mut rows| {
                plane.chunks_mut(ni).zip(&rows).for_each(|(to, row)| to.copy_from_slice(row));
                for (k, out) in rows.iter_mut().enumerate() {
                    arch.dispatch(Fir::across(plane, ni, nk, k, &wk, out));
                }
                progress.check()
            },
        )?;
    }
    Ok(Volume::new(Arc::clone(volume.grid()), voxels).expect("one value per voxel"))
}

/// How many neighbours to either side a Gaussian of `sigma` voxels takes.
pub fn reach_of_gaussian(sigma: f64) -> usize {
    if 0.1 <= sigma { (3.0 * sigma).ceil() as usize } else { 0 }
}

/// Weights of an odd number of neighbours whose sum is 1; `sigma` in voxels.
fn weights(sigma: f64) -> Vec<f32> {
    if !(0.1 <= sigma) {
        return vec![1.0];
    }
    let reach = reach_of_gaussian(sigma) as i32;
    let raw: Vec<f64> = (-reach..=reach).map(|n| (-0.5 * (f64::from(n) / sigma).powi(2)).exp()).collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|w| (w / sum) as f32).collect()
}

/// `row` with its ends repeated, so that every weight finds a value.
fn pad<T: Copy + Into<f32>>(row: &[T], padded: &mut [f32]) {
    let reach = (padded.len() - row.len()) / 2;
    let n = row.len();
    padded[..reach].fill(row[0].into());
    padded[reach..reach + n].iter_mut().zip(row).for_each(|(to, value)| *to = (*value).into());
    padded[reach + n..].fill(row[n - 1].into());
}

/// Values summed in registers at a time.
const LANES: usize = 64;

/// One row of weighted sums, for the processor's widest vectors:
/// `out[i] = Σₛ weights[s] source[stride · clamp(first + s, 0, last) + i]`.
struct Fir<'a> {
    source: &'a [f32],
    stride: usize,
    /// The number of the last row of `source`.
    last: usize,
    /// The row that the first weight is for; negative before the first row.
    first: isize,
    /// An odd number, symmetric.
    weights: &'a [f32],
    out: &'a mut [f32],
}

impl<'a> Fir<'a> {
    /// The sums for row `q` of `n` rows of `width` values.
    fn across(source: &'a [f32], width: usize, n: usize, q: usize, weights: &'a [f32], out: &'a mut [f32]) -> Self {
        Self { source, stride: width, last: n - 1, first: q as isize - (weights.len() / 2) as isize, weights, out }
    }
}

impl WithSimd for Fir<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { source, stride, last, first, weights, out } = self;
        let row = |shift: usize| (first + shift as isize).clamp(0, last as isize) as usize * stride;
        let reach = weights.len() / 2;
        let mut done = 0;
        while done < out.len() {
            let here = (out.len() - done).min(LANES);
            if here == LANES {
                let block = |shift: usize| -> &[f32; LANES] {
                    let start = row(shift) + done;
                    source[start..start + LANES].try_into().expect("as many as asked for")
                };
                let mut sums = block(reach).map(|value| value * weights[reach]);
                for shift in 0..reach {
                    let (a, b, weight) = (block(shift), block(weights.len() - 1 - shift), weights[shift]);
                    for n in 0..LANES {
                        sums[n] += weight * (a[n] + b[n]);
                    }
                }
                out[done..done + LANES].copy_from_slice(&sums);
            } else {
                for (n, out) in out[done..].iter_mut().enumerate() {
                    let at = |shift: usize| source[row(shift) + done + n];
                    *out = at(reach) * weights[reach];
                    for shift in 0..reach {
                        *out += weights[shift] * (at(shift) + at(weights.len() - 1 - shift));
                    }
                }
            }
            done += here;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::parallel;
    use crate::geom::{Grid, Point};

    #[test]
    fn a_point_spreads_with_the_variance_asked_for_on_every_axis() {
        let grid = Grid::aligned([31, 31, 31], Point::origin(), [0.7, 0.9, 1.25]).unwrap();
        let mut voxels = vec![0.0_f32; grid.len()];
        voxels[grid.offset([15, 15, 15])] = 1.0;
        let volume = Volume::new(grid, voxels).unwrap();
        let smooth = gaussian(&volume, 2.0, &Progress::default()).unwrap();
        let grid = smooth.grid();
        let centre = grid.centre([15, 15, 15]);
        let (mut sum, mut squares) = (0.0, [0.0; 3]);
        for (offset, value) in smooth.voxels().iter().enumerate() {
            let from = grid.centre(grid.voxel(offset)) - centre;
            sum += f64::from(*value);
            squares = [0, 1, 2].map(|a| squares[a] + f64::from(*value) * from[a] * from[a]);
        }
        assert!((sum - 1.0).abs() < 1e-5);
        // Cutting at three deviations takes 2.7 % of the variance.
        assert!(squares.iter().all(|s| (s / sum - 4.0).abs() < 0.15), "{squares:?} mm²");
    }

    /// Against the plain triple sum, on a grid whose rows are no whole number of blocks, beyond the edges too.
    #[test]
    fn every_value_is_the_weighted_sum_of_its_neighbours() {
        let grid = Grid::aligned([70, 5, 4], Point::origin(), [0.8, 1.0, 2.0]).unwrap();
        let voxels: Vec<i16> = (0..grid.len()).map(|o| ((o * 7919) % 613) as i16 - 300).collect();
        let volume = Volume::new(grid, voxels).unwrap();
        let smooth = gaussian(&volume, 1.1, &Progress::default()).unwrap();
        let (grid, dims) = (volume.grid(), volume.grid().dims());
        let of = grid.spacing_mm().map(|h| weights(1.1 / h));
        for offset in (0..grid.len()).step_by(3) {
            let voxel = grid.voxel(offset);
            let mut sum = 0.0;
            for (c, wk) in of[2].iter().enumerate() {
                for (b, wj) in of[1].iter().enumerate() {
                    for (a, wi) in of[0].iter().enumerate() {
                        let shift = [a, b, c];
                        let near = [0, 1, 2].map(|x| (voxel[x] + shift[x]).saturating_sub(of[x].len() / 2));
                        let near = [0, 1, 2].map(|x| near[x].min(dims[x] - 1));
                        sum += f64::from(wi * wj * wk) * f64::from(volume.at(near));
                    }
                }
            }
            assert!((f64::from(smooth.voxels()[offset]) - sum).abs() < 1e-2, "{offset}");
        }
    }

    #[test]
    fn one_thread_and_three_give_the_same_bits() {
        let grid = Grid::aligned([41, 22, 9], Point::origin(), [0.8, 1.0, 2.0]).unwrap();
        let voxels: Vec<i16> = (0..grid.len()).map(|o| ((o * 7919) % 613) as i16).collect();
        let volume = Volume::new(grid, voxels).unwrap();
        let run = || gaussian(&volume, 1.7, &Progress::default()).unwrap();
        assert_eq!(parallel::with_threads(1, run), parallel::with_threads(3, run));
    }

    #[test]
    fn a_constant_stays() {
        let grid = Grid::aligned([5, 4, 3], Point::origin(), [1.0; 3]).unwrap();
        let volume = Volume::new(grid, vec![-1000_i16; 60]).unwrap();
        let smooth = gaussian(&volume, 1.5, &Progress::default()).unwrap();
        assert!(smooth.voxels().iter().all(|value| (value + 1000.0).abs() < 1e-2));
    }
}
