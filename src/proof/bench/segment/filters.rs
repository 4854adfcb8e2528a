//! Filters on a made scan of balls and noise, beside SimpleITK on the same voxels.

use crate::base::{Progress, parallel};
use crate::geom::{Grid, Point};
use crate::image::filter::{close, gaussian, median, signed_distance, squared_distance};
use crate::image::{Components, Neighbours, Volume};
use crate::proof::bench::peer::{Better, simpleitk};
use crate::proof::bench::{Row, best_of_three};
use crate::segment;
use rayon::prelude::*;

/// As many balls as there are, and noise with them, lie above it.
const BALLS_HU: i16 = 100;
const SPACING_MM: [f64; 3] = [0.75, 0.75, 1.25];
const SIGMA_MM: f64 = 1.5;
const CLOSE_MM: f64 = 3.0;

/// Every filter once on the scan; SimpleITK does the same.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    parallel::install(|| filters(super::dims(), progress)).map_err(|error| error.to_string())
}

fn filters(dims: [usize; 3], progress: &Progress) -> Result<Vec<Row>, crate::base::Cancelled> {
    let scan = scan(dims);
    let [ni, nj, nk] = dims;
    let size = format!("{ni} × {nj} × {nk}");
    let peer = |job: &str, parameter: f64| simpleitk::filter(job, dims, SPACING_MM, parameter);
    let mut rows = Vec::new();
    let mut add = |what: &str, seconds: f64, check: (f64, f64), job: &str, parameter: f64| {
        let row = Row::new("G1", format!("{size}: {what}"), seconds, "s");
        rows.push(row.beside(Better::Less, check, peer(job, parameter)));
    };
    // Ours is cut off at three deviations, the peer's recursive one is not: sums of squares differ a little.
    let (seconds, smooth) = best_of_three(|| gaussian(&scan, SIGMA_MM, progress));
    let squares = sum(smooth?.voxels(), |value| f64::from(value).powi(2));
    add("Gaussian of 2 voxels", seconds, (squares, 0.01), "gaussian", SIGMA_MM);
    let (seconds, smooth) = best_of_three(|| median(&scan, [1; 3], progress));
    let squares = sum(smooth?.voxels(), |value| f64::from(value).powi(2));
    add("median of 3 × 3 × 3", seconds, (squares, 1e-9), "median", 1.0);
    let (seconds, mask) = best_of_three(|| segment::threshold(&scan, BALLS_HU..=i16::MAX, progress));
    let mask = mask?;
    add("threshold", seconds, (sum(mask.voxels(), f64::from), 0.0), "threshold", 0.0);
    let (seconds, distance) = best_of_three(|| squared_distance(&mask, f64::INFINITY, progress));
    let total = sum(distance?.voxels(), f64::from);
    add("squared distance to the balls", seconds, (total, 1e-4), "distance", 0.0);
    let (seconds, distance) = best_of_three(|| signed_distance(&mask, progress));
    let total = sum(distance?.voxels(), |value| f64::from(value.max(0.0)));
    // The peer counts from the centres of the outermost voxels of the balls, ours from their faces, half a voxel nearer.
    add("signed distance", seconds, (total, 0.1), "signed", 0.0);
    let (seconds, labels) = best_of_three(|| {
        let parts = Components::of(&mask, |value| value != 0, Neighbours::Six, progress)?;
        Ok((parts.parts().len(), parts.labels()))
    });
    let (count, labels) = labels?;
    drop(labels);
    add("connected components", seconds, (count as f64, 0.0), "components", 0.0);
    let (seconds, closed) = best_of_three(|| close(&mask, CLOSE_MM, progress));
    let voxels = sum(closed?.voxels(), f64::from);
    // The peer's ball is one of whole voxels along each axis.
    add("closing of 3 mm", seconds, (voxels, 0.02), "closing", CLOSE_MM);
    let (seconds, kept) = best_of_three(|| {
        let mask = segment::threshold(&scan, BALLS_HU..=i16::MAX, progress)?;
        segment::keep_largest(&mask, 1, progress)
    });
    kept?;
    let what = format!("{size}: threshold and largest island");
    let row = Row::new("G2", what, seconds, "s");
    rows.push(if depth_of_target(dims) { row.target(1.5) } else { row });
    Ok(rows)
}

/// Whether the scan is the one that targets are for.
fn depth_of_target(dims: [usize; 3]) -> bool {
    dims == super::WHOLE
}

/// Σ f(value), the same on any number of threads.
fn sum<T: Copy + Sync>(values: &[T], f: impl Fn(T) -> f64 + Sync) -> f64 {
    parallel::sum_blocks(values.len(), 1 << 16, |range| values[range].iter().map(|value| f(*value)).sum())
}

/// Balls of 300 HU, one in every 64³ voxels, in −100 HU, with noise of ±50 HU from a hash of the place; in whole numbers,
/// so that the peer's script makes the same.
fn scan(dims: [usize; 3]) -> Volume<i16> {
    let grid = Grid::aligned(dims, Point::origin(), SPACING_MM).expect("a plain grid");
    let value = |offset: usize| {
        let place = grid.voxel(offset).map(|x| (x % 64) as i32 - 32);
        let inside = place.iter().map(|x| x * x).sum::<i32>() < 400;
        let mut hash = (offset as u32).wrapping_mul(2_654_435_761);
        hash ^= hash >> 15;
        hash = hash.wrapping_mul(2_246_822_519);
        hash ^= hash >> 13;
        (if inside { 300 } else { -100 }) + (hash % 101) as i16 - 50
    };
    let voxels = (0..grid.len()).into_par_iter().map(value).collect();
    Volume::new(grid, voxels).expect("one value per voxel")
}
