//! The coronary beds of all outlets during a run.

use super::coronary::{Drive, Inside, Squeeze};
use super::network::CoronaryBed;
use super::outlet::Outlet;
use crate::base::units::PA_PER_MMHG;

/// Beds in the order of the outlets, in step with the lattice.
///
/// As for windkessels, what all outlets have in common is kept out of the lattice: it would only compress the fluid there.
pub(super) struct CoronaryBank {
    beds: Vec<CoronaryBed>,
    insides: Vec<Inside>,
    /// Pressure in the muscle at every step of a cycle, from where the run begins.
    muscle_mmhg: Vec<f64>,
    venous_mmhg: f64,
    steps: usize,
    reference_pa: f64,
    step_s: f64,
    flow_ml_s: f64,
    pressure_pa: f64,
}

impl CoronaryBank {
    /// A step, a unit of flow and one of density are `step_s`, `flow_ml_s` and `pressure_pa`. The beds start periodic for
    /// `shares` of a flow given over a cycle from now on, `flows_ml_s`; now is step `first` of the cycle.
    pub fn new(
        beds: Vec<CoronaryBed>,
        squeeze: &Squeeze,
        first: usize,
        shares: &[f64],
        flows_ml_s: &[f64],
        [step_s, flow_ml_s, pressure_pa]: [f64; 3],
    ) -> Self {
        let count = flows_ml_s.len();
        let muscle_mmhg: Vec<f64> = (0..count).map(|n| squeeze.at((first + n) as f64 / count as f64)).collect();
        let mut bank = Self {
            insides: Vec::new(),
            beds,
            muscle_mmhg,
            venous_mmhg: squeeze.venous_mmhg,
            steps: 0,
            reference_pa: 0.0,
            step_s,
            flow_ml_s,
            pressure_pa,
        };
        let start = |(bed, share): (&CoronaryBed, &f64)| {
            Inside::periodic(bed, count, |n| bank.drive(n, share * flows_ml_s[(n + 1) % count]), step_s)
        };
        bank.insides = bank.beds.iter().zip(shares).map(start).collect();
        let now = |n: usize| bank.insides[n].arterial_mmhg + bank.beds[n].arterial * shares[n] * flows_ml_s[0];
        let sum: f64 = (0..bank.beds.len()).map(now).sum();
        bank.reference_pa = sum / bank.beds.len() as f64 * PA_PER_MMHG;
        bank
    }

    /// What acts on a bed in the step after `steps`, at the end of which `flow_ml_s` comes in.
    fn drive(&self, steps: usize, flow_ml_s: f64) -> Drive {
        let count = self.muscle_mmhg.len();
        let rise = self.muscle_mmhg[(steps + 1) % count] - self.muscle_mmhg[steps % count];
        Drive { source: flow_ml_s, conductance: 0.0, rise, venous: self.venous_mmhg }
    }

    /// One step: from the flows out of the outlets, when the inflow is `share` of its mean at the end of the step, to the
    /// densities they are to hold. The first resistance turns a flow that is a step late into an error of pressure.
    pub fn advance(&mut self, outlets: &mut [Outlet], share: f32) {
        let mut pressures = Vec::with_capacity(outlets.len());
        for (n, outlet) in outlets.iter().enumerate() {
            let flow = outlet.smooth_outflow_at(share) * self.flow_ml_s;
            self.insides[n] = self.insides[n].after(&self.beds[n], self.drive(self.steps, flow), self.step_s);
            pressures.push((self.insides[n].arterial_mmhg + self.beds[n].arterial * flow) * PA_PER_MMHG);
        }
        self.steps += 1;
        self.reference_pa = pressures.iter().sum::<f64>() / pressures.len() as f64;
        for (outlet, pressure_pa) in outlets.iter_mut().zip(pressures) {
            outlet.hold((pressure_pa - self.reference_pa) / self.pressure_pa);
        }
    }

    /// The pressure that the density at rest stands for now, Pa.
    pub fn reference_pa(&self) -> f64 {
        self.reference_pa
    }
}
