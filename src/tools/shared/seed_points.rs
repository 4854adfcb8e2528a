//! Places the user clicked, as voxels of a scan.

use crate::base::NodeId;
use crate::geom::{Grid, Point};
use crate::image::Scan;
use crate::session::{Case, CommandError, Data, Kind, NodeKind, ParamSpec};
use std::sync::Arc;

/// Where to start.
pub(in crate::tools) const SEEDS: ParamSpec =
    ParamSpec::needed("seeds", Kind::Points, "mm", "one or several places inside what is wanted");

/// The voxels that hold the places.
///
/// # Errors
/// [`CommandError::BadParams`] naming a place outside the scan.
pub(in crate::tools) fn voxels(grid: &Grid, seeds: &[[f64; 3]]) -> Result<Vec<[usize; 3]>, CommandError> {
    let voxel = |seed: &[f64; 3]| {
        let [x, y, z] = *seed;
        grid.voxel_at(Point::new(x, y, z)).ok_or_else(|| {
            CommandError::BadParams(format!("the seed point ({x:.1}, {y:.1}, {z:.1}) mm lies outside the scan"))
        })
    };
    seeds.iter().map(voxel).collect()
}

/// A scan of any modality, shared.
///
/// # Errors
/// [`CommandError::BadParams`] if the node is no scan.
pub(in crate::tools) fn scan(case: &Case, id: NodeId) -> Result<Arc<Scan>, CommandError> {
    match &case.expect_kind(id, NodeKind::Scan)?.data {
        Data::Scan(scan) => Ok(Arc::clone(scan)),
        _ => unreachable!("the kind was checked"),
    }
}

/// `low` to `high` with the unit of the scan; an end at the limits of numbers is left out.
pub(in crate::tools) fn range_words(scan: &Scan, low: f64, high: f64) -> String {
    let number = |value: f64| {
        let text = format!("{value:.2}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let unit = if scan.unit().is_empty() { String::new() } else { format!(" {}", scan.unit()) };
    match (low <= -32_768.0, 32_767.0 <= high) {
        (true, true) => "any value".into(),
        (true, false) => format!("up to {}{unit}", number(high)),
        (false, true) => format!("{}{unit} and above", number(low)),
        (false, false) => format!("{} to {}{unit}", number(low), number(high)),
    }
}
