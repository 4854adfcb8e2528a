//! What a heart adds to a flow problem: a waveform, windkessels beyond the outlets, cycles until nothing changes.

use super::coronary::CoronaryTree;
use super::error::{FlowError, positive};
use super::opening::{Inflow, Opening, OpeningKind};
use super::plan::{cycle_steps, shares};
use super::setup::{Cost, Setup, Split, cost_of_a_step};
use super::wave::Waveform;
use super::windkessel::Windkessel;

/// Samples of a cycle: tables, mean and shear are made of these.
pub(super) const SAMPLES: usize = 100;
/// The lattice steps of a cycle are a multiple of this: a sample lies between two halves of whole steps.
pub(super) const STEP_DIVISOR: usize = 2 * SAMPLES;
/// Cycles a run takes by estimate.
const CYCLES_ASSUMED: usize = 4;
/// At least so many cycles are computed: the last is compared with the one before.
pub(super) const CYCLES_MIN: usize = 2;
/// Most phases that are kept.
const PHASES_MAX: usize = 50;

/// How the inflow is spread over an inlet while it pulsates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PulseProfile {
    /// As in a long pipe where the inlet is nearly round (Womersley 1955), else [`PulseProfile::Developed`].
    #[default]
    Womersley,
    /// The profile of the inlet for steady flow, times the waveform.
    Developed,
}

/// What is beyond the outlets.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Beyond {
    /// The outlets keep the pressures (or with a [`Split`] the shares of the flow) that they have for steady flow.
    #[default]
    Held,
    /// Windkessels that give a mean pressure: the flow divides as [`Setup::split`] says, by Murray's law if it says
    /// pressure; resistances go by these shares, compliances too, so that all have the same time constant.
    Windkessels {
        /// Mean pressure over the outlets in mmHg.
        mean_pressure_mmhg: f64,
        /// Compliance of all outlets together in ml/mmHg.
        compliance_ml_mmhg: f64,
        /// Share of the resistance before the compliance, 0 to less than 1.
        proximal_share: f64,
    },
    /// One windkessel for each outlet, in the order of the openings.
    Each(Vec<Windkessel>),
    /// Coronary beds that give a mean pressure, by the shares of the flow as windkessels.
    Coronary(CoronaryTree),
}

/// What a heart adds to a flow problem.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulse {
    /// Flow into the lumen over a cycle. Several inlets share it in proportion to their inflow.
    pub waveform: Waveform,
    /// How the inflow is spread over the inlets.
    pub profile: PulseProfile,
    /// What is beyond the outlets.
    pub beyond: Beyond,
    /// Stop after this many cycles even if they still change.
    pub cycles_max: usize,
    /// Periodic when flow, pressure and wall shear change from one cycle to the next by less than this share (root mean
    /// square over the cycle).
    pub tolerance: f64,
    /// How many phases of the last cycle are kept, equally spaced from its start.
    pub phases: usize,
}

impl Pulse {
    /// A pulse with the usual choices: Womersley's profile, held outlets, at most 10 cycles, tolerance 0.01, 4 phases.
    pub fn new(waveform: Waveform) -> Self {
        Self {
            waveform,
            profile: PulseProfile::Womersley,
            beyond: Beyond::Held,
            cycles_max: 10,
            tolerance: 0.01,
            phases: 4,
        }
    }

    /// Largest flow over the mean.
    pub(super) fn largest(&self) -> f64 {
        self.waveform.largest_ml_s() / self.waveform.mean_ml_s()
    }

    pub(super) fn check(&self, setup: &Setup) -> Result<(), FlowError> {
        positive("the tolerance of the cycles", self.tolerance, "")?;
        let outside = |what, value: usize, limit| Err(FlowError::BadNumber { what, value: value.to_string(), limit });
        if !(CYCLES_MIN..=1000).contains(&self.cycles_max) {
            return outside("the largest number of cycles", self.cycles_max, "2 to 1000");
        }
        if PHASES_MAX < self.phases {
            return outside("the number of phases", self.phases, "at most 50");
        }
        if let Beyond::Each(vessels) = &self.beyond {
            let outlets = setup.openings.iter().filter(|o| !o.kind.is_inlet()).count();
            if vessels.len() != outlets {
                let what = "the number of windkessels";
                return outside(what, vessels.len(), "as many as there are outlets");
            }
            vessels.iter().try_for_each(Windkessel::check)?;
        }
        if let Beyond::Windkessels { mean_pressure_mmhg, compliance_ml_mmhg, proximal_share } = self.beyond {
            Windkessel::for_mean(mean_pressure_mmhg, self.waveform.mean_ml_s(), compliance_ml_mmhg, proximal_share)?;
        }
        if let Beyond::Coronary(tree) = &self.beyond {
            tree.check(self.waveform.mean_ml_s())?;
        }
        Ok(())
    }

    /// The steady problem of the mean flow.
    pub(super) fn mean_setup(&self, setup: &Setup) -> Result<Setup, FlowError> {
        setup.check()?;
        self.check(setup)?;
        let inflow_ml_s: f64 = setup.openings.iter().map(Opening::inflow_ml_s).sum();
        let factor = self.waveform.mean_ml_s() / inflow_ml_s;
        let mut setup = setup.clone();
        for opening in &mut setup.openings {
            let flow = opening.inflow_ml_s() * factor;
            if let OpeningKind::Inlet { inflow, .. } = &mut opening.kind {
                *inflow = Inflow::FlowMlS(flow);
            }
        }
        match self.beyond {
            Beyond::Held => {}
            Beyond::Windkessels { .. } | Beyond::Coronary(_) if setup.split == Split::Pressure => {
                setup.split = Split::Murray;
            }
            Beyond::Windkessels { .. } | Beyond::Coronary(_) => {}
            Beyond::Each(_) => setup.split = Split::Pressure,
        }
        Ok(setup)
    }

    /// The windkessels of `openings`' outlets and the shares of the flow they are made for. `pressures_pa` are the
    /// pressures at the outlets, up to a constant, when the mean flow divides so.
    pub(super) fn windkessels(
        &self,
        setup: &Setup,
        openings: &[Opening],
        pressures_pa: &[f64],
    ) -> Result<Option<(Vec<Windkessel>, Vec<f64>)>, FlowError> {
        match &self.beyond {
            Beyond::Held | Beyond::Coronary(_) => Ok(None),
            Beyond::Each(vessels) => {
                // Openings may have been left out; names tell which.
                let outlets = setup.openings.iter().filter(|o| !o.kind.is_inlet());
                let kept: Vec<Windkessel> = outlets
                    .zip(vessels)
                    .filter(|(outlet, _)| openings.iter().any(|o| o.centre == outlet.centre))
                    .map(|(_, vessel)| *vessel)
                    .collect();
                let conductance = |vessel: &Windkessel| 1.0 / vessel.impedance(0.0).re;
                let sum: f64 = kept.iter().map(conductance).sum();
                let shares = kept.iter().map(|vessel| conductance(vessel) / sum).collect();
                Ok(Some((kept, shares)))
            }
            Beyond::Windkessels { mean_pressure_mmhg, compliance_ml_mmhg, proximal_share } => {
                let all = shares(setup, openings);
                let outlets = openings.iter().zip(all).filter(|(o, _)| !o.kind.is_inlet());
                let shares: Vec<f64> = outlets.map(|(_, share)| share).collect();
                let mean_pa = pressures_pa.iter().sum::<f64>() / pressures_pa.len().max(1) as f64;
                let vessel = |(share, pressure_pa): (&f64, &f64)| {
                    let pressure = mean_pressure_mmhg + (pressure_pa - mean_pa) / crate::base::units::PA_PER_MMHG;
                    let flow = share * self.waveform.mean_ml_s();
                    Windkessel::for_mean(pressure, flow, share * compliance_ml_mmhg, *proximal_share)
                };
                let vessels: Result<Vec<_>, _> = shares.iter().zip(pressures_pa).map(vessel).collect();
                Ok(Some((vessels?, shares)))
            }
        }
    }
}

/// What `setup` with `pulse` will cost, if four cycles are enough.
///
/// # Errors
/// [`FlowError`] if it cannot be computed at all.
pub fn estimate_pulse(setup: &Setup, pulse: &Pulse) -> Result<Cost, FlowError> {
    let setup = pulse.mean_setup(setup)?;
    let (mut cost, _) = cost_of_a_step(&setup, pulse.largest())?;
    let steps = cycle_steps(&setup, pulse.waveform.period_s(), cost.step_s, STEP_DIVISOR)?;
    cost.step_s = pulse.waveform.period_s() / steps as f64;
    cost.take((steps * (CYCLES_ASSUMED.min(pulse.cycles_max) + 1)) as f64);
    Ok(cost)
}
