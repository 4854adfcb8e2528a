//! A coarse, quieter copy of a scan, and the way back to its own voxels.

use crate::base::{Cancelled, Progress};
use crate::geom::{Point, Vector};
use crate::image::filter::{gaussian, median_in_slices};
use crate::image::resample::block_mean;
use crate::image::{Components, Neighbours, Volume};
use crate::segment::SegmentError;
use rayon::prelude::*;
use std::sync::Arc;

/// Coarse voxels are at most this wide, unless the scan's own are wider.
const WIDTH_MM_MAX: f64 = 1.75;
/// Everything under this is air or lies outside the scanner's circle.
pub(super) const AIR_HU: i16 = -1024;
/// In a coarse code: the voxel belongs only if its own value agrees.
pub(super) const IF_FITTING: u8 = 0x80;

/// A scan and its coarse copy.
pub(super) struct Coarse<'a> {
    /// The scan.
    pub ct: &'a Volume<i16>,
    /// Fine voxels in a coarse one, along each axis.
    factor: [usize; 3],
    /// Block means in HU, nothing under [`AIR_HU`].
    pub mean: Volume<i16>,
    /// Standard deviation of the scan's noise in soft tissue.
    pub noise_hu: f64,
    /// Whether `k` rises from feet to head.
    pub upwards: bool,
}

impl<'a> Coarse<'a> {
    /// Check that `ct` is an axial CT, and make its coarse copy.
    pub(super) fn of(ct: &'a Volume<i16>, progress: &Progress) -> Result<Self, SegmentError> {
        Self::at_most(WIDTH_MM_MAX, ct, progress)
    }

    /// As [`Self::of`], with voxels at most `width_mm_max` wide unless the scan's own are wider.
    pub(super) fn at_most(width_mm_max: f64, ct: &'a Volume<i16>, progress: &Progress) -> Result<Self, SegmentError> {
        let grid = ct.grid();
        let away = grid.step().column(2).normalize();
        let angle_deg = away.z.abs().min(1.0).acos().to_degrees();
        if 45.0 < angle_deg {
            return Err(SegmentError::NotAxial { angle_deg });
        }
        if grid.dims()[2] < 3 {
            return Err(SegmentError::TooFewSlices { slices: grid.dims()[2], needed: 3 });
        }
        // Fat, water and soft tissue are in every scan; air is not in a crop around a vessel.
        let soft = |part: &[i16]| part.iter().filter(|value| (-150..=150).contains(*value)).count();
        let soft = ct.voxels().par_chunks(1 << 16).map(soft).sum::<usize>();
        let share_percent = 100.0 * soft as f64 / grid.len() as f64;
        if share_percent < 1.0 {
            return Err(SegmentError::NotCt { share_percent });
        }
        let factor = grid.spacing_mm().map(|h| ((width_mm_max / h).floor() as usize).max(1));
        let mean = block_mean(ct, factor, AIR_HU, progress)?;
        Ok(Self { ct, factor, mean, noise_hu: noise_hu(ct), upwards: 0.0 < away.z })
    }

    /// A little more than the distance between coarse neighbours in a slice, mm.
    pub(super) fn cell_mm(&self) -> f64 {
        let [hi, hj, _] = self.mean.grid().spacing_mm();
        1.05 * hi.max(hj)
    }

    /// Standard deviation of the noise of the coarse copy.
    pub(super) fn coarse_noise_hu(&self) -> f64 {
        self.noise_hu / (self.factor.iter().product::<usize>() as f64).sqrt()
    }

    /// The coarse means, smoothed by as much as the noise asks for.
    pub(super) fn smooth(&self, progress: &Progress) -> Result<Volume<i16>, Cancelled> {
        let noise_hu = self.coarse_noise_hu();
        if noise_hu < 15.0 {
            return Ok(self.mean.clone());
        }
        let smooth = gaussian(&self.mean, if noise_hu < 30.0 { 0.8 } else { 1.2 }, progress)?;
        let values = smooth.voxels().par_iter().map(|value| value.round() as i16).collect();
        Ok(Volume::new(Arc::clone(self.mean.grid()), values).expect("one value per voxel"))
    }

    /// The values of the scan, without speckle where its noise is over `noise_hu`.
    pub(super) fn despeckled(&self, noise_hu: f64, progress: &Progress) -> Result<Volume<i16>, Cancelled> {
        if noise_hu < self.noise_hu { median_in_slices(self.ct, progress) } else { Ok(self.ct.clone()) }
    }

    /// 1 where `f` holds for the value and the mask's.
    pub(super) fn mask(
        &self,
        values: &Volume<i16>,
        mask: &Volume<u8>,
        f: impl Fn(i16, u8) -> bool + Sync,
    ) -> Volume<u8> {
        let voxels = values.voxels().par_iter().zip(mask.voxels()).map(|(v, m)| u8::from(f(*v, *m))).collect();
        Volume::new(Arc::clone(self.mean.grid()), voxels).expect("one value per voxel")
    }

    /// Place of a fine voxel in the coarse copy.
    #[inline]
    pub(super) fn offset_of(&self, [i, j, k]: [usize; 3]) -> usize {
        self.mean.grid().offset([i / self.factor[0], j / self.factor[1], k / self.factor[2]])
    }

    /// The fine voxel in the middle of a coarse one.
    pub(super) fn fine_voxel(&self, voxel: [usize; 3]) -> [usize; 3] {
        let dims = self.ct.grid().dims();
        [0, 1, 2].map(|a| (voxel[a] * self.factor[a] + self.factor[a] / 2).min(dims[a] - 1))
    }

    /// 1 in coarse voxels that have at least one fine voxel of `mask`.
    pub(super) fn coarse_mask(&self, mask: &Volume<u8>) -> Volume<u8> {
        let ([ni, nj, _], [mi, mj, _]) = (mask.grid().dims(), self.mean.grid().dims());
        let mut voxels = vec![0_u8; self.mean.grid().len()];
        voxels.par_chunks_mut(mi * mj).zip(mask.voxels().par_chunks(ni * nj * self.factor[2])).for_each(
            |(out, fine)| {
                for (row, values) in fine.chunks(ni).enumerate() {
                    let j = row % nj / self.factor[1];
                    let out = &mut out[j * mi..(j + 1) * mi];
                    out.iter_mut().zip(values.chunks(self.factor[0])).for_each(|(out, part)| {
                        *out |= u8::from(part.iter().any(|value| *value != 0));
                    });
                }
            },
        );
        Volume::new(Arc::clone(self.mean.grid()), voxels).expect("one value per voxel")
    }

    /// Labels on the voxels of the scan from codes on the coarse ones: a code is a label, and holds for a fine voxel at
    /// once, or with [`IF_FITTING`] only where `fits(value)`.
    pub(super) fn refine(
        &self,
        codes: &Volume<u8>,
        values: &Volume<i16>,
        fits: impl Fn(i16, u8) -> bool + Sync,
        progress: &Progress,
    ) -> Result<Volume<u8>, Cancelled> {
        let ([ni, nj, _], [mi, mj, _]) = (values.grid().dims(), codes.grid().dims());
        let mut labels = vec![0_u8; values.grid().len()];
        let slices = labels.par_chunks_mut(ni * nj).zip(values.voxels().par_chunks(ni * nj)).enumerate();
        slices.try_for_each(|(k, (out, values))| {
            let codes = &codes.voxels()[k / self.factor[2] * mi * mj..][..mi * mj];
            for (j, (out, values)) in out.chunks_mut(ni).zip(values.chunks(ni)).enumerate() {
                let codes = &codes[j / self.factor[1] * mi..][..mi];
                let blocks = out.chunks_mut(self.factor[0]).zip(values.chunks(self.factor[0]));
                for ((out, values), code) in blocks.zip(codes).filter(|(_, code)| **code != 0) {
                    let label = code & !IF_FITTING;
                    for (out, value) in out.iter_mut().zip(values) {
                        *out = if *code == label || fits(*value, label) { label } else { 0 };
                    }
                }
            }
            progress.check()
        })?;
        Ok(Volume::new(Arc::clone(values.grid()), labels).expect("one label per voxel"))
    }

    /// Centre of mass of a coarse mask in the patient.
    pub(super) fn middle(&self, mask: &Volume<u8>) -> Point {
        let [ni, _, _] = mask.grid().dims();
        let (mut sum, mut count) = (Vector::zeros(), 0.0);
        for (row, values) in mask.voxels().chunks(ni).enumerate() {
            let (n, at) =
                values.iter().enumerate().filter(|(_, v)| **v != 0).fold((0, 0), |(n, s), (i, _)| (n + 1, s + i));
            let [_, j, k] = mask.grid().voxel(row * ni).map(|x| x as f64);
            sum += Vector::new(at as f64, j * f64::from(n), k * f64::from(n));
            count += f64::from(n);
        }
        mask.grid().patient_from_index(sum / f64::max(count, 1.0))
    }
}

/// The components of a mask that touch one another by faces.
pub(super) fn components(mask: &Volume<u8>, progress: &Progress) -> Result<Components, Cancelled> {
    Components::of(mask, |value| value != 0, Neighbours::Six, progress)
}

/// Volume of a mask in ml.
pub(super) fn volume_ml(mask: &Volume<u8>) -> f64 {
    let voxels = mask.voxels().par_iter().filter(|value| **value != 0).count();
    voxels as f64 * mask.grid().voxel_mm3() / crate::base::units::MM3_PER_ML
}

/// `f` of two masks, voxel by voxel.
pub(super) fn combine(a: &Volume<u8>, b: &Volume<u8>, f: impl Fn(u8, u8) -> u8 + Sync) -> Volume<u8> {
    let voxels = a.voxels().par_iter().zip(b.voxels()).map(|(a, b)| f(*a, *b)).collect();
    Volume::new(Arc::clone(a.grid()), voxels).expect("one value per voxel")
}

/// Standard deviation of the noise: the median difference between a soft-tissue voxel and the mean of its two row
/// neighbours, scaled as for white Gaussian noise.
fn noise_hu(ct: &Volume<i16>) -> f64 {
    let [ni, _, _] = ct.grid().dims();
    let stride = (ct.grid().len() / ni / 4000).max(1);
    let mut counts = vec![0_usize; 1024];
    for row in ct.voxels().chunks(ni).step_by(stride) {
        for three in row.windows(3).filter(|three| three.iter().all(|v| (-200..=300).contains(v))) {
            let difference = (2 * i32::from(three[1]) - i32::from(three[0]) - i32::from(three[2])).unsigned_abs();
            counts[(difference as usize).min(1023)] += 1;
        }
    }
    let half = counts.iter().sum::<usize>().div_ceil(2);
    let mut below = 0;
    let median = counts.iter().position(|n| {
        below += n;
        half <= below
    });
    // The difference doubled has the standard deviation √6 σ, and its median is 0.6745 of that.
    median.unwrap_or(0) as f64 / (6.0_f64.sqrt() * 0.6745)
}
