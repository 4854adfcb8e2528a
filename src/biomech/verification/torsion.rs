//! A cylinder twisted by its ends.

use super::shapes::{disc_prism, vertices_where};
use super::{Row, SMOOTH, extrapolate, material, order_row, solve};
use crate::base::Progress;
use crate::biomech::{Formulation, Load, Model, TissueError};
use crate::geom::{Point, Vector};

/// The thrust is of second order in the twist and small: it still falls faster than it will.
const COARSE: &str =
    "a priori estimate for linear elements (Ciarlet 1978); from above, since the coarsest mesh has 4 cells across";

/// V6: twisted by τ per length at fixed length, an incompressible neo-Hookean cylinder of radius R answers with the
/// moment π/2 μ τ R⁴ and pushes its ends apart with π/4 μ τ² R⁴ (Poynting 1909; Rivlin 1948).
pub fn twisted_cylinder(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let (radius_mm, length_mm, twist) = (10.0, 10.0, 0.5);
    let material = material(0.4999);
    let mut moments = [0.0; 3];
    let mut thrusts = [0.0; 3];
    for ((moment, thrust), n) in moments.iter_mut().zip(&mut thrusts).zip([2, 4, 8]) {
        let mesh = disc_prism(n, radius_mm, length_mm);
        let end = |p: &Point| p.z == length_mm;
        let vertices = vertices_where(&mesh, |p| end(p) || p.z == 0.0);
        let turned = |point: &Point| {
            let angle: f64 = if end(point) { twist } else { 0.0 };
            Vector::new(
                point.x * angle.cos() - point.y * angle.sin() - point.x,
                point.x * angle.sin() + point.y * angle.cos() - point.y,
                0.0,
            )
        };
        let by_mm = vertices.iter().map(|v| turned(&mesh.positions()[*v as usize])).collect();
        let load = Load::MoveEach { vertices, by_mm };
        let result = solve(&mesh, material, &[], &[load], Model::NeoHookean, Formulation::Mixed, progress)?;
        let now = result.positions_mm();
        for v in vertices_where(&mesh, end) {
            let (place, force) = (now[v as usize], result.support_n[v as usize]);
            *moment += (place.x * force.y - place.y * force.x) * 1e-3;
            *thrust -= force.z;
        }
    }
    let (mu, per_m, radius_m) = (material.shear_pa(), twist / (length_mm * 1e-3), radius_mm * 1e-3);
    let moment = std::f64::consts::FRAC_PI_2 * mu * per_m * f64::powi(radius_m, 4);
    let thrust = std::f64::consts::FRAC_PI_4 * mu * f64::powi(per_m, 2) * f64::powi(radius_m, 4);
    let row = |what: &str, value, reference: f64, unit, share: f64| Row {
        id: "V6",
        what: what.into(),
        value,
        reference,
        unit,
        tolerance: share * reference,
        source: "closed form (Rivlin 1948); the ends are held flat, as in the closed form; the rim is a polygon",
    };
    let (moment_limit, moment_order) = extrapolate(moments);
    let (thrust_limit, thrust_order) = extrapolate(thrusts);
    Ok(vec![
        row("moment, extrapolated", moment_limit, moment, "N m", 0.01),
        order_row("V6", "moment", moment_order, [2.0, 0.3], SMOOTH),
        row("thrust of the end, extrapolated", thrust_limit, thrust, "N", 0.01),
        order_row("V6", "thrust of the end", thrust_order, [2.0, 1.0], COARSE),
    ])
}
