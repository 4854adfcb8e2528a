//! Thin bright plates in the lung: what a fissure looks like.

use super::coarse::Coarse;
use crate::base::{Cancelled, Progress};
use crate::geom::Vector;
use crate::image::Volume;
use crate::image::filter::gaussian;
use nalgebra::Matrix3;
use rayon::prelude::*;
use std::sync::Arc;

/// Width of the Gaussian under the derivatives.
const SIGMA_MM: f64 = 1.4;
/// Lung is cut off at these values: vessels shall not outshine fissures.
const LUNG_HU: [i16; 2] = [-960, -650];
/// This quantile of all plates counts as a whole one.
const WHOLE: f64 = 0.97;

/// How much each coarse voxel of a lung looks like a plate across each of `normals`, 0 to 1.
///
/// With the eigenvalues of the Hessian ordered by size |λ₁| ≤ |λ₂| ≤ |λ₃|, a bright plate has λ₃ ≪ 0 and λ₂ ≈ 0:
/// the strength is −λ₃ (|λ₃| − |λ₂|) / (|λ₃| + |λ₂|) (after Lassen et al. 2013), times how well its normal
/// agrees.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub(super) fn plates<const N: usize>(
    coarse: &Coarse,
    lung: &Volume<u8>,
    normals: [Vector; N],
    progress: &Progress,
) -> Result<[Volume<f32>; N], Cancelled> {
    let grid = lung.grid();
    // Beyond the lung its own mean goes on, so that its border is no plate.
    let pairs = || coarse.mean.voxels().par_iter().zip(lung.voxels()).filter(|(_, lung)| **lung != 0);
    let (sum, n) = pairs()
        .map(|(value, _)| (i64::from((*value).clamp(LUNG_HU[0], LUNG_HU[1])), 1_i64))
        .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let mean_hu = (sum / n.max(1)) as i16;
    let clipped = coarse.mean.voxels().par_iter().zip(lung.voxels());
    let clipped =
        clipped.map(|(v, lung)| if *lung != 0 { (*v).clamp(LUNG_HU[0], LUNG_HU[1]) } else { mean_hu }).collect();
    let clipped = Volume::new(Arc::clone(grid), clipped).expect("one value per voxel");
    let smooth = gaussian(&clipped, SIGMA_MM, &progress.part(0.0..0.4, "smooth"))?;
    let [ni, nj, nk] = grid.dims();
    let spacing_mm = grid.spacing_mm();
    let axes = Matrix3::from_columns(&[0, 1, 2].map(|a| grid.step().column(a).normalize()));
    let stride = [1, ni, ni * nj];
    let value = |at: usize| f64::from(smooth.voxels()[at]);
    let mut found: Vec<[f32; N]> = vec![[0.0; N]; grid.len()];
    found.par_chunks_mut(ni * nj).enumerate().try_for_each(|(k, out)| {
        progress.check()?;
        if k == 0 || k + 1 == nk {
            return Ok(());
        }
        for (at, out) in out.iter_mut().enumerate() {
            let (i, j) = (at % ni, at / ni);
            let here = k * ni * nj + at;
            if lung.voxels()[here] == 0 || i == 0 || i + 1 == ni || j == 0 || j + 1 == nj {
                continue;
            }
            let second = |a: usize, b: usize| {
                let (s, t) = (stride[a], stride[b]);
                let h = spacing_mm[a] * spacing_mm[b];
                if a == b {
                    (value(here + s) - 2.0 * value(here) + value(here - s)) / h
                } else {
                    (value(here + s + t) - value(here + s - t) - value(here + t - s) + value(here - s - t)) / (4.0 * h)
                }
            };
            let hessian = Matrix3::from_fn(|a, b| second(a.min(b), a.max(b)));
            let eigen = hessian.symmetric_eigen();
            let mut order = [0, 1, 2];
            order.sort_by(|a, b| eigen.eigenvalues[*a].abs().total_cmp(&eigen.eigenvalues[*b].abs()));
            let [_, l2, l3] = order.map(|n| eigen.eigenvalues[n]);
            if 0.0 <= l3 {
                continue;
            }
            let strength = -l3 * (l3.abs() - l2.abs()) / (l3.abs() + l2.abs());
            let normal = axes * eigen.eigenvectors.column(order[2]);
            *out = normals.map(|wanted| (strength * normal.dot(&wanted).powi(2)) as f32);
        }
        Ok(())
    })?;
    let mut sample: Vec<f32> =
        found.iter().step_by(7).map(|all| all.iter().copied().fold(0.0, f32::max)).filter(|s| 0.0 < *s).collect();
    sample.sort_by(f32::total_cmp);
    let whole = sample.get((sample.len() as f64 * WHOLE) as usize).copied().unwrap_or(1.0).max(1e-6);
    Ok(std::array::from_fn(|n| {
        let voxels = found.par_iter().map(|all| (all[n] / whole).min(1.0)).collect();
        Volume::new(Arc::clone(grid), voxels).expect("one value per voxel")
    }))
}
