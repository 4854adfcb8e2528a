//! Growing, flooding, marching and filling against the truth of phantoms; thresholds against another program.

use super::super::{Row, Tolerance};
use crate::base::{Progress, rng::Rng};
use crate::geom::{Grid, Point};
use crate::image::filter::squared_distance;
use crate::image::phantom::Phantom;
use crate::image::{LabelMap, Modality, Scan, Volume, Voxels};
use crate::segment::{
    Confidence, GrowWorkspace, Histogram, Terrain, ThresholdMethod, confidence_connected, fast_marching, fill_between,
    grow_from_seeds, grow_in_range, region_around, score, watershed,
};
use std::sync::Arc;

/// The organs that are painted; everything else is one more segment.
const ORGANS: [&str; 3] = ["spleen", "right kidney", "left kidney"];
/// How far from their borders the seeds stay.
const AWAY_MM: f64 = 8.0;
pub(super) const SOURCE: &str = "known truth of scan.phantom: abdomen with 11 HU of noise, 0.9 × 0.9 × 1.5 mm";

/// Rows on the abdomen and the vessel phantom.
pub(super) fn rows(abdomen: &Phantom, vessel: &Phantom, progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = thresholds(progress)?;
    let truth = organs(&abdomen.labels)?;
    let seeds = seeds(&truth, progress)?;
    let region = region_around(&seeds_of_organs(&seeds), 20.0).ok_or("the phantom has no organs")?;
    let dice = |found: &Volume<u8>, label: u8| -> Result<f64, String> {
        let score = score(&only(found, label), &only(&truth, label), progress);
        Ok(score.map_err(|error| error.to_string())?.dice)
    };
    let mut row = |id: &str, what: String, value: f64, least: f64, source: &str| {
        rows.push(Row::new(id, &format!("{what}: Dice"), value, least, "1", Tolerance::AtLeast, source));
    };
    let cancelled = |error: crate::base::Cancelled| error.to_string();
    let terrain = Terrain::new(&abdomen.scan, 1.0);
    let marks = LabelMap::numbered(&seeds);
    let grown = grow_from_seeds(&terrain, &marks, &region, &mut GrowWorkspace::default(), progress);
    let grown = grown.map_err(cancelled)?.to_volume();
    let ct = abdomen.scan.ct().ok_or("the phantom is no CT")?;
    let flooded = watershed(ct, &seeds, &region, 1.0, |_| true, progress).map_err(cancelled)?;
    for (n, organ) in ORGANS.iter().take(2).enumerate() {
        let label = n as u8 + 1;
        let from = format!("from seeds {AWAY_MM} mm inside and outside");
        row("G1", format!("{organ} grown {from}"), dice(&grown, label)?, 0.9, SOURCE);
        row("G2", format!("{organ} by watershed {from}"), dice(&flooded, label)?, 0.9, SOURCE);
    }
    let every_fifth = volume(&truth, |offset| {
        let slice = truth.grid().voxel(offset)[2];
        if slice % 5 == 0 { truth.voxels()[offset] } else { 0 }
    });
    let filled = fill_between(&every_fifth, 2, progress).map_err(cancelled)?;
    row("G3", "spleen from every fifth slice filled between".into(), dice(&filled, 1)?, 0.95, SOURCE);
    let spleen = only(&truth, 1);
    let deepest = deepest(&spleen, progress)?;
    let volume_ml = spleen.voxels().iter().filter(|v| **v != 0).count() as f64 * spleen.grid().voxel_mm3() / 1000.0;
    let (mean, deviation) = values_around(&abdomen.scan, deepest);
    let speed =
        |offset: usize| (1.0 / (1.0 + ((abdomen.scan.value(offset) - mean) / (2.0 * deviation)).powi(8))).max(1e-3);
    let front = fast_marching(spleen.grid(), &[deepest], speed, volume_ml, progress).map_err(cancelled)?;
    let what = "spleen by fast marching from its deepest voxel to its true volume";
    row("G4", what.into(), dice(&front.mask, 1)?, 0.7, SOURCE);
    let lumen = super::union(&vessel.labels, &["vessel lumen"])?;
    let inside = self::deepest(&lumen, progress)?;
    let how = Confidence { deviations: 2.5, iterations: 5, radius: 2 };
    let source = "known truth of scan.phantom: vessel with its usual noise";
    // Growing by confidence knows no edge: it stops inside the blurred wall of a vessel of a few voxels (0.834). Its bound
    // guards against getting worse.
    for (what, least, region) in [
        (
            "confidence growing",
            0.8,
            confidence_connected(&vessel.scan, &[inside], how, f64::MIN..=f64::MAX, 0.0, progress),
        ),
        (
            "local threshold from 180 HU, 3 mm",
            0.9,
            grow_in_range(&vessel.scan, 180.0..=f64::MAX, &[inside], 3.0, progress),
        ),
    ] {
        let mask = region.map_err(|error| error.to_string())?.mask;
        let found = score(&mask, &lumen, progress).map_err(|error| error.to_string())?.dice;
        row("G5", format!("vessel lumen by {what}"), found, least, source);
    }
    Ok(rows)
}

/// The five automatic thresholds beside those of SimpleITK on the same values.
fn thresholds(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rng = Rng::new(5);
    let values: Vec<i16> = (0..30_000)
        .map(|_| {
            let (from, side) = if rng.below(10) < 7 { (60, 40) } else { (250, 100) };
            (from + (0..4).map(|_| rng.below(side)).sum::<usize>()) as i16
        })
        .collect();
    let grid = Grid::aligned([100, 10, 30], Point::origin(), [1.0; 3]).map_err(|error| error.to_string())?;
    let voxels = Voxels::I16(Volume::new(grid, values).map_err(|error| error.to_string())?);
    let scan = Scan { voxels, modality: Modality::Mr, window: None, facts: vec![] };
    let histogram = Histogram::of(&scan, progress).map_err(|error| error.to_string())?.ok_or("no histogram")?;
    // Computed once with SimpleITK 2.5.7, 551 bins: its threshold filters on the same 30 000 values from 67 to 617.
    let expected = [293.0, 264.0, 209.0, 190.0, 294.0];
    let rows = ThresholdMethod::ALL.into_iter().zip(expected).map(|(method, expected)| {
        let found = method.threshold(&histogram).unwrap_or(f64::NAN);
        let what = format!("{} threshold of two humps", method.name());
        let source = "SimpleITK 2.5.7 on the same values; three bins";
        Row::new("G0", &what, found, expected, "1", Tolerance::Absolute(3.0), source)
    });
    Ok(rows.collect())
}

/// 1, 2, … where the organs are, 0 elsewhere.
pub(super) fn organs(labels: &LabelMap) -> Result<Volume<u8>, String> {
    let id = |name: &&str| labels.segment_named(name).map(|s| s.id.0).ok_or(format!("the phantom has no {name}"));
    let ids: Vec<u8> = ORGANS.iter().map(id).collect::<Result<_, _>>()?;
    let dense = labels.to_volume();
    let place = |label: u8| ids.iter().position(|id| *id == label).map_or(0, |n| n as u8 + 1);
    Ok(volume(&dense, |offset| place(dense.voxels()[offset])))
}

/// The voxels of each organ deeper than [`AWAY_MM`], and of everything else farther away than that.
pub(super) fn seeds(truth: &Volume<u8>, progress: &Progress) -> Result<Volume<u8>, String> {
    let far = |mask: &Volume<u8>| squared_distance(mask, 1.1 * AWAY_MM, progress).map_err(|error| error.to_string());
    let to_organ = far(&volume(truth, |offset| u8::from(truth.voxels()[offset] != 0)))?;
    let to_rest = far(&volume(truth, |offset| u8::from(truth.voxels()[offset] == 0)))?;
    let limit = (AWAY_MM * AWAY_MM) as f32;
    Ok(volume(truth, |offset| match truth.voxels()[offset] {
        0 if limit < to_organ.voxels()[offset] => ORGANS.len() as u8 + 1,
        label if label != 0 && limit < to_rest.voxels()[offset] => label,
        _ => 0,
    }))
}

fn seeds_of_organs(seeds: &Volume<u8>) -> Volume<u8> {
    volume(seeds, |offset| if usize::from(seeds.voxels()[offset]) <= ORGANS.len() { seeds.voxels()[offset] } else { 0 })
}

pub(super) fn only(labels: &Volume<u8>, label: u8) -> Volume<u8> {
    volume(labels, |offset| u8::from(labels.voxels()[offset] == label))
}

fn volume(like: &Volume<u8>, value: impl Fn(usize) -> u8) -> Volume<u8> {
    let voxels = (0..like.grid().len()).map(value).collect();
    Volume::new(Arc::clone(like.grid()), voxels).expect("one value per voxel")
}

/// The voxel of the mask that is farthest from what is outside.
fn deepest(mask: &Volume<u8>, progress: &Progress) -> Result<[usize; 3], String> {
    let outside = volume(mask, |offset| 1 - mask.voxels()[offset]);
    let depth = squared_distance(&outside, f64::INFINITY, progress).map_err(|error| error.to_string())?;
    let best = depth.voxels().iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    Ok(mask.grid().voxel(best.map_or(0, |(offset, _)| offset)))
}

/// Mean and standard deviation in the 5³ voxels around one that is not near the end of the grid.
fn values_around(scan: &Scan, [i, j, k]: [usize; 3]) -> (f64, f64) {
    let grid = scan.grid();
    let values: Vec<f64> =
        (0..125).map(|n| scan.value(grid.offset([i + n % 5 - 2, j + n / 5 % 5 - 2, k + n / 25 - 2]))).collect();
    let mean = values.iter().sum::<f64>() / 125.0;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 125.0).sqrt())
}
