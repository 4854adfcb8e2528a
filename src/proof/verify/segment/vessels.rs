//! Vesselness and tubes against formulas.

use super::super::{Row, Tolerance};
use crate::base::Progress;
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use crate::segment::tube::{Bead, course, step_mm, tube};
use crate::segment::{Vessels, vesselness};
use std::f64::consts::{PI, SQRT_2};
use std::sync::Arc;

/// Radius of the ideal vessel, and its contrast.
const RADIUS_MM: f64 = 3.0;
const CONTRAST: f64 = 200.0;

/// The rows of this area.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    ideal(&mut rows, progress).map_err(|error| error.to_string())?;
    tubes(&mut rows, progress).map_err(|error| error.to_string())?;
    Ok(rows)
}

/// An oblique vessel on flat voxels: what it answers in its middle, and at which scale most.
fn ideal(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), crate::base::Cancelled> {
    let grid = Arc::new(Grid::aligned([61, 61, 41], Point::origin(), [0.5, 0.5, 0.75]).expect("a plain grid"));
    let (middle, axis) = (grid.centre([30, 30, 20]), Vector::new(0.3, 0.2, 1.0).normalize());
    let value = |o: usize| {
        let away_mm = (grid.centre(grid.voxel(o)) - middle).cross(&axis).norm();
        (CONTRAST * (0.5 - (away_mm - RADIUS_MM) / 0.5).clamp(0.0, 1.0)) as f32
    };
    let volume = Volume::new(Arc::clone(&grid), (0..grid.len()).map(value).collect()).expect("one value per voxel");
    let answer = |sigma_mm: f64, contrast| -> Result<f64, crate::base::Cancelled> {
        let wish = Vessels { scales_mm: vec![sigma_mm], bright: true, contrast: Some(contrast) };
        Ok(f64::from(vesselness(&volume, &wish, |_| true, progress)?.at([30, 30, 20])))
    };
    let found = answer(RADIUS_MM / SQRT_2, CONTRAST)?;
    let expected = (1.0 - (-2.0_f64).exp()).powi(2);
    let what = "vesselness in the middle of an oblique tube of 3 mm at σ = r/√2, 0.5 × 0.5 × 0.75 mm";
    let source = "Frangi 1998, eq. 13 with λ₂ = λ₃ = −A/e, S = 2c: (1 − e⁻²)²";
    rows.push(Row::new("S80", what, found, expected, "1", Tolerance::Relative(0.03), source));
    let scales = Vessels::scales([1.5, 6.0], 25);
    let mut best = (0.0, 0.0);
    for sigma_mm in scales {
        // Against ten times the contrast the answer is not yet saturated, so that the most is sharp.
        let found = answer(sigma_mm, 10.0 * CONTRAST)?;
        if best.0 < found {
            best = (found, sigma_mm);
        }
    }
    let what = "radius at which a tube of 3 mm answers most: √2 σ, of 25 from 1.5 to 6 mm";
    let source = "σ² ∂²/∂x² of a Gaussian over a disc is A u e⁻ᵘ, u = r²/2σ², most at σ = r/√2; one step of 6 %";
    rows.push(Row::new("S80", what, best.1 * SQRT_2, RADIUS_MM, "mm", Tolerance::Relative(0.06), source));
    Ok(())
}

/// Tubes drawn on a turned grid: straight, and around a quarter of a ring.
fn tubes(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), crate::base::Cancelled> {
    let turn = nalgebra::Rotation3::from_euler_angles(0.4, 0.2, -0.7);
    let step = turn.matrix() * nalgebra::Matrix3::from_diagonal(&Vector::new(0.5, 0.5, 1.0));
    let grid = Grid::new([110, 110, 60], (turn * Vector::new(-27.5, -27.5, -30.0)).into(), step).expect("a grid");
    let grid = Arc::new(grid);
    let bead = |at: Point| Bead { at, radius_mm: RADIUS_MM };
    let caps = 4.0 / 3.0 * PI * RADIUS_MM.powi(3);
    let line = [Point::new(-12.0, 1.0, 0.0), Point::new(12.0, 1.0, 0.0)].map(bead).to_vec();
    let on_ring = |n: u32| {
        let angle = f64::from(n) * PI / 12.0;
        bead(Point::new(20.0 * angle.cos() - 10.0, 20.0 * angle.sin() - 10.0, 0.0))
    };
    let ring: Vec<Bead> = (0..=6).map(on_ring).collect();
    for (what, beads, length_mm) in [("straight tube", line, 24.0), ("quarter ring of 20 mm", ring, 10.0 * PI)] {
        let mask = tube(&grid, &course(&beads, true, step_mm(&grid, &beads)), progress)?;
        let found = mask.voxels().iter().filter(|v| **v != 0).count() as f64 * grid.voxel_mm3();
        let expected = PI * RADIUS_MM * RADIUS_MM * length_mm + caps;
        let what = format!("{what} of 3 mm through points on turned voxels of 0.5 × 0.5 × 1 mm: volume");
        let source = "π r² times the length (Pappus) and a ball for both ends";
        rows.push(Row::new("S81", &what, found, expected, "mm³", Tolerance::Relative(0.015), source));
    }
    Ok(())
}
