//! How fast a series is there.

use super::{Row, timed};
use crate::base::{Findings, Progress};
use crate::io::dicom::{first_slice, load_series, scan_folder};
use crate::io::{samples, test_data};
use crate::mesh::contour::mask_surface;
use crate::segment;
use std::path::Path;

/// Import of the scans that are here, and the isosurface of their bone.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    if let Some(folder) = test_data::folder("ct-chest-contrast-lidc-0001/dicom") {
        series(&mut rows, "B1", "512 × 512 × 133, JPEG lossless", &folder, true, progress)?;
    }
    if let Some(folder) = samples::chest_ct() {
        series(&mut rows, "B2", "bundled chest CT, 236 slices, JPEG-LS", &folder, false, progress)?;
    }
    if rows.is_empty() {
        return Err("neither the test data nor the bundled scan is here; set PROSECTOR_SAMPLES".into());
    }
    Ok(rows)
}

fn series(
    rows: &mut Vec<Row>,
    id: &str,
    what: &str,
    folder: &Path,
    targets: bool,
    progress: &Progress,
) -> Result<(), String> {
    let findings = Findings::default();
    let said = |error: crate::io::error::ReadError| error.to_string();
    let (seconds, first) = timed(|| {
        let found = scan_folder(folder, progress, &findings)?;
        let series = found.into_iter().find(|series| series.problem.is_none() && !series.is_segmentation);
        let series = series.ok_or_else(|| crate::io::error::ReadError::not_this_format(folder, "no image series"))?;
        first_slice(&series).map(|_| series)
    });
    let series = first.map_err(said)?;
    let row = Row::new(id, format!("{what}: folder to first slice"), seconds, "s");
    rows.push(if targets { row.target(1.5) } else { row });
    let (seconds, scan) = timed(|| {
        let found = scan_folder(folder, progress, &findings)?;
        let series = found.into_iter().find(|other| other.key == series.key).unwrap_or(series);
        load_series(&series, progress, &findings)
    });
    let scan = scan.map_err(said)?;
    let row = Row::new(id, format!("{what}: folder to all voxels"), seconds, "s");
    let peak = row.peak_mb;
    rows.push(if targets { row.target(6.0) } else { row });
    if let Some(peak) = peak {
        let voxels_mb = scan.bytes() as f64 / (1024.0 * 1024.0);
        let row = Row::new(id, format!("{what}: peak memory of the process over the voxels"), peak / voxels_mb, "1");
        rows.push(if targets { row.target(4.0) } else { row });
    }
    let Some(ct) = scan.ct() else { return Ok(()) };
    let bone = segment::threshold(ct, 226..=3071, progress).map_err(|error| error.to_string())?;
    let (seconds, surface) = timed(|| mask_surface(&bone, progress));
    let triangles = surface.map_err(|error| error.to_string())?.triangles().len();
    let row = Row::new(id, format!("{what}: isosurface of bone, {triangles} triangles"), seconds, "s");
    rows.push(if targets { row.target(2.0) } else { row });
    Ok(())
}
