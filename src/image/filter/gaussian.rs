//! Gaussian smoothing with a width in millimetres.

use crate::base::{Cancelled, Progress};
use crate::image::Volume;
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
    let [ni, nj, _] = volume.grid().dims();
    let [wi, wj, wk] = volume.grid().spacing_mm().map(|h| weights(sigma_mm / h));
    let mut voxels = vec![0.0_f32; volume.grid().len()];
    voxels.par_chunks_mut(ni * nj).zip(volume.voxels().par_chunks(ni * nj)).try_for_each(|(out, slice)| {
        progress.check()?;
        let mut padded = vec![0.0_f32; ni + wi.len() - 1];
        for (out, row) in out.chunks_mut(ni).zip(slice.chunks(ni)) {
            along_row(row, &wi, &mut padded, out);
        }
        let mut rows: Vec<&mut [f32]> = out.chunks_mut(ni).collect();
        across_rows(&mut rows, &wj);
        Ok(())
    })?;
    progress.set(0.6)?;
    if 1 < wk.len() {
        let mut columns: Vec<Vec<&mut [f32]>> = (0..nj).map(|_| Vec::new()).collect();
        voxels.chunks_mut(ni).enumerate().for_each(|(row, values)| columns[row % nj].push(values));
        columns.into_par_iter().try_for_each(|mut rows| {
            across_rows(&mut rows, &wk);
            progress.check()
        })?;
    }
    Ok(Volume::new(Arc::clone(volume.grid()), voxels).expect("one value per voxel"))
}

/// Weights of an odd number of neighbours whose sum is 1; `sigma` in voxels.
fn weights(sigma: f64) -> Vec<f32> {
    if !(0.1 <= sigma) {
        return vec![1.0];
    }
    let reach = (3.0 * sigma).ceil() as i32;
    let raw: Vec<f64> = (-reach..=reach).map(|n| (-0.5 * (f64::from(n) / sigma).powi(2)).exp()).collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|w| (w / sum) as f32).collect()
}

fn along_row<T: Copy + Into<f32>>(row: &[T], weights: &[f32], padded: &mut [f32], out: &mut [f32]) {
    let reach = weights.len() / 2;
    let n = row.len();
    padded[..reach].fill(row[0].into());
    padded[reach..reach + n].iter_mut().zip(row).for_each(|(to, value)| *to = (*value).into());
    padded[reach + n..].fill(row[n - 1].into());
    out.fill(0.0);
    for (shift, weight) in weights.iter().enumerate() {
        out.iter_mut().zip(&padded[shift..shift + n]).for_each(|(out, value)| *out += weight * value);
    }
}

fn across_rows(rows: &mut [&mut [f32]], weights: &[f32]) {
    let reach = weights.len() / 2;
    if reach == 0 {
        return;
    }
    let (n, width) = (rows.len(), rows[0].len());
    let source: Vec<f32> = rows.iter().flat_map(|row| row.iter().copied()).collect();
    for (q, row) in rows.iter_mut().enumerate() {
        row.fill(0.0);
        for (shift, weight) in weights.iter().enumerate() {
            let p = (q + shift).saturating_sub(reach).min(n - 1);
            let other = &source[p * width..(p + 1) * width];
            row.iter_mut().zip(other).for_each(|(out, value)| *out += weight * value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    #[test]
    fn a_constant_stays() {
        let grid = Grid::aligned([5, 4, 3], Point::origin(), [1.0; 3]).unwrap();
        let volume = Volume::new(grid, vec![-1000_i16; 60]).unwrap();
        let smooth = gaussian(&volume, 1.5, &Progress::default()).unwrap();
        assert!(smooth.voxels().iter().all(|value| (value + 1000.0).abs() < 1e-2));
    }
}
