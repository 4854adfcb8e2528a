//! From scores to labels: which class a voxel has, and sums over tiles that overlap.

use super::tiles::Tile;
use super::{Manifest, Output};
use crate::base::{Cancelled, Progress};
use rayon::prelude::*;

/// How scores of a voxel become its label.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    pub(super) classes: usize,
    output: Output,
    /// Classes that the manifest lists.
    known: [bool; 256],
}

/// Labelled voxels, and the sum of the probabilities of their classes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) voxels: usize,
    pub(super) probability: f64,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.voxels += other.voxels;
        self.probability += other.probability;
    }
}

impl Decision {
    pub(super) fn new(manifest: &Manifest, classes: usize) -> Self {
        let known = std::array::from_fn(|class| manifest.labels.iter().any(|label| label.class == class));
        Self { classes, output: manifest.output, known }
    }

    /// The label of a voxel with these scores, 0 for background; and the probability of its class, 0 to 1.
    #[inline]
    fn of(&self, score: impl Fn(usize) -> f32) -> (u8, f32) {
        let (best, probability) = if self.classes == 1 {
            match self.output {
                Output::Logits => (usize::from(0.0 < score(0)), 1.0 / (1.0 + (-score(0)).exp())),
                Output::Probabilities => (usize::from(0.5 < score(0)), score(0)),
            }
        } else {
            let better = |best, class| if score(best) < score(class) { class } else { best };
            let best = (1..self.classes).fold(0, better);
            (best, if best == 0 { 0.0 } else { self.probability(best, &score) })
        };
        let label = if best < 256 && self.known[best] { best as u8 } else { 0 };
        (label, probability)
    }

    fn probability(&self, best: usize, score: &impl Fn(usize) -> f32) -> f32 {
        match self.output {
            Output::Logits => 1.0 / (0..self.classes).map(|class| (score(class) - score(best)).exp()).sum::<f32>(),
            Output::Probabilities => score(best).clamp(0.0, 1.0),
        }
    }

    /// Labels of planes of a grid, and what they add up to; `score(class, i, j, k)`, the planes counted from the first.
    /// Planes are computed in parallel and added up in order.
    pub(super) fn planes(
        &self,
        marks: &mut [u8],
        [ni, nj]: [usize; 2],
        rows: [std::ops::Range<usize>; 2],
        score: impl Fn(usize, usize, usize, usize) -> f32 + Sync,
        progress: &Progress,
    ) -> Result<Tally, Cancelled> {
        let of_plane = |(k, plane): (usize, &mut [u8])| {
            progress.check()?;
            let mut tally = Tally::default();
            for j in rows[1].clone() {
                for i in rows[0].clone() {
                    let (label, probability) = self.of(|class| score(class, i, j, k));
                    plane[j * ni + i] = label;
                    if label != 0 {
                        tally.voxels += 1;
                        tally.probability += f64::from(probability);
                    }
                }
            }
            Ok(tally)
        };
        let tallies: Vec<Tally> =
            marks.par_chunks_mut(ni * nj).enumerate().map(of_plane).collect::<Result<_, Cancelled>>()?;
        let mut all = Tally::default();
        tallies.into_iter().for_each(|tally| all.add(tally));
        Ok(all)
    }
}

/// Weighted sums of scores over the planes that the tiles of one layer reach: class by class, i fastest.
#[derive(Debug)]
pub(super) struct Slab {
    dims: [usize; 3],
    /// The first plane of the grid it holds, and how many.
    first: usize,
    depth: usize,
    sums: Vec<f32>,
    /// Weights within a tile along i, j and k; and their sums over all tiles along the axes of the grid.
    within: [Vec<f32>; 3],
    total: [Vec<f32>; 3],
}

impl Slab {
    /// For these tiles of `size`; as tiles stand in rows, the sum of their weights is a product of three.
    pub(super) fn new(dims: [usize; 3], size: [usize; 3], classes: usize, tiles: &[Tile]) -> Self {
        let within = size.map(gaussian);
        let total = [0, 1, 2].map(|a| {
            let mut starts: Vec<usize> = tiles.iter().map(|tile| tile.start[a]).collect();
            starts.sort_unstable();
            starts.dedup();
            let mut total = vec![0.0; dims[a]];
            for start in starts {
                total[start..].iter_mut().zip(&within[a]).for_each(|(sum, weight)| *sum += weight);
            }
            total
        });
        let depth = size[2].min(dims[2]);
        let sums = vec![0.0; classes * depth * dims[0] * dims[1]];
        Self { dims, first: 0, depth, sums, within, total }
    }

    /// Add the scores of a tile that begins at the first plane held; `score(class, i, j, k)` within the tile.
    pub(super) fn add(
        &mut self,
        tile: &Tile,
        score: impl Fn(usize, usize, usize, usize) -> f32 + Sync,
        progress: &Progress,
    ) -> Result<(), Cancelled> {
        let ([ni, nj, _], depth, [wi, wj, wk]) = (self.dims, self.depth, &self.within);
        let [i0, j0, _] = tile.start;
        self.sums.par_chunks_mut(ni * nj).enumerate().try_for_each(|(plane, sums)| {
            progress.check()?;
            let (class, k) = (plane / depth, plane % depth);
            for (j, wj) in wj.iter().enumerate().take(nj - j0) {
                let row = &mut sums[(j0 + j) * ni + i0..(j0 + j + 1) * ni];
                for ((i, sum), wi) in row.iter_mut().enumerate().zip(wi) {
                    *sum += wi * wj * wk[k] * score(class, i, j, k);
                }
            }
            Ok(())
        })
    }

    /// The labels of the planes before `next`, which no further tile reaches; the slab goes on from there.
    pub(super) fn finish(
        &mut self,
        next: usize,
        decision: &Decision,
        marks: &mut [u8],
        progress: &Progress,
    ) -> Result<Tally, Cancelled> {
        let [ni, nj, _] = self.dims;
        let (plane, done) = (ni * nj, next - self.first);
        let (sums, [ti, tj, tk], first, depth) = (&self.sums, &self.total, self.first, self.depth);
        let score = |class: usize, i: usize, j: usize, k: usize| {
            sums[((class * depth + k) * nj + j) * ni + i] / (ti[i] * tj[j] * tk[first + k])
        };
        let of_these = &mut marks[first * plane..next * plane];
        let tally = decision.planes(of_these, [ni, nj], [0..ni, 0..nj], score, progress)?;
        for sums in self.sums.chunks_mut(depth * plane) {
            sums.copy_within(done * plane.., 0);
            sums[(depth - done) * plane..].fill(0.0);
        }
        self.first = next;
        Ok(tally)
    }
}

/// A Gaussian around the middle, an eighth of the edge wide, nowhere less than a thousandth of its peak so that scores
/// seen only from afar are not lost to rounding.
fn gaussian(n: usize) -> Vec<f32> {
    let (middle, sigma) = ((n as f64 - 1.0) / 2.0, n as f64 / 8.0);
    (0..n).map(|x| (-0.5 * ((x as f64 - middle) / sigma).powi(2)).exp().max(1e-3) as f32).collect()
}
