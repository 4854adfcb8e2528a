//! How fast voxels become segments, surfaces and tetrahedra: one file per area.

mod tets;

use super::Row;
use crate::base::Progress;

/// The rows of all areas.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for area in [tets::rows] {
        rows.extend(area(progress)?);
    }
    Ok(rows)
}
