//! The only definition of where voxels are.

use super::{Aabb, Point, Vector};
use crate::base::ContentHasher;
use nalgebra::Matrix3;

/// A regular grid of voxel centres in patient space (DICOM LPS, millimetres).
///
/// Voxel `(i, j, k)` is column `i`, row `j`, slice `k`; `i` runs fastest in memory. The step is a full matrix, so
/// oblique and sheared (gantry tilt) acquisitions are exact.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    dims: [usize; 3],
    origin: Point,
    /// Column `a` is the step in mm from one voxel to the next along index axis `a`.
    step: Matrix3<f64>,
    index_from_step: Matrix3<f64>,
}

/// Why a grid cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GridError {
    /// An axis has no voxel.
    #[error("the grid has {} × {} × {} voxels; every axis needs at least one", .0[0], .0[1], .0[2])]
    Empty([usize; 3]),
    /// Too many voxels to address.
    #[error("the grid has {} × {} × {} voxels, more than this program can address", .0[0], .0[1], .0[2])]
    TooLarge([usize; 3]),
    /// The axes lie in a plane, or a number is not finite.
    #[error("the grid's axes do not span space: one voxel would have {volume_mm3} mm³")]
    Flat {
        /// Volume of one voxel.
        volume_mm3: f64,
    },
}

impl Grid {
    /// A grid of `dims` voxels whose first centre is at `origin`; column `a` of `step` leads along index axis `a`.
    ///
    /// # Errors
    /// [`GridError`] for an empty axis, more than 2⁴⁰ voxels, or a step that cannot be inverted.
    pub fn new(dims: [usize; 3], origin: Point, step: Matrix3<f64>) -> Result<Self, GridError> {
        if dims.contains(&0) {
            return Err(GridError::Empty(dims));
        }
        let count = dims.iter().try_fold(1_usize, |all, n| all.checked_mul(*n)).filter(|n| *n <= 1 << 40);
        if count.is_none() {
            return Err(GridError::TooLarge(dims));
        }
        let volume_mm3 = step.determinant();
        let finite = step.iter().chain(origin.iter()).all(|number| number.is_finite());
        let index_from_step = step.try_inverse().filter(|_| finite && 1e-12 < volume_mm3.abs());
        match index_from_step {
            Some(index_from_step) => Ok(Self { dims, origin, step, index_from_step }),
            None => Err(GridError::Flat { volume_mm3 }),
        }
    }

    /// A grid along the patient axes with the given spacing in mm, first voxel at `origin`.
    ///
    /// # Errors
    /// As [`Grid::new`].
    pub fn aligned(dims: [usize; 3], origin: Point, spacing_mm: [f64; 3]) -> Result<Self, GridError> {
        Self::new(dims, origin, Matrix3::from_diagonal(&Vector::from(spacing_mm)))
    }

    /// Voxels along i, j, k.
    pub fn dims(&self) -> [usize; 3] {
        self.dims
    }

    /// The number of voxels.
    #[expect(clippy::len_without_is_empty, reason = "a grid is never empty")]
    pub fn len(&self) -> usize {
        self.dims.iter().product()
    }

    /// The centre of voxel (0, 0, 0).
    pub fn origin(&self) -> Point {
        self.origin
    }

    /// Column `a` is the step in mm along index axis `a`.
    pub fn step(&self) -> &Matrix3<f64> {
        &self.step
    }

    /// Distance between neighbours along i, j, k in mm.
    pub fn spacing_mm(&self) -> [f64; 3] {
        [0, 1, 2].map(|axis| self.step.column(axis).norm())
    }

    /// Volume of one voxel in mm³.
    pub fn voxel_mm3(&self) -> f64 {
        self.step.determinant().abs()
    }

    /// Place of an index (whole numbers are voxel centres) in the patient.
    #[inline]
    pub fn patient_from_index(&self, index: Vector) -> Point {
        self.origin + self.step * index
    }

    /// Index (whole numbers are voxel centres) of a place in the patient; may lie outside the grid.
    #[inline]
    pub fn index_from_patient(&self, point: Point) -> Vector {
        self.index_from_step * (point - self.origin)
    }

    /// The centre of voxel `(i, j, k)`.
    #[inline]
    pub fn centre(&self, [i, j, k]: [usize; 3]) -> Point {
        self.patient_from_index(Vector::new(i as f64, j as f64, k as f64))
    }

    /// The voxel whose cell holds `point`, if the grid has one there.
    pub fn voxel_at(&self, point: Point) -> Option<[usize; 3]> {
        let index = self.index_from_patient(point).map(|x| (x + 0.5).floor());
        let inside = (0..3).all(|axis| 0.0 <= index[axis] && index[axis] < self.dims[axis] as f64);
        inside.then(|| [index.x as usize, index.y as usize, index.z as usize])
    }

    /// Place of voxel `(i, j, k)` in memory.
    #[inline]
    pub fn offset(&self, [i, j, k]: [usize; 3]) -> usize {
        (k * self.dims[1] + j) * self.dims[0] + i
    }

    /// The voxel at a place in memory.
    #[inline]
    pub fn voxel(&self, offset: usize) -> [usize; 3] {
        let [ni, nj, _] = self.dims;
        [offset % ni, offset / ni % nj, offset / (ni * nj)]
    }

    /// The box around all voxel cells (half a voxel beyond the outer centres).
    pub fn bounds(&self) -> Aabb {
        let ends = self.dims.map(|n| [-0.5, n as f64 - 0.5]);
        let corners = (0..8).map(|c| Vector::new(ends[0][c & 1], ends[1][c >> 1 & 1], ends[2][c >> 2 & 1]));
        corners.fold(Aabb::EMPTY, |all, corner| all.including(&self.patient_from_index(corner)))
    }

    /// The part of the grid from voxel `start`, `dims` voxels large.
    ///
    /// # Errors
    /// [`GridError::Empty`] for an empty part.
    pub fn cropped(&self, start: [usize; 3], dims: [usize; 3]) -> Result<Self, GridError> {
        Self::new(dims, self.centre(start), self.step)
    }

    /// Add this grid to a hash.
    pub fn hash_into(&self, hasher: &mut ContentHasher) {
        hasher.array(&self.dims.map(|n| n as u64)).array(self.origin.coords.as_slice()).array(self.step.as_slice());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tilted() -> Grid {
        let step = Matrix3::new(0.7, 0.0, 0.1, 0.0, -0.7, 0.8, 0.0, 0.0, 2.5);
        Grid::new([5, 7, 3], Point::new(-10.0, 20.0, 5.0), step).unwrap()
    }

    #[test]
    fn index_and_patient_are_inverse() {
        let grid = tilted();
        for offset in 0..grid.len() {
            let voxel = grid.voxel(offset);
            assert_eq!(grid.offset(voxel), offset);
            assert_eq!(grid.voxel_at(grid.centre(voxel)), Some(voxel));
        }
        let index = Vector::new(1.25, -3.0, 8.5);
        assert!((grid.index_from_patient(grid.patient_from_index(index)) - index).norm() < 1e-12);
    }

    #[test]
    fn impossible_grids_are_refused() {
        let flat = Matrix3::from_columns(&[Vector::x(), Vector::y(), Vector::x() + Vector::y()]);
        assert!(matches!(Grid::new([2, 2, 2], Point::origin(), flat), Err(GridError::Flat { .. })));
        assert!(matches!(Grid::aligned([2, 0, 2], Point::origin(), [1.0; 3]), Err(GridError::Empty(_))));
        assert!(matches!(Grid::aligned([usize::MAX, 2, 2], Point::origin(), [1.0; 3]), Err(GridError::TooLarge(_))));
        assert!(matches!(Grid::aligned([2, 2, 2], Point::origin(), [1.0, f64::NAN, 1.0]), Err(GridError::Flat { .. })));
    }

    #[test]
    fn bounds_hold_every_cell() {
        let grid = Grid::aligned([2, 2, 2], Point::origin(), [1.0, 2.0, 3.0]).unwrap();
        assert_eq!(grid.bounds().size(), Vector::new(2.0, 4.0, 6.0));
        assert_eq!(grid.voxel_mm3(), 6.0);
    }
}
