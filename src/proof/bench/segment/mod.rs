//! How fast voxels are filtered, labelled and segmented. The one list of areas.

mod editor;
mod filters;
mod seeds;
mod tets;
mod vessels;

use super::Row;
use crate::base::Progress;

/// The rows of all areas, in the order they are printed.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    rows.extend(filters::rows(progress)?);
    rows.extend(editor::rows()?);
    rows.extend(seeds::rows(progress)?);
    rows.extend(vessels::rows(progress)?);
    rows.extend(tets::rows(progress)?);
    Ok(rows)
}
