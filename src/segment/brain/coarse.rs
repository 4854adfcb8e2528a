//! A coarse copy of an MR, and coarser sums for what varies slowly.

use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point};
use crate::image::resample::block_grid;
use crate::image::{Scan, Volume};
use rayon::prelude::*;
use std::sync::Arc;

/// Means of blocks of about `width_mm`; values that are not finite count as 0.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub(super) fn coarse(scan: &Scan, width_mm: f64, progress: &Progress) -> Result<Volume<f32>, Cancelled> {
    let factor = factor(scan.grid(), width_mm);
    let grid = Arc::new(block_grid(scan.grid(), factor));
    let ([ni, nj, nk], [mi, mj, _]) = (scan.grid().dims(), grid.dims());
    let mut voxels = vec![0.0_f32; grid.len()];
    voxels.par_chunks_mut(mi * mj).enumerate().try_for_each(|(k, slice)| {
        progress.check()?;
        let depth = k * factor[2]..((k + 1) * factor[2]).min(nk);
        for (at, out) in slice.iter_mut().enumerate() {
            let (i, j) = (at % mi, at / mi);
            let (mut sum, mut n) = (0.0, 0.0);
            for z in depth.clone() {
                for y in j * factor[1]..((j + 1) * factor[1]).min(nj) {
                    for x in i * factor[0]..((i + 1) * factor[0]).min(ni) {
                        let value = scan.value((z * nj + y) * ni + x);
                        sum += if value.is_finite() { value } else { 0.0 };
                        n += 1.0;
                    }
                }
            }
            *out = (sum / f64::max(n, 1.0)) as f32;
        }
        Ok(())
    })?;
    Ok(Volume::new(grid, voxels).expect("one mean per block"))
}

/// Voxels along each axis that make a block of at most `width_mm`, but at least one.
pub(super) fn factor(grid: &Grid, width_mm: f64) -> [usize; 3] {
    grid.spacing_mm().map(|h| ((width_mm / h).round() as usize).max(1))
}

/// The value at the voxel nearest to a place; `None` outside.
#[inline]
pub(super) fn nearest(volume: &Volume<f32>, place: Point) -> Option<f32> {
    volume.grid().voxel_at(place).map(|voxel| volume.at(voxel))
}

/// The values at the given shares of their number (0 smallest, 1 largest); `None` without values.
pub(super) fn quantiles<const N: usize>(values: impl Iterator<Item = f32>, shares: [f64; N]) -> Option<[f64; N]> {
    let mut sorted: Vec<f32> = values.collect();
    let last = sorted.len().checked_sub(1)?;
    sorted.sort_by(f32::total_cmp);
    Some(shares.map(|share| f64::from(sorted[(last as f64 * share).round() as usize])))
}
