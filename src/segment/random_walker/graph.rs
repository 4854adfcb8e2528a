//! The graph of a walk: weights of the edges between voxels that are not seeds, and of those to seeds.

use crate::geom::Grid;
use rayon::prelude::*;

/// Even the steepest edge is crossed this often, so that no voxel is cut off.
const WEIGHT_MIN: f64 = 1e-6;
/// The median of absolute differences that are normal, in standard deviations.
const MEDIAN_OF_NORMAL: f64 = 0.6745;

/// The Laplacian of the voxels whose probability is not known; nothing but 1 on the diagonal of the others.
pub(super) struct Graph<'a> {
    dims: [usize; 3],
    steps: [usize; 3],
    values: &'a [f32],
    free: &'a [bool],
    /// Nearness of neighbours along each axis, and β / s².
    law: ([f64; 3], f64),
    /// Between each unknown voxel and the next along every axis, 0 where one of them is no unknown.
    weights: [Vec<f32>; 3],
    diagonal: Vec<f64>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(grid: &Grid, values: &'a [f32], free: &'a [bool], seeds: &[u8], beta: f64) -> Self {
        let dims = grid.dims();
        let steps = [1, dims[0], dims[0] * dims[1]];
        let spacing_mm = grid.spacing_mm();
        let shortest_mm = spacing_mm.into_iter().fold(f64::INFINITY, f64::min);
        let nearness = spacing_mm.map(|h| (shortest_mm / h).powi(2));
        let mut graph = Self {
            dims,
            steps,
            values,
            free,
            law: (nearness, 0.0),
            weights: [Vec::new(), Vec::new(), Vec::new()],
            diagonal: Vec::new(),
        };
        graph.law.1 = beta / graph.usual_difference().powi(2);
        let unknown = |offset: usize| free[offset] && seeds[offset] == 0;
        graph.weights = [0, 1, 2].map(|axis| {
            let weight = |offset: usize| match graph.next(offset, axis) {
                Some(next) if unknown(offset) && unknown(next) => graph.weight(offset, next, axis) as f32,
                _ => 0.0,
            };
            (0..values.len()).into_par_iter().with_min_len(1 << 12).map(weight).collect()
        });
        let diagonal = |offset: usize| {
            let sum: f64 = if unknown(offset) { graph.edges(offset).map(|(_, weight)| weight).sum() } else { 0.0 };
            if 0.0 < sum { sum } else { 1.0 }
        };
        graph.diagonal = (0..values.len()).into_par_iter().with_min_len(1 << 12).map(diagonal).collect();
        graph
    }

    /// Sums of the weights of all edges of each unknown, 1 for the others.
    pub(super) fn diagonal(&self) -> &[f64] {
        &self.diagonal
    }

    /// The neighbour behind along `axis`, if both are free.
    fn next(&self, offset: usize, axis: usize) -> Option<usize> {
        let at = offset / self.steps[axis] % self.dims[axis];
        let next = offset + self.steps[axis];
        (at + 1 < self.dims[axis] && self.free[offset] && self.free[next]).then_some(next)
    }

    /// The neighbours a walk may step to from a free voxel, and the weights of the edges, as they stand in the matrix.
    fn edges(&self, offset: usize) -> impl Iterator<Item = (usize, f64)> {
        (0..3).flat_map(move |axis| {
            let at = offset / self.steps[axis] % self.dims[axis];
            let before = (0 < at).then(|| offset - self.steps[axis]).filter(|before| self.free[*before]);
            let beside = [before, self.next(offset, axis)].into_iter().flatten();
            // Rounded as in the matrix, so that its rows add up to nothing.
            beside.map(move |to| (to, f64::from(self.weight(offset, to, axis) as f32)))
        })
    }

    fn weight(&self, a: usize, b: usize, axis: usize) -> f64 {
        let difference = f64::from(self.values[a] - self.values[b]);
        self.law.0[axis] * (-self.law.1 * difference * difference).exp().max(WEIGHT_MIN)
    }

    /// The standard deviation of the differences of neighbours where noise is normal, from 100 000 voxels at most.
    fn usual_difference(&self) -> f64 {
        let stride = (self.values.len() / 100_000).max(1);
        let edges = (0..self.values.len()).step_by(stride).flat_map(|offset| [0, 1, 2].map(|axis| (offset, axis)));
        let between = |(offset, axis)| {
            let next = self.next(offset, axis)?;
            Some(f64::from(self.values[next] - self.values[offset]).abs())
        };
        let mut sample: Vec<f64> = edges.filter_map(between).collect();
        sample.sort_by(f64::total_cmp);
        // On even ground any difference is an edge: a hundredth of the largest stands in for noise.
        let (median, largest) = (sample.get(sample.len() / 2).copied(), sample.last().copied());
        let noise = median.unwrap_or(0.0) / MEDIAN_OF_NORMAL;
        noise.max(0.01 * largest.unwrap_or(0.0)).max(1e-30)
    }

    /// For each unknown the weights of its edges to seeds of `label`.
    pub(super) fn right_hand_side(&self, seeds: &[u8], label: u8) -> Vec<f64> {
        let sum = |offset: usize| -> f64 {
            if !self.free[offset] || seeds[offset] != 0 {
                return 0.0;
            }
            self.edges(offset).filter(|(to, _)| seeds[*to] == label).map(|(_, weight)| weight).sum()
        };
        (0..seeds.len()).into_par_iter().with_min_len(1 << 12).map(sum).collect()
    }

    /// y = L x.
    pub(super) fn apply(&self, x: &[f64], y: &mut [f64]) {
        let [ni, nj, nk] = self.dims;
        let [wi, wj, wk] = &self.weights;
        y.par_chunks_mut(ni).with_min_len(16).enumerate().for_each(|(row, y)| {
            let o = row * ni;
            let (j, k) = (row % nj, row / nj);
            let here = o..o + ni;
            for ((y, d), x) in y.iter_mut().zip(&self.diagonal[here.clone()]).zip(&x[here.clone()]) {
                *y = d * x;
            }
            for i in 1..ni {
                let w = f64::from(wi[o + i - 1]);
                y[i - 1] -= w * x[o + i];
                y[i] -= w * x[o + i - 1];
            }
            let mut from = |weights: &[f32], x: &[f64]| {
                for ((y, w), x) in y.iter_mut().zip(weights).zip(x) {
                    *y -= f64::from(*w) * x;
                }
            };
            let area = ni * nj;
            if 0 < j {
                from(&wj[o - ni..o], &x[o - ni..o]);
            }
            if j + 1 < nj {
                from(&wj[here.clone()], &x[o + ni..o + 2 * ni]);
            }
            if 0 < k {
                from(&wk[o - area..o - area + ni], &x[o - area..o - area + ni]);
            }
            if k + 1 < nk {
                from(&wk[here], &x[o + area..o + area + ni]);
            }
        });
    }
}

/// Close the free voxels that no walk from a free seed comes to: nothing can be said of them.
pub(super) fn keep_reached([ni, nj, nk]: [usize; 3], free: &mut [bool], seeds: &[u8]) {
    let mut reached = vec![false; free.len()];
    let mut open: Vec<usize> = (0..free.len()).filter(|o| free[*o] && seeds[*o] != 0).collect();
    open.iter().for_each(|o| reached[*o] = true);
    while let Some(offset) = open.pop() {
        let (i, j, k) = (offset % ni, offset / ni % nj, offset / (ni * nj));
        for (may, next) in [
            (0 < i, offset.wrapping_sub(1)),
            (i + 1 < ni, offset + 1),
            (0 < j, offset.wrapping_sub(ni)),
            (j + 1 < nj, offset + ni),
            (0 < k, offset.wrapping_sub(ni * nj)),
            (k + 1 < nk, offset + ni * nj),
        ] {
            if may && free[next] && !reached[next] {
                reached[next] = true;
                open.push(next);
            }
        }
    }
    free.copy_from_slice(&reached);
}
