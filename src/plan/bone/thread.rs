//! Density of the bone that a screw's thread takes up, in HU.

use super::BoneError;
use crate::geom::Vector;
use crate::image::Scan;
use crate::plan::Bounded;
use crate::plan::path::{Path, PathFrame};
use std::f64::consts::TAU;

/// Step along the axis.
const STEP_MM: f64 = 0.5;

/// HU within the cylinder of the thread.
#[derive(Debug, Clone, PartialEq)]
pub struct BoneDensity {
    /// Mean of everything; bounds are the least and the largest mean of a thread that lies half a voxel beside it.
    pub mean_hu: Bounded,
    /// The lowest single value.
    pub min_hu: f64,
    /// The highest single value.
    pub max_hu: f64,
    /// Depths from the head.
    pub depths_mm: Vec<f64>,
    /// Mean across the thread at each depth.
    pub profile_hu: Vec<f64>,
    /// The least of these with its bounds, found like those of the mean, and where.
    pub least_hu: (Bounded, f64),
}

/// The density along `screw` from `from_mm` on, where it enters the bone.
///
/// Across the axis the values of rings of equal area count, trilinear between voxels, so that the mean is that by area. Where bone
/// lies is known to half a voxel: the same thread moved so far to each of four sides gives the bounds; sides on which it leaves
/// the scan are left out.
///
/// # Errors
/// [`BoneError::NoCt`] for another scan, [`BoneError::OutsideScan`] for a screw that does not lie in the scan as a whole,
/// [`BoneError::Misses`] for one without a thread beyond `from_mm`.
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
    if depths_mm.is_empty() {
        return Err(BoneError::Misses);
    }
    // The mean across the thread, moved by `aside`, at each depth; every value is told.
    let profile = |aside: Vector, tell: &mut dyn FnMut(f64)| {
        let across_at = |depth: &f64| {
            let mut sum = 0.0;
            for (radius, angle, weight) in &places {
                let (sin, cos) = angle.sin_cos();
                let place = screw.at(*depth) + (across * cos + up * sin) * *radius + aside;
                let hu = scan.sample_index(grid.index_from_patient(place))?;
                tell(hu);
                sum += weight * hu;
            }
            Some(sum / RINGS as f64)
        };
        depths_mm.iter().map(across_at).collect::<Option<Vec<f64>>>()
    };
    let told = &mut |hu: f64| (min_hu, max_hu) = (min_hu.min(hu), max_hu.max(hu));
    let profile_hu = profile(Vector::zeros(), told).ok_or(BoneError::OutsideScan)?;
    let half_mm = 0.5 * grid.spacing_mm().into_iter().fold(0.0, f64::max);
    let asides = [across, -across, up, -up].map(|way| way * half_mm);
    let beside: Vec<Vec<f64>> = asides.iter().filter_map(|aside| profile(*aside, &mut |_| ())).collect();
    let mean = |profile: &[f64]| profile.iter().sum::<f64>() / profile.len() as f64;
    let bounded = |of: &dyn Fn(&[f64]) -> f64| {
        let value = of(&profile_hu);
        let all = beside.iter().map(|profile| of(profile));
        Bounded { value, low: all.clone().fold(value, f64::min), high: all.fold(value, f64::max) }
    };
    let mean_hu = bounded(&mean);
    let lowest = (0..profile_hu.len()).min_by(|a, b| profile_hu[*a].total_cmp(&profile_hu[*b])).unwrap_or(0);
    let least_hu = (bounded(&|profile| profile[lowest]), depths_mm[lowest]);
    Ok(BoneDensity { mean_hu, min_hu, max_hu, depths_mm, profile_hu, least_hu })
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
        let mean = found.mean_hu;
        assert!((mean.value - hu(middle)).abs() < 1e-3, "{mean:?} against {}", hu(middle));
        // Half a millimetre aside changes a linear density by half its slope that way, and the bounds are far within the values.
        let PathFrame { across, up, .. } = PathFrame::of(&screw);
        let slope = crate::geom::Vector::new(10.0, -3.0, 5.0);
        let most = [across, up].map(|way| 0.5 * slope.dot(&way).abs()).into_iter().fold(0.0, f64::max);
        assert!(
            (mean.high - mean.value - most).abs() < 1e-3 && (mean.value - mean.low - most).abs() < 1e-3,
            "{mean:?}"
        );
        assert!(found.min_hu < mean.low && mean.high < found.max_hu);
        let (least, at) = found.least_hu;
        assert!(
            at == found.depths_mm[0] && (least.value - found.profile_hu[0]).abs() < 1e-12 && least.low < least.value
        );
        for (depth, mean) in found.depths_mm.iter().zip(&found.profile_hu) {
            assert!((mean - hu(screw.at(*depth))).abs() < 1e-3);
        }
        assert!(found.min_hu < hu(screw.entry()) && hu(screw.target()) < found.max_hu);
        let later = density(&screw, &scan, 10.0).unwrap();
        assert!(found.mean_hu.value < later.mean_hu.value && 10.0 <= later.depths_mm[0]);
        let out = Path::new(Point::new(10.0, 10.0, 10.0), Point::new(10.0, 10.0, 90.0), 6.0).unwrap();
        assert_eq!(density(&out, &scan, 0.0), Err(BoneError::OutsideScan));
        scan.modality = Modality::Mr;
        assert_eq!(density(&screw, &scan, 0.0), Err(BoneError::NoCt));
    }
}
