//! Booleans, margins, shells and wraps of surfaces through their distance fields: they always give a closed surface.

use super::Surface;
use super::contour::{ContourError, iso_surface};
use super::distance_field::{VOXELS_MAX, distance_field, grid_around};
use crate::base::{Cancelled, Progress};
use crate::geom::{Aabb, Grid, GridError};
use crate::image::Volume;
use rayon::prelude::*;

/// How two bodies become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boolean {
    /// What is in either.
    Union,
    /// What is in the first and not in the second.
    Difference,
    /// What is in both.
    Intersection,
}

/// Why there is no body.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SolidError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The voxels are too small for the bodies.
    #[error(
        "with voxels of {voxel_mm} mm there would be more than {VOXELS_MAX} of them; take at least {least_mm:.2} mm"
    )]
    TooFine {
        /// What was asked for.
        voxel_mm: f64,
        /// What would do.
        least_mm: f64,
    },
    /// A surface has no triangle.
    #[error("a surface without triangles encloses nothing")]
    NoTriangles,
    /// Nothing is left.
    #[error("nothing is left at a resolution of {voxel_mm:.2} mm")]
    Nothing {
        /// The voxels.
        voxel_mm: f64,
    },
    /// The result is too large.
    #[error(transparent)]
    Contour(ContourError),
}

/// Edge of the cubes for bodies within `bounds`: a two hundredth of the longest side, at least 0.2 mm.
pub fn voxel_mm_for(bounds: &Aabb) -> f64 {
    (bounds.size().max() / 200.0).max(0.2)
}

/// Two bodies as one, resolved in cubes of `voxel_mm`: edges sharper than a voxel are rounded to it.
///
/// # Errors
/// [`SolidError`] if voxels are too fine, nothing is left, or `progress` was cancelled.
pub fn boolean(
    a: &Surface,
    b: &Surface,
    how: Boolean,
    voxel_mm: f64,
    progress: &Progress,
) -> Result<Surface, SolidError> {
    if a.triangles().is_empty() || b.triangles().is_empty() {
        return Err(SolidError::NoTriangles);
    }
    let bounds = match how {
        Boolean::Union => Aabb::of(a.positions().iter().chain(b.positions())),
        Boolean::Difference | Boolean::Intersection => a.bounds(),
    };
    let grid = grid(&bounds, 2.0 * voxel_mm, voxel_mm)?;
    let band_mm = 3.0 * voxel_mm;
    let first = distance_field(a, &grid, band_mm, &progress.part(0.0..0.4, "first body"))?;
    let second = distance_field(b, &grid, band_mm, &progress.part(0.4..0.8, "second body"))?;
    let combined = |(a, b): (&f32, &f32)| match how {
        Boolean::Union => -a.min(*b),
        Boolean::Difference => -a.max(-b),
        Boolean::Intersection => -a.max(*b),
    };
    let values = first.voxels().par_iter().zip(second.voxels()).map(combined).collect();
    contour(grid, values, voxel_mm, progress)
}

/// What lies between `from_mm` and `to_mm` from the surface, negative inside; without `from_mm` all inside too.
///
/// `shell(s, None, 3.0)` is `s` with a margin of 3 mm, `shell(s, Some(-2.0), 0.0)` its wall of 2 mm, `shell(s, None, 0.0)` a
/// wrap: closed, oriented and free of self-intersections whatever `s` is.
///
/// # Errors
/// As [`boolean`].
pub fn shell(
    surface: &Surface,
    from_mm: Option<f64>,
    to_mm: f64,
    voxel_mm: f64,
    progress: &Progress,
) -> Result<Surface, SolidError> {
    if surface.triangles().is_empty() {
        return Err(SolidError::NoTriangles);
    }
    let grid = grid(&surface.bounds(), to_mm.max(0.0) + 2.0 * voxel_mm, voxel_mm)?;
    let band_mm = to_mm.abs().max(from_mm.map_or(0.0, f64::abs)) + 2.0 * voxel_mm;
    let field = distance_field(surface, &grid, band_mm, &progress.part(0.0..0.8, "distance"))?;
    let depth = |mm: &f32| {
        let mm = f64::from(*mm);
        let within = to_mm - mm;
        from_mm.map_or(within, |from| within.min(mm - from)) as f32
    };
    let values = field.voxels().par_iter().map(depth).collect();
    contour(grid, values, voxel_mm, progress)
}

fn contour(grid: Grid, values: Vec<f32>, voxel_mm: f64, progress: &Progress) -> Result<Surface, SolidError> {
    let volume = Volume::new(grid, values).expect("one value per voxel");
    // Not at 0 itself: bodies that touch, and voxel centres on a face, would hang together by points.
    match iso_surface(&volume, 1e-4 * voxel_mm, &progress.part(0.8..1.0, "contour")) {
        Ok(surface) => Ok(surface),
        Err(ContourError::NoneAbove { .. } | ContourError::Empty) => Err(SolidError::Nothing { voxel_mm }),
        Err(ContourError::Cancelled(stop)) => Err(stop.into()),
        Err(other) => Err(SolidError::Contour(other)),
    }
}

fn grid(bounds: &Aabb, margin_mm: f64, voxel_mm: f64) -> Result<Grid, SolidError> {
    grid_around(bounds, margin_mm, voxel_mm).map_err(|error| match error {
        GridError::TooLarge(_) => {
            let volume_mm3: f64 = bounds.size().iter().map(|mm| mm + 2.0 * margin_mm).product();
            let least_mm = (volume_mm3 / VOXELS_MAX as f64).cbrt() * 1.05;
            SolidError::TooFine { voxel_mm, least_mm }
        }
        GridError::Empty(_) | GridError::Flat { .. } => SolidError::NoTriangles,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Vector;
    use crate::mesh::shapes::{ball, cuboid};

    fn moved(surface: &Surface, by: Vector) -> Surface {
        surface.with_positions(surface.positions().iter().map(|p| p + by).collect()).unwrap()
    }

    #[test]
    fn volumes_of_booleans_add_up() {
        let a = ball(10.0, 0.7);
        let b = moved(&a, Vector::new(7.0, 3.0, -2.0));
        let ml = |how| {
            let body = boolean(&a, &b, how, 0.4, &Progress::default()).unwrap();
            assert_eq!(body.open_edges(), 0);
            body.volume_ml()
        };
        let [union, difference, both] = [Boolean::Union, Boolean::Difference, Boolean::Intersection].map(ml);
        let [own, other] = [a.volume_ml(), b.volume_ml()];
        assert!(((union + both) / (own + other) - 1.0).abs() < 3e-3, "{union} + {both} against {own} + {other} ml");
        assert!(((difference + both) / own - 1.0).abs() < 3e-3, "{difference} + {both} against {own} ml");
    }

    #[test]
    fn bodies_that_touch_cover_or_miss_each_other_are_no_trouble() {
        let cube = cuboid([10.0; 3]);
        for by in [[10.0, 0.0, 0.0], [0.0; 3], [10.0, 10.0, 10.0], [5.0, 0.0, 0.0], [30.0, 0.0, 0.0], [1e-9, 0.0, 0.0]]
        {
            let other = moved(&cube, Vector::from(by));
            let union = boolean(&cube, &other, Boolean::Union, 0.5, &Progress::default()).unwrap();
            assert_eq!(union.open_edges(), 0, "{by:?}");
            let exact = 2.0 - by.iter().map(|x| (1.0 - x / 10.0).max(0.0)).product::<f64>();
            assert!((union.volume_ml() / exact - 1.0).abs() < 0.03, "{by:?}: {} against {exact} ml", union.volume_ml());
        }
        let apart = moved(&cube, Vector::new(30.0, 0.0, 0.0));
        let error = boolean(&cube, &apart, Boolean::Intersection, 0.5, &Progress::default()).unwrap_err();
        assert_eq!(error.to_string(), "nothing is left at a resolution of 0.50 mm");
    }

    #[test]
    fn margins_and_walls_have_their_thickness() {
        let a = ball(10.0, 0.7);
        let ml = |radius: f64| 4.0 / 3.0 * std::f64::consts::PI * radius.powi(3) / 1000.0;
        for margin in [3.0, -3.0] {
            let grown = shell(&a, None, margin, 0.5, &Progress::default()).unwrap();
            assert!((grown.volume_ml() / ml(10.0 + margin) - 1.0).abs() < 0.01, "{margin}: {} ml", grown.volume_ml());
        }
        let wall = shell(&a, Some(-2.0), 0.0, 0.5, &Progress::default()).unwrap();
        assert!((wall.volume_ml() / (ml(10.0) - ml(8.0)) - 1.0).abs() < 0.02, "{} ml", wall.volume_ml());
        let error = shell(&a, None, -11.0, 0.5, &Progress::default()).unwrap_err();
        assert_eq!(error, SolidError::Nothing { voxel_mm: 0.5 });
        assert!(matches!(shell(&a, None, 1.0, 0.005, &Progress::default()), Err(SolidError::TooFine { .. })));
    }
}
