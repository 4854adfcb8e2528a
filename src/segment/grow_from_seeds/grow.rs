//! The schedule of growing: bricks that could change, the nearest first, in two colours.

use super::brick::{Brick, EDGE, FAR, Flood, Place};
use super::terrain::Terrain;
use crate::base::{Cancelled, Progress};
use crate::geom::Grid;
use crate::image::Volume;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Bricks whose nearest way in is this much longer than the nearest of all still flow together with it, in units.
const TOGETHER: u16 = 400;

/// What growing knows between two strokes: every voxel's label and the length of the way to its seed (3 bytes a voxel).
#[derive(Debug, Clone, Default)]
pub struct GrowWorkspace {
    region: [Range<usize>; 3],
    /// Brick `n` is in list 0 or 1 by the parity of its place, so that face neighbours are in different lists.
    bricks: [Vec<Option<Brick>>; 2],
}

/// The voxels within `margin_mm` of the box around the seeds (labels other than 0); `None` without a seed.
pub fn region_around(seeds: &Volume<u8>, margin_mm: f64) -> Option<[Range<usize>; 3]> {
    let dims = seeds.grid().dims();
    let [ni, nj, _] = dims;
    let rows = seeds.voxels().par_chunks(ni).enumerate().filter_map(|(row, labels)| {
        let first = labels.iter().position(|label| *label != 0)?;
        let last = labels.iter().rposition(|label| *label != 0)?;
        let (j, k) = (row % nj, row / nj);
        Some([[first, last], [j, j], [k, k]])
    });
    let join = |a: [[usize; 2]; 3], b: [[usize; 2]; 3]| [0, 1, 2].map(|n| [a[n][0].min(b[n][0]), a[n][1].max(b[n][1])]);
    let around = rows.reduce_with(join)?;
    let margin = seeds.grid().spacing_mm().map(|h| (margin_mm / h).ceil().clamp(0.0, 1e9) as usize);
    Some([0, 1, 2].map(|a| {
        let [first, last] = around[a];
        first.saturating_sub(margin[a])..(last + margin[a] + 1).min(dims[a])
    }))
}

/// Every open voxel of `region` gets the label of the seed with the shortest way to it through face neighbours.
///
/// Fast GrowCut (Zhu, Kolesov, Gao, Kikinis & Tannenbaum 2014, "An effective interactive medical image segmentation
/// method using fast GrowCut", MICCAI workshop IMIC): cellular automata that conquer their neighbours by likeness end
/// where Dijkstra's shortest paths do, whose edges cost |I(p) − I(q)|. Here an edge costs a little for its length too,
/// so that even ground is shared by distance in millimetres. Equal ways go to the smaller label. Seeds keep their label,
/// those in walls do not grow; beyond `region` all is 0.
///
/// `workspace` is empty at first; given again with the same terrain, only what the changed seeds change is computed, and
/// the result is that of a new computation, voxel for voxel: new seeds only shorten ways, and where seeds vanished
/// the region of their label is grown anew from what is around it. It is emptied when `progress` is cancelled.
///
/// Distances are kept in quarters of a HU up to 16 383 HU; all longer ways count as equally long.
/// Bricks of 32³ voxels are brought to rest by a bucket queue (Dial 1969) as often as a shorter way comes in. The
/// shortest ways do not depend on the order, so any number of threads gives the same bytes.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn grow_from_seeds(
    terrain: &Terrain,
    seeds: &Volume<u8>,
    region: &[Range<usize>; 3],
    workspace: &mut GrowWorkspace,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let mut state = std::mem::take(workspace);
    let mut schedule = state.accept(seeds, region, progress)?;
    state.settle(terrain, &mut schedule, progress)?;
    let labels = state.labels(seeds.grid());
    *workspace = state;
    Ok(labels)
}

/// Which bricks may change.
struct Schedule {
    /// The least distance at which something enters, [`FAR`] for nothing.
    entry: Vec<u16>,
    /// Whether changes may begin anywhere in it.
    whole: Vec<bool>,
}

impl GrowWorkspace {
    /// Put the seeds in place of those it had; says where that may change something.
    fn accept(
        &mut self,
        seeds: &Volume<u8>,
        region: &[Range<usize>; 3],
        progress: &Progress,
    ) -> Result<Schedule, Cancelled> {
        let grid = seeds.grid();
        let counts = brick_counts(grid);
        let n_bricks = counts.iter().product();
        let grown_from = std::mem::replace(&mut self.region, region.clone());
        let shrunk = (0..3).any(|a| grown_from[a].start < region[a].start || region[a].end < grown_from[a].end);
        if self.bricks[0].len() != n_bricks || shrunk {
            self.bricks = [vec![None; n_bricks], vec![None; n_bricks]];
        }
        let lost = self.lost(seeds, counts, progress)?;
        let mut whole = vec![false; n_bricks];
        for (parity, bricks) in self.bricks.iter_mut().enumerate() {
            bricks.par_iter_mut().zip(&mut whole).enumerate().try_for_each(|(index, (brick, whole))| {
                let start = brick_start(counts, index);
                if parity_of(start) == parity {
                    progress.check()?;
                    *whole = put_seeds(brick, seeds, start, &lost);
                    // At the old border the way is open now.
                    let was_inside =
                        (0..3).all(|a| grown_from[a].start < start[a].max(1) && start[a] + EDGE < grown_from[a].end);
                    *whole |= grown_from != *region && brick.is_some() && !was_inside;
                }
                Ok(())
            })?;
        }
        let entry = whole.iter().map(|whole| if *whole { 0 } else { FAR }).collect();
        Ok(Schedule { entry, whole })
    }

    /// The labels that have lost a seed.
    fn lost(&self, seeds: &Volume<u8>, counts: [usize; 3], progress: &Progress) -> Result<[bool; 256], Cancelled> {
        let all = self.bricks.iter().flat_map(|bricks| bricks.iter().enumerate());
        let known: Vec<(usize, &Brick)> = all.filter_map(|(index, brick)| Some((index, brick.as_ref()?))).collect();
        let of_brick = |(index, brick): &(usize, &Brick)| {
            progress.check()?;
            let mut lost = [false; 256];
            rows_of(seeds, brick_start(counts, *index), |place, row| {
                for (n, seed) in row.iter().enumerate() {
                    let gone = brick.distances[place + n] == 0 && brick.labels[place + n] != *seed;
                    lost[usize::from(brick.labels[place + n])] |= gone;
                }
            });
            Ok(lost)
        };
        let join = |a: [bool; 256], b: [bool; 256]| Ok(std::array::from_fn(|n| a[n] || b[n]));
        known.par_iter().map(of_brick).try_reduce(|| [false; 256], join)
    }

    fn settle(&mut self, terrain: &Terrain, schedule: &mut Schedule, progress: &Progress) -> Result<(), Cancelled> {
        let Schedule { entry, whole } = schedule;
        let grid = terrain.scan().grid();
        let counts = brick_counts(grid);
        let (region, dims) = (&self.region, grid.dims());
        let scratch: Mutex<Vec<Flood>> = Mutex::default();
        let pool = || scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let touched = (0..3).map(|a| region[a].end.div_ceil(EDGE) - region[a].start / EDGE).product::<usize>();
        let mut visits = 0_usize;
        for round in 0.. {
            let Some(nearest) = entry.iter().copied().min().filter(|nearest| *nearest < FAR) else { break };
            let [first, second] = &mut self.bricks;
            let (mine, others) = if round % 2 == 0 { (first, &*second) } else { (second, &*first) };
            let turn = |index: usize| {
                entry[index] < FAR
                    && entry[index] <= nearest.saturating_add(TOGETHER)
                    && parity_of(brick_start(counts, index)) == round % 2
            };
            let settle = |(index, brick): (usize, &mut Option<Brick>)| {
                progress.check()?;
                let mut flood = pool().pop().unwrap_or_else(Flood::new);
                let beside = std::array::from_fn(|face| others[beside(counts, index, face)?].as_ref());
                let place = Place { start: brick_start(counts, index), region, dims };
                let out = flood.settle(brick, beside, terrain, &place, whole[index]);
                pool().push(flood);
                Ok((index, out))
            };
            let done: Vec<(usize, [u16; 6])> = mine
                .par_iter_mut()
                .enumerate()
                .filter(|(index, _)| turn(*index))
                .map(settle)
                .collect::<Result<_, Cancelled>>()?;
            visits += done.len();
            // A brick is brought to rest two or three times on the way.
            progress.set(0.95 * (visits as f64 / (3 * touched) as f64).min(1.0))?;
            for (index, out) in done {
                (entry[index], whole[index]) = (FAR, false);
                for face in 0..6 {
                    if let Some(other) = beside(counts, index, face).filter(|_| out[face] < FAR) {
                        entry[other] = entry[other].min(out[face]);
                    }
                }
            }
        }
        Ok(())
    }

    /// One label per voxel of the grid.
    fn labels(&self, grid: &Arc<Grid>) -> Volume<u8> {
        let counts = brick_counts(grid);
        let [ni, nj, _] = grid.dims();
        let mut labels = vec![0_u8; grid.len()];
        labels.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
            let (j, k) = (row % nj, row / nj);
            for (bi, out) in out.chunks_mut(EDGE).enumerate() {
                let index = ((k / EDGE) * counts[1] + j / EDGE) * counts[0] + bi;
                let parity = (bi + j / EDGE + k / EDGE) % 2;
                if let Some(brick) = &self.bricks[parity][index] {
                    let place = ((k % EDGE) * EDGE + j % EDGE) * EDGE;
                    out.copy_from_slice(&brick.labels[place..place + out.len()]);
                }
            }
        });
        Volume::new(Arc::clone(grid), labels).expect("one label per voxel")
    }
}

/// Forget what lost labels hold and set the seeds; says whether anything changed.
fn put_seeds(brick: &mut Option<Brick>, seeds: &Volume<u8>, start: [usize; 3], lost: &[bool; 256]) -> bool {
    let mut changed = false;
    if let Some(brick) = brick {
        for (distance, label) in brick.distances.iter_mut().zip(&mut brick.labels) {
            if *distance != FAR && lost[usize::from(*label)] {
                (*distance, *label) = (FAR, 0);
                changed = true;
            }
        }
    }
    rows_of(seeds, start, |place, row| {
        for (n, seed) in row.iter().enumerate().filter(|(_, seed)| **seed != 0) {
            let brick = brick.get_or_insert_with(Brick::new);
            let (distance, label) = (&mut brick.distances[place + n], &mut brick.labels[place + n]);
            if (*distance, *label) != (0, *seed) {
                (*distance, *label) = (0, *seed);
                changed = true;
            }
        }
    });
    changed
}

/// Calls `f` with the place of each row in the brick at `start`, and the row's values in `volume`.
fn rows_of(volume: &Volume<u8>, start: [usize; 3], mut f: impl FnMut(usize, &[u8])) {
    let dims = volume.grid().dims();
    let end = [0, 1, 2].map(|a| (start[a] + EDGE).min(dims[a]));
    for k in start[2]..end[2] {
        for j in start[1]..end[1] {
            let first = volume.grid().offset([start[0], j, k]);
            let place = ((k - start[2]) * EDGE + j - start[1]) * EDGE;
            f(place, &volume.voxels()[first..first + end[0] - start[0]]);
        }
    }
}

fn brick_counts(grid: &Grid) -> [usize; 3] {
    grid.dims().map(|n| n.div_ceil(EDGE))
}

fn brick_start([bi, bj, _]: [usize; 3], index: usize) -> [usize; 3] {
    [index % bi * EDGE, index / bi % bj * EDGE, index / (bi * bj) * EDGE]
}

fn parity_of(start: [usize; 3]) -> usize {
    start.iter().map(|first| first / EDGE).sum::<usize>() % 2
}

/// The brick beyond a face: −i, +i, −j, +j, −k, +k.
fn beside([bi, bj, bk]: [usize; 3], index: usize, face: usize) -> Option<usize> {
    let at = [index % bi, index / bi % bj, index / (bi * bj)];
    let (axis, counts, step) = (face / 2, [bi, bj, bk], [1, bi, bi * bj]);
    match face % 2 {
        0 => (0 < at[axis]).then(|| index - step[axis]),
        _ => (at[axis] + 1 < counts[axis]).then(|| index + step[axis]),
    }
}
