//! The largest connected part of a mask.

use crate::base::{Cancelled, Progress};
use crate::geom::Grid;
use crate::mesh::quality::root;
use rayon::prelude::*;

/// The largest part of a mask, cropped to its box.
pub(super) struct Part {
    /// The box's voxels on their own grid.
    pub grid: Grid,
    /// Labels in the part, 0 elsewhere; column index fastest.
    pub voxels: Vec<u8>,
    /// The labels that the part has, in increasing order.
    pub labels: Vec<u8>,
    /// Voxels of each.
    pub counts: Vec<usize>,
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

impl Part {
    /// Voxels in the part.
    pub fn count(&self) -> usize {
        self.counts.iter().sum()
    }

    /// The box of one of its labels, and 1 for every voxel of the label in it.
    pub fn only(&self, label: u8) -> (Grid, Vec<u8>) {
        let [ni, nj, _] = self.grid.dims();
        let (mut low, mut high) = ([usize::MAX; 3], [0; 3]);
        for (row, values) in self.voxels.chunks(ni).enumerate() {
            let Some(first) = values.iter().position(|v| *v == label) else { continue };
            let last = values.iter().rposition(|v| *v == label).unwrap_or(first);
            let (j, k) = (row % nj, row / nj);
            low = [low[0].min(first), low[1].min(j), low[2].min(k)];
            high = [high[0].max(last + 1), high[1].max(j + 1), high[2].max(k + 1)];
        }
        let dims = [0, 1, 2].map(|a| high[a] - low[a]);
        let mut voxels = Vec::with_capacity(dims.iter().product());
        for k in low[2]..high[2] {
            for j in low[1]..high[1] {
                let row = &self.voxels[(k * nj + j) * ni..][low[0]..high[0]];
                voxels.extend(row.iter().map(|v| u8::from(*v == label)));
            }
        }
        (self.grid.cropped(low, dims).expect("a part has voxels of all its labels"), voxels)
    }
}

/// The largest part of the voxels to which `label_of` gives a label above 0, connected through faces; among equals the first in
/// memory.
///
/// `None` if there is no such voxel. Works on runs of voxels, so a volume costs little more than reading it once.
pub(super) fn largest_part(
    values: &[u8],
    grid: &Grid,
    label_of: impl Fn(u8) -> u8 + Sync,
    progress: &Progress,
) -> Result<Option<Part>, Cancelled> {
    let [ni, nj, _] = grid.dims();
    let test = |value: u8| label_of(value) != 0;
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
    let mut histogram = [0_usize; 256];
    for Run { from, to, j, k } in members() {
        let row = ((k - low[2]) as usize * dims[1] + (j - low[1]) as usize) * dims[0];
        let source = &values[(k as usize * nj + j as usize) * ni..][from as usize..to as usize];
        for (voxel, value) in voxels[row + (from - low[0]) as usize..].iter_mut().zip(source) {
            *voxel = label_of(*value);
            histogram[usize::from(*voxel)] += 1;
        }
    }
    let labels: Vec<u8> = (1..=255).filter(|label| 0 < histogram[usize::from(*label)]).collect();
    let counts = labels.iter().map(|label| histogram[usize::from(*label)]).collect();
    let grid = grid.cropped(low.map(|x| x as usize), dims).expect("a part of a grid with at least one voxel");
    Ok(Some(Part { grid, voxels, labels, counts, others, others_count }))
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
            let part = largest_part(&mask, &grid, |v| v, &Progress::default()).unwrap();
            assert_eq!(part.as_ref().map(Part::count), sizes.iter().copied().max());
            if let Some(part) = part {
                assert_eq!(part.others, sizes.len() - 1);
                assert_eq!(part.others_count + part.count(), sizes.iter().sum::<usize>());
                assert_eq!(part.voxels.iter().map(|v| usize::from(*v)).sum::<usize>(), part.count());
            }
        }
    }
}
