//! The spine as a landmark, and the psoas beside it.

use super::coarse::{combine, components};
use super::wall::{CAVITY, Known};
use crate::base::{Cancelled, Progress};
use crate::geom::Point;
use crate::image::Volume;
use crate::image::filter::{dilate, open};
use rayon::prelude::*;
use std::sync::Arc;

/// Where the bone near the middle ends towards the back in each slice, (x, y) in the patient.
pub(super) fn spine_back(bone: &Volume<u8>, middle_x_mm: f64) -> Vec<Option<[f64; 2]>> {
    let grid = bone.grid();
    let [ni, nj, nk] = grid.dims();
    let in_slice = |k: usize| {
        let at =
            (0..ni * nj).filter(|at| bone.voxels()[k * ni * nj + at] != 0).map(|at| grid.centre([at % ni, at / ni, k]));
        let near: Vec<Point> = at.filter(|p| (p.x - middle_x_mm).abs() < 25.0).collect();
        let back = near.iter().map(|p| p.y).fold(f64::NEG_INFINITY, f64::max);
        let body = near.iter().filter(|p| back - 90.0 < p.y).map(|p| p.x);
        let (sum, n) = body.fold((0.0, 0.0), |(sum, n), x| (sum + x, n + 1.0));
        (20.0 < n).then(|| [sum / n, back])
    };
    let found: Vec<Option<[f64; 2]>> = (0..nk).into_par_iter().map(in_slice).collect();
    // Between two spinous processes the tip is not seen: take the one farthest back nearby.
    let reach = (15.0 / grid.spacing_mm()[2]).round() as usize;
    (0..nk)
        .map(|k| {
            let near = k.saturating_sub(reach)..(k + reach + 1).min(nk);
            let [x, _] = found[k]?;
            let back = near.filter_map(|k| found[k]).map(|[_, y]| y).fold(f64::NEG_INFINITY, f64::max);
            Some([x, back])
        })
        .collect()
}

/// Muscle that lies behind the wall's inner face: the psoas beside the spine.
pub(super) fn beside_spine(
    known: &Known,
    codes: &Volume<u8>,
    middle_x_mm: f64,
    progress: &Progress,
) -> Result<Volume<u8>, Cancelled> {
    let grid = codes.grid();
    let [ni, nj, _] = grid.dims();
    // The spine is the bone near the middle; its front face in each slice bounds the psoas.
    let mut spine = vec![0_u8; grid.len()];
    let mut zone = vec![0_u8; grid.len()];
    spine.par_chunks_mut(ni * nj).zip(zone.par_chunks_mut(ni * nj)).enumerate().for_each(|(k, (spine, zone))| {
        let bone = &known.bone.voxels()[k * ni * nj..(k + 1) * ni * nj];
        let lung = known.lungs.voxels()[k * ni * nj..(k + 1) * ni * nj].iter().filter(|v| **v != 0).count();
        if 1500.0 < lung as f64 * grid.spacing_mm()[0] * grid.spacing_mm()[1] {
            return;
        }
        let near = |at: &usize| bone[*at] != 0 && (grid.centre([at % ni, at / ni, k]).x - middle_x_mm).abs() < 30.0;
        let at: Vec<usize> = (0..ni * nj).filter(near).collect();
        let ys = || at.iter().map(|at| grid.centre([at % ni, at / ni, k]).y);
        let back_mm = ys().fold(f64::NEG_INFINITY, f64::max);
        let front_mm = ys().filter(|y| back_mm - 100.0 < *y).fold(f64::INFINITY, f64::min);
        at.iter().for_each(|at| spine[*at] = 1);
        for at in 0..ni * nj {
            let p = grid.centre([at % ni, at / ni, k]);
            zone[at] = u8::from(front_mm - 4.0 < p.y && p.y < front_mm + 60.0 && 14.0 < (p.x - middle_x_mm).abs());
        }
    });
    let volume = |voxels| Volume::new(Arc::clone(grid), voxels).expect("one value per voxel");
    let near = dilate(&volume(spine), 32.0, progress)?;
    let zone = combine(&near, &volume(zone), |near, zone| near & zone);
    let flesh = known.smooth.voxels().par_iter().zip(zone.voxels()).zip(codes.voxels());
    let flesh = flesh.map(|((v, zone), code)| u8::from((10..=110).contains(v) && *zone != 0 && *code == CAVITY));
    let flesh = volume(flesh.collect());
    let flesh = combine(&flesh, known.bone, |flesh, bone| flesh & (1 - bone));
    let wide = open(&flesh, 4.0, progress)?;
    let parts = components(&wide, progress)?;
    Ok(parts.keep(|id| 3.0 <= parts.volume_ml(id)))
}
