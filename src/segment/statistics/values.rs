//! The values of a scan inside a segment.

use super::super::SegmentError;
use crate::base::{Progress, parallel};
use crate::image::{Scan, Volume};
use rayon::prelude::*;

/// Values of a scan inside a segment, in the unit of the scan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Values {
    /// Mean.
    pub mean: f64,
    /// Standard deviation of the sample (n − 1); 0 for one voxel.
    pub sd: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// 5, 25, 50, 75 and 95 % of the values are at most this, linear between neighbours in order (Hyndman and Fan 1996,
    /// type 7).
    pub percentiles: [f64; 5],
    /// Voxels whose value is no finite number; they are left out.
    pub left_out: usize,
}

impl Values {
    /// The values of `scan` where `mask` is, which is a part of the scan's grid from voxel `start` on.
    pub(super) fn of(
        mask: &Volume<u8>,
        start: [usize; 3],
        scan: &Scan,
        progress: &Progress,
    ) -> Result<Self, SegmentError> {
        const BLOCK: usize = 1 << 16;
        let [ni, nj, nk] = mask.grid().dims();
        let mut values: Vec<f32> = Vec::new();
        let mut left_out = 0;
        for k in 0..nk {
            progress.step(k, nk)?;
            for j in 0..nj {
                let first = scan.grid().offset([start[0], start[1] + j, start[2] + k]);
                let row = &mask.voxels()[(k * nj + j) * ni..(k * nj + j + 1) * ni];
                for (i, _) in row.iter().enumerate().filter(|(_, value)| **value != 0) {
                    let value = scan.value(first + i) as f32; // exact: scans hold 16 bits or single precision
                    if value.is_finite() { values.push(value) } else { left_out += 1 }
                }
            }
        }
        if values.is_empty() {
            return Err(SegmentError::Empty("set of finite values inside the segment"));
        }
        // Equal values are the same, so the order of equals does not matter.
        values.par_sort_unstable_by(f32::total_cmp);
        let n = values.len();
        let sum = |f: &(dyn Fn(f64) -> f64 + Sync)| {
            parallel::sum_blocks(n, BLOCK, |range| values[range].iter().map(|value| f(f64::from(*value))).sum())
        };
        let mean = sum(&|value| value) / n as f64;
        let spread = sum(&|value| (value - mean).powi(2));
        let percentile = |share: f64| {
            let place = share * (n - 1) as f64;
            let low = f64::from(values[place.floor() as usize]);
            low + (f64::from(values[place.ceil() as usize]) - low) * place.fract()
        };
        Ok(Self {
            mean,
            sd: if n < 2 { 0.0 } else { (spread / (n - 1) as f64).sqrt() },
            min: f64::from(values[0]),
            max: f64::from(values[n - 1]),
            percentiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(percentile),
            left_out,
        })
    }
}
