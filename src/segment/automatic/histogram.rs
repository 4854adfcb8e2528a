//! How often values occur, in bins of equal width.

use crate::base::{Cancelled, Progress};
use crate::image::{Scan, Voxels};
use rayon::prelude::*;

/// Bins of equal width from the smallest to the largest value.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Lower end of the first bin.
    pub low: f64,
    /// Width of a bin, more than 0.
    pub width: f64,
    /// Voxels per bin.
    pub counts: Vec<u64>,
}

impl Histogram {
    /// Bins there are at most; whole values that span less have one bin each.
    pub const BINS: usize = 1024;

    /// The histogram of a scan; values that are no numbers are not counted. `None` if there are fewer than two values.
    ///
    /// # Errors
    /// [`Cancelled`] if `progress` was cancelled.
    pub fn of(scan: &Scan, progress: &Progress) -> Result<Option<Self>, Cancelled> {
        match &scan.voxels {
            Voxels::I16(volume) => Self::of_values(volume.voxels(), |v| Some(f64::from(*v)), progress),
            Voxels::F32(volume) => {
                let finite = |v: &f32| v.is_finite().then(|| f64::from(*v));
                Self::of_values(volume.voxels(), finite, progress)
            }
        }
    }

    fn of_values<T: Sync>(
        values: &[T],
        value: impl Fn(&T) -> Option<f64> + Sync,
        progress: &Progress,
    ) -> Result<Option<Self>, Cancelled> {
        const NOTHING: (f64, f64, bool) = (f64::INFINITY, f64::NEG_INFINITY, true);
        let join = |a: (f64, f64, bool), b: (f64, f64, bool)| (a.0.min(b.0), a.1.max(b.1), a.2 && b.2);
        let ends = |chunk: &[T]| {
            progress.check()?;
            Ok(chunk.iter().filter_map(&value).map(|v| (v, v, v.fract() == 0.0)).fold(NOTHING, join))
        };
        let chunks = || values.par_chunks(1 << 18);
        let (low, high, whole) = chunks().map(ends).try_reduce(|| NOTHING, |a, b| Ok(join(a, b)))?;
        progress.set(0.5)?;
        if !(low < high) {
            return Ok(None);
        }
        // Whole numbers in bins narrower than 1 would leave empty bins between them.
        let span = high - low;
        let (low, width, bins) = if whole && span < Self::BINS as f64 {
            (low - 0.5, 1.0, span as usize + 1)
        } else {
            (low, span / Self::BINS as f64, Self::BINS)
        };
        let count = |chunk: &[T]| {
            progress.check()?;
            let mut counts = vec![0_u64; bins];
            for v in chunk.iter().filter_map(&value) {
                counts[(((v - low) / width) as usize).min(bins - 1)] += 1;
            }
            Ok(counts)
        };
        let add = |mut a: Vec<u64>, b: Vec<u64>| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
            Ok(a)
        };
        let counts = chunks().map(count).try_reduce(|| vec![0; bins], add)?;
        Ok(Some(Self { low, width, counts }))
    }

    /// The middle of a bin.
    pub fn value(&self, bin: usize) -> f64 {
        self.low + (bin as f64 + 0.5) * self.width
    }

    /// The upper end of a bin.
    pub fn end(&self, bin: usize) -> f64 {
        self.low + (bin as f64 + 1.0) * self.width
    }
}
