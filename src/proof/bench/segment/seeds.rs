//! Growing from seeds: a first time, and after one more stroke.

use super::WHOLE;
use crate::base::{Progress, parallel, rng::Rng};
use crate::geom::{Grid, Point};
use crate::image::{LabelMap, Modality, Scan, Volume, Voxels};
use crate::proof::bench::{Row, timed};
use crate::segment::{GrowWorkspace, Terrain, grow_from_seeds};
use std::sync::Arc;

/// Seven balls of different values in a cylinder in air, with noise; eight seeds.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let dims = super::dims();
    let (scan, mut seeds) = bench(dims);
    let grid = Arc::clone(scan.grid());
    // Targets are set for the whole scan; a smaller one gets its share.
    let share = grid.len() as f64 / WHOLE.iter().product::<usize>() as f64;
    let everything = grid.dims().map(|n| 0..n);
    let terrain = Terrain::new(&scan, 1.0);
    let marks = |seeds: &[u8]| {
        LabelMap::numbered(&Volume::new(Arc::clone(&grid), seeds.to_vec()).expect("one label per voxel"))
    };
    let mut workspace = GrowWorkspace::default();
    let mut grow = |seeds: LabelMap| {
        let (seconds, grown) =
            timed(|| parallel::install(|| grow_from_seeds(&terrain, &seeds, &everything, &mut workspace, progress)));
        grown.map(|grown| (seconds, grown)).map_err(|error| error.to_string())
    };
    let (first_s, before) = grow(marks(&seeds))?;
    let [ni, nj, nk] = dims;
    for k in 0..ni / 10 {
        (0..6).for_each(|j| seeds[grid.offset([ni / 2 + k, nj / 2 + j, nk / 2])] = 3);
    }
    let (stroke_s, after) = grow(marks(&seeds))?;
    let (before, after) = (before.to_volume(), after.to_volume());
    let changed = before.voxels().iter().zip(after.voxels()).filter(|(before, after)| before != after).count();
    let percent = changed as f64 / grid.len() as f64 * 100.0;
    let what = |step: &str| format!("{ni} × {nj} × {nk}: grow from 8 seeds, {step}");
    Ok(vec![
        Row::new("G1", what("first"), first_s, "s").target(15.0 * share),
        Row::new("G2", what(&format!("one more stroke ({percent:.1} % of the voxels change)")), stroke_s, "s")
            .target(2.0 * share),
    ])
}

pub(super) fn bench(dims: [usize; 3]) -> (Scan, Vec<u8>) {
    let grid = Arc::new(Grid::aligned(dims, Point::origin(), [0.8, 0.8, 1.0]).expect("a plain grid"));
    let edge = dims.into_iter().min().unwrap_or_default() as f64;
    let mut rng = Rng::new(1);
    let balls: Vec<([f64; 3], f64, f64)> = (0..7)
        .map(|n| {
            let centre = [0, 1, 2].map(|_| rng.between(0.2, 0.8) * edge);
            (centre, rng.between(0.1, 0.18) * edge, -100.0 + 60.0 * f64::from(n))
        })
        .collect();
    let value = |offset: usize| {
        let p = grid.voxel(offset).map(|x| x as f64);
        let in_ball = |(centre, radius, _): &&([f64; 3], f64, f64)| {
            (0..3).map(|a| (p[a] - centre[a]).powi(2)).sum::<f64>() < radius * radius
        };
        let body = (p[0] - 0.5 * edge).hypot(p[1] - 0.5 * edge) < 0.45 * edge;
        let clean = balls.iter().rfind(in_ball).map_or(if body { 30.0 } else { -1000.0 }, |(_, _, hu)| *hu);
        // The sum of three uniform numbers has a standard deviation of ½.
        (clean + 40.0 * (rng.unit() + rng.unit() + rng.unit() - 1.5)) as i16
    };
    let values = (0..grid.len()).map(value).collect();
    let mut seeds = vec![0; grid.len()];
    for (n, (centre, radius, _)) in balls.iter().enumerate() {
        let [i, j, k] = centre.map(|x| x as usize);
        (0..*radius as usize).for_each(|step| seeds[grid.offset([i + step / 2, j, k])] = n as u8 + 1);
    }
    let edge = edge as usize;
    for n in 0..edge {
        seeds[grid.offset([edge / 20, n, edge / 2])] = 8;
        seeds[grid.offset([edge / 2, edge * 3 / 25, n])] = 8;
    }
    let voxels = Voxels::I16(Volume::new(grid, values).expect("one value per voxel"));
    (Scan { voxels, modality: Modality::Ct, window: None, facts: vec![] }, seeds)
}
