//! How much brighter than the liver's parenchyma every voxel around it is.

use super::super::coarse::{Coarse, combine};
use super::super::solid::Solid;
use super::super::trunk::Trunk;
use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use crate::image::filter::morphology::bounds;
use crate::image::filter::{close, erode, gaussian};
use crate::segment::{Part, SegmentError};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Portal trunk and vena cava lie within this of the liver.
const AROUND_MM: f64 = 25.0;
/// The hilum and the bed of the vena cava are clefts narrower than twice this.
const CLEFT_MM: f64 = 10.0;
/// Uneven perfusion and beam hardening change the parenchyma over this distance.
const BIAS_MM: f64 = 15.0;
/// The scan is smoothed no more than its noise asks for: vessels of 2 mm must stay.
const SIGMAS_MM: [f64; 4] = [0.4, 0.6, 0.85, 1.2];
const NOISE_HU_MAX: f64 = 7.5;
/// The scan around the liver, less its parenchyma.
pub(super) struct Field<'a> {
    /// Where the box lies in the scan.
    pub part: Part<'a>,
    /// 1 in the liver, its hilum and its clefts.
    pub inside: Volume<u8>,
    /// 1 outside bone and lung.
    pub open: Volume<u8>,
    /// HU above the parenchyma around, smoothed.
    pub excess: Volume<f32>,
    /// Standard deviation of [`Field::excess`] in parenchyma.
    pub noise_hu: f64,
    /// The parenchyma's most frequent value.
    pub level_hu: f64,
    /// The parenchyma's level on the coarse grid.
    pub level: Volume<f32>,
    /// Coarse slices with liver.
    pub coarse_slices: Range<usize>,
    /// Distance between coarse slices.
    pub coarse_step_mm: f64,
}

impl<'a> Field<'a> {
    /// Look around the liver, given on the voxels of the scan and on the coarse ones.
    pub(super) fn of(
        coarse: &Coarse<'a>,
        trunk: &Trunk,
        found: &Solid,
        liver: &Volume<u8>,
        progress: &Progress,
    ) -> Result<Self, SegmentError> {
        let grid: &'a _ = coarse.ct.grid();
        let Some([low, high]) = bounds(liver) else { return Err(SegmentError::Empty("liver")) };
        let (dims, spacing_mm) = (grid.dims(), grid.spacing_mm());
        let region = [0, 1, 2].map(|a| {
            let reach = (AROUND_MM / spacing_mm[a]).ceil() as usize;
            low[a].saturating_sub(reach)..(high[a] + reach + 1).min(dims[a])
        });
        let part = Part::new(grid, &region);
        let level = parenchyma(trunk, found, &progress.part(0.0..0.2, "parenchyma"))?;
        let closed = close(&found.mask, CLEFT_MM, &progress.part(0.2..0.3, "hilum"))?;
        let barred = combine(&trunk.bone, &trunk.lungs, |bone, lung| bone | lung);
        let closed = combine(&closed, &barred, |closed, barred| closed & (1 - barred));
        let at = |offset: usize| coarse.offset_of(grid.voxel(offset));
        let inside = part.gather(|offset| liver.voxels()[offset] | closed.voxels()[at(offset)]);
        let open = part.gather(|offset| 1 - barred.voxels()[at(offset)]);
        let levels = part.gather(|offset| level.voxels()[at(offset)]);
        let liver = part.gather(|offset| liver.voxels()[offset]);
        let in_box = Arc::clone(part.grid());
        let values = part.gather(|offset| coarse.ct.voxels()[offset]);
        let values = Volume::new(Arc::clone(&in_box), values).expect("one value per voxel of the box");
        let (mut excess, mut noise_hu) = (Vec::new(), 0.0);
        for sigma_mm in SIGMAS_MM {
            let smooth = gaussian(&values, sigma_mm, &progress.part(0.3..1.0, "smoothing"))?;
            excess = smooth.voxels().par_iter().zip(&levels).map(|(value, level)| value - level).collect();
            noise_hu = self::noise_hu(&excess, &liver);
            if noise_hu <= NOISE_HU_MAX {
                break;
            }
        }
        let volume = |voxels| Volume::new(Arc::clone(&in_box), voxels).expect("one value per voxel of the box");
        Ok(Self {
            inside: volume(inside),
            open: volume(open),
            excess: Volume::new(Arc::clone(&in_box), excess).expect("one value per voxel of the box"),
            noise_hu,
            level_hu: found.level_hu,
            level,
            coarse_slices: bounds(&found.mask).map_or(0..0, |[low, high]| low[2]..high[2] + 1),
            coarse_step_mm: found.mask.grid().spacing_mm()[2],
            part,
        })
    }

    /// 1 over this excess, outside bone and lung.
    pub(super) fn over(&self, excess_hu: f64) -> Volume<u8> {
        let pairs = self.excess.voxels().par_iter().zip(self.open.voxels());
        let voxels = pairs.map(|(excess, open)| u8::from(*open != 0 && excess_hu < f64::from(*excess))).collect();
        Volume::new(Arc::clone(self.part.grid()), voxels).expect("one value per voxel of the box")
    }
}

/// The level of the parenchyma around every coarse voxel: the mean of the liver's voxels within [`BIAS_MM`] that look
/// like it, without vessels and lesions.
fn parenchyma(trunk: &Trunk, found: &Solid, progress: &Progress) -> Result<Volume<f32>, Cancelled> {
    let (values, grid) = (trunk.quiet.voxels(), trunk.quiet.grid());
    let inner = erode(&found.mask, 1.05 * grid.spacing_mm()[0], progress)?;
    let mut level = vec![found.level_hu as f32; grid.len()];
    let mut limit_hu = f64::max(0.25 * found.level_hu, 15.0) as f32;
    for _ in 0..2 {
        let like = |at: usize| inner.voxels()[at] != 0 && (f32::from(values[at]) - level[at]).abs() < limit_hu;
        let weight: Vec<f32> = (0..grid.len()).into_par_iter().map(|at| f32::from(u8::from(like(at)))).collect();
        let sum = weight.par_iter().zip(values).map(|(weight, value)| weight * f32::from(*value)).collect();
        let blurred =
            |voxels| gaussian(&Volume::new(Arc::clone(grid), voxels).expect("one value per voxel"), BIAS_MM, progress);
        let (sum, weight) = (blurred(sum)?, blurred(weight)?);
        // Where no liver is near its most frequent value stands in.
        let mean = |(level, (sum, weight)): (&mut f32, (&f32, &f32))| {
            *level = if 0.02 < *weight { sum / weight } else { found.level_hu as f32 };
        };
        level.par_iter_mut().zip(sum.voxels().par_iter().zip(weight.voxels())).for_each(mean);
        limit_hu *= 0.5;
    }
    Ok(Volume::new(Arc::clone(grid), level).expect("one value per voxel"))
}

/// Standard deviation from the values under 0 alone: vessels are bright.
fn noise_hu(excess: &[f32], liver: &[u8]) -> f64 {
    let inside = excess.iter().zip(liver).filter(|(excess, liver)| **liver != 0 && **excess < 0.0);
    let mut below: Vec<f32> = inside.map(|(excess, _)| -excess).collect();
    let half = below.len() / 2;
    if below.is_empty() { 0.0 } else { f64::from(*below.select_nth_unstable_by(half, f32::total_cmp).1) / 0.6745 }
}
