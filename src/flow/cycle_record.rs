//! What is recorded of a cycle, and how much one differs from the next.

use super::pulse::SAMPLES;
use super::shear_cycle::ShearCycle;
use super::simulation::State;
use rayon::prelude::*;

/// Every how many samples wall shear is kept for the comparison of cycles.
const SHEAR_EVERY: usize = 5;

/// How much a cycle differs from the one before: root mean square over the cycle, as a share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CycleChange {
    /// Flow at the opening where it changed most, over the inflow.
    pub flow: f64,
    /// Pressure at the opening where it changed most, over the largest swing of one (drop over the lumen included).
    pub pressure: f64,
    /// Wall shear over all of the wall, over itself.
    pub shear: f64,
}

impl CycleChange {
    /// The largest of the three.
    pub fn largest(&self) -> f64 {
        self.flow.max(self.pressure).max(self.shear)
    }
}

/// One cycle in lattice units (pressures: Pa).
#[derive(Clone)]
pub(super) struct CycleRecord {
    /// Flow into the lumen at every sample, opening by opening, cells per step.
    pub flows: Vec<Vec<f64>>,
    /// Mean gauge pressure in the cells at the opening.
    pub pressures_pa: Vec<Vec<f64>>,
    /// The pressure that density at rest stands for.
    pub references_pa: Vec<f64>,
    /// Sum of the states, sample by sample.
    states: Vec<State>,
    pub shear: ShearCycle,
    /// Wall shear of every fifth sample.
    kept: Vec<Vec<[f32; 3]>>,
    /// States at the phases asked for.
    pub phases: Vec<(usize, Vec<State>)>,
    /// Highest speed, cells per step, and largest density difference within a sample.
    pub fastest: f64,
    pub compression: f64,
    pub samples: usize,
}

/// The samples at which `count` phases are kept.
fn is_phase(sample: usize, count: usize) -> bool {
    (0..count).any(|n| n * SAMPLES / count == sample)
}

impl CycleRecord {
    /// An empty record for `openings` and a wall of `vertices`.
    pub fn new(openings: usize, vertices: usize) -> Self {
        Self {
            flows: vec![Vec::with_capacity(SAMPLES); openings],
            pressures_pa: vec![Vec::with_capacity(SAMPLES); openings],
            references_pa: Vec::with_capacity(SAMPLES),
            states: Vec::new(),
            shear: ShearCycle::new(vertices),
            kept: Vec::new(),
            phases: Vec::new(),
            fastest: 0.0,
            compression: 0.0,
            samples: 0,
        }
    }

    /// Take a sample: states, wall shear, the pressures at the openings. Flows come with [`Self::add_flows`].
    pub fn add(
        &mut self,
        states: Vec<State>,
        shear: Vec<[f32; 3]>,
        pressures_pa: &[f64],
        reference_pa: f64,
        phases: usize,
    ) {
        for (all, pressure) in self.pressures_pa.iter_mut().zip(pressures_pa) {
            all.push(*pressure);
        }
        self.references_pa.push(reference_pa);
        self.shear.add(&shear);
        if self.samples.is_multiple_of(SHEAR_EVERY) {
            self.kept.push(shear);
        }
        let square = |state: &State| state.velocity.iter().map(|u| f64::from(*u).powi(2)).sum::<f64>();
        self.fastest = self.fastest.max(states.iter().map(square).fold(0.0, f64::max).sqrt());
        let densities = states.iter().map(|state| f64::from(state.rho));
        let (low, high) = densities.fold((f64::MAX, f64::MIN), |(low, high), rho| (low.min(rho), high.max(rho)));
        self.compression = self.compression.max(high - low);
        if self.states.is_empty() {
            self.states.clone_from(&states);
        } else {
            let sums = self.states.par_iter_mut().zip(&states).with_min_len(4096);
            sums.for_each(|(sum, state)| *sum = sum.plus(state));
        }
        if is_phase(self.samples, phases) {
            self.phases.push((self.samples, states));
        }
        self.samples += 1;
    }

    /// Add the flows into the lumen at a sample, one for each opening.
    pub fn add_flows(&mut self, flows: &[f64]) {
        for (all, flow) in self.flows.iter_mut().zip(flows) {
            all.push(*flow);
        }
    }

    /// The mean of the states.
    pub fn mean(&self) -> Vec<State> {
        let share = 1.0 / self.samples.max(1) as f32;
        self.states.par_iter().with_min_len(4096).map(|sum| sum.times(share)).collect()
    }

    /// How much this cycle differs from the one `before`.
    pub fn change(&self, before: &Self) -> CycleChange {
        let inflow: Vec<f64> = (0..SAMPLES).map(|k| self.flows.iter().map(|flow| flow[k].max(0.0)).sum()).collect();
        let off = |now: &[Vec<f64>], then: &[Vec<f64>]| {
            now.iter().zip(then).map(|(a, b)| rms(a.iter().zip(b).map(|(a, b)| a - b))).fold(0.0, f64::max)
        };
        let all = self.pressures_pa.iter().flatten();
        let mean = all.clone().sum::<f64>() / all.count().max(1) as f64;
        let swing = self.pressures_pa.iter().map(|p| rms(p.iter().map(|p| p - mean))).fold(0.0, f64::max);
        let square = |v: [f32; 3]| v.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        let (mut difference, mut size) = (0.0, 0.0);
        for (now, then) in self.kept.iter().flatten().zip(before.kept.iter().flatten()) {
            difference += square(std::array::from_fn(|a| now[a] - then[a]));
            size += square(*now);
        }
        CycleChange {
            flow: off(&self.flows, &before.flows) / rms(inflow.into_iter()).max(1e-300),
            pressure: off(&self.pressures_pa, &before.pressures_pa) / swing.max(1e-300),
            shear: (difference / size.max(1e-300)).sqrt(),
        }
    }
}

/// Root mean square.
fn rms(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), x| (sum + x * x, count + 1.0));
    (sum / f64::max(count, 1.0)).sqrt()
}
