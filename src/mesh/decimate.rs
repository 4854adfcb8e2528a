//! Fewer triangles for the same shape.

use super::Surface;
use crate::base::{Cancelled, Progress, Summary};
use meshopt::SimplifyOptions;
use rayon::prelude::*;
use std::collections::HashMap;

/// Why a surface was not decimated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DecimateError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The target makes no sense.
    #[error("{0} of the triangles cannot be kept; the part must be more than 0 and at most 1")]
    Fraction(f64),
    /// The allowed error makes no sense.
    #[error("an error of {0} mm cannot be allowed; it must be 0 or more")]
    Error(f64),
    /// Nothing would be left.
    #[error("the surface has {triangles} triangles; with an error of {error_mm} mm none would remain, so allow less")]
    Vanished {
        /// Triangles before.
        triangles: usize,
        /// The error allowed.
        error_mm: f64,
    },
    /// The simplified surface has holes that the surface did not have.
    #[error(
        "decimation would open {after} edges of a surface with {before} open edges; keep more triangles or repair it first"
    )]
    Opened {
        /// Open edges before.
        before: usize,
        /// Open edges after.
        after: usize,
    },
}

/// Collapse edges until `fraction` of the triangles is left or the next collapse would move the surface by more than
/// `error_mm_max`.
///
/// Edge collapses by quadric error (Garland and Heckbert 1997) as in meshoptimizer; borders of open surfaces stay in place,
/// and remaining vertices keep their positions exactly. A closed surface stays closed, or the answer is an error.
///
/// # Errors
/// [`DecimateError`] for parameters out of range, a result that is empty or has new holes, or if `progress` was cancelled.
pub fn decimate(
    surface: &Surface,
    fraction: f64,
    error_mm_max: f64,
    progress: &Progress,
) -> Result<(Surface, Summary), DecimateError> {
    if !(0.0 < fraction && fraction <= 1.0) {
        return Err(DecimateError::Fraction(fraction));
    }
    if error_mm_max.is_nan() || error_mm_max < 0.0 {
        return Err(DecimateError::Error(error_mm_max));
    }
    progress.set(0.0)?;
    let triangles = surface.triangles().len();
    let target = (triangles as f64 * fraction).round() as usize * 3;
    // Single precision suffices around the middle: 0.00002 mm in half a metre.
    let centre = surface.bounds().centre();
    let centred: Vec<[f32; 3]> =
        surface.positions().par_iter().map(|p| (p - centre).map(|x| x as f32).into()).collect();
    let joined = joined(surface.triangles(), &centred);
    let mut error_mm = 0.0_f32;
    let kept = meshopt::simplify_decoder(
        joined.as_flattened(),
        &centred,
        target,
        error_mm_max.min(1e9) as f32,
        SimplifyOptions::LockBorder | SimplifyOptions::ErrorAbsolute,
        Some(&mut error_mm),
    );
    progress.set(0.9)?;
    if kept.is_empty() && 0 < triangles {
        return Err(DecimateError::Vanished { triangles, error_mm: error_mm_max });
    }
    let kept: Vec<[u32; 3]> = kept.chunks_exact(3).map(|t| [t[0], t[1], t[2]]).collect();
    let after = surface.with_triangles(&kept);
    let (open_before, open_after) = (surface.open_edges(), after.open_edges());
    if open_before < open_after {
        return Err(DecimateError::Opened { before: open_before, after: open_after });
    }
    let mut summary = Summary::default()
        .fact("triangles before", triangles as f64, "1")
        .fact("triangles after", kept.len() as f64, "1")
        .fact("error", f64::from(error_mm), "mm")
        .fact("volume before", surface.volume_ml(), "ml")
        .fact("volume after", after.volume_ml(), "ml")
        .method("edge collapses by quadric error (Garland and Heckbert 1997, meshoptimizer)");
    if target / 3 + target / 30 < kept.len() {
        summary = summary.warning(format!(
            "{} triangles were asked for, {} remain within an error of {error_mm_max} mm",
            target / 3,
            kept.len()
        ));
    }
    Ok((after, summary))
}

/// The triangles over the first vertex of each place in single precision, without those that lose a corner by that.
///
/// The simplifier drops triangles whose corners share a place. Between separate vertices that would leave a slit; as one vertex,
/// they close it.
fn joined(triangles: &[[u32; 3]], places: &[[f32; 3]]) -> Vec<[u32; 3]> {
    let mut first_at = HashMap::with_capacity(places.len());
    let first: Vec<u32> = places
        .iter()
        .enumerate()
        .map(|(n, place)| *first_at.entry(place.map(|x| (x + 0.0).to_bits())).or_insert(n as u32))
        .collect();
    let distinct = |[a, b, c]: &[u32; 3]| a != b && b != c && c != a;
    triangles.iter().map(|corners| corners.map(|v| first[v as usize])).filter(distinct).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::Volume;
    use crate::mesh::contour::iso_surface;

    fn ball() -> Surface {
        let grid = Grid::aligned([50; 3], Point::new(471.0, -829.0, 1171.0), [1.2; 3]).unwrap();
        let centre = grid.bounds().centre();
        let voxels = (0..grid.len()).map(|o| (25.0 - (grid.centre(grid.voxel(o)) - centre).norm()) as f32).collect();
        iso_surface(&Volume::<f32>::new(grid, voxels).unwrap(), 0.0, &Progress::default()).unwrap()
    }

    #[test]
    fn a_fifth_of_the_triangles_is_still_a_closed_ball() {
        let ball = ball();
        let (small, summary) = decimate(&ball, 0.2, 1.0, &Progress::default()).unwrap();
        assert_eq!(small.open_edges(), 0);
        let ratio = small.triangles().len() as f64 / ball.triangles().len() as f64;
        assert!((ratio - 0.2).abs() < 0.01, "{ratio}");
        assert!((small.volume_ml() / ball.volume_ml() - 1.0).abs() < 0.01);
        assert!(summary.value("error").unwrap() < 1.0);
        assert!(small.positions().iter().all(|p| ball.positions().contains(p)));
    }

    #[test]
    fn the_error_limits_the_reduction() {
        let (small, summary) = decimate(&ball(), 0.001, 0.05, &Progress::default()).unwrap();
        assert!(summary.value("error").unwrap() <= 0.05);
        assert!(100 < small.triangles().len());
        assert_eq!(summary.warnings.len(), 1);
    }

    #[test]
    fn the_border_of_an_open_surface_stays() {
        let ball = ball();
        let middle = ball.bounds().centre();
        let half: Vec<[u32; 3]> =
            ball.triangles().iter().copied().filter(|t| ball.corners(*t).iter().all(|p| middle.z < p.z)).collect();
        let half = ball.with_triangles(&half);
        let (small, _) = decimate(&half, 0.3, 2.0, &Progress::default()).unwrap();
        assert_eq!(small.open_edges(), half.open_edges());
    }

    #[test]
    fn vertices_that_share_a_place_do_not_open_slits() {
        // Noise has many islands; pulled together, some of their vertices meet.
        let mut rng = crate::base::rng::Rng::new(1);
        let grid = Grid::aligned([12; 3], Point::origin(), [1.0; 3]).unwrap();
        let voxels = (0..grid.len()).map(|_| u8::from(rng.unit() < 0.4)).collect();
        let noise = crate::mesh::mask_surface(&Volume::new(grid, voxels).unwrap(), &Progress::default()).unwrap();
        let rounded = noise.positions().iter().map(|p| p.map(|x| (1.5 * x).round())).collect();
        let noise = noise.with_positions(rounded).unwrap();
        let (small, _) = decimate(&noise, 0.3, 5.0, &Progress::default()).unwrap();
        assert_eq!(small.open_edges(), 0);
    }

    #[test]
    fn impossible_targets_are_named() {
        let ball = ball();
        assert_eq!(decimate(&ball, 0.0, 1.0, &Progress::default()), Err(DecimateError::Fraction(0.0)));
        let error = decimate(&ball, 0.5, -1.0, &Progress::default()).unwrap_err();
        assert_eq!(error.to_string(), "an error of -1 mm cannot be allowed; it must be 0 or more");
    }
}
