//! The even and the odd half of the cycle that `populations` describes, block by block.

use super::collide::Collide;
use super::lattice::{Q, opposite};
use super::links::{Bounce, LANES, NOWHERE, SCATTERED, Tables};
use super::pieces::{fetch, for_pieces, load, put, store};
use pulp::{Simd, WithSimd};

/// One value per direction and lane.
type Rows = [[f32; LANES]; Q];

/// What one thread works on: a part of every row of slots, which nobody else uses meanwhile.
pub(super) struct Part<'a> {
    pub rows: [&'a mut [f32]; Q],
    /// The place in its row at which each begins.
    pub begins: [usize; Q],
    /// What was sent back by the links out of the fluid, from `bounce` on.
    pub bounced: &'a mut [f32],
    pub bounce: usize,
}

/// Which half of the cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Even,
    Odd,
}

/// Which blocks of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    All,
    /// Those that are held back until boundary conditions are applied.
    Held,
    /// Those that are not.
    Free,
}

/// Half a cycle of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Job {
    pub half: Half,
    pub task: usize,
    pub which: Which,
}

/// Jobs one after the other, for the processor's widest vectors. (A closure would do, but would not be inlined.)
pub(super) struct Work<'a, K> {
    pub tables: &'a Tables,
    /// Of every block, whether it is held back; empty if none is.
    pub held: &'a [bool],
    pub part: Part<'a>,
    pub jobs: Vec<Job>,
    pub collide: K,
}

impl<K: Collide> WithSimd for Work<'_, K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { tables, held, mut part, jobs, collide } = self;
        // Made once: what it holds is overwritten for every block.
        let mut rows: Rows = [[0.0; LANES]; Q];
        for Job { half, task, which } in jobs {
            for block in tables.tasks[task].blocks.clone() {
                let is_held = || held.get(block) == Some(&true);
                match which {
                    Which::Held if !is_held() => continue,
                    Which::Free if is_held() => continue,
                    _ => {}
                }
                match half {
                    Half::Even => even(simd, tables, &mut part, block, &mut rows, collide),
                    Half::Odd => odd(simd, tables, &mut part, block, &mut rows, collide),
                }
            }
        }
    }
}

/// Collide in place, leave results in opposite slots.
#[inline(always)]
fn even<S: Simd>(simd: S, tables: &Tables, part: &mut Part, block: usize, rows: &mut Rows, collide: impl Collide) {
    let place = block * LANES;
    if tables.of_block(block).is_empty() {
        let slots = part.slots(|_| place);
        relax(simd, slots, |i| i, collide);
        return;
    }
    for i in 0..Q {
        rows[i] = *part.lanes(i, place);
    }
    bounce(simd, tables, part, block, rows, collide);
    for i in 0..Q {
        *part.lanes_mut(opposite(i), place) = rows[i];
    }
}

/// Fetch, collide, put.
#[inline(always)]
fn odd<S: Simd>(simd: S, tables: &Tables, part: &mut Part, block: usize, rows: &mut Rows, collide: impl Collide) {
    let links = &tables.links[block];
    // Direction 0 stays where it is.
    let place = |i: usize| if i == 0 { block * LANES } else { links[i - 1] as usize };
    if tables.is_plain(block) {
        let slots = part.slots(|row| place(opposite(row)));
        relax(simd, slots, opposite, collide);
        return;
    }
    rows[0] = *part.lanes(0, place(0));
    for i in 1..Q {
        let (link, row) = (links[i - 1], opposite(i));
        if link < SCATTERED {
            rows[i] = *part.lanes(row, link as usize);
        } else if link != NOWHERE {
            for_pieces(tables, link, |piece| fetch(simd, part.rows[row], part.begins[row], piece, &mut rows[i]));
        }
    }
    bounce(simd, tables, part, block, rows, collide);
    *part.lanes_mut(0, place(0)) = rows[0];
    for i in 1..Q {
        let (link, row) = (links[i - 1], opposite(i));
        if link < SCATTERED {
            *part.lanes_mut(row, link as usize) = rows[row];
        } else if link != NOWHERE {
            for_pieces(tables, link, |piece| put(simd, part.rows[row], part.begins[row], piece, &rows[row]));
        }
    }
}

/// Collide what lies in `slots`, direction `i` in slot `slot(i)`, and leave the results in the slots of opposite
/// directions.
#[inline(always)]
fn relax<S: Simd>(simd: S, slots: [&mut [f32]; Q], slot: impl Fn(usize) -> usize, collide: impl Collide) {
    for group in 0..LANES / S::F32_LANES {
        let mut g = [load(simd, slots[slot(0)], group); Q];
        for i in 1..Q {
            g[i] = load(simd, slots[slot(i)], group);
        }
        let g = collide.cell(g);
        for i in 0..Q {
            store(g[i], slots[slot(opposite(i))], group);
        }
    }
}

/// Collide a block; what its links out of the fluid sent back arrives before, what leaves by them is sent back after.
#[inline(always)]
fn bounce<S: Simd>(simd: S, tables: &Tables, part: &mut Part, block: usize, rows: &mut Rows, collide: impl Collide) {
    let range = tables.of_block(block);
    let bounces: &[Bounce] = &tables.bounces[range.clone()];
    let values = &mut part.bounced[range.start - part.bounce..range.end - part.bounce];
    let mut rest = Rest::of(rows);
    for (bounce, value) in bounces.iter().zip(&*values) {
        let (lane, out) = (usize::from(bounce.lane) % LANES, usize::from(bounce.out));
        if bounce.is_half_way() {
            rows[opposite(out)][lane] = *value;
            continue;
        }
        let [arriving, taken] = bounce.arriving(*value, rows[out][lane]);
        rows[opposite(out)][lane] = arriving;
        rows[0][lane] = rest.after(lane, taken);
    }
    let walls = tables.walls[block];
    let mut at_wall = [0.0; LANES];
    for lane in 0..LANES {
        at_wall[lane] = f32::from(walls >> lane & 1);
    }
    for group in 0..LANES / S::F32_LANES {
        let mut g = [load(simd, &rows[0], group); Q];
        for i in 1..Q {
            g[i] = load(simd, &rows[i], group);
        }
        let g = collide.cell_at_walls(g, load(simd, &at_wall, group));
        for i in 0..Q {
            store(g[i], &mut rows[i], group);
        }
    }
    let mut rest = Rest::of(rows);
    for (bounce, value) in bounces.iter().zip(values) {
        let (lane, out) = (usize::from(bounce.lane) % LANES, usize::from(bounce.out));
        if bounce.is_half_way() {
            *value = rows[out][lane];
            continue;
        }
        let [sent, taken] = bounce.sent(rows[out][lane], rows[opposite(out)][lane]);
        *value = sent;
        rows[0][lane] = rest.after(lane, taken);
    }
}

/// What the links of one lane after another give to its resting population. The sum stays in a register: by way of
/// memory it would take as long as all the rest.
struct Rest {
    before: [f32; LANES],
    lane: usize,
    sum: f32,
}

impl Rest {
    #[inline(always)]
    fn of(rows: &Rows) -> Self {
        Self { before: rows[0], lane: LANES, sum: 0.0 }
    }

    /// The resting population of a lane after one more link.
    #[inline(always)]
    fn after(&mut self, lane: usize, taken: f32) -> f32 {
        let sum = if lane == self.lane { self.sum } else { 0.0 };
        (self.lane, self.sum) = (lane, sum + taken);
        self.before[lane] + self.sum
    }
}

impl Part<'_> {
    /// The slots of all rows, [`LANES`] of each from its `place` on.
    #[inline(always)]
    fn slots(&mut self, place: impl Fn(usize) -> usize) -> [&mut [f32]; Q] {
        let mut slots: [&mut [f32]; Q] = Default::default();
        for (row, (slots, all)) in slots.iter_mut().zip(&mut self.rows).enumerate() {
            let at = place(row).wrapping_sub(self.begins[row]);
            *slots = &mut all[at..at.wrapping_add(LANES)];
        }
        slots
    }

    /// The slots of a row from `place` on.
    #[inline(always)]
    fn lanes(&self, row: usize, place: usize) -> &[f32; LANES] {
        let at = place.wrapping_sub(self.begins[row]);
        self.rows[row][at..at.wrapping_add(LANES)].as_array().expect("it has this length")
    }

    #[inline(always)]
    fn lanes_mut(&mut self, row: usize, place: usize) -> &mut [f32; LANES] {
        let at = place.wrapping_sub(self.begins[row]);
        self.rows[row][at..at.wrapping_add(LANES)].as_mut_array().expect("it has this length")
    }
}
