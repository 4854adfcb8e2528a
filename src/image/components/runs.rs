//! Runs of voxels along rows, and which of them touch.

use super::Neighbours;
use crate::base::{Cancelled, Progress};
use crate::image::filter::word_of;
use std::ops::Range;

/// Columns `start..end` of one row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Slices whose runs are found and joined together.
pub(super) const SLICES: usize = 8;

/// The runs of a few slices, joined among themselves.
pub(super) struct Block {
    pub(super) runs: Vec<Run>,
    /// First run of each row, and the number of runs at the end.
    pub(super) rows: Vec<u32>,
    pub(super) parent: Vec<u32>,
}

impl Block {
    pub(super) fn of<T: Copy>(
        slices: &[T],
        [ni, nj]: [usize; 2],
        inside: &impl Fn(T) -> bool,
        neighbours: Neighbours,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let mut runs: Vec<Run> = Vec::new();
        let mut rows = Vec::with_capacity(slices.len() / ni + 1);
        for slice in slices.chunks(ni * nj) {
            progress.check()?;
            for row in slice.chunks(ni) {
                rows.push(runs.len() as u32);
                find_runs(row, inside, &mut runs);
            }
        }
        rows.push(runs.len() as u32);
        let mut parent: Vec<u32> = (0..runs.len() as u32).collect();
        for (row, pair) in rows.windows(3).enumerate().filter(|(row, _)| (row + 1) % nj != 0) {
            debug_assert!(row + 1 < rows.len());
            let reach = u32::from(neighbours != Neighbours::Six);
            join(&runs, &mut parent, pair[1]..pair[2], pair[0]..pair[1], reach);
        }
        for k in 1..slices.len() / (ni * nj) {
            progress.check()?;
            join_slices(&runs, &mut parent, &rows, nj, k, neighbours);
        }
        Ok(Self { runs, rows, parent })
    }
}

/// The runs of one row, 64 voxels at a time.
fn find_runs<T: Copy>(row: &[T], inside: &impl Fn(T) -> bool, runs: &mut Vec<Run>) {
    let mut open: Option<u32> = None;
    let mut word = |bits: u64, at: u32, len: u32| {
        // Bits where the row changes from outside to inside or back.
        let mut changes = bits ^ (bits << 1 | u64::from(open.is_some()));
        changes &= u64::MAX >> (64 - len);
        while changes != 0 {
            let place = at + changes.trailing_zeros();
            match open.take() {
                Some(start) => runs.push(Run { start, end: place }),
                None => open = Some(place),
            }
            changes &= changes - 1;
        }
    };
    let mut at = 0;
    for chunk in row.chunks(64) {
        let bits = if let Ok(chunk) = <&[T; 64]>::try_from(chunk) {
            word_of(&chunk.map(|value| u8::from(inside(value))))
        } else {
            chunk.iter().enumerate().fold(0, |bits, (n, value)| bits | u64::from(inside(*value)) << n)
        };
        word(bits, at, chunk.len() as u32);
        at += chunk.len() as u32;
    }
    runs.extend(open.map(|start| Run { start, end: at }));
}

/// Join the runs of slice `k` with those of the slice before.
pub(super) fn join_slices(runs: &[Run], parent: &mut [u32], rows: &[u32], nj: usize, k: usize, neighbours: Neighbours) {
    let row = |j: usize, k: usize| rows[k * nj + j]..rows[k * nj + j + 1];
    for j in 0..nj {
        // How far runs may be apart in the same row of the slice before, and in the two beside it.
        let (here, beside) = match neighbours {
            Neighbours::Six => (0, None),
            Neighbours::Eighteen => (1, Some(0)),
            Neighbours::TwentySix => (1, Some(1)),
        };
        join(runs, parent, row(j, k), row(j, k - 1), here);
        let Some(beside) = beside else { continue };
        for other in [j.checked_sub(1), Some(j + 1).filter(|j| *j < nj)].into_iter().flatten() {
            join(runs, parent, row(j, k), row(other, k - 1), beside);
        }
    }
}

/// Join the runs of two rows where they touch, or are less than `reach` voxels apart.
fn join(runs: &[Run], parent: &mut [u32], a: Range<u32>, b: Range<u32>, reach: u32) {
    let (mut x, mut y) = (a.start, b.start);
    while x < a.end && y < b.end {
        let (p, q) = (runs[x as usize], runs[y as usize]);
        if p.start < q.end + reach && q.start < p.end + reach {
            let (p, q) = (root(parent, x), root(parent, y));
            parent[p.max(q) as usize] = p.min(q);
        }
        if p.end < q.end { x += 1 } else { y += 1 }
    }
}

/// The first run that a run is joined to.
pub(super) fn root(parent: &mut [u32], mut index: u32) -> u32 {
    while parent[index as usize] != index {
        parent[index as usize] = parent[parent[index as usize] as usize];
        index = parent[index as usize];
    }
    index
}
