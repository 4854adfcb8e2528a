//! Marked voxels in a box of a grid: what a brush or an outline covers.

use crate::geom::Grid;
use crate::image::VoxelBox;
use rayon::prelude::*;
use std::ops::Range;

/// Marked voxels in a box of a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Marks {
    region: VoxelBox,
    dims: [usize; 3],
    /// One byte per voxel of the box, 0 or 1, column index fastest.
    marks: Vec<u8>,
}

impl Marks {
    /// Nothing marked in `region`, which lies inside `grid`.
    pub fn none(grid: &Grid, region: VoxelBox) -> Self {
        let n = region.iter().map(Range::len).product();
        Self { region, dims: grid.dims(), marks: vec![0; n] }
    }

    /// The box that holds all marks.
    pub fn region(&self) -> &VoxelBox {
        &self.region
    }

    /// How many voxels are marked.
    pub fn count(&self) -> usize {
        self.marks.iter().filter(|mark| **mark != 0).count()
    }

    /// Whether the voxel at this offset of the grid is marked.
    #[inline]
    pub fn holds(&self, offset: usize) -> bool {
        let [ni, nj, _] = self.dims;
        let [i, j, k] = [offset % ni, offset / ni % nj, offset / (ni * nj)];
        let inside = self.region[0].contains(&i) && self.region[1].contains(&j) && self.region[2].contains(&k);
        inside && self.marks[self.place([i, j, k])] != 0
    }

    fn place(&self, [i, j, k]: [usize; 3]) -> usize {
        let [ri, rj, rk] = &self.region;
        ((k - rk.start) * rj.len() + j - rj.start) * ri.len() + i - ri.start
    }

    /// Mark voxels in the rows along i that cross `within`, a part of the box, on all threads: `mark` is given j, k and the
    /// row's bytes, 1 for marked, whose first is the voxel at the beginning of the box.
    pub(super) fn mark_rows(&mut self, within: &VoxelBox, mark: impl Fn([usize; 2], &mut [u8]) + Sync) {
        let [ri, rj, rk] = &self.region;
        if self.marks.is_empty() {
            return;
        }
        let slices = self.marks.par_chunks_mut(ri.len() * rj.len());
        let slices = slices.skip(within[2].start - rk.start).take(within[2].len()).zip(within[2].clone());
        slices.for_each(|(slice, k)| {
            let rows = slice.par_chunks_mut(ri.len()).skip(within[1].start - rj.start).take(within[1].len());
            rows.zip(within[1].clone()).with_min_len(16).for_each(|(row, j)| mark([j, k], row));
        });
    }

    /// The bytes of a run of voxels along i, 1 for marked.
    pub(super) fn row(&self, run: Range<usize>, j: usize, k: usize) -> &[u8] {
        let first = self.place([run.start, j, k]);
        &self.marks[first..first + run.len()]
    }

    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.marks.iter().all(|mark| *mark == 0)
    }

    /// Whether any voxel of `part`, a box, is marked.
    pub fn any_in(&self, part: &VoxelBox) -> bool {
        let inside = [0, 1, 2].map(|a| part[a].start.max(self.region[a].start)..part[a].end.min(self.region[a].end));
        let run = inside[0].clone();
        !run.is_empty()
            && inside[2]
                .clone()
                .any(|k| inside[1].clone().any(|j| self.row(run.clone(), j, k).iter().any(|mark| *mark != 0)))
    }

    /// Mark a run of voxels along i.
    pub(super) fn mark_row(&mut self, run: Range<usize>, j: usize, k: usize) {
        let first = self.place([run.start, j, k]);
        self.marks[first..first + run.len()].fill(1);
    }

    /// Mark one voxel of the box.
    pub(super) fn mark(&mut self, voxel: [usize; 3]) {
        let place = self.place(voxel);
        self.marks[place] = 1;
    }

    /// Voxels of the whole grid along i, j and k.
    pub fn dims(&self) -> [usize; 3] {
        self.dims
    }

    /// The marked voxels, column index fastest.
    pub fn voxels(&self) -> impl Iterator<Item = [usize; 3]> + '_ {
        let [ri, rj, rk] = &self.region;
        let place = move |n: usize| {
            [n % ri.len() + ri.start, n / ri.len() % rj.len() + rj.start, n / (ri.len() * rj.len()) + rk.start]
        };
        self.marks.iter().enumerate().filter(|(_, mark)| **mark != 0).map(move |(n, _)| place(n))
    }

    /// Of the marked voxels those that hang together with `start` over faces and are `like` it: `like` says of a run of
    /// voxels along i, by its first voxel, which are, 1 for yes.
    pub(super) fn connected(&self, start: [usize; 3], like: impl Fn([usize; 3], &mut [u8]) + Sync) -> Self {
        let [ri, rj, rk] = &self.region;
        let mut found = Self { region: self.region.clone(), dims: self.dims, marks: vec![0; self.marks.len()] };
        if !(0..3).all(|a| self.region[a].contains(&start[a])) {
            return found;
        }
        // What may be taken: 1 until it is.
        let mut open = self.clone();
        open.mark_rows(&self.region, |[j, k], row| {
            let Some(first) = row.iter().position(|mark| *mark != 0) else { return };
            let last = row.iter().rposition(|mark| *mark != 0).expect("one is marked");
            let mut alike = vec![0; last + 1 - first];
            like([ri.start + first, j, k], &mut alike);
            row[first..=last].iter_mut().zip(alike).for_each(|(mark, like)| *mark &= like);
        });
        // Runs along i are taken at once; seeds are places in the array.
        let (width, height) = (ri.len(), rj.len());
        let mut seeds = vec![self.place(start)];
        while let Some(seed) = seeds.pop() {
            if open.marks[seed] == 0 {
                continue;
            }
            let row = seed / width;
            let (begin, end) = (row * width, (row + 1) * width);
            let from = open.marks[begin..seed].iter().rposition(|mark| *mark == 0).map_or(begin, |n| begin + n + 1);
            let to = open.marks[seed..end].iter().position(|mark| *mark == 0).map_or(end, |n| seed + n);
            open.marks[from..to].fill(0);
            found.marks[from..to].fill(1);
            let (j, k) = (row % height, row / height);
            let beside = [
                (0 < j).then(|| from - width),
                (j + 1 < height).then_some(from + width),
                (0 < k).then(|| from - width * height),
                (k + 1 < rk.len()).then_some(from + width * height),
            ];
            for other in beside.into_iter().flatten() {
                // One seed for each run beside this one.
                let run = &open.marks[other..other + to - from];
                let starts = (0..run.len()).filter(|n| run[*n] != 0 && (*n == 0 || run[*n - 1] == 0));
                seeds.extend(starts.map(|n| other + n));
            }
        }
        found
    }

    /// Mark what is marked in `other` as well, whose box lies inside this one.
    pub(super) fn add(&mut self, other: &Self) {
        let run = other.region[0].clone();
        for k in other.region[2].clone() {
            for j in other.region[1].clone() {
                let first = self.place([run.start, j, k]);
                let own = &mut self.marks[first..first + run.len()];
                own.iter_mut().zip(other.row(run.clone(), j, k)).for_each(|(mark, more)| *mark |= more);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::Point;
    use std::collections::BTreeSet;

    /// Voxel by voxel, as the definition says.
    #[test]
    fn what_hangs_together_is_found_in_any_box() {
        let grid = Grid::aligned([14, 11, 9], Point::origin(), [1.0; 3]).unwrap();
        let region = [2..13, 1..10, 0..8];
        let mut rng = Rng::new(3);
        for share in [0.4, 0.6, 0.9] {
            let mut marks = Marks::none(&grid, region.clone());
            marks.mark_rows(&region, |_, row| row.fill(1));
            let likes: Vec<bool> = (0..grid.len()).map(|_| rng.unit() < share).collect();
            let start = [6, 5, 4];
            let like = |first: [usize; 3], row: &mut [u8]| {
                let offset = grid.offset(first);
                row.iter_mut().zip(&likes[offset..]).for_each(|(alike, like)| *alike = u8::from(*like));
            };
            let found: BTreeSet<[usize; 3]> = marks.connected(start, like).voxels().collect();
            let mut wanted = BTreeSet::new();
            let mut open = vec![start];
            while let Some(voxel) = open.pop() {
                let inside = (0..3).all(|a| region[a].contains(&voxel[a]));
                if !inside || !likes[grid.offset(voxel)] || !wanted.insert(voxel) {
                    continue;
                }
                for a in 0..3 {
                    for by in [1, usize::MAX] {
                        let mut next = voxel;
                        next[a] = next[a].wrapping_add(by);
                        open.push(next);
                    }
                }
            }
            assert_eq!(found, wanted, "{share}");
            let parts = [[6..7, 5..6, 4..5], [0..3, 0..14, 0..2], [0..2, 0..11, 0..9]];
            let all = marks.connected(start, like);
            for part in parts {
                let any = wanted.iter().any(|voxel| (0..3).all(|a| part[a].contains(&voxel[a])));
                assert_eq!(all.any_in(&part), any, "{part:?}");
            }
        }
    }
}
