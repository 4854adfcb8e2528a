//! How often values occur in a scan: what a transfer function is drawn over, and what presets are fitted to.

use crate::image::Scan;
use crate::image::foreground::{foreground_of, sample};

/// Bins of a histogram.
pub const BINS: usize = 256;
/// Bins it is counted in, so that percentiles are finer than what is drawn.
const FINE: usize = 16 * BINS;

/// How often values occur in a sample of the voxels of a scan.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// The smallest and the largest value of the sample; the second is larger.
    pub range: [f64; 2],
    /// Voxels in each of [`BINS`] equal parts of the range.
    pub bins: Vec<u32>,
    fine: Vec<u32>,
    /// The values that 1 % and 99 % of the foreground lie below, see [`foreground_of`].
    pub foreground: [f64; 2],
}

impl Histogram {
    /// That of a scan. Looks at some hundred thousand voxels; keep the answer.
    pub fn of(scan: &Scan) -> Self {
        Self::of_values(sample(scan))
    }

    fn of_values(mut values: Vec<f32>) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.iter().map(|value| f64::from(*value)) {
            (low, high) = (low.min(value), high.max(value));
        }
        if !(low < high) {
            low = if low.is_finite() { low } else { 0.0 };
            high = low + low.abs().max(1.0) * 1e-3;
        }
        let mut fine = vec![0_u32; FINE];
        let scale = FINE as f64 / (high - low);
        for value in &values {
            fine[(((f64::from(*value) - low) * scale) as usize).min(FINE - 1)] += 1;
        }
        let bins = fine.chunks(FINE / BINS).map(|chunk| chunk.iter().sum()).collect();
        let foreground = foreground_of(&mut values).filter(|[dark, bright]| dark < bright).unwrap_or([low, high]);
        Self { range: [low, high], bins, fine, foreground }
    }

    /// The value that `part` (0 to 1) of the voxels lie below.
    pub fn percentile(&self, part: f64) -> f64 {
        let [low, high] = self.range;
        let all: u64 = self.fine.iter().map(|count| u64::from(*count)).sum();
        let (wanted, mut below) = (part.clamp(0.0, 1.0) * all as f64, 0.0);
        for (bin, count) in self.fine.iter().enumerate() {
            let count = f64::from(*count);
            if 0.0 < count && wanted <= below + count {
                let at = bin as f64 + (wanted - below) / count;
                return low + at * (high - low) / FINE as f64;
            }
            below += count;
        }
        high
    }

    /// The height of each bin when drawn, 0 to 1: logarithmic, or air would be all that is seen.
    pub fn heights(&self) -> impl Iterator<Item = f32> {
        let most = f64::from(self.bins.iter().copied().max().unwrap_or(0)).ln_1p().max(f64::MIN_POSITIVE);
        self.bins.iter().map(move |count| (f64::from(*count).ln_1p() / most) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::{Modality, Volume, Voxels};

    fn scan(values: Vec<f32>) -> Scan {
        let grid = Grid::aligned([values.len(), 1, 1], Point::origin(), [1.0; 3]).unwrap();
        let voxels = Voxels::F32(Volume::new(grid, values).unwrap());
        Scan { voxels, modality: Modality::Mr, window: None, facts: Vec::new() }
    }

    #[test]
    fn every_value_is_counted_once_and_percentiles_are_where_they_should_be() {
        let histogram = Histogram::of(&scan((0..10_000).map(|n| n as f32 * 0.1).collect()));
        assert_eq!(histogram.bins.iter().sum::<u32>(), 10_000);
        assert_eq!(histogram.bins.len(), BINS);
        for part in [0.01, 0.25, 0.5, 0.999] {
            assert!((histogram.percentile(part) - 1000.0 * part).abs() < 0.5, "{part}");
        }
        assert!(histogram.heights().all(|height| (0.0..=1.0).contains(&height)));
    }

    /// Half air, half head: the foreground is the head, whatever the air is.
    #[test]
    fn the_foreground_leaves_the_background_out() {
        let head = (0..5000).map(|n| 400.0 + n as f32 * 0.1);
        let histogram = Histogram::of(&scan((0..5000).map(|n| (n % 20) as f32).chain(head).collect()));
        let [low, high] = histogram.foreground;
        assert!((low - 405.0).abs() < 2.0 && (high - 895.0).abs() < 2.0, "{low} {high}");
    }

    #[test]
    fn empty_constant_and_broken_scans_have_a_range() {
        for values in [vec![5.0; 9], vec![f32::NAN; 9], vec![0.0; 1], vec![f32::INFINITY, 3.0]] {
            let histogram = Histogram::of(&scan(values));
            let [low, high] = histogram.range;
            assert!(low < high && low.is_finite() && high.is_finite());
            assert!(histogram.foreground[0] < histogram.foreground[1]);
            assert!(histogram.percentile(0.5).is_finite());
        }
    }
}
