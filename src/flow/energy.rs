//! The energy that a flow loses between its openings.

use super::result::{FlowResult, OpeningFlow};

/// Kinetic energy is measured so many cells inside an opening: the two cells at an outlet may be 5 % off.
const INSIDE_CELLS: f64 = 2.5;
/// A cross-section is looked for within so many radii of an opening.
const REACH: f64 = 2.2;

/// Total pressure at an opening in Pa: its pressure, and the kinetic energy that passes per volume in a cross-section just
/// inside; none where no cross-section is found.
fn total_pa(result: &FlowResult, flow: &OpeningFlow, density_kg_m3: f64) -> Option<f64> {
    let opening = &flow.opening;
    let cell_mm = result.cells.cell_mm();
    let at = opening.centre - opening.normal * (INSIDE_CELLS * cell_mm);
    let section = result.section(at, opening.normal, REACH * opening.radius_mm + 2.0 * cell_mm, density_kg_m3)?;
    Some(flow.pressure_pa + section.kinetic_pa)
}

/// Power lost between the openings in mW: the sum over the openings of total pressure times the flow that comes in there;
/// none where no cross-section is found at one of them.
///
/// What comes in with the fluid and does not leave with it is lost to friction in steady flow; in a moment of a beat part of
/// it speeds the fluid up or is given back by it.
pub fn power_lost_mw(result: &FlowResult, density_kg_m3: f64) -> Option<f64> {
    // ml/s times Pa is µW.
    let power = |flow: &OpeningFlow| Some(1e-3 * flow.inflow_ml_s * total_pa(result, flow, density_kg_m3)?);
    result.openings.iter().map(power).sum()
}
