//! How much every voxel looks like a vessel, from the curvature of the image at several scales.

use crate::base::{Cancelled, Progress};
use crate::geom::Grid;
use crate::image::Volume;
use crate::image::filter::{gaussian, reach_of_gaussian};
use nalgebra::Matrix3;
use rayon::prelude::*;
use std::f64::consts::{FRAC_PI_3, SQRT_2};
use std::sync::Arc;

/// Sensitivity to the difference between plate and line (Frangi 1998, section 2.2).
const ALPHA: f64 = 0.5;
/// Sensitivity to blobs.
const BETA: f64 = 0.5;
/// Second derivatives of a tube at its best scale reach this share of its contrast: √2/e.
const TUBE_NORM: f64 = SQRT_2 / std::f64::consts::E;
/// Bytes of a slab that is smoothed at once, about.
const SLAB_BYTES: usize = 64 << 20;

/// What to look for.
#[derive(Debug, Clone, PartialEq)]
pub struct Vessels {
    /// Standard deviations of the Gaussians in mm. A round vessel answers most to its radius over √2.
    pub scales_mm: Vec<f64>,
    /// Brighter than what is around them, or darker.
    pub bright: bool,
    /// How much they differ from what is around them, in the unit of the image; half the strongest curvature if not given.
    pub contrast: Option<f64>,
}

impl Vessels {
    /// `n` scales for vessels of these radii, evenly spaced by ratio.
    pub fn scales(radius_mm: [f64; 2], n: usize) -> Vec<f64> {
        let [low, high] = radius_mm.map(|r| r / SQRT_2);
        let part = |step: usize| if n < 2 { 0.5 } else { step as f64 / (n - 1) as f64 };
        (0..n).map(|step| low * (high / low).powf(part(step))).collect()
    }
}

/// The vesselness of Frangi, Niessen, Vincken and Viergever (1998, MICCAI, eq. 13–15): 0 to 1, the most of all scales.
///
/// ```text
/// R_B = |λ₁| / √|λ₂ λ₃|   R_A = |λ₂| / |λ₃|   S = √(λ₁² + λ₂² + λ₃²)        |λ₁| ≤ |λ₂| ≤ |λ₃|
/// V = (1 − e^(−R_A²/2α²)) e^(−R_B²/2β²) (1 − e^(−S²/2c²))                  0 unless λ₂ and λ₃ have the sign of a vessel
/// ```
///
/// λ are the eigenvalues of the Hessian of the image smoothed with σ, times σ²; derivatives are central differences in mm,
/// right on anisotropic and oblique grids. On sheared ones (a tilted gantry) the Gaussian runs along the leaning axes and is
/// a little oblique itself. c is half the largest S of all scales, or half of that of a tube with the contrast given. Only
/// voxels (by offset) that are `within` are looked at, others get 0; values that are not finite count as 0. Slabs keep the
/// memory at 4 bytes a voxel and about 150 MB.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn vesselness<T: Copy + Into<f32> + Send + Sync>(
    volume: &Volume<T>,
    vessels: &Vessels,
    within: impl Fn(usize) -> bool + Sync,
    progress: &Progress,
) -> Result<Volume<f32>, Cancelled> {
    Ok(measured(volume, vessels, within, |out: &mut f32, value| *out = out.max(value), progress)?.0)
}

/// As [`vesselness`], but only where it reaches `threshold` (1, else 0) and how large it is at most: a byte a voxel in
/// place of four. 0 is never a vessel.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub fn vessels_from<T: Copy + Into<f32> + Send + Sync>(
    volume: &Volume<T>,
    vessels: &Vessels,
    threshold: f32,
    within: impl Fn(usize) -> bool + Sync,
    progress: &Progress,
) -> Result<(Volume<u8>, f32), Cancelled> {
    let keep = |out: &mut u8, value: f32| *out |= u8::from(0.0 < value && threshold <= value);
    measured(volume, vessels, within, keep, progress)
}

/// What `keep` makes of the vesselness at each scale, and the largest.
fn measured<T: Copy + Into<f32> + Send + Sync, O: Copy + Default + Send + Sync>(
    volume: &Volume<T>,
    vessels: &Vessels,
    within: impl Fn(usize) -> bool + Sync,
    keep: impl Fn(&mut O, f32) + Sync,
    progress: &Progress,
) -> Result<(Volume<O>, f32), Cancelled> {
    let grid = volume.grid();
    let scales = &vessels.scales_mm;
    let share = |s: usize, [start, end]: [f64; 2], stage: &'static str| {
        let width = (end - start) / scales.len().max(1) as f64;
        progress.part(start + s as f64 * width..start + (s + 1) as f64 * width, stage)
    };
    let mut out = vec![O::default(); grid.len()];
    let (strongest, begin) = match vessels.contrast {
        Some(contrast) => (TUBE_NORM * contrast.abs(), 0.0),
        None => {
            let mut most = 0.0_f32;
            for (s, sigma_mm) in scales.iter().enumerate() {
                let slabs = Slabs::of(grid, *sigma_mm);
                let part = share(s, [0.0, 0.4], "contrast");
                most =
                    most.max(slabs.each(volume, &within, &mut out, &part, |hessian, _| hessian.norm_squared() as f32)?);
            }
            (f64::from(most).sqrt(), 0.4)
        }
    };
    let mut largest = 0.0_f32;
    if 0.0 < strongest {
        let sign = if vessels.bright { 1.0 } else { -1.0 };
        for (s, sigma_mm) in scales.iter().enumerate() {
            let slabs = Slabs::of(grid, *sigma_mm);
            let most =
                slabs.each(volume, &within, &mut out, &share(s, [begin, 1.0], "vesselness"), |hessian, out| {
                    // Two of three curvatures are those of a vessel, and the third is smaller: so is their sum.
                    if 0.0 <= sign * hessian.trace() {
                        return 0.0;
                    }
                    let value = response(eigenvalues(hessian).map(|l| sign * l), 0.5 * strongest) as f32;
                    keep(out, value);
                    value
                })?;
            largest = largest.max(most);
        }
    }
    Ok((Volume::new(Arc::clone(grid), out).expect("one value per voxel"), largest))
}

/// Eq. 13 and 15 for bright vessels.
fn response(mut lambda: [f64; 3], c: f64) -> f64 {
    lambda.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let [l1, l2, l3] = lambda;
    if 0.0 <= l2 || 0.0 <= l3 {
        return 0.0;
    }
    let (ra, rb2, s2) = (l2 / l3, l1 * l1 / (l2 * l3), l1 * l1 + l2 * l2 + l3 * l3);
    let line = 1.0 - (-ra * ra / (2.0 * ALPHA * ALPHA)).exp();
    line * (-rb2 / (2.0 * BETA * BETA)).exp() * (1.0 - (-s2 / (2.0 * c * c)).exp())
}

/// A scale, and how many slices are smoothed at once for it.
struct Slabs {
    sigma_mm: f64,
    thick: usize,
}

impl Slabs {
    fn of(grid: &Grid, sigma_mm: f64) -> Self {
        let [ni, nj, _] = grid.dims();
        let halo = reach_of_gaussian(sigma_mm / grid.spacing_mm()[2]) + 1;
        Self { sigma_mm, thick: (SLAB_BYTES / (8 * ni * nj)).max(2 * halo) }
    }

    /// `f(σ² Hessian, value)` for every voxel of `out` that is `within`, slab by slab; the largest of what it gives.
    fn each<T: Copy + Into<f32> + Send + Sync, O: Send>(
        &self,
        volume: &Volume<T>,
        within: &(impl Fn(usize) -> bool + Sync),
        out: &mut [O],
        progress: &Progress,
        f: impl Fn(&Matrix3<f64>, &mut O) -> f32 + Sync,
    ) -> Result<f32, Cancelled> {
        let Self { sigma_mm, thick } = *self;
        let grid = volume.grid();
        let [ni, nj, nk] = grid.dims();
        let area = ni * nj;
        // The reach of the Gaussian, and one slice for the differences.
        let halo = reach_of_gaussian(sigma_mm / grid.spacing_mm()[2]) + 1;
        let frame = Frame::of(grid, sigma_mm);
        let mut largest = 0.0_f32;
        for (slab, part) in out.chunks_mut(thick * area).enumerate() {
            let (start, end) = (slab * thick, slab * thick + part.len() / area);
            progress.step(start, nk)?;
            let (low, high) = (start.saturating_sub(halo), (end + halo).min(nk));
            let values = volume.voxels()[low * area..high * area].par_iter().map(|value| {
                let value: f32 = (*value).into();
                if value.is_finite() { value } else { 0.0 }
            });
            let piece = grid.cropped([0, 0, low], [ni, nj, high - low]).expect("slices of the grid");
            let piece = Volume::new(piece, values.collect()).expect("one value per voxel");
            let now = start as f64 / nk as f64;
            let smooth = gaussian(&piece, sigma_mm, &progress.part(now..now, "vesselness"))?;
            drop(piece);
            let smooth = smooth.voxels();
            let slices = part.par_chunks_mut(area).enumerate().map(|(k, slice)| {
                progress.check()?;
                let mut most = 0.0_f32;
                let at = start + k - low;
                // Beyond the image the outermost values go on.
                let planes =
                    [at.saturating_sub(1), at, (at + 1).min(high - low - 1)].map(|k| &smooth[k * area..(k + 1) * area]);
                for (j, row) in slice.chunks_mut(ni).enumerate() {
                    let js = [j.saturating_sub(1), j, (j + 1).min(nj - 1)].map(|j| j * ni);
                    let rows = planes.map(|plane| js.map(|first| &plane[first..first + ni]));
                    let first = (start + k) * area + j * ni;
                    for (i, out) in row.iter_mut().enumerate().filter(|(i, _)| within(first + i)) {
                        most = most.max(f(&frame.hessian(&differences(&rows, i)), out));
                    }
                }
                Ok(most)
            });
            largest = largest.max(slices.try_reduce(|| 0.0, |a, b| Ok(f32::max(a, b)))?);
        }
        Ok(largest)
    }
}

/// Second differences around voxel `i` of the middle of 3 × 3 rows (`rows[k][j]`).
#[inline]
fn differences(rows: &[[&[f32]; 3]; 3], i: usize) -> Matrix3<f64> {
    let is = [i.saturating_sub(1), i, (i + 1).min(rows[1][1].len() - 1)];
    let v = |a: usize, b: usize, c: usize| f64::from(rows[c][b][is[a]]);
    let middle = 2.0 * v(1, 1, 1);
    let xx = v(0, 1, 1) + v(2, 1, 1) - middle;
    let yy = v(1, 0, 1) + v(1, 2, 1) - middle;
    let zz = v(1, 1, 0) + v(1, 1, 2) - middle;
    let xy = 0.25 * (v(2, 2, 1) + v(0, 0, 1) - v(0, 2, 1) - v(2, 0, 1));
    let xz = 0.25 * (v(2, 1, 2) + v(0, 1, 0) - v(0, 1, 2) - v(2, 1, 0));
    let yz = 0.25 * (v(1, 2, 2) + v(1, 0, 0) - v(1, 0, 2) - v(1, 2, 0));
    Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz)
}

/// From differences between voxels to derivatives in mm, times σ².
enum Frame {
    /// Axes at right angles: the eigenvalues need only the spacing.
    Right(Matrix3<f64>),
    /// Any axes.
    Sheared(Matrix3<f64>),
}

impl Frame {
    fn of(grid: &Grid, sigma_mm: f64) -> Self {
        let (h, step) = (grid.spacing_mm(), grid.step());
        let cosine = |a: usize, b: usize| (step.column(a).dot(&step.column(b)) / (h[a] * h[b])).abs();
        if cosine(0, 1).max(cosine(0, 2)).max(cosine(1, 2)) < 1e-6 {
            Self::Right(Matrix3::from_fn(|a, b| sigma_mm * sigma_mm / (h[a] * h[b])))
        } else {
            Self::Sheared(step.try_inverse().expect("the step of a grid can be inverted") * sigma_mm)
        }
    }

    #[inline]
    fn hessian(&self, differences: &Matrix3<f64>) -> Matrix3<f64> {
        match self {
            Self::Right(scale) => differences.component_mul(scale),
            Self::Sheared(index_from_mm) => index_from_mm.transpose() * differences * index_from_mm,
        }
    }
}

/// Eigenvalues of a symmetric matrix, in closed form (Smith 1961, Commun. ACM 4:168).
#[inline]
fn eigenvalues(m: &Matrix3<f64>) -> [f64; 3] {
    let off = m.m12 * m.m12 + m.m13 * m.m13 + m.m23 * m.m23;
    let mean = (m.m11 + m.m22 + m.m33) / 3.0;
    let [a, b, c] = [m.m11 - mean, m.m22 - mean, m.m33 - mean];
    let p2 = (a * a + b * b + c * c + 2.0 * off) / 6.0;
    if p2 <= 1e-300 {
        return [mean; 3];
    }
    let det = a * (b * c - m.m23 * m.m23) - m.m12 * (m.m12 * c - m.m23 * m.m13) + m.m13 * (m.m12 * m.m23 - b * m.m13);
    let p = p2.sqrt();
    let angle = (0.5 * det / (p2 * p)).clamp(-1.0, 1.0).acos() / 3.0;
    let high = mean + 2.0 * p * angle.cos();
    let low = mean + 2.0 * p * (angle + 2.0 * FRAC_PI_3).cos();
    [low, 3.0 * mean - high - low, high]
}

#[cfg(test)]
mod tests;
