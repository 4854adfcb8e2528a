//! The planned line: where it begins, and what lies on it.

use super::{NeedleError, Path};
use crate::geom::Point;
use crate::mesh::{Bvh, TetMesh};

/// Largest distance of the entry from the surface, mm.
const ENTRY_MM_MAX: f64 = 5.0;
/// Spacing of the places at which the straight way is looked at, mm.
const LOOK_MM: f64 = 1.0;

/// The place of the surface nearest to the entry.
///
/// # Errors
/// [`NeedleError::EntryAway`].
pub(super) fn at_surface(mesh: &TetMesh, entry: &Point) -> Result<Point, NeedleError> {
    let (surface, _) = mesh.boundary();
    let near = Bvh::new(&surface).closest(entry).expect("a mesh has tetrahedra, so it has a boundary");
    if ENTRY_MM_MAX < near.distance_mm {
        return Err(NeedleError::EntryAway { at: *entry, away_mm: near.distance_mm, limit_mm: ENTRY_MM_MAX });
    }
    Ok(near.point)
}

/// Places on the planned path, all between its ends.
pub(super) fn way(path: &Path) -> Vec<Point> {
    let offset = path.target_mm - path.entry_mm;
    let count = (offset.norm() / LOOK_MM).ceil();
    (1..count as usize).map(|n| path.entry_mm + offset * (n as f64 / count)).collect()
}
