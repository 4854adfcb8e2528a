//! F2n: blood that thins with shear, through a tube.

use super::Row;
use super::tube::tube;
use crate::base::Progress;
use crate::flow::{FlowError, Fluid, simulate};
use crate::geom::{Point, Vector};
use std::f64::consts::PI;

const RADIUS_MM: f64 = 2.0;
const LENGTH_MM: f64 = 16.0;
/// A rate of shear of 32/s at the wall for a parabola, where blood is clearly thicker than in large arteries.
const FLOW_ML_S: f64 = 0.2;
const CELLS: f64 = 16.0;
/// Places between which the pressure is compared, mm.
const BETWEEN_MM: [f64; 2] = [5.0, 11.0];
/// Points of the integral over the radius, and halvings of what is sought.
const POINTS: usize = 400;
const HALVINGS: usize = 60;

/// The number in a range at which a rising function is 0.
fn root(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if f(middle) < 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Flow in m³/s and speed on the axis in m/s of developed flow under a pressure gradient in Pa/m.
///
/// ```text
/// μ(γ̇) γ̇ = G r/2        u(0) = ∫ γ̇ dr        Q = π ∫ γ̇ r² dr
/// ```
fn developed(fluid: &Fluid, radius_m: f64, gradient: f64) -> [f64; 2] {
    let step = radius_m / POINTS as f64;
    let (mut flow, mut axis) = (0.0, 0.0);
    for n in 0..POINTS {
        let r = (n as f64 + 0.5) * step;
        let stress = 0.5 * gradient * r;
        let rate = root(0.0, 1e5, |rate| fluid.viscosity_at(rate) * rate - stress);
        flow += PI * rate * r * r * step;
        axis += rate * step;
    }
    [flow, axis]
}

/// Pressure drop and speed on the axis against the integral over the radius.
pub(super) fn pipe(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let fluid = Fluid::thinning_blood();
    let axis = Vector::new(0.25, 0.15, 1.0).normalize();
    let mut setup = tube(LENGTH_MM, |_| RADIUS_MM, axis, CELLS, FLOW_ML_S, fluid.clone());
    setup.tolerance = 1e-3;
    setup.streamlines = 0;
    let (result, _) = simulate(&setup, progress)?;
    let section = |along_mm: f64| {
        let at = Point::from(axis * along_mm);
        result.section(at, axis, 2.0 * RADIUS_MM, fluid.density_kg_m3).ok_or(FlowError::EmptyLumen)
    };
    let [from, to] = [section(BETWEEN_MM[0])?, section(BETWEEN_MM[1])?];
    let radius_m = 1e-3 * RADIUS_MM;
    let gradient = root(0.0, 1e5, |gradient| developed(&fluid, radius_m, gradient)[0] - 1e-6 * FLOW_ML_S);
    let drop = gradient * 1e-3 * (BETWEEN_MM[1] - BETWEEN_MM[0]);
    let speed = developed(&fluid, radius_m, gradient)[1];
    let row = |what: &str, value, reference: f64, unit, share: f64| Row {
        id: "F2n",
        what: format!("tube, blood that thins (Carreau-Yasuda), {CELLS} cells across: {what}"),
        value,
        reference,
        unit,
        tolerance: share * reference,
        source: "developed flow integrated over the radius; constants of Cho and Kensey 1991; second order",
    };
    Ok(vec![
        row("pressure drop over 1.5 diameters", from.pressure_pa - to.pressure_pa, drop, "Pa", 0.04),
        row("speed on the axis", to.peak_m_s, speed, "m/s", 0.02),
    ])
}
