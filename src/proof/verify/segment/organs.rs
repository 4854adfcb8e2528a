//! Abdominal organs against the phantom, and beside a network's labels on real scans, with the largest disagreement.

use super::super::{Row, Tolerance};
use crate::base::{Findings, Progress};
use crate::geom::Point;
use crate::image::phantom::{self, Phantom};
use crate::image::{Components, Modality, Neighbours, Volume};
use crate::io::dicom::{load_series, scan_folder};
use crate::io::{nifti, test_data};
use crate::segment::organ::preset;
use crate::segment::{SegmentError, score};
use std::path::Path;
use std::sync::Arc;

/// A row: preset, its label, the labels of the reference that it should be, and the least Dice.
type Wanted = (&'static str, &'static str, u8, &'static [u8], f64);

/// The phantom's liver holds its tumour and vessels.
const PHANTOM: [Wanted; 4] = [
    ("liver", "liver", 1, &[8, 9, 10, 11], 0.97),
    ("spleen", "spleen", 1, &[19], 0.97),
    ("kidneys", "right kidney", 1, &[17], 0.97),
    ("kidneys", "left kidney", 2, &[18], 0.97),
];
/// Classes of TotalSegmentator.
const PLAIN: [Wanted; 4] = [
    ("liver", "liver", 1, &[5], 0.90),
    ("spleen", "spleen", 1, &[1], 0.88),
    ("kidneys", "right kidney", 1, &[2], 0.88),
    ("kidneys", "left kidney", 2, &[3], 0.88),
];
const PORTAL: [Wanted; 2] = [("liver", "liver", 1, &[5], 0.90), ("spleen", "spleen", 1, &[1], 0.88)];
pub(super) const NETWORK: &str =
    "labels of TotalSegmentator's 3 mm network (Wasserthal 2023) on its own test scan, not an expert's";

/// Rows of the abdominal organs: each preset without a seed.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    const ABSENT: &str = "the project's test data is not here; set PROSECTOR_DATA";
    let mut rows = Vec::new();
    let Phantom { scan, labels, .. } =
        phantom::abdomen(&phantom::Params::default(), progress).map_err(|error| error.to_string())?;
    let ct = scan.ct().ok_or("the phantom is no CT")?;
    let truth = labels.to_volume();
    compare(
        &mut rows,
        "S8",
        "phantom in the portal phase",
        ct,
        &truth,
        &PHANTOM,
        "known truth of scan.phantom",
        progress,
    )?;
    drop(truth);
    let Some(folder) = test_data::folder("ct-abdomen-totalseg") else {
        rows.push(Row::skipped("S9", "organ presets on real abdomens", ABSENT));
        return Ok(rows);
    };
    let scan = nifti::read_scan(&folder.join("abdomen_3mm.nii.gz"), Some(Modality::Ct), progress)
        .map_err(|error| error.to_string())?;
    let ct = scan.ct_hu().ok_or("the scan is no CT")?;
    let labels = read_labels(&folder.join("abdomen_3mm_seg.nii.gz"), progress)?;
    compare(&mut rows, "S9", "real abdomen without contrast, 3 mm", &ct, &labels, &PLAIN, NETWORK, progress)?;
    let scan = dicom_scan(&folder.join("dicom"), progress)?;
    let ct = scan.ct_hu().ok_or("the scan is no CT")?;
    let labels = read_labels(&folder.join("dicom_seg.nii.gz"), progress)?;
    let labels = on_grid(&labels, &ct)?;
    compare(&mut rows, "S10", "real abdomen in the portal phase, 20 slices", &ct, &labels, &PORTAL, NETWORK, progress)?;
    let kidneys = preset("kidneys").ok_or("there is no such preset")?;
    let taken = match (kidneys.run)(&ct, None, progress) {
        Ok(organ) => organ.labels.segments().len(),
        Err(SegmentError::NotFound { .. }) => 0,
        Err(error) => return Err(error.to_string()),
    };
    let what = "kidneys, no click, 20 slices above them: organs taken for a kidney";
    rows.push(Row::new("S10", what, taken as f64, 0.0, "1", Tolerance::AtMost, NETWORK));
    Ok(rows)
}

pub(super) fn read_labels(path: &Path, progress: &Progress) -> Result<Volume<u8>, String> {
    Ok(nifti::read_labels(path, progress).map_err(|error| error.to_string())?.to_volume())
}

pub(super) fn dicom_scan(folder: &Path, progress: &Progress) -> Result<crate::image::Scan, String> {
    let findings = Findings::default();
    let series = scan_folder(folder, progress, &findings).map_err(|error| error.to_string())?;
    let series = series.into_iter().find(|series| series.problem.is_none() && !series.is_segmentation);
    let series = series.ok_or("the folder holds no image series")?;
    load_series(&series, progress, &findings).map_err(|error| error.to_string())
}

/// Labels of another file on the grid of the scan, voxel centre by voxel centre.
pub(super) fn on_grid(labels: &Volume<u8>, ct: &Volume<i16>) -> Result<Volume<u8>, String> {
    let grid = ct.grid();
    let at =
        |offset: usize| labels.grid().voxel_at(grid.centre(grid.voxel(offset))).map_or(0, |voxel| labels.at(voxel));
    Volume::new(Arc::clone(grid), (0..grid.len()).map(at).collect()).map_err(|error| error.to_string())
}

fn compare(
    rows: &mut Vec<Row>,
    id: &str,
    what: &str,
    ct: &Volume<i16>,
    labels: &Volume<u8>,
    wanted: &[Wanted],
    source: &str,
    progress: &Progress,
) -> Result<(), String> {
    let mut last: Option<(&str, Volume<u8>)> = None;
    for (name, part, label, classes, least) in wanted {
        if last.as_ref().is_none_or(|(done, _)| done != name) {
            let chosen = preset(name).ok_or("there is no such preset")?;
            match (chosen.run)(ct, None, progress) {
                Ok(organ) => last = Some((*name, organ.labels.to_volume())),
                Err(error) => {
                    rows.push(Row::failed(id, &format!("{part} preset, {what}: {error}")));
                    continue;
                }
            }
        }
        let Some((_, found)) = &last else { continue };
        let of = |volume: &Volume<u8>, is: &dyn Fn(u8) -> bool| {
            let voxels = volume.voxels().iter().map(|value| u8::from(is(*value))).collect();
            Volume::new(Arc::clone(ct.grid()), voxels).map_err(|error| error.to_string())
        };
        let ours = of(found, &|value| value == *label)?;
        let theirs = of(labels, &|value| classes.contains(&value))?;
        let what = format!("{part}, no click, {what}: Dice");
        match score(&ours, &theirs, progress) {
            Ok(measured) => {
                let differ = difference(&ours, &theirs, progress)?;
                let source = format!(
                    "{source}; {:.0} ml beside {:.0} ml, mean distance {:.1} mm; {differ}",
                    measured.volume_ml, measured.reference_ml, measured.surface_mean_mm
                );
                rows.push(Row::new(id, &what, measured.dice, *least, "1", Tolerance::AtLeast, &source));
            }
            Err(error) => rows.push(Row::failed(id, &format!("{what}: {error}"))),
        }
    }
    Ok(())
}

/// The largest connected region in which two masks differ, in words.
pub(super) fn difference(ours: &Volume<u8>, theirs: &Volume<u8>, progress: &Progress) -> Result<String, String> {
    let largest = |a: &Volume<u8>, b: &Volume<u8>| -> Result<(f64, Point), String> {
        let voxels = a.voxels().iter().zip(b.voxels()).map(|(a, b)| u8::from(*a != 0 && *b == 0)).collect();
        let only = Volume::new(Arc::clone(a.grid()), voxels).map_err(|error| error.to_string())?;
        let parts = Components::of(&only, |value| value != 0, Neighbours::Six, progress).map_err(|e| e.to_string())?;
        Ok(if parts.parts().is_empty() { (0.0, Point::origin()) } else { (parts.volume_ml(0), parts.centre(0)) })
    };
    let ((more_ml, more), (less_ml, less)) = (largest(ours, theirs)?, largest(theirs, ours)?);
    Ok(format!(
        "largest region only ours {more_ml:.1} ml around ({:.0}, {:.0}, {:.0}) mm, only theirs {less_ml:.1} ml around ({:.0}, {:.0}, {:.0}) mm",
        more.x, more.y, more.z, less.x, less.y, less.z
    ))
}
