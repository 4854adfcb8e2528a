//! What lies between the lungs: no bone but the spine.

use super::coarse::Coarse;
use crate::base::{Cancelled, Progress};
use crate::image::filter::erode;
use crate::image::{Components, Volume};
use rayon::prelude::*;
use std::sync::Arc;

/// The vertebral arches reach this far forward from the back of the lungs …
const ARCH_DEPTH_MM: f64 = 30.0;
/// … and, with the heads of the ribs, this far to either side.
const ARCH_HALF_MM: f64 = 40.0;
/// The vertebral bodies, half an ellipse, reach this much farther forward …
const BODY_DEPTH_MM: f64 = 28.0;
/// … and this far to either side.
const BODY_HALF_MM: f64 = 22.0;

/// 1 between and inside the lungs (their convex hull in each slice, less 4 mm), without the spine's neighbourhood.
///
/// Ribs, sternum and shoulder blades lie outside the hull. Empty where a slice has no lung.
pub(super) fn mediastinum(
    coarse: &Coarse,
    lungs: &Components,
    bright: &Volume<u8>,
    middle_x_mm: f64,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let grid = Arc::clone(coarse.mean.grid());
    let [ni, nj, _] = grid.dims();
    let lung = lungs.keep(|_| true);
    let mut hulls = vec![0_u8; grid.len()];
    hulls
        .par_chunks_mut(ni * nj)
        .zip(lung.voxels().par_chunks(ni * nj))
        .for_each(|(out, slice)| fill_hull(slice, out, ni));
    let hull = erode(&Volume::new(Arc::clone(&grid), hulls).expect("one value per voxel"), 4.0, progress)?;
    let mut voxels = hull.voxels().to_vec();
    let slices = voxels.par_chunks_mut(ni * nj).zip(lung.voxels().par_chunks(ni * nj)).enumerate();
    slices.for_each(|(k, (out, lung))| {
        let at = |i: usize, j: usize| grid.centre([i, j, k]);
        let rows = lung.chunks(ni).enumerate().filter(|(_, row)| row.iter().any(|value| *value != 0));
        // Patient back is +y.
        let back_mm = rows.map(|(j, _)| at(ni / 2, j).y).fold(f64::NEG_INFINITY, f64::max);
        let bright = &bright.voxels()[k * ni * nj..(k + 1) * ni * nj];
        let (mut sum, mut count) = (0.0, 0.0);
        for (j, row) in bright.chunks(ni).enumerate() {
            for i in (0..ni).filter(|i| row[*i] != 0) {
                let p = at(i, j);
                if back_mm - 45.0 < p.y && (p.x - middle_x_mm).abs() < 45.0 {
                    (sum, count) = (sum + p.x, count + 1.0);
                }
            }
        }
        let spine_x_mm = if 20.0 < count { sum / count } else { middle_x_mm };
        for (j, row) in out.chunks_mut(ni).enumerate() {
            for (i, value) in row.iter_mut().enumerate().filter(|(_, value)| **value != 0) {
                let p = at(i, j);
                let (aside, forward) = ((p.x - spine_x_mm).abs(), back_mm - ARCH_DEPTH_MM - p.y);
                let spine = if forward < 0.0 {
                    aside < ARCH_HALF_MM
                } else {
                    (aside / BODY_HALF_MM).powi(2) + (forward / BODY_DEPTH_MM).powi(2) < 1.0
                };
                *value = u8::from(!spine);
            }
        }
    });
    Ok(Volume::new(grid, voxels).expect("one value per voxel"))
}

/// Fill the convex hull of the voxels of a slice (Andrew's monotone chain, one point at both ends of each row).
pub(super) fn fill_hull(slice: &[u8], out: &mut [u8], ni: usize) {
    // Leftmost and rightmost column of each row; the hull's sides are the lower and the upper chain over rows.
    let ends: Vec<(f64, f64, f64)> = slice
        .chunks(ni)
        .enumerate()
        .filter_map(|(j, row)| {
            let first = row.iter().position(|value| *value != 0)?;
            let last = row.iter().rposition(|value| *value != 0)?;
            Some((j as f64, first as f64, last as f64))
        })
        .collect();
    let left = chain(ends.iter().map(|(j, first, _)| (*j, *first)));
    let right = chain(ends.iter().map(|(j, _, last)| (*j, -*last)));
    let (Some(top), Some(bottom)) = (ends.first(), ends.last()) else { return };
    for j in top.0 as usize..=bottom.0 as usize {
        let (from, to) = (along(&left, j as f64).ceil() as usize, (-along(&right, j as f64)).floor() as usize);
        out[j * ni..(j + 1) * ni][from..=to.min(ni - 1)].fill(1);
    }
}

/// The lower convex chain of points in order of their first coordinate.
fn chain(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut chain: Vec<(f64, f64)> = Vec::new();
    for p in points {
        while let [.., a, b] = chain[..] {
            if 0.0 < (b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0) {
                break;
            }
            chain.pop();
        }
        chain.push(p);
    }
    chain
}

/// Height of a chain at `t`, which lies between its ends.
fn along(chain: &[(f64, f64)], t: f64) -> f64 {
    let after = chain.partition_point(|p| p.0 < t).clamp(1, chain.len().max(2) - 1);
    match (chain.get(after - 1), chain.get(after)) {
        (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (t - a.0) / (b.0 - a.0),
        (Some(a), None) => a.1,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hull_of_two_blocks_fills_the_gap_between_them() {
        let rows = [".......", "#.....#", "##...##", ".#...#.", "......."];
        let slice: Vec<u8> = rows.iter().flat_map(|row| row.bytes().map(|b| u8::from(b == b'#'))).collect();
        let mut out = vec![0_u8; slice.len()];
        fill_hull(&slice, &mut out, 7);
        let text: Vec<String> =
            out.chunks(7).map(|row| row.iter().map(|v| if *v != 0 { '#' } else { '.' }).collect()).collect();
        assert_eq!(text, [".......", "#######", "#######", ".#####.", "......."]);
    }

    #[test]
    fn a_dent_is_filled_and_a_single_row_is_its_own_hull() {
        let slice = [1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1];
        let mut out = [0_u8; 12];
        fill_hull(&slice, &mut out, 4);
        assert_eq!(out, [1; 12]);
        let mut out = [0_u8; 4];
        fill_hull(&[0, 1, 0, 1], &mut out, 4);
        assert_eq!(out, [0, 1, 1, 1]);
    }
}
