//! Airway, lungs and bone against the chest phantom.

use super::super::{Row, Tolerance};
use super::{run, union};
use crate::base::Progress;
use crate::image::Volume;
use crate::image::phantom::{ChestParams, Phantom, chest};
use crate::segment::score;
use std::sync::Arc;

const TRUTH: &str = "known truth of scan.phantom: lumens of windpipe and bronchi down to 4 mm width";
const LUNGS: &str = "known truth of scan.phantom, where there is neither bronchus nor vessel";
/// Bronchi half as wide as a slice is thick cannot be seen whole.
const THICK_MIN: f64 = 0.9;

/// Rows of the presets that need a chest of known truth.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let usual = ChestParams::default();
    let phantom = made(&usual, progress)?;
    rows.push(row("S92", "airway preset on the chest phantom: Dice", airway(&phantom, progress)?, 0.97, TRUTH));
    let lungs = run(&phantom, "lungs", None, progress)?;
    let (found, truth) = without(&phantom, lungs, &["airway", "airway wall", "pulmonary vessels"], &["lungs"])?;
    let dice = score(&found, &truth, progress).map_err(|error| error.to_string())?.dice;
    rows.push(row("S93", "lungs preset on the chest phantom: Dice", dice, 0.97, LUNGS));
    let bone = run(&phantom, "bone", None, progress)?;
    let truth = union(&phantom.labels, &["spine", "ribs"])?;
    let dice = score(&bone, &truth, progress).map_err(|error| error.to_string())?.dice;
    rows.push(row("S94", "bone preset on the chest phantom: Dice", dice, 0.97, "known truth of scan.phantom"));
    drop((bone, truth, found, phantom));
    let noisy = made(&ChestParams { seed: 3, noise_hu: 35.0, ..usual.clone() }, progress)?;
    let what = "airway preset, other bronchi and noise of 35 HU: Dice";
    rows.push(row("S95", what, airway(&noisy, progress)?, 0.97, TRUTH));
    drop(noisy);
    let thick = made(&ChestParams { spacing_mm: [0.8, 0.8, 2.5], ..usual }, progress)?;
    let what = "airway preset, slices 2.5 mm thick: Dice";
    rows.push(row("S95", what, airway(&thick, progress)?, THICK_MIN, TRUTH));
    Ok(rows)
}

fn row(id: &str, what: &str, dice: f64, least: f64, source: &str) -> Row {
    Row::new(id, what, dice, least, "1", Tolerance::AtLeast, source)
}

fn made(params: &ChestParams, progress: &Progress) -> Result<Phantom, String> {
    chest(params, progress).map_err(|error| error.to_string())
}

fn airway(phantom: &Phantom, progress: &Progress) -> Result<f64, String> {
    let found = run(phantom, "airway", None, progress)?;
    let truth = union(&phantom.labels, &["airway"])?;
    Ok(score(&found, &truth, progress).map_err(|error| error.to_string())?.dice)
}

/// `found`, and the segments `wanted`, both without the voxels of the segments `ignored`.
fn without(
    phantom: &Phantom,
    found: Volume<u8>,
    ignored: &[&str],
    wanted: &[&str],
) -> Result<(Volume<u8>, Volume<u8>), String> {
    let ignored = union(&phantom.labels, ignored)?;
    let kept = found.voxels().iter().zip(ignored.voxels()).map(|(found, ignored)| *found & (1 - *ignored)).collect();
    let found = Volume::new(Arc::clone(found.grid()), kept).map_err(|error| error.to_string())?;
    Ok((found, union(&phantom.labels, wanted)?))
}
