//! A box of a grid, for kernels that work in a region.

use crate::geom::Grid;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// A box of a grid as a grid of its own.
#[derive(Debug)]
pub struct Part<'a> {
    whole: &'a Grid,
    grid: Arc<Grid>,
    start: [usize; 3],
}

impl<'a> Part<'a> {
    /// The voxels of `region`, which is taken as one voxel long where it is empty.
    pub fn new(whole: &'a Grid, region: &[Range<usize>; 3]) -> Self {
        let start = region.clone().map(|range| range.start);
        let dims = region.clone().map(|range| range.len().max(1));
        Self { whole, grid: Arc::new(whole.cropped(start, dims).expect("at least one voxel")), start }
    }

    /// Where its voxels are.
    pub fn grid(&self) -> &Arc<Grid> {
        &self.grid
    }

    /// The voxel of the whole it starts at.
    pub fn start(&self) -> [usize; 3] {
        self.start
    }

    /// The place in memory of the whole of the voxel at `offset` of the box.
    pub fn offset_in_whole(&self, offset: usize) -> usize {
        let ni = self.grid.dims()[0];
        self.row(offset / ni) + offset % ni
    }

    /// The voxel of the box at a voxel of the whole; `None` if it is not in the box.
    pub fn voxel(&self, of_whole: [usize; 3]) -> Option<[usize; 3]> {
        let dims = self.grid.dims();
        let inside = (0..3).all(|a| self.start[a] <= of_whole[a] && of_whole[a] - self.start[a] < dims[a]);
        inside.then(|| std::array::from_fn(|a| of_whole[a] - self.start[a]))
    }

    fn row(&self, row: usize) -> usize {
        let nj = self.grid.dims()[1];
        self.whole.offset([self.start[0], self.start[1] + row % nj, self.start[2] + row / nj])
    }

    /// One value per voxel of the box from places in memory of the whole.
    pub fn gather<T: Copy + Default + Send>(&self, value: impl Fn(usize) -> T + Sync) -> Vec<T> {
        let ni = self.grid.dims()[0];
        let mut out = vec![T::default(); self.grid.len()];
        out.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
            let first = self.row(row);
            out.iter_mut().enumerate().for_each(|(n, out)| *out = value(first + n));
        });
        out
    }

    /// Put the values of the box into the whole.
    pub fn scatter<T: Copy>(&self, values: &[T], all: &mut [T]) {
        let ni = self.grid.dims()[0];
        for (row, values) in values.chunks(ni).enumerate() {
            let first = self.row(row);
            all[first..first + ni].copy_from_slice(values);
        }
    }
}
