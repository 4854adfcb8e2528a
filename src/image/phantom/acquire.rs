//! What the scanner adds: blur in the slice, noise, and whole numbers.

use crate::base::rng::Rng;
use crate::base::{Cancelled, Progress};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Reach of the noise's correlation: a reconstruction kernel makes neighbours alike (standard deviation in voxels).
const NOISE_GRAIN_VOXELS: f64 = 0.6;
/// Values a CT scanner can store.
const HU_RANGE: (f32, f32) = (-1024.0, 3071.0);

/// The scanner's part of the picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scanner {
    /// Standard deviation of the point spread function in the slice, in voxels along i and j.
    pub blur_voxels: [f64; 2],
    /// Standard deviation of the noise in HU.
    pub noise_hu: f64,
    /// Where the noise comes from; every slice has its own sequence, so the threads do not matter.
    pub seed: u64,
}

impl Scanner {
    /// Whole HU values from mean attenuations, slice by slice (`dims` voxels along i, j, k).
    ///
    /// # Errors
    /// [`Cancelled`] if `progress` was cancelled.
    pub fn acquire(&self, hu: &[f32], dims: [usize; 3], progress: &Progress) -> Result<Vec<i16>, Cancelled> {
        let [ni, nj, nk] = dims;
        let blur = self.blur_voxels.map(gaussian);
        let grain = gaussian(NOISE_GRAIN_VOXELS);
        // Two passes of a kernel with Σw² = s multiply the variance by s².
        let gain = self.noise_hu / f64::from(grain.iter().map(|w| w * w).sum::<f32>());
        let mut values = vec![0_i16; hu.len()];
        let done = AtomicUsize::new(0);
        let slices = values.par_chunks_mut(ni * nj).zip(hu.par_chunks(ni * nj)).enumerate();
        slices.try_for_each(|(k, (out, exact))| {
            progress.step(done.fetch_add(1, Ordering::Relaxed), nk)?;
            let mut scratch = vec![0.0; ni * nj];
            let mut seen = exact.to_vec();
            convolve(&mut seen, &mut scratch, ni, &blur);
            if 0.0 < self.noise_hu {
                let mut rng = slice_rng(self.seed, k);
                let mut noise: Vec<f32> = (0..ni * nj).map(|_| (gain * rng.normal()) as f32).collect();
                convolve(&mut noise, &mut scratch, ni, &[grain.clone(), grain.clone()]);
                seen.iter_mut().zip(&noise).for_each(|(value, noise)| *value += noise);
            }
            let store = |value: f32| value.round().clamp(HU_RANGE.0, HU_RANGE.1) as i16;
            out.iter_mut().zip(&seen).for_each(|(out, value)| *out = store(*value));
            Ok(())
        })?;
        Ok(values)
    }
}

/// A sequence of its own for slice `k`.
fn slice_rng(seed: u64, k: usize) -> Rng {
    let start = Rng::new(seed ^ (k as u64 + 1).wrapping_mul(0xD1B5_4A32_D192_ED03)).bits();
    Rng::new(start)
}

/// Weights of a Gaussian at whole steps, up to 3 standard deviations, with sum 1.
fn gaussian(sigma: f64) -> Vec<f32> {
    let reach = (3.0 * sigma).ceil() as i32;
    let weight = |n: i32| if sigma == 0.0 { 1.0 } else { (-0.5 * (f64::from(n) / sigma).powi(2)).exp() };
    let sum: f64 = (-reach..=reach).map(weight).sum();
    (-reach..=reach).map(|n| (weight(n) / sum) as f32).collect()
}

/// Convolve a slice with `kernels` along i and j; border values continue outward.
fn convolve(slice: &mut [f32], scratch: &mut [f32], ni: usize, kernels: &[Vec<f32>; 2]) {
    let reach = kernels[0].len() / 2;
    let mut padded = vec![0.0_f32; ni + 2 * reach];
    for (row, out) in slice.chunks(ni).zip(scratch.chunks_mut(ni)) {
        padded[..reach].fill(row[0]);
        padded[reach..reach + ni].copy_from_slice(row);
        padded[reach + ni..].fill(row[ni - 1]);
        out.fill(0.0);
        for (shift, weight) in kernels[0].iter().enumerate() {
            out.iter_mut().zip(&padded[shift..shift + ni]).for_each(|(sum, value)| *sum += weight * value);
        }
    }
    let (nj, reach) = (slice.len() / ni, kernels[1].len() / 2);
    for (j, out) in slice.chunks_mut(ni).enumerate() {
        out.fill(0.0);
        for (shift, weight) in kernels[1].iter().enumerate() {
            let from = (j + shift).saturating_sub(reach).min(nj - 1);
            let row = &scratch[from * ni..(from + 1) * ni];
            out.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_the_deviation_asked_for_and_correlates_with_neighbours() {
        let scanner = Scanner { blur_voxels: [0.8, 0.8], noise_hu: 12.0, seed: 3 };
        let dims = [200, 200, 3];
        let values = scanner.acquire(&vec![40.0; 120_000], dims, &Progress::default()).unwrap();
        let deviations: Vec<f64> = values.iter().map(|v| f64::from(*v) - 40.0).collect();
        let mean = |f: &dyn Fn(usize) -> f64| (0..119_999).map(f).sum::<f64>() / 119_999.0;
        let variance = mean(&|n| deviations[n].powi(2));
        assert!(mean(&|n| deviations[n]).abs() < 0.3 && (variance.sqrt() - 12.0).abs() < 0.2, "{}", variance.sqrt());
        let alike = mean(&|n| deviations[n] * deviations[n + 1]) / variance;
        assert!(0.3 < alike && alike < 0.7, "{alike}");
    }

    #[test]
    fn blur_keeps_the_sum_and_spreads_as_a_gaussian() {
        let scanner = Scanner { blur_voxels: [1.5, 1.5], noise_hu: 0.0, seed: 0 };
        let mut hu = vec![0.0_f32; 31 * 31];
        hu[15 * 31 + 15] = 100_000.0;
        let values = scanner
            .acquire(&hu.iter().map(|v| v.min(3000.0)).collect::<Vec<_>>(), [31, 31, 1], &Progress::default())
            .unwrap();
        let total: f64 = values.iter().map(|v| f64::from(*v)).sum();
        let spread: f64 =
            values.iter().enumerate().map(|(n, v)| f64::from(*v) * ((n % 31) as f64 - 15.0).powi(2)).sum();
        assert!((total - 3000.0).abs() < 60.0 && ((spread / total).sqrt() - 1.5).abs() < 0.08, "{total} {spread}");
    }
}
