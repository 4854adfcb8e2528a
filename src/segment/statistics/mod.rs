//! What a segment measures: volume with bounds, surface, values of the scan inside, extents and axes.

mod extent;
mod hull;
mod values;

pub use extent::{Axis, BoxShape, Extents};
pub use values::Values;

use super::SegmentError;
use super::cropped::cropped;
use crate::base::{Progress, SegmentId, units::MM3_PER_ML};
use crate::geom::Point;
use crate::image::{LabelMap, Scan, Volume, VoxelBox};
use crate::mesh::contour::{ContourError, mask_surface};
use rayon::prelude::*;

/// What one segment measures.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// Its voxels.
    pub voxels: usize,
    /// Their number times the volume of one, ml.
    pub volume_ml: f64,
    /// That without half of the voxels at its border from inside, and with half of those at its border from outside, ml.
    pub bounds_ml: [f64; 2],
    /// Area of the contour over the blurred mask, with lids where it ends with the scan, cm².
    pub area_cm2: f64,
    /// Mean of the voxel centres, LPS mm.
    pub centroid: Point,
    /// Whether a voxel of it is at the end of the grid: what lies beyond is missing in all numbers.
    pub cut: bool,
    /// Values of the scan inside; `None` without a scan.
    pub values: Option<Values>,
    /// Extents and axes.
    pub extents: Extents,
}

/// Measure every segment of `labels` that has voxels, with the values of `scan` (on the same grid) inside.
///
/// # Errors
/// [`SegmentError`] if the scan lies on another grid, or `progress` was cancelled.
pub fn statistics(
    labels: &LabelMap,
    scan: Option<&Scan>,
    progress: &Progress,
) -> Result<Vec<(SegmentId, Statistics)>, SegmentError> {
    if scan.is_some_and(|scan| scan.grid() != labels.grid()) {
        return Err(SegmentError::DifferentGrids);
    }
    let segments = labels.segments();
    let mut found = Vec::new();
    for (n, segment) in segments.iter().enumerate() {
        let part = progress.part(n as f64 / segments.len() as f64..(n + 1) as f64 / segments.len() as f64, "measuring");
        part.set(0.0)?;
        let Some(region) = labels.extent(segment.id) else { continue };
        found.push((segment.id, of_segment(labels, segment.id, &region, scan, &part)?));
    }
    Ok(found)
}

fn of_segment(
    labels: &LabelMap,
    id: SegmentId,
    region: &VoxelBox,
    scan: Option<&Scan>,
    progress: &Progress,
) -> Result<Statistics, SegmentError> {
    let dims = labels.grid().dims();
    let (mask, start) = cropped(labels, id, region).ok_or(SegmentError::Empty("segment"))?;
    let (inner, outer) = border(&mask);
    let extents = Extents::of(&mask, &progress.part(0.1..0.5, "axes"))?;
    let voxels = extents.voxels;
    let surface = match mask_surface(&mask, &progress.part(0.5..0.8, "surface")) {
        Ok(surface) => surface,
        Err(ContourError::Cancelled(cancelled)) => return Err(cancelled.into()),
        Err(error) => return Err(SegmentError::NotFound { organ: "surface", reason: error.to_string() }),
    };
    let values = scan.map(|scan| Values::of(&mask, start, scan, &progress.part(0.8..1.0, "values"))).transpose()?;
    let ml = labels.grid().voxel_mm3() / MM3_PER_ML;
    Ok(Statistics {
        voxels,
        volume_ml: voxels as f64 * ml,
        bounds_ml: [voxels as f64 - 0.5 * inner as f64, voxels as f64 + 0.5 * outer as f64].map(|n| n * ml),
        area_cm2: surface.area_cm2(),
        centroid: extents.centroid,
        cut: (0..3).any(|a| 1 < dims[a] && (region[a].start == 0 || region[a].end == dims[a])),
        values,
        extents,
    })
}

/// Voxels of the mask with a face neighbour outside, and voxels outside with a face neighbour in the mask.
fn border(mask: &Volume<u8>) -> (usize, usize) {
    let [ni, nj, nk] = mask.grid().dims();
    let values = mask.voxels();
    let of_row = |row: usize| {
        let (j, k) = (row % nj, row / nj);
        let (mut inner, mut outer) = (0, 0);
        for i in 0..ni {
            let at = row * ni + i;
            let differs = |other: usize| values[other] != values[at];
            let is_border = 0 < i && differs(at - 1)
                || i + 1 < ni && differs(at + 1)
                || 0 < j && differs(at - ni)
                || j + 1 < nj && differs(at + ni)
                || 0 < k && differs(at - ni * nj)
                || k + 1 < nk && differs(at + ni * nj);
            match (is_border, values[at] != 0) {
                (true, true) => inner += 1,
                (true, false) => outer += 1,
                (false, _) => {}
            }
        }
        (inner, outer)
    };
    (0..nj * nk).into_par_iter().map(of_row).reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
