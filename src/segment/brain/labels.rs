//! The tissue of every voxel: its own value, and what its neighbours are.

use super::expectation::Tissues;
use crate::base::{Cancelled, Progress};
use crate::image::{Scan, Volume};
use rayon::prelude::*;
use std::sync::Arc;

pub(super) const FLUID: u8 = 1;
pub(super) const GREY: u8 = 2;
pub(super) const WHITE: u8 = 3;

/// How much a neighbour 1 mm away of another tissue costs, in units of −ln probability.
const NEIGHBOUR: f64 = 0.45;
/// Rounds in which every voxel looks at its neighbours.
const ROUNDS: usize = 3;

/// Labels on the scan's own voxels inside `mask`: a Markov random field with Potts' energy, by iterated conditional
/// modes (Besag 1986), all voxels of a round at once.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub(super) fn labels(
    scan: &Scan,
    mask: &Volume<u8>,
    tissues: &Tissues,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let grid = Arc::clone(scan.grid());
    let [ni, nj, nk] = grid.dims();
    let spacing_mm = grid.spacing_mm();
    let mut labels = vec![0_u8; grid.len()];
    for round in 0..=ROUNDS {
        let old = labels.clone();
        labels.par_chunks_mut(ni).enumerate().try_for_each(|(row, out)| {
            let (j, k) = (row % nj, row / nj);
            if mask.voxels()[row * ni..(row + 1) * ni].iter().all(|value| *value == 0) {
                return Ok(());
            }
            for (i, out) in out.iter_mut().enumerate() {
                let at = row * ni + i;
                if mask.voxels()[at] == 0 {
                    continue;
                }
                let plain = tissues.plain(scan.value(at), grid.centre([i, j, k]));
                let mut costs = tissues.costs(plain);
                if 0 < round {
                    let beside = [
                        (0, 0 < i, at.wrapping_sub(1)),
                        (0, i + 1 < ni, at + 1),
                        (1, 0 < j, at.wrapping_sub(ni)),
                        (1, j + 1 < nj, at + ni),
                        (2, 0 < k, at.wrapping_sub(ni * nj)),
                        (2, k + 1 < nk, at + ni * nj),
                    ];
                    for (axis, _, there) in beside.into_iter().filter(|(_, within, _)| *within) {
                        let other = usize::from(old[there]);
                        for (c, cost) in costs.iter_mut().enumerate() {
                            if other != 0 && other != c + 1 {
                                *cost += NEIGHBOUR / spacing_mm[axis];
                            }
                        }
                    }
                }
                let best = (0..3).min_by(|a, b| costs[*a].total_cmp(&costs[*b])).unwrap_or(0);
                *out = best as u8 + 1;
            }
            progress.check()
        })?;
        progress.step(round + 1, ROUNDS + 2)?;
    }
    Ok(Volume::new(grid, labels).expect("one label per voxel"))
}
