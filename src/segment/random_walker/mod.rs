//! Random walker: each voxel joins the seeds that a walk along like values most likely comes to first.

mod graph;
#[cfg(test)]
mod tests;

use super::part::Part;
use crate::base::{Cancelled, Progress};
use crate::image::filter::gaussian;
use crate::image::{Scan, Volume};
use crate::numerics::cg;
use graph::Graph;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Most voxels of a region: about 75 bytes each while it is solved, 600 MB.
pub const VOXELS_MAX: usize = 8_000_000;
/// Relative residual at which probabilities are good enough to be compared.
const TOLERANCE: f64 = 1e-4;
const ITERATIONS_MAX: usize = 5000;

/// Why nothing was labelled.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RandomWalkerError {
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The region is too large to be solved.
    #[error(
        "the box around the seeds has {:.1} million voxels, at most {:.1} million are solved; take a smaller margin, or grow from seeds instead",
        *.voxels as f64 * 1e-6,
        *.limit as f64 * 1e-6
    )]
    TooLarge {
        /// Voxels of the region.
        voxels: usize,
        /// Most there may be.
        limit: usize,
    },
    /// There is nothing to tell apart.
    #[error("seeds of {labels} kind are in reach of open voxels; a walk needs at least 2 kinds to choose from")]
    TooFewLabels {
        /// Different labels.
        labels: usize,
    },
    /// The equations were not solved.
    #[error("the equations of label {label} were not solved in {iterations} steps; take a smaller beta")]
    NotSolved {
        /// The label.
        label: u8,
        /// Steps made.
        iterations: usize,
    },
}

/// Where walks end.
#[derive(Debug, Clone, PartialEq)]
pub struct Walked {
    /// The label of the seeds a walk most likely meets first, on the whole grid; 0 where nothing was decided.
    pub labels: Volume<u8>,
    /// How likely it is, 0 to 1, on the whole grid; 1 at seeds, 0 where nothing was decided.
    pub probability: Volume<f32>,
    /// Iterations of the solver for each label that was solved for.
    pub iterations: Vec<usize>,
}

/// Every voxel of `region` that `open` allows gets the label whose seeds (other than 0) a random walk from it most likely
/// meets first.
///
/// Grady 2006 ("Random walks for image segmentation", IEEE TPAMI 28:1768): the probability x of a label is harmonic on the
/// grid's graph, L x = 0, with 1 at its own seeds and 0 at all others. An edge along axis a weighs
///
/// ```text
/// w = exp(−β (ΔI / s)²) (h / hₐ)²        w ≥ 10⁻⁶ (h / hₐ)²
/// ```
///
/// with the difference ΔI of its two values, s the usual difference of neighbours (their median over 0.6745, which is the
/// standard deviation where noise is normal), hₐ the spacing along it and h the smallest; values are smoothed with
/// `sigma_mm` first, which takes much of the noise and little of an edge. All labels but the last are
/// solved for by [`cg`]; the last has what is left to 1. Equal probabilities go to the smaller label. What no seed reaches
/// and what lies beyond `region` is 0, seeds keep their label.
///
/// # Errors
/// [`RandomWalkerError`]: more than [`VOXELS_MAX`] voxels, fewer than two labels, no convergence, cancelled.
pub fn random_walker(
    scan: &Scan,
    seeds: &Volume<u8>,
    region: &[Range<usize>; 3],
    beta: f64,
    sigma_mm: f64,
    open: impl Fn(usize) -> bool + Sync,
    progress: &Progress,
) -> Result<Walked, RandomWalkerError> {
    let voxels = region.iter().map(ExactSizeIterator::len).product();
    if VOXELS_MAX < voxels {
        return Err(RandomWalkerError::TooLarge { voxels, limit: VOXELS_MAX });
    }
    let grid = scan.grid();
    let part = Part::new(grid, region);
    let free = |offset: usize| open(offset) && scan.value(offset).is_finite();
    let mut free: Vec<bool> = part.gather(free);
    let finite = |offset: usize| Some(scan.value(offset) as f32).filter(|value| value.is_finite()).unwrap_or(0.0);
    let values = Volume::new(Arc::clone(part.grid()), part.gather(finite)).expect("one value per voxel of the box");
    let values = gaussian(&values, sigma_mm, &progress.part(0.0..0.02, "smoothing"))?.into_voxels();
    let mut labels: Vec<u8> = part.gather(|offset| seeds.voxels()[offset]);
    graph::keep_reached(part.grid().dims(), &mut free, &labels);
    progress.set(0.02)?;
    let mut present = [false; 256];
    labels.iter().zip(&free).filter(|(_, free)| **free).for_each(|(label, _)| present[usize::from(*label)] = true);
    let wanted: Vec<u8> = (1..=255).filter(|label| present[usize::from(*label)]).collect();
    let Some((last, solved_for)) = wanted.split_last().filter(|(_, rest)| !rest.is_empty()) else {
        return Err(RandomWalkerError::TooFewLabels { labels: wanted.len() });
    };
    let graph = Graph::new(part.grid(), &values, &free, &labels, beta);
    progress.set(0.05)?;
    // The most likely label so far, how likely it is, and what all so far add up to.
    let mut best = vec![(0.0_f32, 0_u8, 0.0_f32); labels.len()];
    let take = |best: &mut (f32, u8, f32), label: u8, x: f32| {
        let (most, which, sum) = best;
        *sum += x;
        if *most < x {
            (*most, *which) = (x, label);
        }
    };
    let mut x = vec![0.0; labels.len()];
    let mut iterations = Vec::new();
    for (n, label) in solved_for.iter().enumerate() {
        let share = |n: usize| 0.05 + 0.9 * n as f64 / solved_for.len() as f64;
        let part = progress.part(share(n)..share(n + 1), "walking");
        let b = graph.right_hand_side(&labels, *label);
        let apply = |x: &[f64], y: &mut [f64]| graph.apply(x, y);
        let solved = cg(apply, graph.diagonal(), b, &mut x, TOLERANCE, ITERATIONS_MAX, &part)?;
        if !solved.converged {
            return Err(RandomWalkerError::NotSolved { label: *label, iterations: solved.iterations });
        }
        iterations.push(solved.iterations);
        best.par_iter_mut().zip(&x).for_each(|(best, x)| take(best, *label, *x as f32));
    }
    let mut likely = vec![0.0_f32; labels.len()];
    let ends = labels.par_iter_mut().zip(&mut likely).zip(&free).zip(&mut best);
    ends.for_each(|(((label, likely), free), best)| {
        if *label != 0 {
            *likely = 1.0;
        } else if *free {
            let rest = 1.0 - best.2;
            take(best, *last, rest);
            (*label, *likely) = (best.1, best.0.min(1.0));
        }
    });
    let (mut all, mut all_likely) = (vec![0_u8; grid.len()], vec![0.0_f32; grid.len()]);
    part.scatter(&labels, &mut all);
    part.scatter(&likely, &mut all_likely);
    Ok(Walked {
        labels: Volume::new(Arc::clone(grid), all).expect("one label per voxel"),
        probability: Volume::new(Arc::clone(grid), all_likely).expect("one probability per voxel"),
        iterations,
    })
}
