//! What pulsating flow gives: the mean over a cycle, the cycle itself, and phases of it, in SI units.

use super::collect::{Flow, collect};
use super::cycle::Beaten;
use super::cycle_record::CycleChange;
use super::cycle_report;
use super::domain::Domain;
use super::error::FlowError;
use super::network::CoronaryBed;
use super::opening::OpeningKind;
use super::pulse::{Pulse, SAMPLES};
use super::result::FlowResult;
use super::setup::Setup;
use super::windkessel::Windkessel;
use crate::base::units::PA_PER_MMHG;
use crate::base::{Progress, Summary};
use std::sync::Arc;

/// Flow and pressure at an opening over the last cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct OpeningCycle {
    /// What people call it.
    pub name: String,
    /// Flow into the lumen at every time, ml/s, negative out of it.
    pub inflow_ml_s: Vec<f64>,
    /// Mean gauge pressure in the cells at the opening at every time, mmHg.
    pub pressure_mmhg: Vec<f64>,
    /// The windkessel beyond it, if there is one.
    pub windkessel: Option<Windkessel>,
    /// The coronary bed beyond it, if there is one: mmHg, ml and s.
    pub coronary: Option<CoronaryBed>,
}

/// A phase of the last cycle.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// Time since the start of the waveform in s.
    pub time_s: f64,
    /// The flow at that time, without streamlines.
    pub flow: FlowResult,
}

/// The last cycle of pulsating flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Cycle {
    /// Times since the start of the waveform in s, equally spaced over the cycle.
    pub times_s: Vec<f64>,
    /// The openings in the order of the result.
    pub openings: Vec<OpeningCycle>,
    /// The phases asked for.
    pub phases: Vec<Phase>,
    /// How much every cycle but the first differed from the one before.
    pub changes: Vec<CycleChange>,
    /// Whether the last change was below the tolerance.
    pub periodic: bool,
}

/// Pulsating flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulsating {
    /// The mean over the last cycle. Its wall has three more fields: time-averaged wall shear stress, oscillatory shear
    /// index, relative residence time.
    pub mean: FlowResult,
    /// The cycle itself.
    pub cycle: Cycle,
    /// What the result says of itself.
    pub summary: Summary,
}

/// Results in SI units.
pub(super) fn finish(
    setup: &Setup,
    pulse: &Pulse,
    mut domain: Domain,
    beaten: Beaten,
    warnings: Vec<String>,
    progress: &Progress,
) -> Result<Pulsating, FlowError> {
    let (units, record) = (&beaten.plan.units, &beaten.record);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let (mut vessels, mut beds) = (beaten.windkessels.iter(), beaten.beds.iter());
    let opening = |n: usize| {
        let is_inlet = domain.openings[n].kind.is_inlet();
        OpeningCycle {
            name: domain.openings[n].name.clone(),
            inflow_ml_s: record.flows[n].iter().map(|flow| flow * units.flow_ml_s()).collect(),
            pressure_mmhg: record.pressures_pa[n].iter().map(|p| p / PA_PER_MMHG).collect(),
            windkessel: if is_inlet { None } else { vessels.next().copied() },
            coronary: if is_inlet { None } else { beds.next().copied() },
        }
    };
    let openings: Vec<OpeningCycle> = (0..domain.openings.len()).map(opening).collect();
    // What density at rest stands for is the mean of what the outlets hold.
    let hold = |domain: &mut Domain, reference_pa: f64| {
        for opening in domain.openings.iter_mut().filter(|o| !o.kind.is_inlet()) {
            opening.kind = OpeningKind::Outlet { pressure_pa: reference_pa };
        }
    };
    let is_bank = !beaten.windkessels.is_empty() || !beaten.beds.is_empty();
    let period_s = pulse.waveform.period_s();
    let times_s: Vec<f64> = (0..SAMPLES).map(|k| period_s * k as f64 / SAMPLES as f64).collect();
    let mut phases = Vec::new();
    let still = Setup { streamlines: 0, ..setup.clone() };
    let inlets_ml_s: f64 = domain.openings.iter().map(|o| o.inflow_ml_s()).sum();
    for (sample, states) in &record.phases {
        if is_bank {
            hold(&mut domain, record.references_pa[*sample]);
        }
        let outlets = (0..domain.openings.len()).filter(|n| !domain.openings[*n].kind.is_inlet());
        let outflows = outlets.map(|n| -record.flows[n][*sample]).collect();
        let inlets = (0..domain.openings.len()).filter(|n| domain.openings[*n].kind.is_inlet());
        let share = inlets.map(|n| openings[n].inflow_ml_s[*sample]).sum::<f64>() / inlets_ml_s;
        let flow = Flow { states: states.clone(), outflows, share };
        let flow = collect(&still, domain.clone(), flow, units, &progress.part(0.0..0.5, "phases"))?;
        phases.push(Phase { time_s: times_s[*sample], flow });
    }
    if is_bank {
        hold(&mut domain, mean(&record.references_pa));
    }
    let outlets = (0..domain.openings.len()).filter(|n| !domain.openings[*n].kind.is_inlet());
    let outflows = outlets.map(|n| -mean(&record.flows[n])).collect();
    let flow = Flow { states: record.mean(), outflows, share: 1.0 };
    let mut result = collect(setup, domain, flow, units, &progress.part(0.5..1.0, "wall and streamlines"))?;
    phases.iter_mut().for_each(|phase| phase.flow.cells = Arc::clone(&result.cells));
    result.wall_fields.extend(record.shear.fields(units.stress_pa()));
    let changes = beaten.changes.clone();
    let cycle = Cycle { times_s, openings, phases, changes, periodic: beaten.periodic };
    let summary = cycle_report::summary(setup, pulse, &result, &cycle, &beaten, warnings);
    Ok(Pulsating { mean: result, cycle, summary })
}
