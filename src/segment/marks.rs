//! Marked voxels in a box of a grid: what a brush or an outline covers.

use crate::geom::Grid;
use crate::image::VoxelBox;
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

    /// The marked voxels that hang together with `start` over faces and are `like` it.
    pub(super) fn connected(&self, start: [usize; 3], like: impl Fn([usize; 3]) -> bool) -> Vec<[usize; 3]> {
        let mut seen = vec![false; self.marks.len()];
        let mut found = Vec::new();
        let inside = |voxel: &[usize; 3]| (0..3).all(|a| self.region[a].contains(&voxel[a]));
        let mut open = vec![start];
        while let Some(voxel) = open.pop() {
            if !inside(&voxel) {
                continue;
            }
            let place = self.place(voxel);
            if seen[place] || self.marks[place] == 0 || !like(voxel) {
                continue;
            }
            seen[place] = true;
            found.push(voxel);
            for a in 0..3 {
                let mut next = voxel;
                next[a] += 1;
                open.push(next);
                if 0 < voxel[a] {
                    next[a] = voxel[a] - 1;
                    open.push(next);
                }
            }
        }
        found
    }
}
