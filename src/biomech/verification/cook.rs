//! Cook's membrane: bending and shear of a nearly incompressible plate.

use super::shapes::{mapped_box, vertices_where};
use super::{Row, SINGULAR, SINGULAR_SOURCE, extrapolate, order_row, solve};
use crate::base::Progress;
use crate::biomech::{Axis, Formulation, Load, Material, Model, TissueError};
use crate::geom::{Point, Vector};

/// V13: corners (0, 0) (48, 44) (48, 60) (0, 44), left side clamped, shear of 100 per thickness on the right, plane
/// strain, μ = 80.1938, K = 400889.806. Lengths in mm and stresses in Pa: only their ratios count.
pub fn membrane(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    const SERIES: &str = "Taylor-Hood series extrapolated: 6.93 large, 8.07 small deformation; the clamped corner is singular, so linear elements converge slowly";
    let (mu, bulk) = (80.1938, 400_889.806);
    let poisson = (3.0 * bulk - 2.0 * mu) / (2.0 * (3.0 * bulk + mu));
    let material =
        Material { young_pa: 2.0 * mu * (1.0 + poisson), strain_max: f64::INFINITY, ..super::material(poisson) };
    let mut rows = Vec::new();
    for (model, reference) in [(Model::NeoHookean, 6.93), (Model::LinearElastic, 8.07)] {
        let mut tips = [0.0; 3];
        for (tip, n) in tips.iter_mut().zip([12, 24, 48]) {
            *tip = tip_mm(n, material, model, Formulation::Mixed, progress)?;
        }
        let quadratic = tip_mm(16, material, model, Formulation::Quadratic, progress)?;
        let row = |what: &str, value, share: f64| Row {
            id: "V13",
            what: format!("{model:?}: upward displacement of the tip, {what}"),
            value,
            reference,
            unit: "mm",
            tolerance: share * reference,
            source: SERIES,
        };
        let (limit, order) = extrapolate(tips);
        rows.push(row("extrapolated from 12, 24, 48 cells", limit, 0.01));
        rows.push(row("48 × 48 cells", tips[2], 0.02));
        rows.push(row("16 × 16 cells, quadratic elements", quadratic, 0.01));
        rows.push(order_row(
            "V13",
            &format!("{model:?}: upward displacement of the tip"),
            order,
            SINGULAR,
            SINGULAR_SOURCE,
        ));
    }
    Ok(rows)
}

/// Upward displacement of the corner (48, 60) with n × n cells, mm.
fn tip_mm(
    n: usize,
    material: Material,
    model: Model,
    formulation: Formulation,
    progress: &Progress,
) -> Result<f64, TissueError> {
    let thickness = 48.0 / n as f64;
    let place = |[x, y, z]: [f64; 3]| Point::new(48.0 * x, 44.0 * x + y * (44.0 - 28.0 * x), z * thickness);
    let mesh = mapped_box([n, n, 1], place);
    let fixed = vertices_where(&mesh, |p| p.x == 0.0);
    let end = vertices_where(&mesh, |p| p.x == 48.0);
    let tip = vertices_where(&mesh, |p| *p == Point::new(48.0, 60.0, 0.0))[0];
    let total_n = Vector::new(0.0, 100.0 * 1e-3 * thickness * 1e-3, 0.0);
    let flat = Load::Slide { vertices: vertices_where(&mesh, |_| true), axis: Axis::Z, by_mm: 0.0 };
    let loads = [Load::Force { vertices: end, total_n }, flat];
    let result = solve(&mesh, material, &fixed, &loads, model, formulation, progress)?;
    Ok(result.displacement_mm[tip as usize].y)
}
