//! Smoothing segments: one alone, or all of a group at once so that they keep touching.

use crate::base::{Cancelled, Progress};
use crate::geom::Grid;
use crate::image::Volume;
use crate::image::filter::{gaussian, reach_of_gaussian};
use rayon::prelude::*;
use std::sync::Arc;

/// Slices smoothed together, so that blurred values of the whole grid are never in memory.
const SLICES: usize = 24;

/// Labels smoothed by a Gaussian of standard deviation `sigma_mm`, without gaps or overlaps between them; 0 is background.
///
/// A voxel belongs to some label where the blurred union of all is at least a half, and there to the label whose own blur
/// is the greatest, the smaller number of equal ones. A voxel that all of a neighbourhood's labels share is therefore never
/// left empty. With one label this is Gaussian smoothing of a mask.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn smooth_labels(labels: &Volume<u8>, sigma_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let grid = labels.grid();
    let [ni, nj, nk] = grid.dims();
    let halo = reach_of_gaussian(sigma_mm / grid.spacing_mm()[2]);
    let mut smooth = vec![0_u8; grid.len()];
    for (block, out) in smooth.chunks_mut(ni * nj * SLICES).enumerate() {
        progress.step(block * SLICES, nk)?;
        let first = block * SLICES;
        let start = first.saturating_sub(halo);
        let end = (first + SLICES + halo).min(nk);
        let part = &labels.voxels()[start * ni * nj..end * ni * nj];
        let here = (first - start) * ni * nj..(first - start) * ni * nj + out.len();
        smooth_slab(part, [ni, nj, end - start], grid.spacing_mm(), sigma_mm, here, out)?;
    }
    progress.set(1.0)?;
    Ok(Volume::new(Arc::clone(grid), smooth).expect("one label per voxel"))
}

/// The labels of `here`, a part of the slab.
fn smooth_slab(
    labels: &[u8],
    dims: [usize; 3],
    spacing_mm: [f64; 3],
    sigma_mm: f64,
    here: std::ops::Range<usize>,
    out: &mut [u8],
) -> Result<(), Cancelled> {
    let present = labels_in(labels);
    if present.is_empty() {
        return Ok(());
    }
    let grid = Arc::new(Grid::aligned(dims, crate::geom::Point::origin(), spacing_mm).expect("a part of a grid"));
    let blurred = |inside: &(dyn Fn(u8) -> bool + Sync)| {
        let marks = labels.par_iter().map(|label| u8::from(inside(*label))).collect();
        let marks = Volume::new(Arc::clone(&grid), marks).expect("one mark per voxel");
        gaussian(&marks, sigma_mm, &Progress::default())
    };
    let union = blurred(&|label| label != 0)?;
    let union = &union.voxels()[here.clone()];
    if let [only] = present[..] {
        out.par_iter_mut().zip(union).for_each(|(out, share)| *out = if 0.5 <= *share { only } else { 0 });
        return Ok(());
    }
    let mut best = vec![0.0_f32; out.len()];
    for label in present {
        let share = blurred(&|other| other == label)?;
        let shares = share.voxels()[here.clone()].par_iter().zip(union);
        out.par_iter_mut().zip(&mut best).zip(shares).for_each(|((out, best), (share, union))| {
            if 0.5 <= *union && *best < *share {
                (*out, *best) = (label, *share);
            }
        });
    }
    Ok(())
}

/// The labels that occur, in rising order, without 0.
fn labels_in(labels: &[u8]) -> Vec<u8> {
    let found = |chunk: &[u8]| {
        let mut found = [false; 256];
        chunk.iter().for_each(|label| found[usize::from(*label)] = true);
        found
    };
    let either = |a: [bool; 256], b: [bool; 256]| std::array::from_fn(|n| a[n] || b[n]);
    let found = labels.par_chunks(1 << 16).map(found).reduce(|| [false; 256], either);
    (1..=255).filter(|label| found[usize::from(*label)]).collect()
}

/// What more than half of the box around each voxel is, `kernel_mm` wide along each axis (the nearest odd number of voxels):
/// the median of a mask. Beyond the grid the outermost voxels go on.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn majority(mask: &Volume<u8>, kernel_mm: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let [ni, nj, nk] = mask.grid().dims();
    let reach = mask.grid().spacing_mm().map(|h| (0.5 * (kernel_mm / h - 1.0)).round().max(0.0) as usize);
    let [ri, rj, rk] = reach;
    let half = (reach.map(|r| 2 * r + 1).iter().product::<usize>() / 2) as u32;
    let clamp = |at: isize, n: usize| at.clamp(0, n as isize - 1) as usize;
    let len = ni * nj;
    let mut out = vec![0_u8; mask.grid().len()];
    // Sums over the box within one slice; they slide from slice to slice, so each is made twice: when it comes and goes.
    let flat = |k: usize, sums: &mut [u32], add: bool, scratch: &mut [u32]| {
        let slice = &mask.voxels()[k * len..(k + 1) * len];
        for (row, out) in slice.chunks(ni).zip(scratch.chunks_mut(ni)) {
            let at = |i: isize| u32::from(row[clamp(i, ni)] != 0);
            let mut sum: u32 = (-(ri as isize)..=ri as isize).map(at).sum();
            for (i, out) in (0..).zip(out.iter_mut()) {
                *out = sum;
                sum = sum + at(i + ri as isize + 1) - at(i - ri as isize);
            }
        }
        for j in 0..nj as isize {
            let sums = &mut sums[j as usize * ni..(j as usize + 1) * ni];
            for shift in -(rj as isize)..=rj as isize {
                let row = clamp(j + shift, nj) * ni;
                let pairs = sums.iter_mut().zip(&scratch[row..row + ni]);
                if add { pairs.for_each(|(sum, n)| *sum += n) } else { pairs.for_each(|(sum, n)| *sum -= n) }
            }
        }
    };
    out.par_chunks_mut(len * SLICES).enumerate().try_for_each(|(block, out)| {
        let first = (block * SLICES) as isize;
        let (mut sums, mut scratch) = (vec![0_u32; len], vec![0_u32; len]);
        for shift in -(rk as isize)..=rk as isize {
            flat(clamp(first + shift, nk), &mut sums, true, &mut scratch);
        }
        for (k, out) in (first..).zip(out.chunks_mut(len)) {
            progress.check()?;
            out.iter_mut().zip(&sums).for_each(|(out, sum)| *out = u8::from(half < *sum));
            flat(clamp(k - rk as isize, nk), &mut sums, false, &mut scratch);
            flat(clamp(k + rk as isize + 1, nk), &mut sums, true, &mut scratch);
        }
        Ok(())
    })?;
    Ok(Volume::new(Arc::clone(mask.grid()), out).expect("one value per voxel"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{parallel, rng::Rng};
    use crate::geom::Point;

    /// Two halves of a ball with a ragged border between them.
    fn halves() -> Volume<u8> {
        let grid = Grid::aligned([40, 40, 60], Point::new(-19.5, -19.5, -29.5), [1.0; 3]).unwrap();
        let mut rng = Rng::new(3);
        let voxels = (0..grid.len())
            .map(|o| {
                let p = grid.centre(grid.voxel(o));
                let side = if p.x + rng.between(-3.0, 3.0) < 0.0 { 1 } else { 2 };
                if p.coords.norm() < 15.0 { side } else { 0 }
            })
            .collect();
        Volume::new(grid.clone(), voxels).unwrap()
    }

    #[test]
    fn joint_smoothing_leaves_no_gap_and_evens_the_border() {
        let labels = halves();
        let smooth = smooth_labels(&labels, 1.5, &Progress::default()).unwrap();
        let grid = labels.grid();
        let wrong = |labels: &Volume<u8>| {
            let odd = |o: &usize| {
                let p = grid.centre(grid.voxel(*o));
                let label = labels.voxels()[*o];
                p.coords.norm() < 12.0 && label != if p.x < 0.0 { 1 } else { 2 }
            };
            (0..grid.len()).filter(odd).count()
        };
        for (offset, label) in smooth.voxels().iter().enumerate() {
            let deep = grid.centre(grid.voxel(offset)).coords.norm() < 14.0;
            assert!(!deep || *label != 0, "a gap at {:?}", grid.voxel(offset));
        }
        assert!(wrong(&smooth) * 5 < wrong(&labels), "{} of {}", wrong(&smooth), wrong(&labels));
    }

    #[test]
    fn slabs_leave_no_trace() {
        let labels = halves();
        let smooth = smooth_labels(&labels, 2.0, &Progress::default()).unwrap();
        let marks = labels.voxels().iter().map(|label| u8::from(*label != 0)).collect();
        let marks = Volume::new(Arc::clone(labels.grid()), marks).unwrap();
        let whole = gaussian(&marks, 2.0, &Progress::default()).unwrap();
        let same = smooth.voxels().iter().zip(whole.voxels()).all(|(label, share)| (*label != 0) == (0.5 <= *share));
        assert!(same);
        let run = || smooth_labels(&labels, 2.0, &Progress::default()).unwrap();
        assert_eq!(parallel::with_threads(1, run), parallel::with_threads(3, run));
    }

    #[test]
    fn the_majority_is_that_of_counting() {
        let grid = Grid::aligned([9, 7, 30], Point::origin(), [1.0, 1.5, 2.0]).unwrap();
        let mut rng = Rng::new(8);
        let voxels = (0..grid.len()).map(|_| rng.below(2) as u8).collect();
        let mask = Volume::new(grid, voxels).unwrap();
        let found = majority(&mask, 5.0, &Progress::default()).unwrap();
        let (dims, reach) = (mask.grid().dims(), [2, 1, 1]);
        for offset in 0..mask.grid().len() {
            let voxel = mask.grid().voxel(offset);
            let near = |a: usize, d: usize| (voxel[a] + d).saturating_sub(reach[a]).min(dims[a] - 1);
            let mut n = 0;
            for c in 0..3 {
                for b in 0..3 {
                    n += (0..5).map(|a| mask.at([near(0, a), near(1, b), near(2, c)])).sum::<u8>();
                }
            }
            assert_eq!(found.voxels()[offset], u8::from(22 < n), "{voxel:?}");
        }
    }
}
