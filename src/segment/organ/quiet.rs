//! Noise taken off without blurring edges.

use super::coarse::Coarse;
use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use crate::image::filter::gaussian;
use rayon::prelude::*;
use std::sync::Arc;

/// Step of time; explicit diffusion is stable below 1/6.
const STEP: f32 = 0.14;
const ROUNDS: usize = 6;
/// Steps between neighbours larger than this many deviations of the noise are edges.
const EDGE_DEVIATIONS: f64 = 2.5;
/// No step under this is an edge.
const EDGE_HU_MIN: f64 = 10.0;

/// The coarse means after diffusion that stops at edges (Perona & Malik 1990, conductance 1 / (1 + (∇u/κ)²)).
///
/// Very noisy copies are smoothed by half a voxel before, or noise would count as edges (Catté and others 1992).
pub(super) fn quiet(coarse: &Coarse, progress: &Progress) -> Result<Volume<i16>, Cancelled> {
    let grid = coarse.mean.grid();
    let [ni, nj, nk] = grid.dims();
    let noise_hu = coarse.coarse_noise_hu();
    let spacing_mm = grid.spacing_mm();
    let noisy = 8.0 < noise_hu;
    let sigma_mm = if noisy { 0.6 * spacing_mm[0] } else { 0.0 };
    let mut values = gaussian(&coarse.mean, sigma_mm, &progress.part(0.0..0.3, "smooth"))?.voxels().to_vec();
    let left_hu = if noisy { 0.5 * noise_hu } else { noise_hu };
    let kappa = f64::max(EDGE_HU_MIN, EDGE_DEVIATIONS * left_hu) as f32;
    let nearest_mm = spacing_mm.iter().copied().fold(f64::INFINITY, f64::min);
    let weight = spacing_mm.map(|h| (nearest_mm / h).powi(2) as f32);
    for round in 0..ROUNDS {
        progress.step(round, ROUNDS)?;
        let mut next = values.clone();
        next.par_chunks_mut(ni * nj).enumerate().for_each(|(k, out)| {
            for (row, out) in out.chunks_mut(ni).enumerate() {
                let first = (k * nj + row) * ni;
                for (i, out) in out.iter_mut().enumerate() {
                    let (at, here) = (first + i, values[first + i]);
                    let flow = |inside: bool, to: usize, weight: f32| {
                        let step = if inside { values[to] - here } else { 0.0 };
                        weight * step / (1.0 + (step / kappa).powi(2))
                    };
                    *out += STEP
                        * (flow(0 < i, at.wrapping_sub(1), weight[0])
                            + flow(i + 1 < ni, at + 1, weight[0])
                            + flow(0 < row, at.wrapping_sub(ni), weight[1])
                            + flow(row + 1 < nj, at + ni, weight[1])
                            + flow(0 < k, at.wrapping_sub(ni * nj), weight[2])
                            + flow(k + 1 < nk, at + ni * nj, weight[2]));
                }
            }
        });
        values = next;
    }
    let voxels = values.par_iter().map(|value| value.round() as i16).collect();
    Ok(Volume::new(Arc::clone(grid), voxels).expect("one value per voxel"))
}
