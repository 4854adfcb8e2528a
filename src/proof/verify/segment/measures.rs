//! Comparison, consensus and statistics beside formulas and the numbers of SimpleITK on the same files.

use super::{Row, Tolerance};
use crate::base::{Findings, Progress, SegmentId};
use crate::geom::{Grid, Point};
use crate::image::{LabelMap, Modality, Volume};
use crate::io::dicom::read_segmentation;
use crate::io::{nifti, test_data};
use crate::segment::staple::staple;
use crate::segment::{score_within, statistics};
use std::path::Path;
use std::sync::Arc;

const FORMULA: &str = "formula of the ball";
const ITK: &str = "SimpleITK 2.5 on the same files";
const ABSENT: &str = "the project's test data is not here; set PROSECTOR_DATA";

/// Rows on made bodies, and on the scans that are here.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    balls(&mut rows, progress)?;
    match test_data::folder("ct-chest-contrast-lidc-0001") {
        Some(folder) => readers(&mut rows, &folder, progress)?,
        None => rows.push(Row::skipped("S41", "STAPLE of four readers of a lung nodule", ABSENT)),
    }
    match test_data::folder("ct-lung-rider-1129164940") {
        Some(folder) => outlines(&mut rows, &folder, progress)?,
        None => rows.push(Row::skipped("S42", "two outlines of a lung tumour", ABSENT)),
    }
    match test_data::folder("cta-aorta-totalseg") {
        Some(folder) => aorta(&mut rows, &folder, progress)?,
        None => rows.push(Row::skipped("S43", "statistics of an aorta", ABSENT)),
    }
    Ok(rows)
}

fn ball(spacing_mm: [f64; 3], radius_mm: f64) -> Result<Volume<u8>, String> {
    const HALF_MM: f64 = 30.0;
    let dims = spacing_mm.map(|mm| (2.0 * HALF_MM / mm) as usize + 1);
    let first = [0, 1, 2].map(|a| -0.5 * (dims[a] - 1) as f64 * spacing_mm[a]);
    let grid = Grid::aligned(dims, Point::from(first), spacing_mm).map_err(|error| error.to_string())?;
    let inside = |o: usize| u8::from((grid.centre(grid.voxel(o)) - Point::new(0.3, 0.2, 0.1)).norm() < radius_mm);
    Volume::new(grid.clone(), (0..grid.len()).map(inside).collect()).map_err(|error| error.to_string())
}

fn balls(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), String> {
    let long = [0.7, 0.7, 5.0];
    let found =
        score_within(&ball(long, 24.0)?, &ball(long, 20.0)?, 4.5, progress).map_err(|error| error.to_string())?;
    let mut row = |what: &str, value, reference, unit: &str, tolerance| {
        rows.push(Row::new("S40", what, value, reference, unit, tolerance, FORMULA));
    };
    let half_mm = Tolerance::Absolute(2.5);
    row(
        "balls of 24 and 20 mm on 0.7 × 0.7 × 5 mm: mean distance",
        found.surface_mean_mm,
        4.0,
        "mm",
        Tolerance::Absolute(1.0),
    );
    row("the same: 95 % distance, within half a voxel", found.surface_95_mm, 4.0, "mm", half_mm);
    row("the same: Hausdorff, within half a voxel", found.hausdorff_mm, 4.0, "mm", half_mm);
    row("the same: Jaccard", found.jaccard, (20.0_f64 / 24.0).powi(3), "1", Tolerance::Absolute(0.01));
    let labels = LabelMap::from_mask(&ball([1.0; 3], 20.0)?, "ball", [0; 3], None);
    let found = statistics(&labels, None, progress).map_err(|error| error.to_string())?;
    let (_, found) = found.first().ok_or("the ball has no voxel")?;
    let pi = std::f64::consts::PI;
    row("ball of 20 mm at 1 mm: volume", found.volume_ml, 4.0 / 3.0 * pi * 8.0, "ml", Tolerance::Relative(0.005));
    row("the same: surface", found.area_cm2, 4.0 * pi * 4.0, "cm²", Tolerance::Relative(0.02));
    row("the same: longest axis", found.extents.longest.length_mm, 40.0, "mm", Tolerance::Absolute(1.0));
    row("the same: short axis in a slice", found.extents.in_slice_short_mm, 40.0, "mm", Tolerance::Absolute(1.0));
    Ok(())
}

/// The data has the number of votes of each voxel, not each reader's own marks: the four sets of voxels with at least one,
/// two, three and four votes stand for four readers, the boldest first.
fn readers(rows: &mut Vec<Row>, folder: &Path, progress: &Progress) -> Result<(), String> {
    let votes = nifti::read_labels(&folder.join("nodule_votes.nii.gz"), progress).map_err(|error| error.to_string())?;
    let votes = votes.to_volume();
    let masks = (1..=4).map(|least| {
        let voxels = votes.voxels().iter().map(|n| u8::from(least <= *n)).collect();
        Volume::new(Arc::clone(votes.grid()), voxels).map_err(|error| error.to_string())
    });
    let masks = masks.collect::<Result<Vec<_>, String>>()?;
    let found = staple(&masks, None, progress).map_err(|error| error.to_string())?;
    let count = |mask: &Volume<u8>| mask.voxels().iter().filter(|value| **value != 0).count() as f64;
    let mut row = |what: &str, value, reference, tolerance| {
        rows.push(Row::new("S41", what, value, reference, "1", tolerance, ITK));
    };
    let near = Tolerance::Absolute(1e-6);
    row(
        "STAPLE of nested votes on a lung nodule: specificity of the boldest",
        found.readers[0].specificity,
        0.999_967_899_918,
        near,
    );
    row("the same: sensitivity of the third", found.readers[2].sensitivity, 0.886_514_369_577, near);
    row("the same: sensitivity of the shyest", found.readers[3].sensitivity, 0.770_817_980_530, near);
    row("the same: voxels of the consensus", count(&found.mask), 5428.0, Tolerance::Absolute(0.0));
    row("the same: voxels of the majority", count(&found.majority), 4812.0, Tolerance::Absolute(0.0));
    Ok(())
}

fn outlines(rows: &mut Vec<Row>, folder: &Path, progress: &Progress) -> Result<(), String> {
    let maps = read_segmentation(&folder.join("gtv_seg.dcm"), progress, &Findings::default());
    let maps = maps.map_err(|error| error.to_string())?;
    let mask = |id: u8| maps.iter().find(|map| map.segment(SegmentId(id)).is_some()).map(|map| map.mask(SegmentId(id)));
    let (manual, automatic) = (mask(1).ok_or("no manual outline")?, mask(2).ok_or("no automatic outline")?);
    let found = score_within(&automatic, &manual, 1.0, progress).map_err(|error| error.to_string())?;
    let mut row = |what: &str, value, reference, unit: &str, tolerance| {
        rows.push(Row::new("S42", what, value, reference, unit, tolerance, ITK));
    };
    row(
        "automatic against manual outline of a lung tumour: Dice",
        found.dice,
        0.914_648_1,
        "1",
        Tolerance::Absolute(1e-6),
    );
    row("the same: Jaccard", found.jaccard, 0.842_720_4, "1", Tolerance::Absolute(1e-6));
    // ITK measures between voxel centres, this program between pieces of boundary: half the diagonal of a voxel.
    row("the same: Hausdorff", found.hausdorff_mm, 17.312_284, "mm", Tolerance::Absolute(0.75));
    row(
        "the same: difference of volume",
        found.difference_ml(),
        61.216_868 - 54.986_127,
        "ml",
        Tolerance::Absolute(1e-4),
    );
    Ok(())
}

fn aorta(rows: &mut Vec<Row>, folder: &Path, progress: &Progress) -> Result<(), String> {
    let scan = nifti::read_scan(&folder.join("cta_1p5mm.nii.gz"), Some(Modality::Ct), progress);
    let scan = scan.map_err(|error| error.to_string())?;
    let labels =
        nifti::read_labels(&folder.join("labels/aorta.nii.gz"), progress).map_err(|error| error.to_string())?;
    let same_grid = labels.grid() == scan.grid();
    let found = statistics(&labels, Some(&scan).filter(|_| same_grid), progress).map_err(|error| error.to_string())?;
    let (_, found) = found.first().ok_or("the aorta has no voxel")?;
    let mut row = |what: &str, value, reference, unit: &str, tolerance| {
        rows.push(Row::new("S43", what, value, reference, unit, tolerance, ITK));
    };
    row("statistics of an aorta: volume", found.volume_ml, 245.733_75, "ml", Tolerance::Absolute(1e-3));
    // ITK counts crossings of lines (Crofton), this program triangles.
    row("the same: surface", found.area_cm2, 356.494, "cm²", Tolerance::Relative(0.04));
    // ITK measures between voxel centres, this program between faces: at most the diagonal of a voxel more.
    row("the same: longest axis", found.extents.longest.length_mm, 228.601, "mm", Tolerance::Absolute(2.6));
    let values = found.values.ok_or("the scan has other voxels than its labels")?;
    let near = Tolerance::Absolute(1e-3);
    row("the same: mean", values.mean, 352.646_491, "HU", near);
    row("the same: SD", values.sd, 232.424_584, "HU", near);
    row("the same: median", values.percentiles[2], 354.5, "HU", near);
    row("the same: 5 %", values.percentiles[0], 48.0, "HU", near);
    row("the same: 95 %", values.percentiles[4], 547.0, "HU", near);
    Ok(())
}
