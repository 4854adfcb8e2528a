//! How fast voxels become segments, surfaces and tetrahedra: one file per area.

mod tets;

use super::Row;
use crate::base::Progress;

/// All areas.
const AREAS: &[fn(&Progress) -> Result<Vec<Row>, String>] = &[tets::rows];

/// The rows of all areas.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for area in AREAS {
        rows.extend(area(progress)?);
    }
    Ok(rows)
}
