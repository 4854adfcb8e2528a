//! One step of the blocks of a task: the even and the odd half of the cycle that `populations` describes.

use super::collide::{Collide, LANES, Rows};
use super::lattice::{Q, opposite};
use super::links::{Bounce, NOWHERE, SCATTERED, Tables, Task};
use pulp::{Simd, WithSimd};

/// The slots of one task, all directions.
pub(super) type Part<'a> = [&'a mut [f32]; Q];

/// What one thread works on at a time.
pub(super) struct Work<'a> {
    pub tables: &'a Tables,
    pub task: &'a Task,
    pub part: Part<'a>,
    /// What was sent back by the links out of the fluid of the task.
    pub bounced: &'a mut [f32],
}

/// The even step for the processor's widest vectors. (A closure would do, but would not be inlined.)
pub(super) struct Even<'a, K> {
    pub work: Work<'a>,
    pub collide: K,
}

impl<K: Collide> WithSimd for Even<'_, K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        even(self.work, self.collide);
    }
}

/// The odd step for the processor's widest vectors.
pub(super) struct Odd<'a, K> {
    pub work: Work<'a>,
    pub collide: K,
}

impl<K: Collide> WithSimd for Odd<'_, K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        odd(self.work, self.collide);
    }
}

/// Collide in place, leave results in opposite slots.
#[inline(always)]
fn even(work: Work, collide: impl Collide) {
    let Work { tables, task, part, mut bounced } = work;
    // Made once: what it holds is overwritten for every block.
    let mut rows: Rows = [[0.0; LANES]; Q];
    for (n, block) in task.blocks.clone().enumerate() {
        let start = n * LANES;
        for i in 0..Q {
            rows[i].copy_from_slice(&part[i][start..start + LANES]);
        }
        bounced = bounce(tables, block, bounced, &mut rows, collide);
        for i in 0..Q {
            part[opposite(i)][start..start + LANES].copy_from_slice(&rows[i]);
        }
    }
}

/// Fetch, collide, put.
#[inline(always)]
fn odd(work: Work, collide: impl Collide) {
    let Work { tables, task, part, mut bounced } = work;
    // Made once: what it holds is overwritten for every block.
    let mut rows: Rows = [[0.0; LANES]; Q];
    for (n, block) in task.blocks.clone().enumerate() {
        let start = n * LANES;
        let links = &tables.links[block];
        rows[0].copy_from_slice(&part[0][start..start + LANES]);
        for i in 1..Q {
            let (link, from) = (links[i - 1], &*part[opposite(i)]);
            if link < SCATTERED {
                rows[i].copy_from_slice(&from[link as usize..link as usize + LANES]);
            } else if link != NOWHERE {
                let places = &tables.scattered[(link - SCATTERED) as usize];
                for lane in 0..LANES {
                    rows[i][lane] = from[places[lane] as usize];
                }
            }
        }
        bounced = bounce(tables, block, bounced, &mut rows, collide);
        part[0][start..start + LANES].copy_from_slice(&rows[0]);
        for i in 1..Q {
            let (link, row, to) = (links[i - 1], &rows[opposite(i)], &mut *part[opposite(i)]);
            if link < SCATTERED {
                to[link as usize..link as usize + LANES].copy_from_slice(row);
            } else if link != NOWHERE {
                let places = &tables.scattered[(link - SCATTERED) as usize];
                for lane in 0..LANES {
                    to[places[lane] as usize] = row[lane];
                }
            }
        }
    }
}

/// Collide a block; what its links out of the fluid sent back arrives before, what leaves by them is sent back after.
/// Gives what is left for the next blocks.
#[inline(always)]
fn bounce<'a>(
    tables: &Tables,
    block: usize,
    bounced: &'a mut [f32],
    rows: &mut Rows,
    collide: impl Collide,
) -> &'a mut [f32] {
    let bounces: &[Bounce] = &tables.bounces[tables.of_block(block)];
    let (values, rest) = bounced.split_at_mut(bounces.len());
    for (bounce, value) in bounces.iter().zip(values.iter()) {
        let (lane, out) = (usize::from(bounce.lane) % LANES, usize::from(bounce.out));
        let [arriving, taken] = bounce.arriving(*value, rows[out][lane]);
        rows[opposite(out)][lane] = arriving;
        rows[0][lane] += taken;
    }
    collide.collide(rows);
    for (bounce, value) in bounces.iter().zip(values) {
        let (lane, out) = (usize::from(bounce.lane) % LANES, usize::from(bounce.out));
        let [sent, taken] = bounce.sent(rows[out][lane], rows[opposite(out)][lane]);
        *value = sent;
        rows[0][lane] += taken;
        rows[out][lane] = rows[out][usize::from(bounce.twin) % LANES];
    }
    rest
}
