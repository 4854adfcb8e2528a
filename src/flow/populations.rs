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
//!
//! The even step of a cell needs nothing but the odd step of the cells around it. A thread that has made the odd step of
//! some cells therefore makes the next even step of those behind at once, while they are in its cache, and populations
//! travel from and to memory once in two steps (see [`Populations::step_ahead`]).

use super::cells::Cells;
use super::collide::Collide;
use super::domain::WallLink;
use super::lattice::{Q, opposite};
use super::links::{LANES, Links, Piece, SCATTERED, Tables, Task};
use super::pages::prefer_large_pages;
use super::stream::{Half, Job, Part, Which, Work};
use super::sweep::sweep;
use pulp::Arch;
use rayon::prelude::*;
use std::ops::Range;

/// Most cells that 32-bit places can address.
pub(super) const CELLS_MAX: usize = (SCATTERED as usize / Q / LANES - 64) * LANES;
/// Parts per thread, so that a thread that is held up does not hold up all.
const PARTS_PER_THREAD: usize = 4;
/// A part is at least this many times as long as what its even steps lag behind its odd ones: its ends have to wait.
const LAGS_PER_PART: usize = 6;

/// The rank of a cell that another process holds.
const ELSEWHERE: u32 = u32::MAX;

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
    /// The rank of every cell: where it is in a row, or [`ELSEWHERE`].
    ranks: Vec<u32>,
    tables: Tables,
    phase: Phase,
    /// Of every block, whether boundary conditions act on what it sends back; empty if they do on none.
    held: Vec<bool>,
    /// Of every task, whether its next even step is made, but for the blocks that are held; empty if it is of none.
    is_ahead: Vec<bool>,
}

/// Slots per direction for a number of cells: whole blocks, and directions spread over the cache's sets.
fn stride_for(cells: usize) -> usize {
    let blocks = cells.div_ceil(LANES);
    (blocks + (64 + 13 - blocks % 64) % 64) * LANES
}

/// Some of the cells in the order in which most neighbours are neighbours in a row too: along the axis with the longest
/// runs of cells.
fn longest_runs(cells: &Cells, mut order: Vec<u32>) -> Vec<u32> {
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
        Self::of_part(cells, walls, (0..cells.len() as u32).collect())
    }

    /// The same of some of the cells, `here` in ascending order, which keep their numbers among all of them. Links to
    /// cells that are not here send everything back half-way; walls are as they are among all cells.
    pub fn of_part(cells: &Cells, walls: &[WallLink], here: Vec<u32>) -> Self {
        assert!(here.len() <= CELLS_MAX, "the set-up limits the number of cells");
        let order = longest_runs(cells, here);
        let mut ranks = vec![ELSEWHERE; cells.len()];
        order.iter().enumerate().for_each(|(rank, cell)| ranks[*cell as usize] = rank as u32);
        let neighbour = |rank: usize, i: usize| {
            let to = cells.neighbour(order[rank] as usize, i)?;
            (ranks[to] != ELSEWHERE).then_some(ranks[to] as usize)
        };
        let wall = |rank: usize, i: usize| {
            // The last block may have more lanes than there are cells.
            let key = (*order.get(rank)?, i as u8);
            let found = walls.binary_search_by_key(&key, |wall| (wall.cell, wall.direction)).ok()?;
            // Without a cell behind this one there is nothing to interpolate with.
            let is_backed = cells.neighbour(order[rank] as usize, opposite(i)).is_some();
            Some(if is_backed { walls[found].fraction } else { 0.5 })
        };
        let tables = Tables::new(order.len(), neighbour, wall);
        let stride = stride_for(order.len());
        let bounced = vec![0.0; tables.bounces.len()];
        let (held, is_ahead) = (Vec::new(), Vec::new());
        let mut slots = vec![0.0; Q * stride];
        prefer_large_pages(&mut slots);
        Self { slots, stride, bounced, ranks, tables, phase: Phase::Arrived, held, is_ahead }
    }

    /// What the slots hold now.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Bytes of the populations and the index table.
    pub fn bytes_for(cells: usize) -> usize {
        stride_for(cells) * Q * size_of::<f32>()
            + cells.div_ceil(LANES) * (size_of::<Links>() + (Q - 1) * size_of::<Piece>())
    }

    /// Bytes that are allocated for all of this: populations, what was sent back, ranks, index table.
    pub fn allocated(&self) -> usize {
        (self.slots.capacity() + self.bounced.capacity()) * size_of::<f32>()
            + self.ranks.capacity() * size_of::<u32>()
            + self.held.capacity()
            + self.is_ahead.capacity()
            + self.tables.allocated()
    }

    /// Bytes of the index table.
    pub fn table_bytes(&self) -> usize {
        self.tables.bytes()
    }

    /// One collision and one streaming of all cells.
    pub fn step(&mut self, collide: impl Collide) {
        let parts = self.parts(self.tables.tasks.len());
        match self.phase {
            Phase::Arrived => {
                let is_ahead = std::mem::take(&mut self.is_ahead);
                let job = |task| match is_ahead.get(task) {
                    Some(true) => Job { half: Half::Even, task, which: Which::Held },
                    _ => Job { half: Half::Even, task, which: Which::All },
                };
                let jobs = parts.into_iter().map(|tasks| (tasks.clone(), tasks.map(job).collect()));
                self.run(jobs.collect(), |task| [task.places().end; Q], collide);
                self.phase = Phase::Collided;
            }
            Phase::Collided => {
                let job = |task| Job { half: Half::Odd, task, which: Which::All };
                let jobs = parts.into_iter().map(|tasks| (tasks.clone(), tasks.map(job).collect()));
                self.run(jobs.collect(), |task| task.ends, collide);
                self.phase = Phase::Arrived;
            }
        }
    }

    /// As [`Self::step`], but the odd step is followed at once by as much of the next even step as can be made of every
    /// part by itself: half the traffic to memory. Nobody may ask for what has arrived in between; boundary conditions
    /// may act on what was sent back by the links to be held (see [`Self::hold`]).
    pub fn step_ahead(&mut self, collide: impl Collide) {
        if self.phase == Phase::Arrived {
            return self.step(collide);
        }
        let tasks = &self.tables.tasks;
        let mut is_ahead = vec![false; tasks.len()];
        let sweep = |part: Range<usize>| {
            let (jobs, ahead) = sweep(tasks, part.clone());
            is_ahead[ahead].fill(true);
            (part, jobs)
        };
        let jobs = self.parts(tasks.len() / (LAGS_PER_PART * self.tables.lag)).into_iter().map(sweep).collect();
        self.run(jobs, |task| task.ends, collide);
        self.is_ahead = is_ahead;
        self.phase = Phase::Arrived;
    }

    /// From now on, boundary conditions act on what these links out of the fluid sent back, and on no others.
    pub fn hold(&mut self, bounces: impl Iterator<Item = u32>) {
        self.held = vec![false; self.tables.links.len()];
        for bounce in bounces {
            self.held[self.tables.block_of(bounce as usize)] = true;
        }
    }

    /// Share of the cells whose next step is made already.
    pub fn ahead(&self) -> f64 {
        let tasks = self.tables.tasks.iter().zip(&self.is_ahead);
        let blocks: usize = tasks.filter(|(_, is_ahead)| **is_ahead).map(|(task, _)| task.blocks.len()).sum();
        blocks as f64 / self.tables.links.len().max(1) as f64
    }

    /// Whether it is known which links are to be held.
    pub fn is_held(&self) -> bool {
        !self.held.is_empty()
    }

    /// Tasks that are worked on together, in order: about as many parts as the threads of the pool want, of which
    /// `wanted` would be best.
    fn parts(&self, wanted: usize) -> Vec<Range<usize>> {
        let (threads, tasks) = (rayon::current_num_threads(), self.tables.tasks.len());
        let parts = wanted.min(PARTS_PER_THREAD * threads).max(threads).min(tasks);
        (0..parts).map(|n| n * tasks / parts..(n + 1) * tasks / parts).collect()
    }

    /// Do jobs, side by side those of different parts; the part of every row of slots ends at `ends` of its last task.
    fn run(&mut self, jobs: Vec<(Range<usize>, Vec<Job>)>, ends: impl Fn(&Task) -> [usize; Q], collide: impl Collide) {
        let (tables, held) = (&self.tables, self.held.as_slice());
        let mut bounced = self.bounced.as_mut_slice();
        let mut rows: Vec<&mut [f32]> = self.slots.chunks_mut(self.stride).collect();
        let (mut begins, mut bounce) = ([0; Q], 0);
        let work = |(tasks, jobs): (Range<usize>, Vec<Job>)| {
            let last = &tables.tasks[tasks.end - 1];
            let (ends, next_bounce) = (ends(last), tables.first[last.blocks.end] as usize);
            let rows = std::array::from_fn(|row| {
                rows[row].split_off_mut(..ends[row] - begins[row]).expect("parts lie in their rows")
            });
            let bounced = bounced.split_off_mut(..next_bounce - bounce).expect("every bounce has its value");
            let part = Part { rows, begins, bounced, bounce };
            (begins, bounce) = (ends, next_bounce);
            Work { tables, held, part, jobs, collide }
        };
        let work: Vec<_> = jobs.into_iter().map(work).collect();
        let arch = Arch::new();
        work.into_par_iter().with_max_len(1).for_each(|work| arch.dispatch(work));
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

    /// Whether a cell is beside a wall.
    #[cfg(feature = "gpu")]
    pub fn is_beside_wall(&self, cell: usize) -> bool {
        let rank = self.ranks[cell] as usize;
        self.tables.walls[rank / LANES] >> (rank % LANES) & 1 == 1
    }

    /// The arrived populations of a cell; only between pairs of steps.
    pub fn arrived(&self, cell: usize) -> [f32; Q] {
        assert!(self.phase == Phase::Arrived && self.is_ahead.is_empty(), "a step is not finished");
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
        assert!(self.phase == Phase::Arrived && self.is_ahead.is_empty(), "a step is not finished");
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

    /// Whether a cell is one of these.
    pub fn has(&self, cell: usize) -> bool {
        self.ranks[cell] != ELSEWHERE
    }

    /// What was sent to a cell, at walls before interpolation: what [`Self::set`] sets; only between pairs of steps.
    pub fn sent(&self, cell: usize) -> [f32; Q] {
        assert!(self.phase == Phase::Arrived && self.is_ahead.is_empty(), "a step is not finished");
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
