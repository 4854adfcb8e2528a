//! Who neighbours whom, as the odd step of the populations reads it: made once, from the cells and their walls.

use super::collide::LANES;
use super::lattice::{Q, opposite};
use rayon::prelude::*;
use std::ops::Range;

/// Where the populations of [`LANES`] cells are fetched, one number per moving direction: the place of the first, if
/// they lie side by side, [`SCATTERED`] plus an index into the list of scattered places, or [`NOWHERE`] for none at all.
pub(super) type Links = [u32; Q - 1];

/// Marks an index into the list of scattered places.
pub(super) const SCATTERED: u32 = 1 << 31;
/// The place of a population that nobody sends.
pub(super) const NOWHERE: u32 = u32::MAX;
/// Cells one task works on: small enough for balance, large enough for the pool.
const CELLS_PER_TASK: usize = 1024;
/// Walls this close to half-way need no correction.
const HALF_WAY: f32 = 1e-3;

/// A link out of the fluid, by which a population comes back to the cell it left, and how much of it does if the wall
/// is not half-way (Bouzidi, Firdaouss, Lallemand 2001, Phys. Fluids 13:3452; `*`: after the collision).
///
/// ```text
/// q < ½:  f_ī ← 2q f*_i(x) + (1 − 2q) f*_i(x − c)            f*_i(x − c) is what arrives in i
/// q ≥ ½:  f_ī ← f*_i(x)/(2q) + (1 − 1/(2q)) f*_ī(x)
/// ```
///
/// Interpolation takes or gives a little mass; the cell's resting population gives it back (as Sanjeevi, Zarghami,
/// Padding 2018, Phys. Rev. E 97:043305), so that fluid enters and leaves through openings only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounce {
    pub lane: u8,
    /// The direction out of the fluid, i.
    pub out: u8,
    /// A lane of the same block whose cell does send something on in i, if there is one, else this lane. The tables
    /// name its place here too, so that no lane has to be left out: the same value is put there twice.
    pub twin: u8,
    /// What share of the arriving population was sent back, 2q or 1.
    near: f32,
    /// What share of the population sent back was on its way out, 1/(2q) or 1.
    far: f32,
}

impl Bounce {
    /// The link of a cell with a wall at `fraction`; half-way without.
    fn new(lane: usize, out: usize, twin: usize, fraction: Option<f32>) -> Self {
        let q2 = 2.0 * fraction.filter(|q| HALF_WAY < (q - 0.5).abs()).unwrap_or(0.5);
        let [lane, out, twin] = [lane, out, twin].map(|n| n as u8);
        Self { lane, out, twin, near: q2.min(1.0), far: (1.0 / q2).min(1.0) }
    }

    /// What share of the arriving population was sent back, and what share of the one sent back was on its way out.
    #[cfg(feature = "gpu")]
    pub fn shares(&self) -> [f32; 2] {
        [self.near, self.far]
    }

    /// What arrives, and what the resting population gets for it, from what was sent `back` and arrives `beside`.
    #[inline(always)]
    pub fn arriving(&self, back: f32, beside: f32) -> [f32; 2] {
        let value = self.near * back + (1.0 - self.near) * beside;
        [value, back - value]
    }

    /// What is sent back, and what the resting population gets for it, from what is on its way `out` and `away` from
    /// the wall.
    #[inline(always)]
    pub fn sent(&self, out: f32, away: f32) -> [f32; 2] {
        let value = self.far * out + (1.0 - self.far) * away;
        [value, out - value]
    }

    /// What was on its way out, from what was `sent` back and is on its way `away`.
    pub fn unsent(&self, sent: f32, away: f32) -> f32 {
        (sent - (1.0 - self.far) * away) / self.far
    }
}

/// Blocks that one thread works on at a time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Task {
    pub blocks: Range<usize>,
    pub bounces: Range<usize>,
    /// Where its part of every row of slots ends in the odd step; it begins where that of the task before ends.
    pub ends: [usize; Q],
}

/// The index tables of all blocks.
pub(super) struct Tables {
    pub links: Vec<Links>,
    pub scattered: Vec<[u32; LANES]>,
    pub bounces: Vec<Bounce>,
    /// The first bounce of every block, and the number of bounces.
    pub first: Vec<u32>,
    pub tasks: Vec<Task>,
}

/// The senders of a block, one row per moving direction.
type Senders = [[u32; LANES]; Q - 1];

impl Tables {
    /// Tables of `cells` cells; `neighbour(cell, i)` is the cell at `x + c_i`, if it is a cell, and `wall(cell, i)` says
    /// where on the way there a wall is, 0 to 1.
    pub fn new(
        cells: usize,
        neighbour: impl Fn(usize, usize) -> Option<usize> + Sync,
        wall: impl Fn(usize, usize) -> Option<f32> + Sync,
    ) -> Self {
        let n_blocks = cells.div_ceil(LANES);
        let sender = |cell: usize, i: usize| {
            let from = if cell < cells { neighbour(cell, opposite(i)) } else { None };
            from.map_or(NOWHERE, |from| from as u32)
        };
        let of_block = |block: usize| -> Senders {
            std::array::from_fn(|n| std::array::from_fn(|lane| sender(block * LANES + lane, n + 1)))
        };
        let mut senders: Vec<Senders> = (0..n_blocks).into_par_iter().map(of_block).collect();
        let (bounces, first) = bounces(&senders, wall);
        let tasks = tasks(&senders, &first);
        // From here on places count from where the part of the task begins, and every lane has one if any has.
        for (n, task) in tasks.iter().enumerate() {
            let begins = if n == 0 { [0; Q] } else { tasks[n - 1].ends };
            senders[task.blocks.clone()].par_iter_mut().for_each(|block| {
                for (n, row) in block.iter_mut().enumerate() {
                    let Some(twin) = twin(row).map(|lane| row[lane]) else { continue };
                    for place in row {
                        let filled = if *place == NOWHERE { twin } else { *place };
                        *place = filled - begins[opposite(n + 1)] as u32;
                    }
                }
            });
        }
        let is_run = |row: &[u32; LANES]| {
            row[0] == NOWHERE || (0..LANES).all(|lane| row[lane] == row[0].wrapping_add(lane as u32))
        };
        let scattered: Vec<[u32; LANES]> = senders.iter().flatten().copied().filter(|row| !is_run(row)).collect();
        let mut next = SCATTERED;
        let mut link = |row: &[u32; LANES]| {
            if is_run(row) {
                return row[0];
            }
            next += 1;
            next - 1
        };
        let links = senders.iter().map(|block| std::array::from_fn(|n| link(&block[n]))).collect();
        Self { links, scattered, bounces, first, tasks }
    }

    /// The bounces of a block.
    pub fn of_block(&self, block: usize) -> Range<usize> {
        self.first[block] as usize..self.first[block + 1] as usize
    }

    /// Bytes of the tables.
    pub fn bytes(&self) -> usize {
        size_of_val(self.links.as_slice())
            + size_of_val(self.scattered.as_slice())
            + size_of_val(self.bounces.as_slice())
            + size_of_val(self.first.as_slice())
    }
}

/// The lane that stands in where nobody sends.
fn twin(row: &[u32; LANES]) -> Option<usize> {
    row.iter().position(|place| *place != NOWHERE)
}

/// The links out of the fluid of all blocks, in the order of cells and directions, and the first of every block.
fn bounces(senders: &[Senders], wall: impl Fn(usize, usize) -> Option<f32> + Sync) -> (Vec<Bounce>, Vec<u32>) {
    let of_block = |(block, senders): (usize, &Senders)| -> Vec<Bounce> {
        let links = (0..LANES).flat_map(|lane| (1..Q).map(move |out| (lane, out)));
        let is_out = |(lane, out): &(usize, usize)| senders[opposite(*out) - 1][*lane] == NOWHERE;
        let bounce = |(lane, out): (usize, usize)| {
            // Without a cell behind this one there is nothing to interpolate with.
            let is_backed = senders[out - 1][lane] != NOWHERE;
            let twin = twin(&senders[opposite(out) - 1]).unwrap_or(lane);
            let fraction = if is_backed { wall(block * LANES + lane, out) } else { None };
            Bounce::new(lane, out, twin, fraction)
        };
        links.filter(is_out).map(bounce).collect()
    };
    let of_blocks: Vec<Vec<Bounce>> = senders.par_iter().enumerate().map(of_block).collect();
    let mut first = vec![0];
    for of_block in &of_blocks {
        first.push(first[first.len() - 1] + of_block.len() as u32);
    }
    (of_blocks.concat(), first)
}

/// Tasks whose parts of the rows do not overlap: the cells that send to consecutive cells are in order too. Only where
/// the lattice repeats they are not; there is one task then.
fn tasks(senders: &[Senders], first: &[u32]) -> Vec<Task> {
    let n_blocks = senders.len();
    let task = |blocks: Range<usize>, ends| {
        let bounces = first[blocks.start] as usize..first[blocks.end] as usize;
        Task { blocks, bounces, ends }
    };
    let mut ends = [0; Q];
    let mut tasks = Vec::new();
    for start in (0..n_blocks).step_by(CELLS_PER_TASK / LANES) {
        let blocks = start..(start + CELLS_PER_TASK / LANES).min(n_blocks);
        let begins = ends;
        ends[0] = blocks.end * LANES;
        for n in 0..Q - 1 {
            let row = opposite(n + 1);
            for place in senders[blocks.clone()].iter().flat_map(|block| block[n]).filter(|place| *place != NOWHERE) {
                if (place as usize) < begins[row] {
                    let all = n_blocks * LANES;
                    return vec![task(0..n_blocks, [all; Q])];
                }
                ends[row] = ends[row].max(place as usize + 1);
            }
        }
        tasks.push(task(blocks, ends));
    }
    tasks
}
