//! Density of the bone that a screw's thread takes up, in HU.

use super::BoneError;
use crate::image::Scan;
use crate::plan::path::{Path, PathFrame};
use std::f64::consts::TAU;

/// Step along the axis.
const STEP_MM: f64 = 0.5;

/// HU within the cylinder of the thread.
#[derive(Debug, Clone, PartialEq)]
pub struct BoneDensity {
    /// Mean of everything.
    pub mean_hu: f64,
    /// The lowest single value.
    pub min_hu: f64,
    /// The highest single value.
    pub max_hu: f64,
    /// Depths from the head.
    pub depths_mm: Vec<f64>,
    /// Mean across the thread at each depth.
    pub profile_hu: Vec<f64>,
}

/// The density along `screw` from `from_mm` on, where it enters the bone.
///
/// Across the axis the values of rings of equal area count, trilinear between voxels, so that the mean is that by area.
///
/// # Errors
/// [`BoneError::NoCt`] for another scan, [`BoneError::Misses`] for a screw that does not lie in the scan as a whole.
pub fn density(screw: &Path, scan: &Scan, from_mm: f64) -> Result<BoneDensity, BoneError> {
    if scan.unit() != "HU" {
        return Err(BoneError::NoCt);
    }
    let grid = scan.grid();
    let PathFrame { across, up, .. } = PathFrame::of(screw);
    // The middle of rings of equal area, with more places further out.
    const RINGS: usize = 4;
    let ring = |n: usize| {
        let radius = screw.radius_mm() * ((n as f64 + 0.5) / RINGS as f64).sqrt();
        let count = 6 * (n + 1);
        (0..count).map(move |k| (radius, TAU * k as f64 / count as f64, 1.0 / count as f64))
    };
    let places: Vec<(f64, f64, f64)> = (0..RINGS).flat_map(ring).collect();
    let (mut min_hu, mut max_hu) = (f64::INFINITY, f64::NEG_INFINITY);
    let depths_mm: Vec<f64> = screw.depths_mm(STEP_MM).filter(|depth| from_mm <= *depth).collect();
    let mut profile_hu = Vec::with_capacity(depths_mm.len());
    for depth in &depths_mm {
        let mut sum = 0.0;
        for (radius, angle, weight) in &places {
            let (sin, cos) = angle.sin_cos();
            let place = screw.at(*depth) + (across * cos + up * sin) * *radius;
            let hu = scan.sample_index(grid.index_from_patient(place)).ok_or(BoneError::Misses)?;
            (min_hu, max_hu) = (min_hu.min(hu), max_hu.max(hu));
            sum += weight * hu;
        }
        profile_hu.push(sum / RINGS as f64);
    }
    if profile_hu.is_empty() {
        return Err(BoneError::Misses);
    }
    let mean_hu = profile_hu.iter().sum::<f64>() / profile_hu.len() as f64;
    Ok(BoneDensity { mean_hu, min_hu, max_hu, depths_mm, profile_hu })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::{Modality, Volume, Voxels};

    #[test]
    fn a_linear_density_has_its_value_on_the_axis_as_mean() {
        let grid = Grid::aligned([40; 3], Point::origin(), [1.0; 3]).unwrap();
        let hu = |p: Point| 100.0 + 10.0 * p.x - 3.0 * p.y + 5.0 * p.z;
        let voxels = (0..grid.len()).map(|o| hu(grid.centre(grid.voxel(o))) as f32).collect();
        let voxels = Voxels::F32(Volume::new(grid, voxels).unwrap());
        let mut scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
        let screw = Path::new(Point::new(10.0, 10.0, 10.0), Point::new(25.0, 20.0, 30.0), 6.0).unwrap();
        let found = density(&screw, &scan, 0.0).unwrap();
        let middle = nalgebra::center(&screw.entry(), &screw.target());
        assert!((found.mean_hu - hu(middle)).abs() < 1e-3, "{} against {}", found.mean_hu, hu(middle));
        for (depth, mean) in found.depths_mm.iter().zip(&found.profile_hu) {
            assert!((mean - hu(screw.at(*depth))).abs() < 1e-3);
        }
        assert!(found.min_hu < hu(screw.entry()) && hu(screw.target()) < found.max_hu);
        let later = density(&screw, &scan, 10.0).unwrap();
        assert!(found.mean_hu < later.mean_hu && 10.0 <= later.depths_mm[0]);
        let out = Path::new(Point::new(10.0, 10.0, 10.0), Point::new(10.0, 10.0, 90.0), 6.0).unwrap();
        assert_eq!(density(&out, &scan, 0.0), Err(BoneError::Misses));
        scan.modality = Modality::Mr;
        assert_eq!(density(&screw, &scan, 0.0), Err(BoneError::NoCt));
    }
}
