//! The populations of a sparse list of cells, streamed in place.
//!
//! One array holds all populations (Bailey et al. 2009, "AA pattern"): the even step collides a cell's own
//! populations and leaves each in the slot of the opposite direction; the odd step fetches the neighbours', collides,
//! and puts the results where the neighbours' own slots are. An index table tells the odd step where to fetch and
//! where to put.
//!
//! ```text
//! fetch i at x from:  slot(ī, x − c_i) if x − c_i is a cell, else what x sent back
//! put   i at x to:    where ī is fetched
//! ```
//!
//! What leaves the fluid by a wall or an opening has a second, small array of its own, in the order of cells: no
//! other cell ever needs it. So every cell's slots are used by one cell in either step, and those of consecutive cells
//! lie in consecutive parts of every row, one part per thread. The result has the same bits on any number of threads.

use super::cells::Cells;
use super::collide::{Collide, LANES};
use super::domain::WallLink;
use super::lattice::{Q, opposite};
use super::links::{Links, SCATTERED, Tables, Task};
use super::stream::{Even, Odd, Part, Work};
use pulp::Arch;
use rayon::prelude::*;

/// Most cells that 32-bit places can address.
pub(super) const CELLS_MAX: usize = (SCATTERED as usize / Q / LANES - 64) * LANES;

/// Which half of the two-step cycle a state is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// After an even step: results of the collision lie in the cell's own opposite slots.
    Collided,
    /// After an odd step (and at the start): every cell's slots hold what has arrived.
    Arrived,
}

/// All populations of the sparse lattice.
pub(super) struct Populations {
    /// All of direction 0, then all of direction 1, …: sequential streams, which the processor fetches ahead.
    slots: Vec<f32>,
    /// Slots per direction.
    stride: usize,
    /// What was sent back by the links out of the fluid, in the order of the tables.
    bounced: Vec<f32>,
    /// The rank of every cell: where it is in a row.
    ranks: Vec<u32>,
    tables: Tables,
    phase: Phase,
}

/// Slots per direction for a number of cells: whole blocks, and directions spread over the cache's sets.
fn stride_for(cells: usize) -> usize {
    let blocks = cells.div_ceil(LANES);
    (blocks + (64 + 13 - blocks % 64) % 64) * LANES
}

/// The cells in the order in which most neighbours are neighbours in a row too: along the axis with the longest runs
/// of cells.
fn longest_runs(cells: &Cells) -> Vec<u32> {
    let mut order: Vec<u32> = (0..cells.len() as u32).collect();
    // Directions 1, 3 and 5 lead along x, y and z.
    let runs =
        |axis: &usize| order.par_iter().filter(|c| cells.neighbour(**c as usize, 2 * axis + 1).is_none()).count();
    let axis = (0..3).min_by_key(runs).unwrap_or(0);
    if axis != 0 {
        let turned = |cell: &u32| {
            let [x, y, z] = cells.place(*cell as usize);
            if axis == 1 { [z, x, y] } else { [y, x, z] }
        };
        order.par_sort_unstable_by_key(turned);
    }
    order
}

impl Populations {
    /// Fluid at rest. Links out of the fluid bounce back half-way, or where one of `walls` is (in the order of cells and
    /// directions).
    pub fn new(cells: &Cells, walls: &[WallLink]) -> Self {
        assert!(cells.len() <= CELLS_MAX, "the set-up limits the number of cells");
        let order = longest_runs(cells);
        let mut ranks = vec![0; order.len()];
        order.iter().enumerate().for_each(|(rank, cell)| ranks[*cell as usize] = rank as u32);
        let neighbour = |rank: usize, i: usize| {
            let to = cells.neighbour(order[rank] as usize, i)?;
            Some(ranks[to] as usize)
        };
        let wall = |rank: usize, i: usize| {
            let key = (order[rank], i as u8);
            let found = walls.binary_search_by_key(&key, |wall| (wall.cell, wall.direction)).ok()?;
            Some(walls[found].fraction)
        };
        let tables = Tables::new(cells.len(), neighbour, wall);
        let stride = stride_for(cells.len());
        let bounced = vec![0.0; tables.bounces.len()];
        Self { slots: vec![0.0; Q * stride], stride, bounced, ranks, tables, phase: Phase::Arrived }
    }

    /// What the slots hold now.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Bytes of the populations and the index table.
    pub fn bytes_for(cells: usize) -> usize {
        stride_for(cells) * Q * size_of::<f32>()
            + cells.div_ceil(LANES) * (size_of::<Links>() + (Q - 1) * LANES * size_of::<u32>() / 2)
    }

    /// Bytes of the index table.
    pub fn table_bytes(&self) -> usize {
        self.tables.bytes()
    }

    /// One collision and one streaming of all cells.
    pub fn step(&mut self, collide: impl Collide) {
        let arch = Arch::new();
        match self.phase {
            Phase::Arrived => {
                let work = self.divide(|task| [task.blocks.end * LANES; Q]);
                work.into_par_iter().for_each(|work| arch.dispatch(Even { work, collide }));
                self.phase = Phase::Collided;
            }
            Phase::Collided => {
                let work = self.divide(|task| task.ends);
                work.into_par_iter().for_each(|work| arch.dispatch(Odd { work, collide }));
                self.phase = Phase::Arrived;
            }
        }
    }

    /// Every task with its part of every row, which ends at `ends`.
    fn divide(&mut self, ends: impl Fn(&Task) -> [usize; Q]) -> Vec<Work<'_>> {
        let tables = &self.tables;
        let mut bounced = self.bounced.as_mut_slice();
        let mut rows: Vec<&mut [f32]> = self.slots.chunks_mut(self.stride).collect();
        let mut begins = [0; Q];
        let work = |task| {
            let ends = ends(task);
            let part: Part = std::array::from_fn(|row| {
                rows[row].split_off_mut(..ends[row] - begins[row]).expect("parts lie in their rows")
            });
            begins = ends;
            let bounced = bounced.split_off_mut(..task.bounces.len()).expect("every bounce has its value");
            Work { tables, task, part, bounced }
        };
        tables.tasks.iter().map(work).collect()
    }

    /// Place of direction `i` of cell `cell` in the array.
    fn slot(&self, i: usize, cell: usize) -> usize {
        i * self.stride + self.ranks[cell] as usize
    }

    /// The links out of the fluid of a cell.
    fn bounces(&self, cell: usize) -> impl Iterator<Item = usize> + '_ {
        let rank = self.ranks[cell] as usize;
        let of_block = self.tables.of_block(rank / LANES);
        of_block.filter(move |n| usize::from(self.tables.bounces[*n].lane) == rank % LANES)
    }

    /// The arrived populations of a cell; only between pairs of steps.
    pub fn arrived(&self, cell: usize) -> [f32; Q] {
        debug_assert_eq!(self.phase, Phase::Arrived);
        let mut g = std::array::from_fn(|i| self.slots[self.slot(i, cell)]);
        for n in self.bounces(cell) {
            let bounce = self.tables.bounces[n];
            let out = usize::from(bounce.out);
            let [value, rest] = bounce.arriving(self.bounced[n], g[out]);
            g[opposite(out)] = value;
            g[0] += rest;
        }
        g
    }

    /// The populations of a cell as the collision left them; only between the steps of a pair.
    pub fn collided(&self, cell: usize) -> [f32; Q] {
        debug_assert_eq!(self.phase, Phase::Collided);
        let mut g = std::array::from_fn(|i| self.slots[self.slot(opposite(i), cell)]);
        for n in self.bounces(cell) {
            let bounce = self.tables.bounces[n];
            let out = usize::from(bounce.out);
            g[out] = bounce.unsent(self.bounced[n], g[opposite(out)]);
            g[0] -= g[out] - self.bounced[n];
        }
        g
    }

    /// Set the populations of a cell; only between pairs of steps. At walls that are not half-way they are what was
    /// sent back, before interpolation.
    pub fn set(&mut self, cell: usize, values: [f32; Q]) {
        debug_assert_eq!(self.phase, Phase::Arrived);
        for (i, value) in values.into_iter().enumerate() {
            let slot = self.slot(i, cell);
            self.slots[slot] = value;
        }
        let bounces: Vec<usize> = self.bounces(cell).collect();
        for n in bounces {
            self.bounced[n] = values[opposite(usize::from(self.tables.bounces[n].out))];
        }
    }

    /// The rank of every cell: the order in which most neighbours are neighbours in a row too.
    #[cfg(feature = "gpu")]
    pub fn ranks(&self) -> &[u32] {
        &self.ranks
    }

    /// Direction and shares ([`Bounce::shares`](super::links::Bounce::shares)) of the links out of the fluid, in the order
    /// of [`Self::bounced`]: that of ranks and directions. Those of no cell, which fill the last block, come last.
    #[cfg(feature = "gpu")]
    pub fn links_out(&self) -> impl Iterator<Item = (u8, [f32; 2])> + '_ {
        self.tables.bounces.iter().map(|bounce| (bounce.out, bounce.shares()))
    }

    /// What was sent to a cell, at walls before interpolation: what [`Self::set`] sets; only between pairs of steps.
    #[cfg(feature = "gpu")]
    pub fn sent(&self, cell: usize) -> [f32; Q] {
        debug_assert_eq!(self.phase, Phase::Arrived);
        let mut g = std::array::from_fn(|i| self.slots[self.slot(i, cell)]);
        for n in self.bounces(cell) {
            g[opposite(usize::from(self.tables.bounces[n].out))] = self.bounced[n];
        }
        g
    }

    /// The number of a link out of the fluid, for [`Self::bounced`].
    pub fn bounce(&self, cell: usize, out: usize) -> u32 {
        let is_it = |n: &usize| usize::from(self.tables.bounces[*n].out) == out;
        self.bounces(cell).find(is_it).expect("openings lie on links out of the fluid") as u32
    }

    /// What was sent back by the links out of the fluid.
    pub fn bounced(&mut self) -> &mut [f32] {
        &mut self.bounced
    }
}

#[cfg(test)]
mod tests {
    use super::super::collide::Trt;
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::{Grid, Point};

    /// One step in the plainest way: collide everything, then every cell fetches what comes to it. Gives the
    /// populations after the collision and after the streaming.
    fn plain_step(cells: &Cells, walls: &[WallLink], g: &[[f32; Q]], collide: Trt) -> [Vec<[f32; Q]>; 2] {
        let post: Vec<[f32; Q]> = g.iter().map(|g| collide.cell(*g)).collect();
        let arrive = |cell: usize| {
            let mut next = post[cell];
            for i in 1..Q {
                let out = opposite(i);
                let back = cells.neighbour(cell, i);
                next[i] = match (cells.neighbour(cell, out), back) {
                    (Some(from), _) => post[from][i],
                    (None, None) => post[cell][out],
                    (None, Some(behind)) => {
                        let key = (cell as u32, out as u8);
                        let wall = walls.binary_search_by_key(&key, |wall| (wall.cell, wall.direction));
                        let q = wall.map_or(0.5, |n| walls[n].fraction);
                        if q < 0.5 {
                            2.0 * q * post[cell][out] + (1.0 - 2.0 * q) * post[behind][out]
                        } else {
                            post[cell][out] / (2.0 * q) + (1.0 - 1.0 / (2.0 * q)) * post[cell][i]
                        }
                    }
                };
                if cells.neighbour(cell, out).is_none() {
                    next[0] += post[cell][out] - next[i];
                }
            }
            next
        };
        let next = (0..cells.len()).map(arrive).collect();
        [post, next]
    }

    #[test]
    fn streaming_in_place_does_what_the_plain_way_does() {
        let grid = Grid::aligned([30, 13, 11], Point::origin(), [1.0; 3]).unwrap();
        for periodic in [[false; 3], [true, false, true]] {
            let mut rng = Rng::new(3);
            let is_fluid: Vec<bool> = (0..grid.len()).map(|_| rng.between(0.0, 1.0) < 0.8).collect();
            let cells = Cells::new(grid.clone(), periodic, |offset| is_fluid[offset]);
            let mut walls = Vec::new();
            for cell in 0..cells.len() {
                for i in (1..Q).filter(|i| cells.neighbour(cell, *i).is_none()) {
                    if rng.between(0.0, 1.0) < 0.1 {
                        // No wall: stands for an opening.
                        continue;
                    }
                    let side = if rng.between(0.0, 1.0) < 0.5 { 0.0 } else { 0.5 };
                    let fraction = (side + rng.between(0.01, 0.49)) as f32;
                    walls.push(WallLink { cell: cell as u32, direction: i as u8, fraction });
                }
            }
            let mut populations = Populations::new(&cells, &walls);
            for cell in 0..cells.len() {
                populations.set(cell, std::array::from_fn(|_| rng.between(-0.01, 0.01) as f32));
            }
            let all = |populations: &Populations| (0..cells.len()).map(|cell| populations.arrived(cell)).collect();
            let same = |a: [f32; Q], b: [f32; Q], what: &str| {
                let apart = (0..Q).map(|i| (a[i] - b[i]).abs()).fold(0.0, f32::max);
                assert!(apart < 1e-6, "{what}: {a:?} and {b:?} are {apart} apart");
            };
            let collide = Trt::new(0.7, 0.1875, [1e-4, 0.0, -2e-4]);
            let mut plain: Vec<[f32; Q]> = all(&populations);
            for _ in 0..3 {
                let [post, between] = plain_step(&cells, &walls, &plain, collide);
                populations.step(collide);
                (0..cells.len()).for_each(|cell| same(populations.collided(cell), post[cell], "after the collision"));
                plain = plain_step(&cells, &walls, &between, collide)[1].clone();
                populations.step(collide);
                let arrived: Vec<[f32; Q]> = all(&populations);
                (0..cells.len()).for_each(|cell| same(arrived[cell], plain[cell], "after both steps"));
            }
        }
    }
}
