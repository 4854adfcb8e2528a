//! A scalar followed in time: curves at the openings, snapshots, when it arrives where, and what became of it.

use super::carrier::{BLOCK, CELLS_A_TASK, Carrier};
use super::curve::{ARRIVED, Curve};
use super::error::{ScalarError, at_least};
use super::injection::Injection;
use super::scheme::Law;
use crate::base::Progress;
use crate::base::parallel::sum_blocks;
use rayon::prelude::*;

/// Steps on two cores in million cells a second, for estimates.
const ASSUMED_MCELLS_S: f64 = 20.0;

/// What is carried, and for how long.
#[derive(Debug, Clone, PartialEq)]
pub struct Transport {
    /// Diffusion D in m²/s.
    pub diffusion_m2_s: f64,
    /// Decay k in 1/s.
    pub decay_per_s: f64,
    /// What comes in.
    pub injection: Injection,
    /// The same in all of the lumen at the start.
    pub start: f64,
    /// How long it is followed, s.
    pub seconds: f64,
    /// Times in equal distances at which curves are taken, besides time 0.
    pub samples: usize,
    /// Times of snapshots in s; each becomes that of the nearest sample.
    pub snapshots_s: Vec<f64>,
}

/// What became of all of it, in m³ times the unit of the scalar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Balance {
    /// In the lumen at the start.
    pub start: f64,
    /// What came in.
    pub came: f64,
    /// What went out.
    pub gone: f64,
    /// What decayed.
    pub decayed: f64,
    /// In the lumen at the end.
    pub inside: f64,
}

impl Balance {
    /// What is missing over all there was: rounding only.
    pub fn error(&self) -> f64 {
        let all = self.start + self.came;
        let left = all - self.gone - self.decayed - self.inside;
        if 0.0 < all { left.abs() / all } else { left.abs() }
    }
}

/// A scalar in every cell at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// When, s.
    pub time_s: f64,
    /// One value per cell.
    pub values: Vec<f32>,
}

/// The passage of a scalar.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// Times of the curves in s.
    pub times_s: Vec<f64>,
    /// What was meant to come in at those times.
    pub entering: Vec<f64>,
    /// Mean over the lumen at those times.
    pub inside: Vec<f64>,
    /// The openings in the order of the flow.
    pub curves: Vec<Curve>,
    /// As asked for.
    pub snapshots: Vec<Snapshot>,
    /// When a tenth of the highest concentration of the injection is first reached in each cell, s; infinite where it is
    /// not.
    pub arrival_s: Vec<f32>,
    /// What became of it.
    pub balance: Balance,
    /// Smallest and largest value in any cell at any sample.
    pub range: [f64; 2],
    /// Diffusion that the scheme added, a mean weighted by the square of the gradients, m²/s.
    pub smearing_m2_s: f64,
    /// Steps made, and how long each was in s.
    pub steps: usize,
    /// Length of a step in s.
    pub step_s: f64,
}

impl Transport {
    fn law(&self) -> Law {
        Law { diffusion_m2_s: self.diffusion_m2_s, decay_per_s: self.decay_per_s, source_per_s: 0.0 }
    }

    fn check(&self) -> Result<(), ScalarError> {
        at_least("the diffusion", self.diffusion_m2_s, 0.0, "m²/s")?;
        at_least("the decay", self.decay_per_s, 0.0, "1/s")?;
        at_least("the concentration at the start", self.start, 0.0, "")?;
        at_least("the time to follow", self.seconds, f64::MIN_POSITIVE, "s")?;
        at_least("the number of samples", self.samples as f64, 1.0, "")?;
        self.injection.check()
    }
}

impl Carrier {
    /// Steps between two samples of `transport`, and their length in s.
    fn stepping(&self, transport: &Transport) -> (usize, f64) {
        let law = transport.law();
        let sample_s = transport.seconds / transport.samples as f64;
        let longest = (0..self.len())
            .into_par_iter()
            .with_min_len(CELLS_A_TASK)
            .map(|cell| self.step_s_max(&law, cell))
            .reduce(|| f64::INFINITY, f64::min);
        let steps = (sample_s / longest).ceil().max(1.0);
        (steps as usize, sample_s / steps)
    }

    /// How long so many steps last on two cores by assumption, s.
    pub fn seconds_of(&self, steps: f64) -> f64 {
        steps * self.len() as f64 / (1e6 * ASSUMED_MCELLS_S)
    }

    /// Steps that `transport` takes.
    ///
    /// # Errors
    /// [`ScalarError::BadNumber`] for a number that means nothing.
    pub fn steps(&self, transport: &Transport) -> Result<f64, ScalarError> {
        transport.check()?;
        Ok(self.stepping(transport).0 as f64 * transport.samples as f64)
    }

    /// Follow a scalar in time. The same bits on any number of threads.
    ///
    /// # Errors
    /// [`ScalarError::BadNumber`] for a number that means nothing, [`ScalarError::Cancelled`].
    pub fn carry(&self, transport: &Transport, progress: &Progress) -> Result<Passage, ScalarError> {
        self.follow(transport, vec![transport.start; self.len()], progress).map(|(passage, _)| passage)
    }

    /// [`Carrier::carry`] from any start; gives the end too.
    pub(in super::super) fn follow(
        &self,
        transport: &Transport,
        start: Vec<f64>,
        progress: &Progress,
    ) -> Result<(Passage, Vec<f64>), ScalarError> {
        transport.check()?;
        let law = transport.law();
        let injection = &transport.injection;
        let (between, step_s) = self.stepping(transport);
        let nearest = |time: &f64| (time / transport.seconds * transport.samples as f64).round() as usize;
        let wanted: Vec<usize> = transport.snapshots_s.iter().map(nearest).collect();
        let mut c = start;
        let mut scratch = vec![0.0; c.len()];
        let mut watch = Watch::new(self, injection, c.len());
        let mut flows = Flows { out: vec![[0.0; 2]; self.ports.len()], decayed: 0.0 };
        let start = self.amount(&c);
        watch.look(self, &c, 0.0, &wanted, 0);
        for sample in 1..=transport.samples {
            for step in 0..between {
                progress.step((sample - 1) * between + step, transport.samples * between)?;
                let from = ((sample - 1) * between + step) as f64 * step_s;
                let entering = injection.mean(from, from + step_s);
                flows.add(self, &c, entering, &law, (from, step_s));
                self.step(&mut c, &mut scratch, entering, &law, |_| step_s);
                flows.add(self, &scratch, entering, &law, (from, step_s));
            }
            let time_s = transport.seconds * sample as f64 / transport.samples as f64;
            watch.look(self, &c, time_s, &wanted, sample);
        }
        let Watch { times_s, entering, inside, values, snapshots, arrival_s, range, smeared, .. } = watch;
        let came: f64 = flows.out.iter().map(|[out, _]| (-out).max(0.0)).sum();
        let gone: f64 = flows.out.iter().map(|[out, _]| out.max(0.0)).sum();
        let balance = Balance { start, came, gone, decayed: flows.decayed, inside: self.amount(&c) };
        let curve = |(n, values): (usize, Vec<f64>)| {
            let [amount, moment] = flows.out[n];
            let port = &self.ports[n];
            let mean_s = if amount == 0.0 { 0.0 } else { moment / amount };
            let (name, is_inlet, inflow_m3_s) = (port.name.clone(), port.is_inlet, port.inflow_m3_s);
            Curve { name, is_inlet, inflow_m3_s, values, amount, mean_s }
        };
        let passage = Passage {
            times_s,
            entering,
            inside,
            curves: values.into_iter().enumerate().map(curve).collect(),
            snapshots,
            arrival_s,
            balance,
            range,
            smearing_m2_s: if 0.0 < smeared[1] { smeared[0] / smeared[1] } else { 0.0 },
            steps: between * transport.samples,
            step_s,
        };
        Ok((passage, c))
    }
}

/// What went through the openings so far, and its first moment in time, exactly as the steps took it.
struct Flows {
    out: Vec<[f64; 2]>,
    decayed: f64,
}

impl Flows {
    /// One of the two stages of a step from `from_s`.
    fn add(&mut self, carrier: &Carrier, c: &[f64], entering: f64, law: &Law, (from_s, step_s): (f64, f64)) {
        for (sum, out) in self.out.iter_mut().zip(carrier.leaving(c, entering)) {
            let amount = 0.5 * step_s * out;
            sum[0] += amount;
            sum[1] += amount * (from_s + 0.5 * step_s);
        }
        if 0.0 < law.decay_per_s {
            self.decayed += 0.5 * step_s * law.decay_per_s * carrier.amount(c);
        }
    }
}

/// What is noted at every sample.
struct Watch<'a> {
    injection: &'a Injection,
    times_s: Vec<f64>,
    entering: Vec<f64>,
    inside: Vec<f64>,
    values: Vec<Vec<f64>>,
    snapshots: Vec<Snapshot>,
    arrival_s: Vec<f32>,
    before: Vec<f32>,
    range: [f64; 2],
    smeared: [f64; 2],
}

impl<'a> Watch<'a> {
    fn new(carrier: &Carrier, injection: &'a Injection, cells: usize) -> Self {
        Self {
            injection,
            times_s: Vec::new(),
            entering: Vec::new(),
            inside: Vec::new(),
            values: vec![Vec::new(); carrier.ports.len()],
            snapshots: Vec::new(),
            arrival_s: vec![f32::INFINITY; cells],
            before: vec![0.0; cells],
            range: [f64::INFINITY, f64::NEG_INFINITY],
            smeared: [0.0; 2],
        }
    }

    fn look(&mut self, carrier: &Carrier, c: &[f64], time_s: f64, wanted: &[usize], sample: usize) {
        let entering = self.injection.at(time_s);
        let last_s = self.times_s.last().copied();
        self.times_s.push(time_s);
        self.entering.push(entering);
        self.inside.push(sum_blocks(c.len(), BLOCK, |range| range.map(|cell| c[cell]).sum()) / c.len() as f64);
        for ((values, out), port) in self.values.iter_mut().zip(carrier.leaving(c, entering)).zip(&carrier.ports) {
            let flow = -port.inflow_m3_s;
            values.push(if flow == 0.0 { 0.0 } else { out / flow });
        }
        for value in c {
            self.range = [self.range[0].min(*value), self.range[1].max(*value)];
        }
        let smeared = carrier.smearing(c, entering);
        self.smeared = [self.smeared[0] + smeared[0], self.smeared[1] + smeared[1]];
        let level = ARRIVED * self.injection.highest();
        if 0.0 < level {
            let (first, last_s) = (last_s.is_none(), last_s.unwrap_or(0.0));
            for ((arrival, before), now) in self.arrival_s.iter_mut().zip(&mut self.before).zip(c) {
                if arrival.is_infinite() && level <= *now {
                    let part = if first { 1.0 } else { (level - f64::from(*before)) / (now - f64::from(*before)) };
                    *arrival = (last_s + (time_s - last_s) * part) as f32;
                }
                *before = *now as f32;
            }
        }
        for _ in wanted.iter().filter(|wanted| **wanted == sample) {
            self.snapshots.push(Snapshot { time_s, values: c.iter().map(|value| *value as f32).collect() });
        }
    }
}
