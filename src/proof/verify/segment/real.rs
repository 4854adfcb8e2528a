//! Presets on real scans beside the labels of others; these are a network's opinion, not the truth.

use super::{Row, Tolerance};
use crate::base::Progress;
use crate::image::{Modality, Volume};
use crate::io::{nifti, test_data};
use crate::segment::organ::preset;
use crate::segment::score;
use std::path::Path;
use std::sync::Arc;

/// Bones of TotalSegmentator's 117 classes: vertebrae and sacrum, limbs and girdles, skull, ribs and sternum.
const BONES: [std::ops::RangeInclusive<u8>; 3] = [25..=50, 69..=78, 91..=116];
const BONE_SOURCE: &str = "labels of TotalSegmentator's 3 mm network (Wasserthal 2023) on its own test scan; the patient's spongy bone is no brighter than muscle, and much of the sacrum stays open";
const VESSEL_SOURCE: &str = "labels of TotalSegmentator's aorta network (Wasserthal 2023) on its own test scan: a dissected aorta with a stent, of which the preset follows the bright lumen only";
/// The vessels beside `aorta` that the preset follows too.
const BRANCHES: [&str; 6] = [
    "aorta",
    "brachiocephalic_trunk",
    "common_carotid_artery_left",
    "subclavian_artery_left",
    "celiac_trunk",
    "superior_mesenteric_artery",
];

/// Rows for the scans that are here.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    const ABSENT: &str = "the project's test data is not here; set PROSECTOR_DATA";
    let mut rows = Vec::new();
    match test_data::folder("ct-abdomen-totalseg") {
        Some(folder) => bone(&mut rows, &folder, progress)?,
        None => rows.push(Row::skipped("S6", "bone preset on a real abdomen", ABSENT)),
    }
    match test_data::folder("cta-aorta-totalseg") {
        Some(folder) => vessel(&mut rows, &folder, progress)?,
        None => rows.push(Row::skipped("S7", "vessel preset on a real CT angiography", ABSENT)),
    }
    Ok(rows)
}

fn bone(rows: &mut Vec<Row>, folder: &Path, progress: &Progress) -> Result<(), String> {
    let found = run(&folder.join("abdomen_3mm.nii.gz"), "bone", progress)?;
    let labels = labels(&folder.join("abdomen_3mm_seg.nii.gz"), progress)?;
    let is_bone = |label: &u8| u8::from(BONES.iter().any(|range| range.contains(label)));
    let wanted = mask(&labels, labels.voxels().iter().map(is_bone).collect())?;
    let measured = score(&found, &wanted, progress).map_err(|error| error.to_string())?;
    let what = "bone preset on a real abdomen, 3 mm: Dice";
    rows.push(Row::new("S6", what, measured.dice, 0.85, "1", Tolerance::AtLeast, BONE_SOURCE));
    Ok(())
}

fn vessel(rows: &mut Vec<Row>, folder: &Path, progress: &Progress) -> Result<(), String> {
    let found = run(&folder.join("cta_1p5mm.nii.gz"), "vessel", progress)?;
    let mut any = vec![0_u8; found.voxels().len()];
    for name in BRANCHES {
        let labels = labels(&folder.join(format!("labels/{name}.nii.gz")), progress)?;
        any.iter_mut().zip(labels.voxels()).for_each(|(any, label)| *any |= u8::from(*label != 0));
    }
    let wanted = mask(&found, any)?;
    let measured = score(&found, &wanted, progress).map_err(|error| error.to_string())?;
    let both = 0.5 * measured.dice * (measured.volume_ml + measured.reference_ml);
    let row = |what: &str, value, least| Row::new("S7", what, value, least, "1", Tolerance::AtLeast, VESSEL_SOURCE);
    rows.push(row("vessel preset on a real dissected aorta: Dice", measured.dice, 0.58));
    rows.push(row("vessel preset: share of it that is labelled vessel", both / measured.volume_ml, 0.9));
    Ok(())
}

/// What a preset finds on the CT in a file, 1 inside.
fn run(path: &Path, id: &str, progress: &Progress) -> Result<Volume<u8>, String> {
    let scan = nifti::read_scan(path, Some(Modality::Ct), progress).map_err(|error| error.to_string())?;
    let ct = scan.ct_hu().ok_or("the scan is no CT")?;
    let chosen = preset(id).ok_or("there is no such preset")?;
    let organ = (chosen.run)(&ct, None, progress).map_err(|error| format!("{id}: {error}"))?;
    let labels = organ.labels.to_volume();
    mask(&labels, labels.voxels().iter().map(|label| u8::from(*label != 0)).collect())
}

fn labels(path: &Path, progress: &Progress) -> Result<Volume<u8>, String> {
    Ok(nifti::read_labels(path, progress).map_err(|error| error.to_string())?.to_volume())
}

fn mask(like: &Volume<u8>, voxels: Vec<u8>) -> Result<Volume<u8>, String> {
    Volume::new(Arc::clone(like.grid()), voxels).map_err(|error| error.to_string())
}
