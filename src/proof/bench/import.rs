//! How fast a series is there.

use super::peer::{Better, simpleitk, vtk};
use super::{Row, best_of_three, timed};
use crate::base::{Findings, Progress};
use crate::io::dicom::{first_slice, load_series, scan_folder};
use crate::io::{samples, test_data};
use crate::mesh::contour::mask_surface;
use crate::segment;
use std::path::Path;

/// Bone begins here (InVesalius).
const BONE_HU: i16 = 226;

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
    let (seconds, scan) = best_of_three(|| {
        let found = scan_folder(folder, progress, &findings)?;
        let again = found.into_iter().find(|other| other.key == series.key);
        load_series(again.as_ref().unwrap_or(&series), progress, &findings)
    });
    let scan = scan.map_err(said)?;
    let row = Row::new(id, format!("{what}: folder to all voxels"), seconds, "s");
    let peak = row.peak_mb;
    let total = scan.ct().map_or(0.0, |ct| ct.voxels().iter().map(|value| f64::from(*value)).sum());
    let row = row.beside(Better::Less, (total, 1e-9), simpleitk::series(folder));
    rows.push(if targets { row.target(6.0) } else { row });
    if let Some(peak) = peak {
        let voxels_mb = scan.bytes() as f64 / (1024.0 * 1024.0);
        let row = Row::new(id, format!("{what}: peak memory of the process over the voxels"), peak / voxels_mb, "1");
        rows.push(if targets { row.target(4.0) } else { row });
    }
    let Some(ct) = scan.ct() else { return Ok(()) };
    let bone = segment::threshold(ct, BONE_HU..=i16::MAX, progress).map_err(|error| error.to_string())?;
    let (seconds, surface) = best_of_three(|| mask_surface(&bone, progress));
    let triangles = surface.map_err(|error| error.to_string())?.triangles().len();
    let row = Row::new(id, format!("{what}: isosurface of bone, {triangles} triangles"), seconds, "s");
    // The peer resolves ambiguous cells otherwise, so its triangles are nearly as many.
    let row = row.beside(Better::Less, (triangles as f64, 0.05), vtk::isosurface(folder, f64::from(BONE_HU)));
    rows.push(if targets { row.target(2.0) } else { row });
    Ok(())
}
