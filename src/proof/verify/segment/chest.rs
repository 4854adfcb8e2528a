//! Chest, body composition and brain on real scans, beside labels, readers, or what is plausible where nobody drew.

use super::{Row, Tolerance};
use crate::base::{Findings, Progress};
use crate::geom::Point;
use crate::image::resample::resample_labels;
use crate::image::{Modality, Scan, Volume};
use crate::io::dicom::{load_series, read_segmentation, scan_folder};
use crate::io::{nifti, samples, test_data};
use crate::segment::organ::{Organ, preset};
use crate::segment::{brain, score};
use std::path::Path;
use std::sync::Arc;

const NETWORK: &str = "labels of TotalSegmentator's 3 mm network (Wasserthal 2023) on its own test scan; bases only, the scan cuts the lungs off";
const MUSCLES: &str = "gluteus, autochthonous back and iliopsoas labels of the same network; not all muscle is labelled, so this is an inside-check";
const ORGANS: &str = "liver, spleen, kidney, stomach, bowel and bladder labels of the same network";
const READERS: &str = "consensus (2 of 4) of the LIDC-IDRI readers; their own volumes are 5.7 to 7.3 ml";
const TUMOUR: &str = "outline by hand of the RIDER tumour (Wee 2020); an algorithm of theirs has Dice 0.915 with it";
const NOBODY: &str = "no outlines are at hand: a share of the fissure's course that shows, not an accuracy";
const PLAUSIBLE: &str = "no outlines are at hand: adults' grey and white matter, a plausible range";
const ABSENT: &str = "the project's test data is not here; set PROSECTOR_DATA";

/// Muscles among TotalSegmentator's 117 classes, and hollow or solid organs that are none.
const MUSCLE_LABELS: std::ops::RangeInclusive<u8> = 80..=89;
const ORGAN_LABELS: [u8; 10] = [1, 2, 3, 5, 6, 7, 18, 19, 20, 21];
const LUNG_LABELS: std::ops::RangeInclusive<u8> = 10..=14;

/// Rows for the scans that are here.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    match test_data::folder("ct-abdomen-totalseg") {
        Some(folder) => abdomen(&mut rows, &folder, progress)?,
        None => rows.push(Row::skipped("S50", "lungs, fat and muscle on a real abdomen", ABSENT)),
    }
    match test_data::folder("ct-chest-contrast-lidc-0001") {
        Some(folder) => chest(&mut rows, &folder, progress)?,
        None => rows.push(Row::skipped("S52", "nodule and lobes on a real chest", ABSENT)),
    }
    match samples::chest_ct() {
        Some(folder) => tumour(&mut rows, &folder, progress)?,
        None => rows.push(Row::skipped("S53", "lung tumour of the bundled scan", "the bundled scan is not here")),
    }
    match test_data::folder("weights/meshnet-brainchop/t1_crop.nii.gz") {
        Some(file) => head(&mut rows, &file, progress)?,
        None => rows.push(Row::skipped("S55", "brain of a real T1", ABSENT)),
    }
    Ok(rows)
}

fn abdomen(rows: &mut Vec<Row>, folder: &Path, progress: &Progress) -> Result<(), String> {
    let scan = nifti::read_scan(&folder.join("abdomen_3mm.nii.gz"), Some(Modality::Ct), progress).map_err(said)?;
    let labels = nifti::read_labels(&folder.join("abdomen_3mm_seg.nii.gz"), progress).map_err(said)?.to_volume();
    let lungs = run(&scan, "lungs", None, progress)?;
    let found = of(&lungs.labels.to_volume(), |label| label != 0);
    let measured = score(&found, &of(&labels, |label| LUNG_LABELS.contains(&label)), progress).map_err(said)?;
    let row = |id: &str, what: &str, value, reference, tolerance, source: &str| {
        Row::new(id, what, value, reference, "1", tolerance, source)
    };
    rows.push(row(
        "S50",
        "lungs preset on a real abdomen, 3 mm: Dice",
        measured.dice,
        0.95,
        Tolerance::AtLeast,
        NETWORK,
    ));
    let organ = run(&scan, "composition", None, progress)?;
    let muscle = organ.labels.segment_named("muscle").ok_or("there is no muscle")?.id.0;
    let tissues = organ.labels.to_volume();
    let share = |of: &dyn Fn(u8) -> bool, is: &dyn Fn(u8) -> bool| {
        let inside = labels.voxels().iter().zip(tissues.voxels()).filter(|(label, _)| of(**label));
        let (hit, n) =
            inside.fold((0.0, 0.0), |(hit, n), (_, tissue)| (hit + f64::from(u8::from(is(*tissue))), n + 1.0));
        hit / f64::max(n, 1.0)
    };
    let in_muscle = share(&|label| MUSCLE_LABELS.contains(&label), &|tissue| tissue == muscle);
    let in_gluteus = share(&|label| (80..=85).contains(&label), &|tissue| tissue == muscle);
    let in_organs = share(&|label| ORGAN_LABELS.contains(&label), &|tissue| tissue == muscle);
    rows.push(row(
        "S51",
        "composition: share of labelled gluteal muscle found as muscle",
        in_gluteus,
        GLUTEUS_MIN,
        Tolerance::AtLeast,
        MUSCLES,
    ));
    rows.push(row(
        "S51",
        "composition: share of all labelled muscle found as muscle",
        in_muscle,
        MUSCLE_MIN,
        Tolerance::AtLeast,
        MUSCLES,
    ));
    rows.push(row(
        "S51",
        "composition: share of labelled organs mistaken for muscle",
        in_organs,
        ORGANS_MAX,
        Tolerance::AtMost,
        ORGANS,
    ));
    Ok(())
}

/// What is reached; the goal is 0.9 for muscle, and no organ mistaken for it.
const GLUTEUS_MIN: f64 = 0.9;
const MUSCLE_MIN: f64 = 0.75;
const ORGANS_MAX: f64 = 0.1;

fn chest(rows: &mut Vec<Row>, folder: &Path, progress: &Progress) -> Result<(), String> {
    let scan = series(&folder.join("dicom"), progress)?;
    let truth = nifti::read_labels(&folder.join("nodule_consensus50.nii.gz"), progress).map_err(said)?;
    let truth = of(&resample_labels(&truth, scan.grid(), progress).map_err(said)?.to_volume(), |label| label != 0);
    nodule(rows, ["S52", "nodule preset at one click"], &scan, &truth, [0.85, 0.2], READERS, progress)?;
    let organ = run(&scan, "lobes", None, progress)?;
    for name in ["right oblique fissure", "left oblique fissure", "right horizontal fissure"] {
        let seen = organ.summary.value(&format!("{name} seen")).ok_or("a fissure was not measured")?;
        let what = format!("lobes preset on a chest of 2.5 mm: {name} seen");
        rows.push(Row::new("S54", &what, seen, FISSURE_MIN, "%", Tolerance::AtLeast, NOBODY));
    }
    Ok(())
}

/// Less than this is refused anyway.
const FISSURE_MIN: f64 = 12.0;

fn tumour(rows: &mut Vec<Row>, folder: &Path, progress: &Progress) -> Result<(), String> {
    let scan = series(folder, progress)?;
    let maps = read_segmentation(&folder.join("gtv_seg.dcm"), progress, &Findings::default()).map_err(said)?;
    let by_hand = maps.first().ok_or("the segmentation is empty")?;
    let id = by_hand.segments().first().ok_or("the segmentation has no segment")?.id.0;
    let truth = resample_labels(by_hand, scan.grid(), progress).map_err(said)?.to_volume();
    let truth = of(&truth, |label| label == id);
    nodule(rows, ["S53", "nodule preset on a large tumour at one click"], &scan, &truth, [0.8, 0.3], TUMOUR, progress)
}

/// Click into the middle of what others drew, and compare.
fn nodule(
    rows: &mut Vec<Row>,
    [id, what]: [&str; 2],
    scan: &Scan,
    truth: &Volume<u8>,
    [dice_min, volume_share_max]: [f64; 2],
    source: &str,
    progress: &Progress,
) -> Result<(), String> {
    let inside: Vec<Point> = (0..truth.voxels().len())
        .filter(|at| truth.voxels()[*at] != 0)
        .map(|at| truth.grid().centre(truth.grid().voxel(at)))
        .collect();
    let middle = inside.iter().map(|p| p.coords).sum::<crate::geom::Vector>() / inside.len().max(1) as f64;
    // The voxel of the truth nearest to its middle: a crescent does not hold its own.
    let click = inside.iter().min_by(|a, b| (a.coords - middle).norm().total_cmp(&(b.coords - middle).norm()));
    let organ = run(scan, "nodule", click.copied(), progress)?;
    let measured = score(&of(&organ.labels.to_volume(), |label| label != 0), truth, progress).map_err(said)?;
    rows.push(Row::new(id, &format!("{what}: Dice"), measured.dice, dice_min, "1", Tolerance::AtLeast, source));
    let tolerance = Tolerance::Relative(volume_share_max);
    rows.push(Row::new(
        id,
        &format!("{what}: volume"),
        measured.volume_ml,
        measured.reference_ml,
        "ml",
        tolerance,
        source,
    ));
    Ok(())
}

fn head(rows: &mut Vec<Row>, file: &Path, progress: &Progress) -> Result<(), String> {
    let scan = nifti::read_scan(file, Some(Modality::Mr), progress).map_err(said)?;
    let organ = brain(&scan, progress).map_err(said)?;
    let value = |name: &str| organ.summary.value(name).ok_or_else(|| format!("{name} was not measured"));
    let (grey, white) = (value("grey matter")?, value("white matter")?);
    let range = Tolerance::Absolute(250.0);
    rows.push(Row::new(
        "S55",
        "brain of a real T1, 1 mm: grey and white matter",
        grey + white,
        1250.0,
        "ml",
        range,
        PLAUSIBLE,
    ));
    let range = Tolerance::Absolute(0.6);
    rows.push(Row::new("S55", "brain of a real T1: grey to white matter", grey / white, 1.4, "1", range, PLAUSIBLE));
    Ok(())
}

fn run(scan: &Scan, id: &str, seed: Option<Point>, progress: &Progress) -> Result<Organ, String> {
    let ct = scan.ct_hu().ok_or("the scan is no CT")?;
    let chosen = preset(id).ok_or("there is no such preset")?;
    (chosen.run)(&ct, seed, progress).map_err(|error| format!("{id}: {error}"))
}

fn series(folder: &Path, progress: &Progress) -> Result<Scan, String> {
    let findings = Findings::default();
    let found = scan_folder(folder, progress, &findings).map_err(said)?;
    let images = found.iter().filter(|series| !series.is_segmentation);
    let largest = images.max_by_key(|series| series.frames).ok_or("there is no image series")?;
    load_series(largest, progress, &findings).map_err(said)
}

fn of(labels: &Volume<u8>, wanted: impl Fn(u8) -> bool) -> Volume<u8> {
    let voxels = labels.voxels().iter().map(|label| u8::from(wanted(*label))).collect();
    Volume::new(Arc::clone(labels.grid()), voxels).expect("one value per voxel")
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
