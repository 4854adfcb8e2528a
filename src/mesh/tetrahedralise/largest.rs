//! The largest connected part of a mask.

use crate::base::{Cancelled, Progress};
use crate::geom::Grid;
use crate::mesh::quality::root;
use rayon::prelude::*;

/// The largest part of a mask, cropped to its box.
pub(super) struct Part {
    /// The box's voxels on their own grid.
    pub grid: Grid,
    /// 1 in the part, 0 elsewhere; column index fastest.
    pub voxels: Vec<u8>,
    /// Voxels in the part.
    pub count: usize,
    /// Other parts.
    pub others: usize,
    /// Voxels in these.
    pub others_count: usize,
}

/// Inside voxels `from..to` of row (j, k).
#[derive(Clone, Copy)]
struct Run {
    from: u32,
    to: u32,
    j: u32,
    k: u32,
}

/// The largest part of the voxels for which `test` holds, connected through faces; among equals the first in memory.
///
/// `None` if there is no such voxel. Works on runs of voxels, so a volume costs little more than reading it once.
pub(super) fn largest_part(
    values: &[u8],
    grid: &Grid,
    test: impl Fn(u8) -> bool + Sync,
    progress: &Progress,
) -> Result<Option<Part>, Cancelled> {
    let [ni, nj, _] = grid.dims();
    let slices: Result<Vec<Vec<Run>>, Cancelled> = values
        .par_chunks(ni * nj)
        .enumerate()
        .map(|(k, slice)| {
            progress.check()?;
            let mut runs = Vec::new();
            for (j, row) in slice.chunks(ni).enumerate() {
                let mut i = 0;
                while let Some(skip) = row[i..].iter().position(|v| test(*v)) {
                    let from = i + skip;
                    let to = row[from..].iter().position(|v| !test(*v)).map_or(ni, |length| from + length);
                    runs.push(Run { from: from as u32, to: to as u32, j: j as u32, k: k as u32 });
                    i = to;
                }
            }
            Ok(runs)
        })
        .collect();
    let runs = slices?.concat();
    if runs.is_empty() {
        return Ok(None);
    }
    let parent = connect(&runs);
    let mut sizes = vec![0_usize; runs.len()];
    for (run, root) in runs.iter().zip(&parent) {
        sizes[*root as usize] += (run.to - run.from) as usize;
    }
    let best = (0..runs.len()).max_by_key(|n| (sizes[*n], std::cmp::Reverse(*n))).unwrap_or(0);
    let others = sizes.iter().filter(|size| 0 < **size).count() - 1;
    let others_count = sizes.iter().sum::<usize>() - sizes[best];
    let members = || runs.iter().zip(&parent).filter(|(_, root)| **root as usize == best).map(|(run, _)| *run);
    let mut low = [u32::MAX; 3];
    let mut high = [0; 3];
    for Run { from, to, j, k } in members() {
        low = [low[0].min(from), low[1].min(j), low[2].min(k)];
        high = [high[0].max(to), high[1].max(j + 1), high[2].max(k + 1)];
    }
    let dims = [0, 1, 2].map(|a| (high[a] - low[a]) as usize);
    let mut voxels = vec![0_u8; dims.iter().product()];
    for Run { from, to, j, k } in members() {
        let row = ((k - low[2]) as usize * dims[1] + (j - low[1]) as usize) * dims[0];
        voxels[row + (from - low[0]) as usize..row + (to - low[0]) as usize].fill(1);
    }
    let grid = grid.cropped(low.map(|x| x as usize), dims).expect("a part of a grid with at least one voxel");
    Ok(Some(Part { grid, voxels, count: sizes[best], others, others_count }))
}

/// The root of every run's part: the part's first run.
fn connect(runs: &[Run]) -> Vec<u32> {
    let mut parent: Vec<u32> = (0..runs.len() as u32).collect();
    // Runs are sorted by (k, j, from); one pointer walks the row before and one the slice before.
    for back in [(1, 0), (0, 1)] {
        let mut other = 0;
        for n in 0..runs.len() {
            let Run { from, to, j, k } = runs[n];
            let (Some(j), Some(k)) = (j.checked_sub(back.0), k.checked_sub(back.1)) else { continue };
            while (runs[other].k, runs[other].j) < (k, j)
                || (runs[other].k, runs[other].j) == (k, j) && runs[other].to <= from
            {
                other += 1;
            }
            let mut overlapping = other;
            while (runs[overlapping].k, runs[overlapping].j) == (k, j) && runs[overlapping].from < to {
                let (a, b) = (root(&mut parent, n as u32), root(&mut parent, overlapping as u32));
                parent[a.max(b) as usize] = a.min(b);
                overlapping += 1;
            }
        }
    }
    (0..runs.len() as u32).map(|n| root(&mut parent, n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::Point;

    #[test]
    fn the_largest_part_is_the_one_a_flood_fill_finds() {
        let mut rng = Rng::new(3);
        for _ in 0..50 {
            let dims = [1 + rng.below(9), 1 + rng.below(9), 1 + rng.below(9)];
            let grid = Grid::aligned(dims, Point::origin(), [1.0; 3]).unwrap();
            let mask: Vec<u8> = (0..grid.len()).map(|_| u8::from(rng.unit() < 0.4)).collect();
            let mut seen = mask.iter().map(|v| *v == 0).collect::<Vec<_>>();
            let mut sizes = Vec::new();
            for start in 0..mask.len() {
                let mut stack = vec![start];
                let mut size = 0;
                while let Some(offset) = stack.pop() {
                    if std::mem::replace(&mut seen[offset], true) {
                        continue;
                    }
                    size += 1;
                    let voxel = grid.voxel(offset);
                    for axis in 0..3 {
                        for step in [-1, 1] {
                            let mut next = voxel;
                            next[axis] = next[axis].wrapping_add_signed(step);
                            if next[axis] < dims[axis] {
                                stack.push(grid.offset(next));
                            }
                        }
                    }
                }
                sizes.extend((0 < size).then_some(size));
            }
            let part = largest_part(&mask, &grid, |v| v != 0, &Progress::default()).unwrap();
            assert_eq!(part.as_ref().map(|part| part.count), sizes.iter().copied().max());
            if let Some(part) = part {
                assert_eq!(part.others, sizes.len() - 1);
                assert_eq!(part.others_count + part.count, sizes.iter().sum::<usize>());
                assert_eq!(part.voxels.iter().map(|v| usize::from(*v)).sum::<usize>(), part.count);
            }
        }
    }
}
