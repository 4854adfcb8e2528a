//! What is computed of a network: how many cycles in which steps, from what start, and what is kept.

use super::error::{NetworkError, positive};
use std::collections::BTreeMap;

/// Start values, or rates, by name of the unknown, as `pressure:INFLOW:branch0_seg0`, `flow:…`, `V_LV:CLH`; others are 0.
/// `pressure_all` and `flow_all` stand for all pressures and flows that are not named.
pub type Initial = BTreeMap<String, f64>;

/// Cycles, steps and start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// Cycles that are computed.
    pub cycles: usize,
    /// Points a cycle, both ends counted: one more than steps.
    pub points_per_cycle: usize,
    /// Whether to begin near the steady state of the mean waveforms (see [`super::solve`]); otherwise from the initial values.
    pub steady_start: bool,
    /// Damping of the fastest modes a step, 0 (all) to 1 (none).
    pub rho_infinity: f64,
    /// Largest relative change of pressures, flows and volumes in the last iteration.
    pub tolerance: f64,
    /// The same for a network with a heart as one block: largest residual in the network's own units (see [`super::Heart`]).
    pub residual_max: f64,
    /// Most iterations a step.
    pub iterations_max: usize,
    /// Whether all cycles are kept, or the last alone with times from 0.
    pub keep_all: bool,
    /// Every how manieth step is kept.
    pub keep_every: usize,
    /// Largest relative change of mean flows and pressures at the openings from one cycle to the next; cycles are
    /// computed until it is met (see [`super::solve`]).
    pub cycle_tolerance: Option<f64>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            cycles: 3,
            points_per_cycle: 101,
            steady_start: true,
            rho_infinity: 0.5,
            tolerance: 1e-9,
            residual_max: 1e-8,
            iterations_max: 30,
            keep_all: false,
            keep_every: 1,
            cycle_tolerance: None,
        }
    }
}

impl Schedule {
    /// Steps in all.
    pub fn steps(&self) -> usize {
        self.points_per_cycle.saturating_sub(1) * self.cycles
    }

    pub(super) fn check(&self) -> Result<(), NetworkError> {
        let wrong =
            |what, value: f64, limit| Err(NetworkError::BadNumber { block: "the schedule".into(), what, value, limit });
        if !(1..=STEPS_MAX).contains(&self.steps()) {
            return wrong(
                "the number of steps",
                self.steps() as f64,
                "1 to 10 million, with two points a cycle at least",
            );
        }
        if !(0.0..=1.0).contains(&self.rho_infinity) {
            return wrong("the damping", self.rho_infinity, "0 to 1");
        }
        if self.keep_every == 0 || self.iterations_max == 0 {
            return wrong("the number of kept steps or of iterations", 0.0, "1 or more");
        }
        positive("the schedule", "the largest residual", self.residual_max)?;
        if let Some(tolerance) = self.cycle_tolerance {
            positive("the schedule", "the tolerance from cycle to cycle", tolerance)?;
        }
        positive("the schedule", "the tolerance", self.tolerance).map(|_| ())
    }
}

const STEPS_MAX: usize = 10_000_000;
