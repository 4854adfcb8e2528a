//! The populations of a sparse list of cells, streamed in place.
//!
//! One array holds all populations (Bailey et al. 2009, "AA pattern"): the even step collides a cell's own
//! populations and leaves each in the slot of the opposite direction; the odd step fetches the neighbours', collides,
//! and puts the results where the neighbours' own slots are. One index table tells the odd step where to fetch and
//! where to put; a link that ends in a wall simply names the cell's own slot, which is half-way bounce-back.
//!
//! ```text
//! fetch i at x from:  slot(ī, x − c_i) if x − c_i is a cell, else slot(i, x)
//! put   i at x to:    where ī is fetched
//! ```
//!
//! Every slot belongs to exactly one cell in either step, so the threads never meet; the slots are relaxed atomics
//! (plain moves in machine code) because the compiler cannot know that. The result has the same bits on any number
//! of threads.

#![expect(clippy::needless_range_loop, reason = "lanes, directions and axes index several arrays at once")]

use super::collide::{Collide, LANES, Rows};
use super::lattice::{Q, opposite};
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The slots of one direction in a row of blocks, all directions.
type Part<'a> = [&'a mut [AtomicU32]; Q];
/// Where the populations of [`LANES`] cells are fetched, one number per moving direction: the place of the first, if
/// they lie side by side, or [`SCATTERED`] plus an index into the list of scattered places.
type Links = [u32; Q - 1];

/// Marks an index into the list of scattered places.
const SCATTERED: u32 = 1 << 31;

/// Blocks one task works on: small enough for balance, large enough for the pool.
const BLOCKS_PER_TASK: usize = 64;

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
    slots: Vec<AtomicU32>,
    /// Slots per direction.
    stride: usize,
    links: Vec<Links>,
    scattered: Vec<[u32; LANES]>,
    phase: Phase,
}

/// Slots per direction for a number of cells: whole blocks, and directions spread over the cache's sets.
fn stride_for(cells: usize) -> usize {
    let blocks = cells.div_ceil(LANES);
    (blocks + (64 + 13 - blocks % 64) % 64) * LANES
}

impl Populations {
    /// Fluid at rest in `cells` cells; `neighbour(cell, i)` is the cell at `x + c_i`, if it is a cell.
    pub fn new(cells: usize, neighbour: impl Fn(usize, usize) -> Option<usize> + Sync) -> Self {
        assert!(cells <= CELLS_MAX, "the set-up limits the number of cells");
        let n_blocks = cells.div_ceil(LANES);
        let stride = stride_for(cells);
        let slot = |i: usize, cell: usize| i * stride + cell;
        let slots = (0..Q * stride).into_par_iter().map(|_| AtomicU32::new(0)).collect();
        let places = |block: usize, i: usize| -> [u32; LANES] {
            std::array::from_fn(|lane| {
                let cell = block * LANES + lane;
                let from = if cell < cells { neighbour(cell, opposite(i)) } else { None };
                from.map_or_else(|| slot(i, cell), |from| slot(opposite(i), from)) as u32
            })
        };
        let is_run = |places: &[u32; LANES]| (0..LANES).all(|lane| places[lane] == places[0] + lane as u32);
        let links = (0..n_blocks).into_par_iter().map(|block| std::array::from_fn(|n| places(block, n + 1)));
        let all: Vec<[[u32; LANES]; Q - 1]> = links.collect();
        let scattered: Vec<[u32; LANES]> = all.iter().flatten().copied().filter(|places| !is_run(places)).collect();
        let mut next = SCATTERED;
        let link = |places: &[u32; LANES]| {
            if is_run(places) {
                return places[0];
            }
            next += 1;
            next - 1
        };
        let links: Vec<Links> = all.as_flattened().iter().map(link).collect::<Vec<u32>>().as_chunks().0.to_vec();
        Self { slots, stride, links, scattered, phase: Phase::Arrived }
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
        size_of_val(self.links.as_slice()) + size_of_val(self.scattered.as_slice())
    }

    /// One collision and one streaming of all cells, walls half-way.
    pub fn step(&mut self, collide: impl Collide) {
        let arch = Arch::new();
        match self.phase {
            Phase::Arrived => {
                let mut rows: Vec<_> =
                    self.slots.chunks_mut(self.stride).map(|row| row.chunks_mut(BLOCKS_PER_TASK * LANES)).collect();
                let tasks = self.links.len().div_ceil(BLOCKS_PER_TASK);
                let parts: Vec<Part> = (0..tasks)
                    .map(|_| std::array::from_fn(|i| rows[i].next().expect("rows have a slot for every block")))
                    .collect();
                parts.into_par_iter().for_each(|part| arch.dispatch(Even { part, collide }));
                self.phase = Phase::Collided;
            }
            Phase::Collided => {
                let (slots, scattered) = (self.slots.as_slice(), self.scattered.as_slice());
                let tasks = self.links.par_chunks(BLOCKS_PER_TASK).enumerate();
                tasks.for_each(|(task, links)| {
                    arch.dispatch(Odd { slots, scattered, links, first: task * BLOCKS_PER_TASK, collide });
                });
                self.phase = Phase::Arrived;
            }
        }
    }

    /// Place of direction `i` of cell `cell` in the array.
    #[inline]
    pub fn slot(&self, i: usize, cell: usize) -> u32 {
        (i * self.stride + cell) as u32
    }

    /// All slots as one array, to be read and written by [`get`] and [`put`].
    pub fn slots(&self) -> &[AtomicU32] {
        &self.slots
    }

    /// The arrived populations of a cell; only between pairs of steps.
    #[inline]
    pub fn arrived(&self, cell: usize) -> [f32; Q] {
        debug_assert_eq!(self.phase, Phase::Arrived);
        std::array::from_fn(|i| get(&self.slots, self.slot(i, cell)))
    }

    /// Set the populations of a cell; only between pairs of steps.
    pub fn set(&mut self, cell: usize, values: [f32; Q]) {
        debug_assert_eq!(self.phase, Phase::Arrived);
        for (i, value) in values.into_iter().enumerate() {
            put(&self.slots, self.slot(i, cell), value);
        }
    }
}

/// The value in a slot.
#[inline(always)]
pub(super) fn get(slots: &[AtomicU32], place: u32) -> f32 {
    f32::from_bits(slots[place as usize].load(Relaxed))
}

/// Change the value in a slot.
#[inline(always)]
pub(super) fn put(slots: &[AtomicU32], place: u32, value: f32) {
    slots[place as usize].store(value.to_bits(), Relaxed);
}

/// [`even`] for the processor's widest vectors. (A closure would do, but would not be inlined.)
struct Even<'a, K> {
    part: Part<'a>,
    collide: K,
}

impl<K: Collide> WithSimd for Even<'_, K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        even(self.part, self.collide);
    }
}

/// [`odd`] for the processor's widest vectors.
struct Odd<'a, K> {
    slots: &'a [AtomicU32],
    scattered: &'a [[u32; LANES]],
    links: &'a [Links],
    first: usize,
    collide: K,
}

impl<K: Collide> WithSimd for Odd<'_, K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        odd(self.slots, self.scattered, self.links, self.first, self.collide);
    }
}

/// Collide in place, leave results in opposite slots.
#[inline(always)]
fn even(part: Part, collide: impl Collide) {
    let len = part.iter().map(|slots| slots.len()).min().unwrap_or(0);
    for start in (0..len).step_by(LANES) {
        let mut rows: Rows = [[0.0; LANES]; Q];
        for i in 0..Q {
            let slots = &mut part[i][start..start + LANES];
            for lane in 0..LANES {
                rows[i][lane] = f32::from_bits(*slots[lane].get_mut());
            }
        }
        collide.collide(&mut rows);
        for i in 0..Q {
            let slots = &mut part[opposite(i)][start..start + LANES];
            for lane in 0..LANES {
                *slots[lane].get_mut() = rows[i][lane].to_bits();
            }
        }
    }
}

/// Fetch, collide, put the blocks from `first` on.
#[inline(always)]
fn odd(slots: &[AtomicU32], scattered: &[[u32; LANES]], all_links: &[Links], first: usize, collide: impl Collide) {
    for (n, links) in all_links.iter().enumerate() {
        let rest = ((first + n) * LANES) as u32;
        let mut rows: Rows = [[0.0; LANES]; Q];
        for lane in 0..LANES {
            rows[0][lane] = get(slots, rest + lane as u32);
        }
        for i in 1..Q {
            let link = links[i - 1];
            if link < SCATTERED {
                let run = &slots[link as usize..link as usize + LANES];
                for lane in 0..LANES {
                    rows[i][lane] = f32::from_bits(run[lane].load(Relaxed));
                }
            } else {
                let places = &scattered[(link - SCATTERED) as usize];
                for lane in 0..LANES {
                    rows[i][lane] = get(slots, places[lane]);
                }
            }
        }
        collide.collide(&mut rows);
        for lane in 0..LANES {
            put(slots, rest + lane as u32, rows[0][lane]);
        }
        for i in 1..Q {
            let (link, row) = (links[i - 1], &rows[opposite(i)]);
            if link < SCATTERED {
                let run = &slots[link as usize..link as usize + LANES];
                for lane in 0..LANES {
                    run[lane].store(row[lane].to_bits(), Relaxed);
                }
            } else {
                let places = &scattered[(link - SCATTERED) as usize];
                for lane in 0..LANES {
                    put(slots, places[lane], row[lane]);
                }
            }
        }
    }
}
