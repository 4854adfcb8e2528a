//! Three tissues and the shading of the coil, by turns: expectation–maximisation (Wells et al. 1996, "Adaptive
//! segmentation of MRI data").

use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::image::Volume;
use crate::image::filter::gaussian;
use crate::image::resample::block_grid;
use rayon::prelude::*;
use std::sync::Arc;

/// Rounds of estimation.
const ROUNDS: usize = 16;
/// Shading varies over this distance.
const SHADING_MM: f64 = 22.0;
/// Width of the cells on which shading is kept.
const CELL_MM: f64 = 6.0;

/// The three tissues in order of brightness, as normal distributions of the values without shading.
#[derive(Debug, Clone)]
pub(super) struct Tissues {
    /// Mean, standard deviation and share of each.
    pub classes: [[f64; 3]; 3],
    /// Logarithm of the shading, on coarse cells.
    pub shading: Volume<f32>,
    /// Values under this are taken as this where a logarithm is needed.
    pub floor: f64,
}

impl Tissues {
    /// A value without its shading.
    #[inline]
    pub(super) fn plain(&self, value: f64, place: Point) -> f64 {
        let index = self.shading.grid().index_from_patient(place);
        let dims = self.shading.grid().dims();
        let inside = crate::geom::Vector::from_fn(|a, _| index[a].clamp(0.0, (dims[a] - 1) as f64));
        value.max(0.0) * (-self.shading.sample_index(inside).unwrap_or(0.0)).exp()
    }

    /// −ln of the likelihood of each tissue.
    #[inline]
    pub(super) fn costs(&self, plain: f64) -> [f64; 3] {
        self.classes.map(|[mean, sd, share]| 0.5 * ((plain - mean) / sd).powi(2) + sd.ln() - share.max(1e-6).ln())
    }

    /// How probable each tissue is.
    #[inline]
    pub(super) fn shares(&self, plain: f64) -> [f64; 3] {
        let costs = self.costs(plain);
        let least = costs.iter().copied().fold(f64::INFINITY, f64::min);
        let weights = costs.map(|cost| (least - cost).exp());
        let sum: f64 = weights.iter().sum();
        weights.map(|weight| weight / sum)
    }
}

/// Estimate the tissues inside `mask`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub(super) fn tissues(volume: &Volume<f32>, mask: &Volume<u8>, progress: &Progress) -> Result<Tissues, Cancelled> {
    let grid = volume.grid();
    let inside: Vec<usize> = (0..grid.len()).filter(|at| mask.voxels()[*at] != 0).collect();
    let mut sorted: Vec<f64> = inside.iter().map(|at| f64::from(volume.voxels()[*at])).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted.get((sorted.len().saturating_sub(1) as f64 * share) as usize).copied().unwrap_or(1.0);
    let floor = (0.08 * at(0.5)).max(1e-6);
    let factor = grid.spacing_mm().map(|h| ((CELL_MM / h).round() as usize).max(1));
    let cells = Arc::new(block_grid(grid, factor));
    let flat = |n| Volume::new(Arc::clone(&cells), vec![0.0_f32; n]).expect("one value per cell");
    let mut tissues = Tissues { classes: [[0.0; 3]; 3], shading: flat(cells.len()), floor };
    let start = means(&sorted);
    tissues.classes = start.map(|mean| [mean, 0.08 * start[2].max(1e-6), 1.0 / 3.0]);
    for round in 0..ROUNDS {
        progress.step(round, ROUNDS)?;
        // Sums over fixed blocks in fixed order: the same on any number of threads.
        let blocks: Vec<[[f64; 3]; 3]> = inside
            .par_chunks(1 << 14)
            .map(|block| {
                let mut sums = [[0.0; 3]; 3];
                for at in block {
                    let plain = tissues.plain(f64::from(volume.voxels()[*at]), grid.centre(grid.voxel(*at)));
                    for (sums, p) in sums.iter_mut().zip(tissues.shares(plain)) {
                        *sums = [sums[0] + p, sums[1] + p * plain, sums[2] + p * plain * plain];
                    }
                }
                sums
            })
            .collect();
        let n = inside.len().max(1) as f64;
        for c in 0..3 {
            let [weight, sum, squares] = [0, 1, 2].map(|m| blocks.iter().map(|block| block[c][m]).sum::<f64>());
            let mean = sum / weight.max(1e-9);
            let sd = (squares / weight.max(1e-9) - mean * mean).max(0.0).sqrt();
            // Fluid and what it shares voxels with spread widely; grey and white matter do not.
            let limits = if c == 0 { [0.05, 0.2] } else { [0.02, 0.1] }.map(|share| share * start[2].max(1e-6));
            tissues.classes[c] = [mean, sd.clamp(limits[0], limits[1]), weight / n];
        }
        if 2 < round && round + 3 < ROUNDS {
            tissues.shading = shading(volume, &inside, &tissues, factor, progress)?;
        }
    }
    Ok(tissues)
}

/// Three means by moving each to the middle of what is nearest (Lloyd's k-means) on sorted values.
fn means(sorted: &[f64]) -> [f64; 3] {
    let at = |share: f64| sorted.get((sorted.len().saturating_sub(1) as f64 * share) as usize).copied().unwrap_or(0.0);
    let mut means = [at(0.06), at(0.4), at(0.8)];
    for _ in 0..40 {
        let cuts = [0.5 * (means[0] + means[1]), 0.5 * (means[1] + means[2])];
        let [a, b] = cuts.map(|cut| sorted.partition_point(|value| *value < cut));
        let mean =
            |part: &[f64], old: f64| if part.is_empty() { old } else { part.iter().sum::<f64>() / part.len() as f64 };
        means = [mean(&sorted[..a], means[0]), mean(&sorted[a..b], means[1]), mean(&sorted[b..], means[2])];
    }
    means
}

/// The smooth part of what grey and white matter deviate from their means.
fn shading(
    volume: &Volume<f32>,
    inside: &[usize],
    tissues: &Tissues,
    factor: [usize; 3],
    progress: &Progress,
) -> Result<Volume<f32>, Cancelled> {
    let (grid, cells) = (volume.grid(), tissues.shading.grid());
    let (mut sums, mut weights) = (vec![0.0_f32; cells.len()], vec![0.0_f32; cells.len()]);
    for at in inside {
        let voxel = grid.voxel(*at);
        let place = grid.centre(voxel);
        let plain = tissues.plain(f64::from(volume.voxels()[*at]), place);
        let shares = tissues.shares(plain);
        let cell = cells.offset([0, 1, 2].map(|a| voxel[a] / factor[a]));
        let log = f64::from(volume.voxels()[*at]).max(tissues.floor).ln();
        for c in 1..3 {
            let mean = tissues.classes[c][0].max(tissues.floor);
            let weight = shares[c] * (mean / tissues.classes[c][1]).powi(2);
            sums[cell] += (weight * (log - mean.ln())) as f32;
            weights[cell] += weight as f32;
        }
    }
    let smooth = |values: Vec<f32>| {
        gaussian(&Volume::new(Arc::clone(cells), values).expect("one value per cell"), SHADING_MM, progress)
    };
    let (all, [sums, weights]) = (weights.iter().sum::<f32>(), [smooth(sums)?, smooth(weights)?]);
    let least = (1e-6 * all).max(1e-12);
    let mut field: Vec<f32> = sums.voxels().iter().zip(weights.voxels()).map(|(s, w)| s / w.max(least)).collect();
    let (sum, n) = field.iter().zip(weights.voxels()).fold((0.0, 0.0), |(sum, n), (f, w)| (sum + f * w, n + w));
    field.iter_mut().for_each(|value| *value -= sum / n.max(least));
    Ok(Volume::new(Arc::clone(cells), field).expect("one value per cell"))
}
