//! The three ways to ask for a surface.

use super::bits::Inside;
use super::place::{ByBlurredMask, ByValue, Place};
use super::sweep;
use crate::base::{Cancelled, Progress, SegmentId};
use crate::geom::Grid;
use crate::image::{LabelMap, Volume};
use crate::mesh::Surface;

/// Why there is no surface.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ContourError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Nothing is inside.
    #[error("the selection has no voxel, so it has no surface")]
    Empty,
    /// No voxel reaches the iso value.
    #[error("no voxel has a value of {iso} or more, so there is no surface at this value")]
    NoneAbove {
        /// The value asked for.
        iso: f64,
    },
    /// The iso value is not a number.
    #[error("the surface value is {iso}; it must be a finite number")]
    NotFinite {
        /// The value asked for.
        iso: f64,
    },
    /// More vertices than 32 bits can number.
    #[error("the surface would have {vertices} vertices, more than {}; smooth or crop the volume first", u32::MAX)]
    TooLarge {
        /// Vertices it would have.
        vertices: usize,
    },
}

/// The surface of a mask (anything but 0 is inside): closed, oriented outward, capped where the mask touches the border of
/// the scan, at the faces of the outermost voxel cells.
///
/// It separates the same voxel centres as the mask; between them it follows the slightly blurred mask, which takes away most
/// of the stairs.
///
/// # Errors
/// [`ContourError`] if the mask is empty, the surface too large, or `progress` was cancelled.
pub fn mask_surface(mask: &Volume<u8>, progress: &Progress) -> Result<Surface, ContourError> {
    let inside = Inside::of(mask.voxels(), mask.grid().dims(), |value| *value != 0, progress)?;
    if inside.is_empty() {
        return Err(ContourError::Empty);
    }
    surface(&inside, mask.grid(), &ByBlurredMask, progress)
}

/// The surface of one segment, as [`mask_surface`].
///
/// # Errors
/// As [`mask_surface`].
pub fn segment_surface(labels: &LabelMap, id: SegmentId, progress: &Progress) -> Result<Surface, ContourError> {
    let volume = labels.to_volume();
    let inside = Inside::of(volume.voxels(), volume.grid().dims(), |label| *label == id.0, progress)?;
    drop(volume);
    if inside.is_empty() {
        return Err(ContourError::Empty);
    }
    surface(&inside, labels.grid(), &ByBlurredMask, progress)
}

/// The surface around all voxels with a value of `iso` or more: closed, oriented towards smaller values, capped at the border
/// of the scan.
///
/// Vertices lie where the linear interpolant between two voxels takes the value, but never within 1 % of the step to a voxel
/// centre. Voxels that are not numbers count as outside.
///
/// # Errors
/// [`ContourError`] if no voxel reaches `iso`, the surface is too large, or `progress` was cancelled.
pub fn iso_surface<T>(volume: &Volume<T>, iso: f64, progress: &Progress) -> Result<Surface, ContourError>
where
    T: Copy + Into<f64> + Send + Sync,
{
    if !iso.is_finite() {
        return Err(ContourError::NotFinite { iso });
    }
    let inside = Inside::of(volume.voxels(), volume.grid().dims(), |value| iso <= (*value).into(), progress)?;
    if inside.is_empty() {
        return Err(ContourError::NoneAbove { iso });
    }
    surface(&inside, volume.grid(), &ByValue { volume, iso }, progress)
}

fn surface(inside: &Inside, grid: &Grid, place: &impl Place, progress: &Progress) -> Result<Surface, ContourError> {
    progress.set(0.2)?;
    let starts = sweep::vertex_starts(inside).map_err(|vertices| ContourError::TooLarge { vertices })?;
    let positions = sweep::vertices(inside, &starts, grid, place, progress)?;
    progress.set(0.6)?;
    let triangles = sweep::triangles(inside, &starts, grid, progress)?;
    progress.set(0.9)?;
    Ok(Surface::new(positions, triangles).expect("the sweep numbers every vertex it makes"))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
