//! Random walks and level sets: balls in noise, and an organ of a phantom.

use super::super::{Row, Tolerance};
use super::seeds::{SOURCE, only, organs, seeds};
use crate::base::{Progress, rng::Rng};
use crate::geom::{Grid, Point};
use crate::image::phantom::Phantom;
use crate::image::{Modality, Scan, Volume, Voxels};
use crate::segment::level_set::{Evolution, Pull, level_set};
use crate::segment::{random_walker, region_around, score};
use std::f64::consts::PI;
use std::sync::Arc;

const RADIUS_MM: f64 = 15.0;
const EDGES: Pull = Pull::Edges { propagation: 1.0, advection_mm: 4.0, edge: None };
const INWARD: Pull = Pull::Edges { propagation: -1.0, advection_mm: 4.0, edge: None };
const REGIONS: Pull = Pull::Regions { lambda_in: 1.0, lambda_out: 1.0 };

/// The rows of this area.
pub(super) fn rows(abdomen: &Phantom, progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    balls(&mut rows, progress)?;
    spleen(&mut rows, abdomen, progress)?;
    Ok(rows)
}

fn how(pull: Pull) -> Evolution {
    Evolution { pull, curvature_mm: 0.3, sigma_mm: 1.0, iterations_max: 1000, volume_ml: None }
}

/// A ball of 100 HU in 0 HU with noise of 25 HU, reached from inside and from outside on flat voxels.
fn balls(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), String> {
    let grid = Arc::new(Grid::aligned([60, 60, 26], Point::new(-23.5, -23.4, -24.7), [0.8, 0.8, 2.0]).expect("a grid"));
    let from = |o: usize| grid.centre(grid.voxel(o)).coords.norm();
    let mut rng = Rng::new(12);
    let values = (0..grid.len()).map(|o| (if from(o) < RADIUS_MM { 100.0 } else { 0.0 } + 25.0 * rng.normal()) as f32);
    let voxels = Voxels::F32(Volume::new(Arc::clone(&grid), values.collect()).expect("one value per voxel"));
    let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: vec![] };
    for (what, pull, start_mm) in [
        ("geodesic contour from 6 mm", EDGES, 6.0),
        ("geodesic contour from 20 mm", INWARD, 20.0),
        ("Chan-Vese from 6 mm", REGIONS, 6.0),
        ("Chan-Vese from 20 mm", REGIONS, 20.0),
    ] {
        let start = (0..grid.len()).map(|o| u8::from(from(o) < start_mm)).collect();
        let start = Volume::new(Arc::clone(&grid), start).expect("one mark per voxel");
        let everything = grid.dims().map(|n| 0..n);
        let found = level_set(&scan, &start, &everything, &how(pull), |_| true, progress);
        let found = found.map_err(|error| error.to_string())?;
        let count = found.mask.voxels().iter().filter(|v| **v != 0).count() as f64;
        let radius_mm = (0.75 / PI * count * grid.voxel_mm3()).cbrt();
        let what = format!("ball of 15 mm in noise of a quarter of its contrast by {what}: radius of the same volume");
        let source = "the formula of a ball; half of the finer spacing of 0.8 × 0.8 × 2 mm";
        rows.push(Row::new("S84", &what, radius_mm, RADIUS_MM, "mm", Tolerance::Absolute(0.4), source));
    }
    Ok(())
}

/// The spleen of the abdomen phantom from seeds 8 mm off its border.
fn spleen(rows: &mut Vec<Row>, abdomen: &Phantom, progress: &Progress) -> Result<(), String> {
    let truth = organs(&abdomen.labels)?;
    let spleen = only(&truth, 1);
    let seeds = seeds(&truth, progress)?;
    let region = region_around(&only(&seeds, 1), 20.0).ok_or("the phantom has no spleen")?;
    let walked = random_walker(&abdomen.scan, &seeds, &region, 0.5, 1.0, |_| true, progress);
    let walked = walked.map_err(|error| error.to_string())?;
    let dice = score(&only(&walked.labels, 1), &spleen, progress).map_err(|error| error.to_string())?.dice;
    let what = "spleen by random walker from seeds 8 mm inside and outside, beta 0.5 after 1 mm: Dice";
    rows.push(Row::new("S83", what, dice, 0.95, "1", Tolerance::AtLeast, SOURCE));
    Ok(())
}
