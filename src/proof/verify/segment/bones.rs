//! The skeleton by name against the phantom, and beside a network's labels on real scans.

use super::super::{Row, Tolerance};
use super::organs::{NETWORK, dicom_scan, on_grid, read_labels};
use crate::base::Progress;
use crate::image::phantom::Phantom;
use crate::image::{Modality, Volume};
use crate::io::{nifti, test_data};
use crate::segment::organ::preset;
use crate::segment::score;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// A part of the skeleton, the labels of the reference that it should be, and the least share and the least Dice.
type Wanted = (&'static str, &'static [RangeInclusive<u8>], f64, f64);

const PHANTOM: [Wanted; 2] = [("spine", &[4..=4], 0.99, 0.94), ("ribs and sternum", &[5..=5], 0.94, 0.94)];
/// Classes of TotalSegmentator; the Dice is low where the preset bone leaves marrow open.
const ABDOMEN: [Wanted; 4] = [
    ("spine", &[25..=50], 0.92, 0.70),
    ("ribs and sternum", &[92..=116], 0.98, 0.72),
    ("hip bones", &[77..=78], 0.92, 0.85),
    ("limbs and shoulder girdle", &[69..=76], 0.93, 0.78),
];
const LIVER: [Wanted; 3] = [
    ("spine", &[25..=50], 0.99, 0.67),
    ("ribs and sternum", &[92..=116], 0.97, 0.73),
    ("limbs and shoulder girdle", &[69..=76], 0.99, 0.88),
];
const ENDS: &str = "labels of TotalSegmentator's 3 mm network (Wasserthal 2023) on 20 slices, at whose ends they have holes; the preset bone adds plaque of the aorta and a disc";

/// Rows of the preset bones: for each part the share of its bone that has the right name, and Dice.
pub(super) fn rows(phantom: &Phantom, progress: &Progress) -> Result<Vec<Row>, String> {
    const ABSENT: &str = "the project's test data is not here; set PROSECTOR_DATA";
    let mut rows = Vec::new();
    let ct = phantom.scan.ct().ok_or("the phantom is no CT")?;
    let truth = phantom.labels.to_volume();
    compare(
        &mut rows,
        "S86",
        "phantom in the portal phase",
        ct,
        &truth,
        &PHANTOM,
        "known truth of scan.phantom; the ends of the ribs beside the vertebrae count as spine",
        progress,
    )?;
    drop(truth);
    let Some(folder) = test_data::folder("ct-abdomen-totalseg") else {
        rows.push(Row::skipped("S87", "bones by name on real scans", ABSENT));
        return Ok(rows);
    };
    let scan = nifti::read_scan(&folder.join("abdomen_3mm.nii.gz"), Some(Modality::Ct), progress)
        .map_err(|error| error.to_string())?;
    let ct = scan.ct_hu().ok_or("the scan is no CT")?;
    let labels = read_labels(&folder.join("abdomen_3mm_seg.nii.gz"), progress)?;
    compare(&mut rows, "S87", "real abdomen, 3 mm", &ct, &labels, &ABDOMEN, NETWORK, progress)?;
    let scan = dicom_scan(&folder.join("dicom"), progress)?;
    let ct = scan.ct_hu().ok_or("the scan is no CT")?;
    let labels = on_grid(&read_labels(&folder.join("dicom_seg.nii.gz"), progress)?, &ct)?;
    compare(&mut rows, "S87", "real liver with the arms beside it, 20 slices", &ct, &labels, &LIVER, ENDS, progress)?;
    Ok(rows)
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
    let chosen = preset("bones").ok_or("there is no such preset")?;
    let organ = match (chosen.run)(ct, None, progress) {
        Ok(organ) => organ,
        Err(error) => {
            rows.push(Row::failed(id, &format!("bones by name, {what}: {error}")));
            return Ok(());
        }
    };
    let found = organ.labels.to_volume();
    let mask = |volume: &Volume<u8>, is: &dyn Fn(u8) -> bool| {
        let voxels = volume.voxels().iter().map(|value| u8::from(is(*value))).collect();
        Volume::new(Arc::clone(ct.grid()), voxels).map_err(|error| error.to_string())
    };
    for (name, classes, share_min, dice_min) in wanted {
        let Some(segment) = organ.labels.segment_named(name) else {
            rows.push(Row::failed(id, &format!("{name}, {what}: not found")));
            continue;
        };
        let is_theirs = |label: u8| classes.iter().any(|range| range.contains(&label));
        let bone =
            found.voxels().iter().zip(labels.voxels()).filter(|(ours, theirs)| **ours != 0 && is_theirs(**theirs));
        let [right, all] =
            bone.fold([0_usize, 0], |[right, all], (ours, _)| [right + usize::from(*ours == segment.id.0), all + 1]);
        let share = right as f64 / all.max(1) as f64;
        let row = |of: &str, value, least, source: &str| {
            Row::new(id, &format!("{name}, {what}: {of}"), value, least, "1", Tolerance::AtLeast, source)
        };
        rows.push(row("share of its bone with the right name", share, *share_min, source));
        let measured = score(&mask(&found, &|label| label == segment.id.0)?, &mask(labels, &is_theirs)?, progress);
        let measured = measured.map_err(|error| error.to_string())?;
        let source = format!("{source}; {:.0} ml beside {:.0} ml", measured.volume_ml, measured.reference_ml);
        rows.push(row("Dice", measured.dice, *dice_min, &source));
    }
    Ok(())
}
