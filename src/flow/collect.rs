//! From the lattice back to the patient: results in SI units.

use super::assemble::{axes, reference_pa};
use super::domain::Domain;
use super::error::FlowError;
use super::result::{FlowResult, OpeningFlow};
use super::sample::sample_wall;
use super::setup::Setup;
use super::simulation::State;
use super::streamlines;
use super::units::Units;
use crate::base::Progress;
use crate::geom::Vector;
use nalgebra::Matrix3;
use std::sync::Arc;

/// What a run leaves, in lattice units.
pub(super) struct Flow {
    /// State of every cell.
    pub states: Vec<State>,
    /// Flow out of every outlet.
    pub outflows: Vec<f64>,
    /// Share of the full inflow that came in.
    pub share: f64,
}

/// The result of a run in SI units, with its wall and streamlines.
pub(super) fn collect(
    setup: &Setup,
    domain: Domain,
    flow: Flow,
    units: &Units,
    progress: &Progress,
) -> Result<FlowResult, FlowError> {
    let Flow { states, outflows, share } = flow;
    let patient_from_lattice = axes(&domain);
    let reference_pa = reference_pa(&domain.openings);
    let velocity = |u: [f32; 3]| -> [f32; 3] {
        (patient_from_lattice * Vector::from(u.map(f64::from)) * units.speed_m_s()).map(|x| x as f32).into()
    };
    let stress = |s: [f32; 6]| -> [f32; 6] {
        let [xx, yy, zz, xy, xz, yz] = s.map(f64::from);
        let lattice = Matrix3::new(xx, xy, xz, xy, yy, yz, xz, yz, zz);
        let s = patient_from_lattice * lattice * patient_from_lattice.transpose() * units.stress_pa();
        [s[(0, 0)], s[(1, 1)], s[(2, 2)], s[(0, 1)], s[(0, 2)], s[(1, 2)]].map(|x| x as f32)
    };
    let pressure = |rho: f32| (f64::from(rho) * units.pressure_pa() + reference_pa) as f32;
    let mut openings = Vec::new();
    let mut outflows = outflows.into_iter();
    let mut seeds = Vec::new();
    for (n, opening) in domain.openings.iter().enumerate() {
        let mut at: Vec<u32> =
            domain.opening_links.iter().filter(|link| usize::from(link.opening) == n).map(|link| link.cell).collect();
        at.dedup();
        let mean = at.iter().map(|cell| f64::from(states[*cell as usize].rho)).sum::<f64>() / at.len() as f64;
        let inflow_ml_s = if opening.kind.is_inlet() {
            seeds.extend(at);
            opening.inflow_ml_s() * share
        } else {
            -outflows.next().unwrap_or(0.0) * units.flow_ml_s()
        };
        let pressure_pa = mean * units.pressure_pa() + reference_pa;
        openings.push(OpeningFlow { opening: opening.clone(), inflow_ml_s, pressure_pa });
    }
    let mut result = FlowResult {
        velocity_m_s: Arc::new(states.iter().map(|state| velocity(state.velocity)).collect()),
        pressure_pa: Arc::new(states.iter().map(|state| pressure(state.rho)).collect()),
        stress_pa: Arc::new(states.iter().map(|state| stress(state.stress)).collect()),
        cells: Arc::new(domain.cells),
        wall: domain.wall,
        wall_fields: Vec::new(),
        openings,
        streamlines: Arc::default(),
    };
    progress.set(0.3)?;
    result.wall_fields = sample_wall(&result, &result.wall);
    progress.set(0.7)?;
    result.streamlines = Arc::new(streamlines::trace(&result, &seeds, setup.streamlines, progress)?);
    Ok(result)
}
