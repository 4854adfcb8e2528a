//! Thresholds: a fixed range, and Otsu's choice of one.

use crate::base::{Cancelled, Progress};
use crate::image::{Scan, Volume, Voxels};
use rayon::prelude::*;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Mark the voxels whose value in HU lies in `range_hu`, both ends included.
///
/// The result has one byte per voxel, 1 inside and 0 outside, on the grid of `ct`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn threshold(
    ct: &Volume<i16>,
    range_hu: RangeInclusive<i16>,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let [ni, nj, _] = ct.grid().dims();
    let (low, high) = range_hu.into_inner();
    let mut mask = vec![0_u8; ct.grid().len()];
    mask.par_chunks_mut(ni * nj).zip(ct.voxels().par_chunks(ni * nj)).try_for_each(|(slice, values)| {
        slice.iter_mut().zip(values).for_each(|(mark, value)| *mark = u8::from(low <= *value && *value <= high));
        progress.check()
    })?;
    Ok(Volume::new(Arc::clone(ct.grid()), mask).expect("one mark per voxel by construction"))
}

/// As [`threshold`], on a scan of any kind; values that are no numbers are outside.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn threshold_values(scan: &Scan, range: RangeInclusive<f64>, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    match &scan.voxels {
        Voxels::I16(volume) => {
            // Whole values in a real range: the ends move to the whole numbers inside; an empty range stays empty.
            let (low, high) = (range.start().ceil(), range.end().floor());
            let whole = if high < low || high < -32_768.0 || 32_767.0 < low {
                RangeInclusive::new(1, 0)
            } else {
                low.max(-32_768.0) as i16..=high.min(32_767.0) as i16
            };
            threshold(volume, whole, progress)
        }
        Voxels::F32(volume) => {
            let [ni, nj, _] = volume.grid().dims();
            let mut mask = vec![0_u8; volume.grid().len()];
            mask.par_chunks_mut(ni * nj).zip(volume.voxels().par_chunks(ni * nj)).try_for_each(|(slice, values)| {
                let marks = slice.iter_mut().zip(values);
                marks.for_each(|(mark, value)| *mark = u8::from(range.contains(&f64::from(*value))));
                progress.check()
            })?;
            Ok(Volume::new(Arc::clone(volume.grid()), mask).expect("one mark per voxel by construction"))
        }
    }
}

/// How many voxels have each value of `range_hu`; other values are not counted.
pub fn histogram(ct: &Volume<i16>, range_hu: RangeInclusive<i16>) -> Vec<u64> {
    let (low, high) = range_hu.into_inner();
    let bins = (i32::from(high) - i32::from(low) + 1).max(0) as usize;
    let count = |chunk: &[i16]| {
        let mut counts = vec![0_u64; bins];
        for value in chunk {
            if let Some(count) = counts.get_mut((i32::from(*value) - i32::from(low)) as usize) {
                *count += 1;
            }
        }
        counts
    };
    let add = |mut a: Vec<u64>, b: Vec<u64>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    ct.voxels().par_chunks(1 << 20).map(count).reduce(|| vec![0; bins], add)
}

/// The value that best parts the values of `range_hu` in two: the lower class ends with it (Otsu 1979).
///
/// Maximises the variance between the classes; `None` if fewer than two values occur. Where a gap of empty values
/// leaves many equally good, the middle of them.
pub fn otsu_hu(ct: &Volume<i16>, range_hu: RangeInclusive<i16>) -> Option<i16> {
    let low = *range_hu.start();
    let counts = histogram(ct, range_hu);
    let total: f64 = counts.iter().map(|n| *n as f64).sum();
    let mean_total: f64 = counts.iter().enumerate().map(|(value, n)| value as f64 * *n as f64).sum();
    let (mut n_lower, mut sum_lower) = (0.0, 0.0);
    let mut best: Option<(f64, usize, usize)> = None;
    for (value, n) in counts.iter().enumerate() {
        n_lower += *n as f64;
        sum_lower += value as f64 * *n as f64;
        let n_upper = total - n_lower;
        if n_lower == 0.0 || n_upper == 0.0 {
            continue;
        }
        let between = n_lower * n_upper * (sum_lower / n_lower - (mean_total - sum_lower) / n_upper).powi(2);
        match &mut best {
            Some((most, _, last)) if between == *most => *last = value,
            Some((most, ..)) if between < *most => {}
            _ => best = Some((between, value, value)),
        }
    }
    best.map(|(_, first, last)| low.saturating_add(((first + last) / 2) as i16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::{Grid, Point};

    fn volume(values: Vec<i16>) -> Volume<i16> {
        let grid = Grid::aligned([values.len(), 1, 1], Point::origin(), [1.0; 3]).unwrap();
        Volume::new(grid, values).unwrap()
    }

    #[test]
    fn both_ends_are_included() {
        let mask = threshold(&volume(vec![-1, 0, 5, 10, 11]), 0..=10, &Progress::default()).unwrap();
        assert_eq!(mask.voxels(), [0, 1, 1, 1, 0]);
    }

    #[test]
    fn whole_and_real_values_are_marked_alike() {
        let values = vec![-40_i16, -3, 0, 4, 5, 90];
        let real =
            Volume::new(Arc::clone(volume(values.clone()).grid()), values.iter().map(|v| f32::from(*v)).collect());
        let scan = |voxels| Scan { voxels, modality: crate::image::Modality::Mr, window: None, facts: vec![] };
        let scans = [scan(Voxels::I16(volume(values))), scan(Voxels::F32(real.unwrap()))];
        for (range, expected) in
            [(-3.5..=4.9, [0, 1, 1, 1, 0, 0]), (4.2..=4.8, [0; 6]), (1e6..=1e7, [0; 6]), (f64::MIN..=f64::MAX, [1; 6])]
        {
            for scan in &scans {
                let mask = threshold_values(scan, range.clone(), &Progress::default()).unwrap();
                assert_eq!(mask.voxels(), expected, "{range:?}");
            }
        }
    }

    #[test]
    fn otsu_parts_two_noisy_classes_in_the_middle() {
        let mut rng = Rng::new(4);
        let mut normal = |mean: f64| (mean + 40.0 * rng.normal()) as i16;
        let values = (0..20_000).map(|n| normal(if n % 2 == 0 { -800.0 } else { 40.0 })).collect();
        let found = otsu_hu(&volume(values), -1024..=3071).unwrap();
        assert!((-420..=-340).contains(&found), "{found} HU");
    }

    #[test]
    fn otsu_needs_two_values() {
        assert_eq!(otsu_hu(&volume(vec![7; 9]), -1024..=3071), None);
        assert_eq!(otsu_hu(&volume(vec![7, 9]), -1024..=3071), Some(7));
    }
}
