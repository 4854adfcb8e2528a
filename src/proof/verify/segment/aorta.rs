//! The aorta: against the phantom, and beside a network's labels on a dissected one and on a calcified one.

use super::super::{Row, Tolerance};
use super::organs::{NETWORK, dicom_scan, difference, on_grid, read_labels};
use crate::base::Progress;
use crate::geom::Point;
use crate::image::phantom::{self, Phantom, label};
use crate::image::{Modality, Volume};
use crate::io::{nifti, test_data};
use crate::segment::organ::preset;
use crate::segment::{SegmentError, score};
use std::sync::Arc;

const KNOWN: &str = "known truth of scan.phantom: the lumen, and where it is narrowed what plaque fills of it";
const DISSECTED: &str = "labels of TotalSegmentator's aorta network (Wasserthal 2023) on its own test scan, not an expert's: a dissected aorta with a stent, both lumens";
const ABSENT: &str = "the project's test data is not here; set PROSECTOR_DATA";
/// The class of the aorta among TotalSegmentator's.
const AORTA: u8 = 52;

/// Rows of the aorta preset, without a click.
pub(super) fn rows(phantom: &Phantom, progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let truth = healthy(phantom, phantom::Params::default().aorta_radius_mm)?;
    let ct = phantom.scan.ct().ok_or("the phantom is no CT")?;
    compare(&mut rows, "S88", "phantom with a stenosis and plaque", ct, &truth, 0.97, KNOWN, progress)?;
    match test_data::folder("cta-aorta-totalseg") {
        Some(folder) => {
            let scan = nifti::read_scan(&folder.join("cta_1p5mm.nii.gz"), Some(Modality::Ct), progress);
            let scan = scan.map_err(|error| error.to_string())?;
            let ct = scan.ct_hu().ok_or("the scan is no CT")?;
            let labels = read_labels(&folder.join("labels/aorta.nii.gz"), progress)?;
            let truth = mask(&labels, |at| labels.voxels()[at] != 0)?;
            compare(&mut rows, "S89", "real dissected aorta, root to abdomen", &ct, &truth, 0.90, DISSECTED, progress)?;
        }
        None => rows.push(Row::skipped("S89", "aorta preset on a real dissection", ABSENT)),
    }
    let Some(folder) = test_data::folder("ct-abdomen-totalseg") else {
        rows.push(Row::skipped("S90", "aorta preset on real abdomens", ABSENT));
        return Ok(rows);
    };
    let scan = dicom_scan(&folder.join("dicom"), progress)?;
    let ct = scan.ct_hu().ok_or("the scan is no CT")?;
    let labels = on_grid(&read_labels(&folder.join("dicom_seg.nii.gz"), progress)?, &ct)?;
    let truth = mask(&labels, |at| labels.voxels()[at] == AORTA)?;
    let what = "real calcified aorta in the portal phase, 20 slices";
    compare(&mut rows, "S90", what, &ct, &truth, 0.88, NETWORK, progress)?;
    let scan = nifti::read_scan(&folder.join("abdomen_3mm.nii.gz"), Some(Modality::Ct), progress);
    let scan = scan.map_err(|error| error.to_string())?;
    let ct = scan.ct_hu().ok_or("the scan is no CT")?;
    let taken = match found(&ct, progress) {
        Ok(_) => 1.0,
        Err(SegmentError::NotFound { .. }) => 0.0,
        Err(error) => return Err(error.to_string()),
    };
    let what = "aorta, no click, real abdomen without contrast: aortas taken";
    rows.push(Row::new("S90", what, taken, 0.0, "1", Tolerance::AtMost, "it is to be refused in words"));
    Ok(rows)
}

fn found(ct: &Volume<i16>, progress: &Progress) -> Result<Volume<u8>, SegmentError> {
    let preset = preset("aorta").expect("it is in the list");
    Ok((preset.run)(ct, None, progress)?.labels.to_volume())
}

fn mask(like: &Volume<u8>, is: impl Fn(usize) -> bool) -> Result<Volume<u8>, String> {
    let voxels = (0..like.grid().len()).map(|at| u8::from(is(at))).collect();
    Volume::new(Arc::clone(like.grid()), voxels).map_err(|error| error.to_string())
}

/// The lumen as it was before plaque narrowed it to less than `radius_mm`.
fn healthy(phantom: &Phantom, radius_mm: f64) -> Result<Volume<u8>, String> {
    let labels = phantom.labels.to_volume();
    let aorta = phantom.truth.vessels.iter().filter(|branch| branch.system == "aorta");
    let lines: Vec<[Point; 2]> =
        aorta.flat_map(|branch| branch.points_mm.windows(2).map(|two| [two[0], two[1]].map(Point::from))).collect();
    let near = |place: Point| {
        lines.iter().any(|[a, b]| {
            let along = b - a;
            let share = ((place - a).dot(&along) / along.norm_squared()).clamp(0.0, 1.0);
            (a + along * share - place).norm_squared() <= radius_mm * radius_mm
        })
    };
    let grid = labels.grid();
    mask(&labels, |at| match labels.voxels()[at] {
        label::AORTA => true,
        label::VESSEL_WALL => near(grid.centre(grid.voxel(at))),
        _ => false,
    })
}

fn compare(
    rows: &mut Vec<Row>,
    id: &str,
    what: &str,
    ct: &Volume<i16>,
    truth: &Volume<u8>,
    least: f64,
    source: &str,
    progress: &Progress,
) -> Result<(), String> {
    let what = format!("aorta, no click, {what}: Dice");
    match found(ct, progress) {
        Ok(ours) => {
            let measured = score(&ours, truth, progress).map_err(|error| error.to_string())?;
            let source = format!(
                "{source}; {:.0} ml beside {:.0} ml, mean distance {:.1} mm; {}",
                measured.volume_ml,
                measured.reference_ml,
                measured.surface_mean_mm,
                difference(&ours, truth, progress)?
            );
            rows.push(Row::new(id, &what, measured.dice, least, "1", Tolerance::AtLeast, &source));
        }
        Err(error) => rows.push(Row::failed(id, &format!("{what}: {error}"))),
    }
    Ok(())
}
