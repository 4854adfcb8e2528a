//! What a steady flow of a breath has at its ends: pressures, kinetic energy, shares.

use crate::flow::sample::sample_wall;
use crate::flow::{FlowResult, OpeningFlow};
use crate::geom::Vector;
use std::sync::Arc;

/// Pressure and kinetic energy of an end are those of the cells between so many cells before its plane: nearer to it the
/// rules of the opening show, in the pressure by a few tenths of ½ρu².
const LAYER_CELLS: [f64; 2] = [2.0, 4.0];

/// Pressures between the central end of airways and the ends of their branches, for one flow. The branches are weighed by
/// their flow, so that pressure times flow is power.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ends {
    /// Mean pressure where the air comes in less that where it goes out, Pa.
    pub drop_pa: f64,
    /// The same of the total pressure, which holds the kinetic energy: what friction and eddies take.
    pub lost_pa: f64,
    /// Kinetic energy of the air between the places where pressures are taken, in J.
    pub energy_j: f64,
}

impl Ends {
    /// Of a flow of a fluid with `density_kg_m3` whose central end is opening `central`.
    pub fn of(result: &FlowResult, central: usize, density_kg_m3: f64) -> Self {
        let shares = shares(result, central);
        let (mut pressure, mut total) = (0.0, 0.0);
        for (flow, share) in result.openings.iter().zip(&shares).filter(|(_, share)| **share != 0.0) {
            let [own, kinetic] = at_end(result, flow, density_kg_m3);
            pressure += share * own;
            total += share * (own + kinetic);
        }
        let middle = &result.openings[central];
        let [own, kinetic] = at_end(result, middle, density_kg_m3);
        let sign = if 0.0 <= middle.inflow_ml_s { 1.0 } else { -1.0 };
        // Pressures are those of the middles of the layers: what lies beyond has no part in them.
        let depth_mm = 0.5 * (LAYER_CELLS[0] + LAYER_CELLS[1]) * result.cells.cell_mm();
        let is_between = |cell: &usize| {
            let centre = result.cells.centre(*cell);
            let mut openings = result.openings.iter().map(|flow| &flow.opening);
            openings.all(|opening| {
                depth_mm < -opening.beyond_mm(&centre) || opening.reach_mm + depth_mm < (centre - opening.centre).norm()
            })
        };
        let speed2 = |cell: usize| result.velocity_m_s[cell].iter().map(|u| f64::from(*u).powi(2)).sum::<f64>();
        let square: f64 = (0..result.cells.len()).filter(is_between).map(speed2).sum();
        let cell_m3 = (1e-3 * result.cells.cell_mm()).powi(3);
        Self {
            drop_pa: sign * (own - pressure),
            lost_pa: sign * (own + kinetic - total),
            energy_j: 0.5 * density_kg_m3 * square * cell_m3,
        }
    }
}

/// Share of the flow through each opening but the central one, which has 0; they sum to 1.
pub(super) fn shares(result: &FlowResult, central: usize) -> Vec<f64> {
    let branch = |(n, flow): (usize, &OpeningFlow)| if n == central { 0.0 } else { flow.inflow_ml_s };
    let flows: Vec<f64> = result.openings.iter().enumerate().map(branch).collect();
    let sum: f64 = flows.iter().sum();
    flows.iter().map(|flow| if sum == 0.0 { 0.0 } else { flow / sum }).collect()
}

/// Mean pressure at an opening, and the kinetic energy per volume that passes it, ∫ ½ρu² u·n dA / ∫ u·n dA, in Pa. Where a
/// branch is so short that no cell lies in the layer, the pressure of the opening itself.
fn at_end(result: &FlowResult, flow: &OpeningFlow, density_kg_m3: f64) -> [f64; 2] {
    let (cell_mm, opening) = (result.cells.cell_mm(), &flow.opening);
    let (mut count, mut pressure, mut passes, mut carried) = (0.0, 0.0, 0.0, 0.0);
    for cell in 0..result.cells.len() {
        let centre = result.cells.centre(cell);
        let before = -opening.beyond_mm(&centre) / cell_mm;
        let reach_mm = opening.reach_mm + LAYER_CELLS[1] * cell_mm;
        if !(LAYER_CELLS[0]..LAYER_CELLS[1]).contains(&before) || reach_mm < (centre - opening.centre).norm() {
            continue;
        }
        let u = Vector::from(result.velocity_m_s[cell].map(f64::from));
        let through = u.dot(&opening.normal);
        count += 1.0;
        pressure += f64::from(result.pressure_pa[cell]);
        passes += through;
        carried += 0.5 * density_kg_m3 * u.norm_squared() * through;
    }
    let kinetic_pa = if passes == 0.0 { 0.0 } else { carried / passes };
    [if count == 0.0 { flow.pressure_pa } else { pressure / count }, kinetic_pa]
}

/// The same flow with pressures from the central end on, which is nearest to the pressure outside.
pub(super) fn from_centre(mut result: FlowResult, central: usize) -> FlowResult {
    let reference_pa = result.openings[central].pressure_pa;
    let pressures = result.pressure_pa.iter().map(|p| (f64::from(*p) - reference_pa) as f32).collect();
    result.pressure_pa = Arc::new(pressures);
    result.openings.iter_mut().for_each(|flow| flow.pressure_pa -= reference_pa);
    let pressure = sample_wall(&result, &result.wall).into_iter().find(|field| field.name == "pressure");
    if let (Some(new), Some(old)) = (pressure, result.wall_fields.iter_mut().find(|field| field.name == "pressure")) {
        *old = new;
    }
    result
}
