//! Watershed from markers: basins of the gradient, flooded from the segments.

use super::part::Part;
use crate::base::{Cancelled, Progress};
use crate::geom::Grid;
use crate::image::Volume;
use crate::image::filter::gaussian;
use rayon::prelude::*;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Levels the gradient is told apart by.
const LEVELS: usize = 1024;
/// Share of the voxels whose gradient counts as the highest.
const HIGHEST: f64 = 0.005;

/// Every voxel of `region` that `open` allows gets the label of the marker whose flood reaches it first.
///
/// The landscape is the length of the gradient of `scan` smoothed by `sigma_mm`, in values per millimetre and
/// [`LEVELS`] steps; water rises from all markers (labels other than 0) at once, and what it reaches at the same level is
/// shared in the order it is reached (Meyer 1994, "Topographic distance and watershed lines"; Meyer &
/// Beucher 1990, the algorithm by ordered queues). There are no lines between basins. Voxels out of `region` are 0,
/// markers keep their label. Needs about 11 bytes a voxel of `region`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn watershed<T: Copy + Into<f32> + Send + Sync>(
    scan: &Volume<T>,
    markers: &Volume<u8>,
    region: &[Range<usize>; 3],
    sigma_mm: f64,
    open: impl Fn(usize) -> bool + Sync,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let grid = scan.grid();
    let part = Part::new(grid, region);
    let values: Vec<f32> = part.gather(|offset| {
        let value: f32 = scan.voxels()[offset].into();
        if value.is_finite() { value } else { 0.0 }
    });
    let cropped = Volume::new(Arc::clone(part.grid()), values).expect("one value per voxel of the part");
    let smooth = gaussian(&cropped, sigma_mm, &progress.part(0.0..0.2, "smoothing"))?;
    let levels = levels(&smooth, &progress.part(0.2..0.3, "gradient"))?;
    let mut labels: Vec<u8> = part.gather(|offset| markers.voxels()[offset]);
    let free: Vec<u8> = part.gather(|offset| u8::from(open(offset)));
    flood(part.grid(), &levels, &free, &mut labels, &progress.part(0.3..1.0, "flooding"))?;
    let mut all = vec![0_u8; grid.len()];
    part.scatter(&labels, &mut all);
    Ok(Volume::new(Arc::clone(grid), all).expect("one label per voxel"))
}

/// The length of the gradient by central differences, the highest of them [`LEVELS`] − 1.
fn levels(smooth: &Volume<f32>, progress: &Progress) -> Result<Vec<u16>, Cancelled> {
    let grid = smooth.grid();
    let ([ni, nj, nk], values) = (grid.dims(), smooth.voxels());
    // Along every axis the change per step; the inverse of the steps makes it a change per millimetre on any grid.
    let per_mm = grid.step().try_inverse().expect("grids can be inverted").transpose();
    let length = |offset: usize| {
        let [i, j, k] = grid.voxel(offset);
        let along = |at: usize, n: usize, step: usize| {
            let (low, high) =
                (if 0 < at { offset - step } else { offset }, if at + 1 < n { offset + step } else { offset });
            let steps = usize::from(0 < at) + usize::from(at + 1 < n);
            f64::from(values[high] - values[low]) / steps.max(1) as f64
        };
        let change = crate::geom::Vector::new(along(i, ni, 1), along(j, nj, ni), along(k, nk, ni * nj));
        (per_mm * change).norm() as f32
    };
    let mut lengths = vec![0.0_f32; values.len()];
    lengths.par_chunks_mut(ni * nj).enumerate().try_for_each(|(k, slice)| {
        progress.check()?;
        slice.iter_mut().enumerate().for_each(|(n, out)| *out = length(k * ni * nj + n));
        Ok(())
    })?;
    let stride = (lengths.len() / 200_000).max(1);
    let mut sample: Vec<f32> = lengths.iter().copied().step_by(stride).collect();
    sample.sort_by(f32::total_cmp);
    let highest = sample[sample.len() - 1 - (HIGHEST * sample.len() as f64) as usize].max(f32::MIN_POSITIVE);
    let top = (LEVELS - 1) as f32;
    Ok(lengths.par_iter().map(|length| (length / highest * top).min(top) as u16).collect())
}

fn flood(grid: &Grid, levels: &[u16], free: &[u8], labels: &mut [u8], progress: &Progress) -> Result<(), Cancelled> {
    let [ni, nj, nk] = grid.dims();
    let mut queues: Vec<VecDeque<u32>> = vec![VecDeque::new(); LEVELS];
    for (offset, _) in labels.iter().enumerate().filter(|(offset, label)| **label != 0 && free[*offset] != 0) {
        queues[0].push_back(offset as u32);
    }
    let mut done = 0_usize;
    for level in 0..LEVELS {
        // Queues that will not be filled again give their memory back.
        let mut queue = std::mem::take(&mut queues[level]);
        while let Some(offset) = queue.pop_front() {
            let offset = offset as usize;
            done += 1;
            if done.is_multiple_of(1 << 16) {
                progress.step(done, labels.len())?;
            }
            let [i, j, k] = grid.voxel(offset);
            let beside = [
                (0 < i, offset.wrapping_sub(1)),
                (i + 1 < ni, offset + 1),
                (0 < j, offset.wrapping_sub(ni)),
                (j + 1 < nj, offset + ni),
                (0 < k, offset.wrapping_sub(ni * nj)),
                (k + 1 < nk, offset + ni * nj),
            ];
            for (_, to) in beside.into_iter().filter(|(inside, _)| *inside) {
                if labels[to] == 0 && free[to] != 0 {
                    labels[to] = labels[offset];
                    match usize::from(levels[to]) {
                        higher if level < higher => queues[higher].push_back(to as u32),
                        _ => queue.push_back(to as u32),
                    }
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{parallel, rng::Rng};
    use crate::geom::Point;

    /// Two touching balls of 60 and 100 on 0 with noise, voxels 1 × 1 × 2.5 mm; the truth has 1, 2 and 3 for the rest.
    fn balls(noise: f64) -> (Volume<f32>, Volume<u8>) {
        let grid = Arc::new(Grid::aligned([60, 40, 16], Point::origin(), [1.0, 1.0, 2.5]).unwrap());
        let mut rng = Rng::new(12);
        let truth: Vec<u8> = (0..grid.len())
            .map(|offset| {
                let p = grid.centre(grid.voxel(offset));
                let r = |x: f64| ((p.x - x).powi(2) + (p.y - 20.0).powi(2) + (p.z - 18.0).powi(2)).sqrt();
                if r(18.0) < 12.0 {
                    1
                } else if r(42.0) < 12.0 {
                    2
                } else {
                    3
                }
            })
            .collect();
        let value = |label: &u8| ([0.0, 60.0, 100.0, 0.0][usize::from(*label)] + noise * rng.normal()) as f32;
        let scan = truth.iter().map(value).collect();
        (Volume::new(Arc::clone(&grid), scan).unwrap(), Volume::new(grid, truth).unwrap())
    }

    fn markers(like: &Volume<u8>) -> Volume<u8> {
        let grid = like.grid();
        let mut voxels = vec![0; grid.len()];
        for (label, at) in [(1, [18, 20, 7]), (2, [42, 20, 7]), (3, [2, 2, 2]), (3, [58, 38, 14])] {
            voxels[grid.offset(at)] = label;
        }
        Volume::new(Arc::clone(grid), voxels).unwrap()
    }

    fn run(noise: f64) -> (Volume<u8>, Volume<u8>) {
        let (scan, truth) = balls(noise);
        let everything = scan.grid().dims().map(|n| 0..n);
        let found = watershed(&scan, &markers(&truth), &everything, 1.0, |_| true, &Progress::default()).unwrap();
        (found, truth)
    }

    #[test]
    fn basins_end_where_the_balls_do() {
        for (noise, least) in [(0.0, 0.93), (4.0, 0.9)] {
            let (found, truth) = run(noise);
            for label in 1..=3_u8 {
                let count = |v: &Volume<u8>| v.voxels().iter().filter(|l| **l == label).count();
                let pairs = found.voxels().iter().zip(truth.voxels());
                let both = pairs.filter(|(a, b)| **a == label && **b == label).count();
                let dice = 2.0 * both as f64 / (count(&found) + count(&truth)) as f64;
                assert!(least < dice, "noise {noise}, label {label}: {dice}");
            }
        }
    }

    #[test]
    fn only_open_voxels_of_the_region_are_flooded() {
        let (scan, truth) = balls(1.0);
        let region = [10..30, 5..35, 0..16];
        let open = |offset: usize| truth.voxels()[offset] != 3;
        let found = watershed(&scan, &markers(&truth), &region, 0.0, open, &Progress::default()).unwrap();
        let grid = scan.grid();
        for (offset, label) in found.voxels().iter().enumerate() {
            let inside = region.iter().zip(grid.voxel(offset)).all(|(range, x)| range.contains(&x));
            assert_eq!(*label, u8::from(inside && truth.voxels()[offset] == 1));
        }
    }

    #[test]
    fn one_thread_and_three_give_the_same_labels() {
        assert_eq!(parallel::with_threads(1, || run(4.0).0), parallel::with_threads(3, || run(4.0).0));
    }
}
