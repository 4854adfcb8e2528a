//! Who neighbours whom, as the odd step of the populations reads it: made once, from the cells and their walls.

use super::lattice::{Q, opposite};
use rayon::prelude::*;
use std::ops::Range;

/// Cells of a block, which are collided together.
pub(super) const LANES: usize = 16;

/// Where the populations of a block are fetched, one number per moving direction: the place of the first in its row, if
/// they lie side by side, [`SCATTERED`] plus an index into the list of pieces, or [`NOWHERE`] for none at all.
pub(super) type Links = [u32; Q - 1];

/// Some lanes of a block whose populations do lie side by side, and no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where that of the first lane is or would be: less than 0 for some pieces.
    pub place: i32,
    /// One bit per lane.
    pub lanes: u16,
    /// Whether the next in the list belongs to the same block and direction.
    pub goes_on: bool,
}

/// Marks an index into the list of pieces.
pub(super) const SCATTERED: u32 = 1 << 31;
/// The place of a population that nobody sends.
pub(super) const NOWHERE: u32 = u32::MAX;
/// Cells of a task: few enough to stay in the fastest cache, enough for a thread to be given.
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
    /// What share of the arriving population was sent back, 2q or 1.
    near: f32,
    /// What share of the population sent back was on its way out, 1/(2q) or 1.
    far: f32,
}

impl Bounce {
    /// The link of a cell with a wall at `fraction`; half-way without.
    fn new(lane: usize, out: usize, fraction: Option<f32>) -> Self {
        let q2 = 2.0 * fraction.filter(|q| HALF_WAY < (q - 0.5).abs()).unwrap_or(0.5);
        let [lane, out] = [lane, out].map(|n| n as u8);
        Self { lane, out, near: q2.min(1.0), far: (1.0 / q2).min(1.0) }
    }

    /// Whether all that goes out comes back: of all links or of none, mostly. One comparison, because each of the two
    /// alone could not be foretold.
    #[inline(always)]
    pub fn is_half_way(&self) -> bool {
        self.near + self.far == 2.0
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
    /// Where its part of every row of slots ends in the odd step; it begins where that of the task before ends.
    pub ends: [usize; Q],
}

impl Task {
    /// The places of its own cells, the same in every row.
    pub fn places(&self) -> Range<usize> {
        self.blocks.start * LANES..self.blocks.end * LANES
    }
}

/// The index tables of all blocks.
pub(super) struct Tables {
    pub links: Vec<Links>,
    pub pieces: Vec<Piece>,
    pub bounces: Vec<Bounce>,
    /// The first bounce of every block, and the number of bounces.
    pub first: Vec<u32>,
    /// Of every block, which lanes are beside walls, one bit each; openings are none.
    pub walls: Vec<u16>,
    pub tasks: Vec<Task>,
    /// By how many tasks, on average and at least by one, the last whose slots nobody else will use any more lies behind
    /// the one whose odd step is made.
    pub lag: usize,
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
        let senders: Vec<Senders> = (0..n_blocks).into_par_iter().map(of_block).collect();
        let walls = senders.par_iter().enumerate().map(|(block, own)| beside_walls(cells, block, own, &wall)).collect();
        let (bounces, first) = bounces(&senders, wall);
        let tasks = tasks(&senders);
        let mut pieces = Vec::new();
        let mut link = |row: &[u32; LANES]| {
            let first = pieces.len();
            pieces.extend(pieces_of(row));
            match pieces[first..] {
                [] => NOWHERE,
                [Piece { lanes: u16::MAX, .. }] => {
                    pieces.truncate(first);
                    row[0]
                }
                _ => SCATTERED + first as u32,
            }
        };
        let links = senders.iter().map(|block| std::array::from_fn(|n| link(&block[n]))).collect();
        let behind = |task: &Task| task.places().end - task.ends.iter().fold(task.places().end, |a, b| a.min(*b));
        let lag = tasks.iter().map(behind).sum::<usize>() / tasks.len().max(1);
        let lag = lag.div_ceil(CELLS_PER_TASK).max(1);
        Self { links, pieces, bounces, first, walls, tasks, lag }
    }

    /// The bounces of a block.
    pub fn of_block(&self, block: usize) -> Range<usize> {
        self.first[block] as usize..self.first[block + 1] as usize
    }

    /// Whether a block's cells send everything on, and all lies side by side.
    #[inline(always)]
    pub fn is_plain(&self, block: usize) -> bool {
        self.links[block].iter().all(|link| *link < SCATTERED)
    }

    /// The block that a bounce belongs to.
    pub fn block_of(&self, bounce: usize) -> usize {
        self.first.partition_point(|first| *first as usize <= bounce) - 1
    }

    /// Bytes that are allocated for all of this, spare room too.
    pub fn allocated(&self) -> usize {
        fn of<T>(list: &Vec<T>) -> usize {
            list.capacity() * size_of::<T>()
        }
        of(&self.links) + of(&self.pieces) + of(&self.bounces) + of(&self.first) + of(&self.walls) + of(&self.tasks)
    }

    /// Bytes of the tables.
    pub fn bytes(&self) -> usize {
        size_of_val(self.links.as_slice())
            + size_of_val(self.pieces.as_slice())
            + size_of_val(self.bounces.as_slice())
            + size_of_val(self.first.as_slice())
            + size_of_val(self.walls.as_slice())
    }
}

/// The lanes whose senders lie side by side, piece by piece.
fn pieces_of(row: &[u32; LANES]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (lane, place) in row.iter().enumerate().filter(|(_, place)| **place != NOWHERE) {
        let place = *place as i32 - lane as i32;
        let lanes = 1 << lane;
        match pieces.iter_mut().find(|piece| piece.place == place) {
            Some(piece) => piece.lanes |= lanes,
            None => pieces.push(Piece { place, lanes, goes_on: true }),
        }
    }
    if let Some(last) = pieces.last_mut() {
        last.goes_on = false;
    }
    pieces
}

/// The lanes of a block that are beside walls, one bit each.
fn beside_walls(cells: usize, block: usize, senders: &Senders, wall: impl Fn(usize, usize) -> Option<f32>) -> u16 {
    let is_wall = |lane: usize, out: usize| {
        senders[opposite(out) - 1][lane] == NOWHERE && wall(block * LANES + lane, out).is_some()
    };
    // The last block may have more lanes than there are cells.
    let lanes = 0..LANES.min(cells - block * LANES);
    lanes.filter(|lane| (1..Q).any(|out| is_wall(*lane, out))).map(|lane| 1 << lane).sum()
}

/// The links out of the fluid of all blocks, in the order of cells and directions, and the first of every block.
fn bounces(senders: &[Senders], wall: impl Fn(usize, usize) -> Option<f32> + Sync) -> (Vec<Bounce>, Vec<u32>) {
    let of_block = |(block, senders): (usize, &Senders)| -> Vec<Bounce> {
        let links = (0..LANES).flat_map(|lane| (1..Q).map(move |out| (lane, out)));
        let is_out = |(lane, out): &(usize, usize)| senders[opposite(*out) - 1][*lane] == NOWHERE;
        let bounce = |(lane, out): (usize, usize)| Bounce::new(lane, out, wall(block * LANES + lane, out));
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
fn tasks(senders: &[Senders]) -> Vec<Task> {
    let n_blocks = senders.len();
    let all = [n_blocks * LANES; Q];
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
                    return vec![Task { blocks: 0..n_blocks, ends: all }];
                }
                ends[row] = ends[row].max(place as usize + 1);
            }
        }
        tasks.push(Task { blocks, ends });
    }
    // What is left over belongs to the last.
    if let Some(last) = tasks.last_mut() {
        last.ends = all;
    }
    tasks
}
