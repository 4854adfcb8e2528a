//! One number per voxel of a grid.

use crate::geom::Grid;
use std::sync::Arc;

/// One `T` per voxel of a grid. Cloning shares the voxels, so tasks and history states hold volumes for free.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume<T> {
    grid: Arc<Grid>,
    voxels: Arc<Vec<T>>,
}

/// The number of voxels does not fit the grid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given} voxel values for a grid of {wanted}")]
pub struct VolumeError {
    /// Values given.
    pub given: usize,
    /// Voxels of the grid.
    pub wanted: usize,
}

impl<T> Volume<T> {
    /// A volume of `voxels`, column index fastest, on `grid`.
    ///
    /// # Errors
    /// [`VolumeError`] if there is not one value per voxel.
    pub fn new(grid: impl Into<Arc<Grid>>, voxels: Vec<T>) -> Result<Self, VolumeError> {
        let grid = grid.into();
        if voxels.len() == grid.len() {
            Ok(Self { grid, voxels: Arc::new(voxels) })
        } else {
            Err(VolumeError { given: voxels.len(), wanted: grid.len() })
        }
    }

    /// Where the voxels are.
    pub fn grid(&self) -> &Arc<Grid> {
        &self.grid
    }

    /// All values, column index fastest.
    pub fn voxels(&self) -> &[T] {
        &self.voxels
    }

    /// Whether both share the same voxels in memory.
    pub fn same_voxels(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.voxels, &other.voxels)
    }
}

impl<T: Clone> Volume<T> {
    /// The values themselves; copied if another volume shares them.
    pub fn into_voxels(self) -> Vec<T> {
        Arc::unwrap_or_clone(self.voxels)
    }
}

impl<T: Copy> Volume<T> {
    /// The value of voxel `(i, j, k)`.
    #[inline]
    pub fn at(&self, voxel: [usize; 3]) -> T {
        self.voxels[self.grid.offset(voxel)]
    }
}

impl<T: Copy + Into<f64>> Volume<T> {
    /// Trilinear value at a continuous index (whole numbers are voxel centres); `None` more than half a voxel outside.
    pub fn sample_index(&self, index: nalgebra::Vector3<f64>) -> Option<f64> {
        let dims = self.grid.dims();
        let inside = (0..3).all(|a| -0.5 <= index[a] && index[a] <= dims[a] as f64 - 0.5);
        if !inside {
            return None;
        }
        let clamped = |a: usize| index[a].clamp(0.0, (dims[a] - 1) as f64);
        let lower = [0, 1, 2].map(|a| (clamped(a).floor() as usize).min(dims[a].saturating_sub(2)));
        let part = [0, 1, 2].map(|a| clamped(a) - lower[a] as f64);
        let upper = [0, 1, 2].map(|a| (lower[a] + 1).min(dims[a] - 1));
        let at = |i, j, k| -> f64 { self.at([i, j, k]).into() };
        let row = |j, k| at(lower[0], j, k) * (1.0 - part[0]) + at(upper[0], j, k) * part[0];
        let slice = |k| row(lower[1], k) * (1.0 - part[1]) + row(upper[1], k) * part[1];
        Some(slice(lower[2]) * (1.0 - part[2]) + slice(upper[2]) * part[2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;
    use nalgebra::Vector3;

    #[test]
    fn trilinear_sampling_reproduces_a_linear_function() {
        let grid = Grid::aligned([4, 5, 6], Point::origin(), [1.0; 3]).unwrap();
        let f = |i: f64, j: f64, k: f64| 2.0 * i - 3.0 * j + k;
        let voxels = (0..grid.len()).map(|o| grid.voxel(o).map(|x| x as f64)).map(|[i, j, k]| f(i, j, k)).collect();
        let volume = Volume::<f64>::new(grid, voxels).unwrap();
        let value = volume.sample_index(Vector3::new(1.3, 2.7, 4.1)).unwrap();
        assert!((value - f(1.3, 2.7, 4.1)).abs() < 1e-12);
        assert_eq!(volume.sample_index(Vector3::new(3.0, 4.0, 5.0)), Some(f(3.0, 4.0, 5.0)));
        assert_eq!(volume.sample_index(Vector3::new(3.6, 0.0, 0.0)), None);
    }

    #[test]
    fn one_slice_can_be_sampled() {
        let grid = Grid::aligned([2, 2, 1], Point::origin(), [1.0; 3]).unwrap();
        let volume = Volume::new(grid, vec![0.0_f64, 1.0, 2.0, 3.0]).unwrap();
        assert_eq!(volume.sample_index(Vector3::new(0.5, 0.5, 0.2)), Some(1.5));
    }

    #[test]
    fn a_wrong_count_is_named() {
        let grid = Grid::aligned([2, 2, 2], Point::origin(), [1.0; 3]).unwrap();
        let error = Volume::new(grid, vec![0_u8; 7]).unwrap_err();
        assert_eq!(error.to_string(), "7 voxel values for a grid of 8");
    }
}
