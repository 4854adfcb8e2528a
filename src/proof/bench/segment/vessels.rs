//! Vesselness of a box of vessels; a random walk and a level set around an organ.

use crate::base::{Progress, parallel, rng::Rng};
use crate::geom::{Grid, Point};
use crate::image::{Modality, Scan, Volume, Voxels};
use crate::proof::bench::{Row, timed};
use crate::segment::level_set::{Evolution, Pull, level_set};
use crate::segment::{Vessels, random_walker, vesselness};
use std::f64::consts::PI;
use std::sync::Arc;

/// A box around a tree of vessels.
const BOX: [usize; 3] = [200, 200, 250];

/// The rows of this area.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let grid = Arc::new(Grid::aligned(BOX, Point::origin(), [0.7, 0.7, 0.8]).expect("a plain grid"));
    let mut rng = Rng::new(2);
    // Nine wavy vessels of 2 to 4 mm, 150 HU above what is around them.
    let value = |o: usize| {
        let [i, j, k] = grid.voxel(o);
        let wave = (k as f64 / 25.0).sin() * 8.0;
        let [x, y] = [i, j].map(|n| (n as f64 + wave).rem_euclid(66.0) - 33.0);
        let radius = 3.0 + 2.0 * ((i / 66 + 2 * (j / 66)) % 3) as f64 / 2.0;
        (if x.hypot(y) < radius { 200.0 } else { 50.0 } + 15.0 * rng.normal()) as i16
    };
    let volume = Volume::new(Arc::clone(&grid), (0..grid.len()).map(value).collect()).expect("one value per voxel");
    let [ni, nj, nk] = BOX;
    let scales_mm = Vessels::scales([1.5, 5.0], 3);
    let mut rows = Vec::new();
    for (how, contrast) in [("contrast given", Some(150.0)), ("contrast measured first", None)] {
        let wish = Vessels { scales_mm: scales_mm.clone(), bright: true, contrast };
        let (seconds, found) = timed(|| parallel::install(|| vesselness(&volume, &wish, |_| true, progress)));
        let marked = found.map_err(|error| error.to_string())?.voxels().iter().filter(|v| 0.1 <= **v).count();
        let percent = 100.0 * marked as f64 / grid.len() as f64;
        let what = format!("vesselness, 3 scales, {ni} × {nj} × {nk} voxels, {how} ({percent:.1} % marked)");
        rows.push(Row::new("G7", what, seconds, "s").target(20.0));
    }
    rows.extend(fronts(progress)?);
    Ok(rows)
}

/// A noisy ball of 30 mm in 160³ voxels: a random walk from two seeds, and a level set from a small ball.
fn fronts(progress: &Progress) -> Result<Vec<Row>, String> {
    const EDGE: usize = 160;
    let grid = Arc::new(Grid::aligned([EDGE; 3], Point::new(-64.0, -64.0, -79.5), [0.8, 0.8, 1.0]).expect("a grid"));
    let from = |o: usize| grid.centre(grid.voxel(o)).coords.norm();
    let mut rng = Rng::new(3);
    let values = (0..grid.len()).map(|o| (if from(o) < 30.0 { 120.0 } else { 60.0 } + 15.0 * rng.normal()) as i16);
    let voxels = Voxels::I16(Volume::new(Arc::clone(&grid), values.collect()).expect("one value per voxel"));
    let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: vec![] };
    let marks = |label: &dyn Fn(f64) -> u8| {
        Volume::new(Arc::clone(&grid), (0..grid.len()).map(|o| label(from(o))).collect()).expect("one mark per voxel")
    };
    let everything = grid.dims().map(|n| 0..n);
    let off = |found: usize| 100.0 * (found as f64 * grid.voxel_mm3() / (4.0 / 3.0 * PI * 30.0_f64.powi(3)) - 1.0);
    let seeds = marks(&|r| u8::from(r < 8.0) + 2 * u8::from((50.0..52.0).contains(&r)));
    let (seconds, walked) =
        timed(|| parallel::install(|| random_walker(&scan, &seeds, &everything, 0.5, 1.0, |_| true, progress)));
    let walked = walked.map_err(|error| error.to_string())?;
    let (found, steps) = (walked.labels.voxels().iter().filter(|v| **v == 1).count(), walked.iterations[0]);
    let what = format!(
        "random walk of 2 labels, beta 0.5 after 1 mm, {EDGE}³ voxels ({steps} iterations, volume {:+.1} %)",
        off(found)
    );
    let mut rows = vec![Row::new("G8", what, seconds, "s")];
    let start = marks(&|r| u8::from(r < 8.0));
    let pull = Pull::Regions { lambda_in: 1.0, lambda_out: 1.0 };
    let how = Evolution { pull, curvature_mm: 0.3, sigma_mm: 1.0, iterations_max: 1000, volume_ml: None };
    let (seconds, evolved) =
        timed(|| parallel::install(|| level_set(&scan, &start, &everything, &how, |_| true, progress)));
    let evolved = evolved.map_err(|error| error.to_string())?;
    let (found, steps) = (evolved.mask.voxels().iter().filter(|v| **v != 0).count(), evolved.iterations);
    let what = format!("level set from 8 to 30 mm, {EDGE}³ voxels ({steps} steps, volume {:+.1} %)", off(found));
    rows.push(Row::new("G9", what, seconds, "s"));
    Ok(rows)
}
