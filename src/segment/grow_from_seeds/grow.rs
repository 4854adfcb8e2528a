//! The schedule of growing: bricks that could change, the nearest first, in two colours.

use super::brick::{Brick, EDGE, FAR, Flood, Place};
use super::terrain::Terrain;
use crate::base::{Cancelled, Progress};
use crate::geom::Grid;
use crate::image::{BrickLabels, LabelMap};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Bricks whose nearest way in is this much longer than the nearest of all still flow together with it, in units.
const TOGETHER: u16 = 400;

/// What growing knows between two strokes: the length of the way from every voxel to its seed (2 bytes a voxel), and its
/// label, which it shares with the result.
#[derive(Debug, Clone, Default)]
pub struct GrowWorkspace {
    region: [Range<usize>; 3],
    /// Brick `n` is in list 0 or 1 by the parity of its place, so that face neighbours are in different lists.
    bricks: [Vec<Option<Brick>>; 2],
}

/// Every open voxel of `region` gets the label of the seed with the shortest way to it through face neighbours.
///
/// Fast GrowCut (Zhu, Kolesov, Gao, Kikinis & Tannenbaum 2014, "An effective interactive medical image segmentation
/// method using fast GrowCut", MICCAI workshop IMIC): cellular automata that conquer their neighbours by likeness end
/// where Dijkstra's shortest paths do, whose edges cost |I(p) − I(q)|. Here an edge costs a little for its length too,
/// so that even ground is shared by distance in millimetres. Equal ways go to the smaller label. Seeds keep their label,
/// those in walls do not grow; beyond `region` all but seeds is 0.
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
    seeds: &LabelMap,
    region: &[Range<usize>; 3],
    workspace: &mut GrowWorkspace,
    progress: &Progress,
) -> Result<LabelMap, Cancelled> {
    let mut state = std::mem::take(workspace);
    let mut schedule = state.accept(seeds, region, progress)?;
    state.settle(terrain, &mut schedule, progress)?;
    let labels = state.labels(seeds);
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
        seeds: &LabelMap,
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
        let lost = self.lost(seeds, progress)?;
        let mut whole = vec![false; n_bricks];
        for (parity, bricks) in self.bricks.iter_mut().enumerate() {
            bricks.par_iter_mut().zip(&mut whole).enumerate().try_for_each(|(index, (brick, whole))| {
                let start = brick_start(counts, index);
                if parity_of(start) == parity {
                    progress.check()?;
                    *whole = put_seeds(brick, seeds, index, &lost);
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
    fn lost(&self, seeds: &LabelMap, progress: &Progress) -> Result<[bool; 256], Cancelled> {
        let all = self.bricks.iter().flat_map(|bricks| bricks.iter().enumerate());
        let known: Vec<(usize, &Brick)> = all.filter_map(|(index, brick)| Some((index, brick.as_ref()?))).collect();
        let of_brick = |(index, brick): &(usize, &Brick)| {
            progress.check()?;
            let mut lost = [false; 256];
            let marks = seeds.brick(*index);
            let was_seed = brick.distances.iter().zip(brick.labels.iter()).enumerate().filter(|(_, (d, _))| **d == 0);
            for (place, (_, label)) in was_seed {
                let mark = match marks {
                    BrickLabels::One(mark) => mark,
                    BrickLabels::Each(marks) => marks[place],
                };
                lost[usize::from(*label)] |= mark != *label;
            }
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

    /// What has grown, with the table of the seeds.
    fn labels(&self, seeds: &LabelMap) -> LabelMap {
        let counts = brick_counts(seeds.grid());
        let labels = |index| {
            let parity = parity_of(brick_start(counts, index));
            self.bricks[parity][index].as_ref().map(|brick| &brick.labels)
        };
        LabelMap::from_bricks(Arc::clone(seeds.grid()), seeds.segments().to_vec(), labels)
            .expect("labels come from seeds only")
    }
}

/// Forget what lost labels hold and set the seeds; says whether anything changed.
fn put_seeds(brick: &mut Option<Brick>, seeds: &LabelMap, index: usize, lost: &[bool; 256]) -> bool {
    let mut changed = false;
    if let Some(Brick { distances, labels }) = brick
        && distances.iter().zip(labels.iter()).any(|(distance, label)| *distance != FAR && lost[usize::from(*label)])
    {
        for (distance, label) in distances.iter_mut().zip(Arc::make_mut(labels)) {
            if *distance != FAR && lost[usize::from(*label)] {
                (*distance, *label) = (FAR, 0);
                changed = true;
            }
        }
    }
    let marks = seeds.brick(index);
    if marks == BrickLabels::One(0) {
        return changed;
    }
    let (start, dims) = (brick_start(brick_counts(seeds.grid()), index), seeds.grid().dims());
    let is_on_grid = |place: usize| {
        let at = [place % EDGE, place / EDGE % EDGE, place / (EDGE * EDGE)];
        (0..3).all(|a| start[a] + at[a] < dims[a])
    };
    let seed = |place: usize| match marks {
        BrickLabels::Each(labels) => labels[place],
        BrickLabels::One(label) => label * u8::from(is_on_grid(place)),
    };
    let Brick { distances, labels } = brick.get_or_insert_with(Brick::new);
    let new = |place: &usize| seed(*place) != 0 && (distances[*place], labels[*place]) != (0, seed(*place));
    let new: Vec<usize> = (0..EDGE.pow(3)).filter(new).collect();
    if !new.is_empty() {
        let labels = Arc::make_mut(labels);
        new.iter().for_each(|place| (distances[*place], labels[*place]) = (0, seed(*place)));
    }
    changed || !new.is_empty()
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
