//! Resections and territories on an organ of 256³ voxels; distance maps of a whole scan; centre lines of a portal system.

mod live;
mod resection;
mod vessels;

use super::Row;
use crate::base::{Progress, parallel};

/// All rows of resections, vessel trees and territories.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    parallel::install(|| {
        let mut rows = resection::rows(&progress.part(0.0..0.5, "resections"))?;
        rows.extend(live::rows(&progress.part(0.5..0.6, "live scores"))?);
        rows.extend(vessels::rows(&progress.part(0.6..0.8, "vessels"))?);
        rows.extend(super::plan_paths::rows(&progress.part(0.8..1.0, "paths"))?);
        Ok(rows)
    })
}
