//! How fast voxels are filtered, labelled and segmented. The one list of areas.

mod editor;
mod filters;
mod seeds;
mod stop;
mod surfaces;
mod tets;
mod vessels;

use super::Row;
use crate::base::Progress;

/// Edge of the scan in voxels, if [`EDGE_VARIABLE`] says nothing.
const EDGE: usize = 256;
/// Environment variable with another edge: `512` makes 512 × 512 × 500 voxels.
const EDGE_VARIABLE: &str = "PROSECTOR_BENCH_EDGE";
/// The large scan that targets are for.
const WHOLE: [usize; 3] = [512, 512, 500];

/// The voxels of scans whose size can be chosen.
fn dims() -> [usize; 3] {
    let edge = std::env::var(EDGE_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(EDGE).clamp(32, 512);
    [edge, edge, edge.min(WHOLE[2])]
}

/// The rows of all areas, in the order they are printed.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    rows.extend(filters::rows(progress)?);
    rows.extend(editor::rows()?);
    rows.extend(seeds::rows(progress)?);
    rows.extend(surfaces::rows(progress)?);
    rows.extend(vessels::rows(progress)?);
    rows.extend(tets::rows(progress)?);
    rows.extend(stop::rows(progress)?);
    Ok(rows)
}
