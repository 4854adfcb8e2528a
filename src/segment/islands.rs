//! Keeping the pieces of a mask that matter.

use crate::base::{Cancelled, Progress};
use crate::image::{Components, Neighbours, Volume};

/// The `n` largest pieces (face neighbours) of `mask`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn keep_largest(mask: &Volume<u8>, n: usize, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    Ok(Components::of(mask, |value| value != 0, Neighbours::Six, progress)?.keep(|id| id < n))
}

/// `mask` without its pieces (face neighbours) under `volume_ml_min`.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn remove_small(mask: &Volume<u8>, volume_ml_min: f64, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let parts = Components::of(mask, |value| value != 0, Neighbours::Six, progress)?;
    Ok(parts.keep(|id| volume_ml_min <= parts.volume_ml(id)))
}

/// `mask` without its pieces (face neighbours) of fewer than `voxels_min` voxels.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn remove_few(mask: &Volume<u8>, voxels_min: usize, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let parts = Components::of(mask, |value| value != 0, Neighbours::Six, progress)?;
    Ok(parts.keep(|id| voxels_min <= parts.parts()[id].voxels))
}

/// The piece (face neighbours) of `mask` that holds `voxel`; `None` if it lies outside.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn piece_at(mask: &Volume<u8>, voxel: [usize; 3], progress: &Progress) -> Result<Option<Volume<u8>>, Cancelled> {
    let parts = Components::of(mask, |value| value != 0, Neighbours::Six, progress)?;
    Ok(parts.at(voxel).map(|at| parts.keep(|id| id == at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};

    #[test]
    fn pieces_are_kept_by_rank_or_by_size() {
        let grid = Grid::aligned([10, 1, 1], Point::origin(), [10.0; 3]).unwrap();
        let mask = Volume::new(grid, vec![1, 0, 1, 1, 1, 0, 1, 1, 0, 0]).unwrap();
        let progress = Progress::default();
        assert_eq!(keep_largest(&mask, 1, &progress).unwrap().voxels(), [0, 0, 1, 1, 1, 0, 0, 0, 0, 0]);
        assert_eq!(remove_small(&mask, 2.0, &progress).unwrap().voxels(), [0, 0, 1, 1, 1, 0, 1, 1, 0, 0]);
        assert_eq!(remove_few(&mask, 3, &progress).unwrap().voxels(), [0, 0, 1, 1, 1, 0, 0, 0, 0, 0]);
        assert_eq!(piece_at(&mask, [7, 0, 0], &progress).unwrap().unwrap().voxels(), [0, 0, 0, 0, 0, 0, 1, 1, 0, 0]);
        assert_eq!(piece_at(&mask, [8, 0, 0], &progress).unwrap(), None);
    }
}
