//! Contrast-filled blood on the coarse grid: bright, even, and without a shell of compact bone.

use super::coarse::{combine, components, volume_ml};
use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use crate::image::filter::open;
use crate::segment::compete;
use rayon::prelude::*;
use std::sync::Arc;

/// Blood without contrast has 30 to 60 HU; from here on it has some.
const CONTRAST_HU: i16 = 130;
/// Blood changes by less than this from one side of a coarse voxel to the other.
const EVEN_HU: i32 = 60;
/// Compact bone around spongy bone exceeds it by at least this.
const SHELL_HU: f64 = 60.0;

/// Cores of contrast-filled vessels, heart chambers and organs, and the value of the blood in them.
pub(super) struct Cores {
    /// 1 where bright and even, thick enough for a ball of 3 mm, and without the brighter shell of spongy bone.
    pub mask: Volume<u8>,
    /// Their mean; 0 without cores.
    pub mean_hu: f64,
}

/// Find the cores; less than `volume_ml_min` of them counts as none.
pub(super) fn cores(
    smooth: &Volume<i16>,
    body: &Volume<u8>,
    volume_ml_min: f64,
    progress: &Progress,
) -> Result<Cores, Cancelled> {
    let mask = without_shell(smooth, &open(&even(smooth, body), 3.0, progress)?, progress)?;
    if volume_ml(&mask) < volume_ml_min {
        return Ok(Cores { mask: combine(&mask, &mask, |_, _| 0), mean_hu: 0.0 });
    }
    let pairs = smooth.voxels().par_iter().zip(mask.voxels()).filter(|(_, core)| **core != 0);
    let (sum, n) = pairs.map(|(value, _)| (i64::from(*value), 1_i64)).reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    Ok(Cores { mask, mean_hu: sum as f64 / n.max(1) as f64 })
}

/// The pieces of `mask` of at least 0.5 ml without a brighter shell.
fn without_shell(smooth: &Volume<i16>, mask: &Volume<u8>, progress: &Progress) -> Result<Volume<u8>, Cancelled> {
    let parts = components(mask, progress)?;
    let sums = parts.sums(smooth, f64::from);
    let n = (0..sums.len()).take_while(|id| 0.5 <= parts.volume_ml(*id)).count().min(254);
    // The shell is the second and third voxel outwards.
    let seeds = parts.paint(|id| if id < n { id as u8 + 1 } else { 0 });
    let all = combine(mask, mask, |_, _| 1);
    let near = compete(&all, &seeds, 1, progress)?;
    let far = compete(&all, &near, 2, progress)?;
    let (mut shell, mut brighter) = (vec![0_usize; n], vec![0_usize; n]);
    for ((far, near), value) in far.voxels().iter().zip(near.voxels()).zip(smooth.voxels()) {
        if *far != 0 && *near == 0 {
            let id = usize::from(*far) - 1;
            let mean = sums[id] / parts.parts()[id].voxels as f64;
            shell[id] += 1;
            brighter[id] += usize::from(mean + SHELL_HU < f64::from(*value));
        }
    }
    Ok(parts.keep(|id| id < n && brighter[id] * 5 < shell[id]))
}

/// Voxels with contrast whose six neighbours differ little from one another.
fn even(smooth: &Volume<i16>, body: &Volume<u8>) -> Volume<u8> {
    let [ni, nj, nk] = smooth.grid().dims();
    let values = smooth.voxels();
    let mut voxels = vec![0_u8; values.len()];
    voxels.par_chunks_mut(ni).enumerate().for_each(|(row, out)| {
        let (j, k) = (row % nj, row / nj);
        if j == 0 || j + 1 == nj || k == 0 || k + 1 == nk {
            return;
        }
        for (i, out) in out.iter_mut().enumerate().take(ni - 1).skip(1) {
            let at = row * ni + i;
            if values[at] < CONTRAST_HU || body.voxels()[at] == 0 {
                continue;
            }
            let across = |step: usize| (i32::from(values[at + step]) - i32::from(values[at - step])).abs();
            *out = u8::from(across(1) < EVEN_HU && across(ni) < EVEN_HU && across(ni * nj) < EVEN_HU);
        }
    });
    Volume::new(Arc::clone(smooth.grid()), voxels).expect("one value per voxel")
}
