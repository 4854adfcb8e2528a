//! From a network to pressures and flows over time.
//!
//! The generalised-alpha method for first order systems (Jansen, Whiting & Hulbert 2000, Comput. Methods Appl. Mech.
//! Eng. 190:305) with Newton's method in every step. Second order in time; of the fastest modes a part of
//! `rho_infinity` is left after a step.

use super::block::{Block, BlockKind};
use super::connections::Network;
use super::error::NetworkError;
use super::lu::{Failure, SparseLu};
use super::numbering::Unknown;
use super::schedule::Initial;
use super::solution::Solution;
use super::system::System;
use crate::base::Progress;

/// Unknowns and their rates.
#[derive(Debug, Clone)]
struct State {
    y: Vec<f64>,
    ydot: Vec<f64>,
}

/// Pressures and flows of a network over the cycles of its schedule.
///
/// A steady start does what svZeroDSolver does, so that its cases agree from the first cycle: from the initial values
/// 31 steps of a tenth of a cycle, with waveforms at the means of their samples and without the capacitors of the ends.
///
/// # Errors
/// [`NetworkError::Undetermined`] for a loop without resistance and the like, [`NetworkError::NotConverged`],
/// [`NetworkError::BadNumber`] for a schedule that is not usable, [`NetworkError::Cancelled`].
pub fn solve(network: &Network, progress: &Progress) -> Result<Solution, NetworkError> {
    let schedule = network.schedule;
    schedule.check()?;
    let mut system = System::new(network, false);
    let mut state = start(network, &system)?;
    if schedule.steady_start {
        let step = network.period() / STEADY_STEPS_A_CYCLE;
        let mut stepper = Stepper::new(System::new(network, true), network, step);
        for n in 0..STEADY_STEPS {
            stepper.step(&mut state, step * n as f64)?;
        }
    }
    system.remember(&state.y, &state.ydot);
    let step = network.period() / (schedule.points_per_cycle - 1) as f64;
    let mut stepper = Stepper::new(system, network, step);
    let mut solution = Solution::new(network, stepper.system.unknowns.clone(), state.y.len());
    let mut cycles = Cycles::new(network, solution.unknowns());
    let steps = schedule.points_per_cycle - 1;
    let mut since_kept = 0;
    for cycle in 0.. {
        let begin = if schedule.keep_all { 0.0 } else { step * (cycle * steps) as f64 };
        if cycle == 0 || !schedule.keep_all {
            solution.clear();
            solution.push(0.0, &state.y);
            since_kept = 0;
        }
        cycles.begin(&state.y);
        for n in cycle * steps..(cycle + 1) * steps {
            if n % 64 == 0 {
                progress.step(n, cycles.expected * steps)?;
            }
            stepper.step(&mut state, step * n as f64)?;
            cycles.add(&state.y);
            since_kept += 1;
            if since_kept == schedule.keep_every {
                solution.push(step * (n + 1) as f64 - begin, &state.y);
                since_kept = 0;
            }
        }
        if cycles.enough(cycle + 1) {
            break;
        }
    }
    Ok(solution)
}

/// Decides when enough cycles are computed.
struct Cycles {
    /// Cycles that are expected to be enough.
    expected: usize,
    /// Largest relative change from cycle to cycle; none if only the count decides.
    tolerance: Option<f64>,
    /// The unknowns at the openings, and their sums over this cycle and the one before.
    watched: Vec<usize>,
    sums: Vec<f64>,
    before: Vec<f64>,
}

impl Cycles {
    /// For windkessels the count follows from the slowest of them (Pfaller et al. 2021, Ann. Biomed. Eng. 49:3574, eq. 21).
    fn new(network: &Network, unknowns: &[Unknown]) -> Self {
        let mut expected = network.schedule.cycles;
        let mut tolerance = network.schedule.cycle_tolerance;
        let slowest = |block: &Block| match &block.kind {
            BlockKind::Rcr(rcr) => Some(rcr.distal * rcr.capacitance),
            _ => None,
        };
        let slowest = network.blocks().iter().filter_map(slowest).reduce(f64::max);
        if let (Some(limit), Some(slowest)) = (tolerance, slowest) {
            expected = (-slowest / network.period() * limit.ln()).ceil().clamp(1.0, CYCLES_MAX as f64) as usize;
            tolerance = None;
        }
        let is_end = |n: usize| {
            matches!(
                network.blocks()[n].kind,
                BlockKind::Flow(_) | BlockKind::Pressure(_) | BlockKind::Resistance { .. } | BlockKind::Coronary(_)
            )
        };
        let links = network.links().iter().enumerate().filter(|(_, link)| is_end(link.from) || is_end(link.to));
        let watched: Vec<usize> = links.flat_map(|(n, _)| [2 * n, 2 * n + 1].map(|n| unknowns[n].column)).collect();
        let sums = vec![0.0; watched.len()];
        Self { expected, tolerance, watched, before: sums.clone(), sums }
    }

    fn begin(&mut self, y: &[f64]) {
        std::mem::swap(&mut self.before, &mut self.sums);
        self.sums.fill(0.0);
        self.add(y);
    }

    fn add(&mut self, y: &[f64]) {
        self.sums.iter_mut().zip(&self.watched).for_each(|(sum, n)| *sum += y[*n]);
    }

    fn enough(&self, done: usize) -> bool {
        let Some(tolerance) = self.tolerance else { return self.expected <= done };
        let settled = |(now, before): (&f64, &f64)| (now - before).abs() <= tolerance * before.abs();
        let all_settled = 2 <= done && self.sums.iter().zip(&self.before).all(settled);
        (self.expected <= done && all_settled) || CYCLES_MAX <= done
    }
}

const CYCLES_MAX: usize = 1000;
const STEADY_STEPS: usize = 31;
const STEADY_STEPS_A_CYCLE: f64 = 10.0;

/// The initial values and rates of a network.
fn start(network: &Network, system: &System) -> Result<State, NetworkError> {
    let [y, ydot] = [&network.initial, &network.initial_rates].map(|initial| values_of(initial, system));
    Ok(State { y: y?, ydot: ydot? })
}

/// Values by name in the order of the system's.
fn values_of(initial: &Initial, system: &System) -> Result<Vec<f64>, NetworkError> {
    for (name, value) in initial {
        super::error::finite(name, "the initial value", *value)?;
    }
    let of_all = |name: &str| match name.split(':').next() {
        Some("pressure" | "P_c") => initial.get("pressure_all"),
        Some("flow") => initial.get("flow_all"),
        _ => None,
    };
    let mut values = vec![0.0; system.ends[2]];
    let mut set = |value_of: &dyn Fn(&str) -> Option<f64>| {
        // Backwards: where several names share a value, the first decides.
        for unknown in system.unknowns.iter().rev() {
            if let Some(value) = value_of(&unknown.name) {
                values[unknown.column] = value;
            }
        }
    };
    set(&|name| of_all(name).copied());
    set(&|name| initial.get(name).copied());
    Ok(values)
}

struct Stepper<'a> {
    system: System<'a>,
    lu: Option<SparseLu>,
    step: f64,
    alpha_m: f64,
    alpha_f: f64,
    gamma: f64,
    tolerance: f64,
    residual_max: f64,
    iterations_max: usize,
    /// Largest pressure, flow and volume so far.
    scale: [f64; 3],
    new: State,
    /// ẏ and y in the middle of the step, side by side.
    middle: Vec<[f64; 2]>,
    matrix: Vec<f64>,
    change: Vec<f64>,
}

impl<'a> Stepper<'a> {
    fn new(system: System<'a>, network: &Network, step: f64) -> Self {
        let rho = network.schedule.rho_infinity;
        let (alpha_m, alpha_f) = (0.5 * (3.0 - rho) / (1.0 + rho), 1.0 / (1.0 + rho));
        let zeros = vec![0.0; system.ends[2]];
        let state = State { y: zeros.clone(), ydot: zeros.clone() };
        Self {
            lu: None,
            step,
            alpha_m,
            alpha_f,
            gamma: 0.5 + alpha_m - alpha_f,
            tolerance: network.schedule.tolerance,
            residual_max: network.schedule.residual_max,
            iterations_max: network.schedule.iterations_max,
            scale: [0.0; 3],
            middle: vec![[0.0; 2]; zeros.len()],
            new: state,
            matrix: vec![0.0; system.pattern.columns.len()],
            change: zeros,
            system,
        }
    }

    /// Go on from `state` at `time` by one step.
    fn step(&mut self, state: &mut State, time: f64) -> Result<(), NetworkError> {
        let at = time + self.alpha_f * self.step;
        self.system.at_time(at);
        self.predict(state);
        let has_heart = self.system.has_heart();
        let (mut before, mut rate) = (f64::INFINITY, f64::INFINITY);
        for iteration in 1..=self.iterations_max {
            self.middle(state);
            if self.system.nonlinear {
                self.system.at_state(at, &self.middle);
            }
            self.system.residual(&self.middle, &mut self.change);
            // A heart's closed valves keep the last iteration's change of their flow (`Heart`), so its answer depends on
            // when iterations stop: for it that is where svZeroDSolver stops.
            if has_heart && self.change.iter().all(|residual| residual.abs() < self.residual_max) {
                break;
            }
            // Within a step the matrix changes as little as the unknowns: the first one serves while changes shrink fast.
            if 0.01 < rate || self.system.has_valves() {
                self.factor()?;
            }
            if let Some(lu) = &mut self.lu {
                lu.solve(&mut self.change);
            }
            self.system.close_valves(&self.middle, &mut self.new.y);
            self.correct();
            if !self.system.nonlinear {
                break;
            }
            let change = self.relative_change();
            rate = change / before;
            if !has_heart && self.is_settled(change, before) {
                break;
            }
            if iteration == self.iterations_max || !change.is_finite() {
                let limit = self.tolerance;
                return Err(NetworkError::NotConverged { time, iterations: iteration, change, limit });
            }
            before = change;
        }
        // A sum is not finite if one of its terms is not.
        if !self.new.y.iter().sum::<f64>().is_finite() {
            let n = self.new.y.iter().position(|value| !value.is_finite()).unwrap_or(0);
            let name =
                self.system.unknowns.iter().find(|unknown| unknown.column == n).map(|unknown| unknown.name.clone());
            return Err(NetworkError::Undetermined { block: name.unwrap_or_default() });
        }
        std::mem::swap(state, &mut self.new);
        Ok(())
    }

    /// A first guess that satisfies the method's relation of y and ẏ: rates as before, or, where there are valves, y as before.
    fn predict(&mut self, state: &State) {
        let State { y: new_y, ydot: new_rate } = &mut self.new;
        let old = state.y.iter().zip(&state.ydot);
        let new = new_y.iter_mut().zip(new_rate);
        let (part_y, part_rate) =
            if self.system.has_valves() { (0.0, 1.0 - 1.0 / self.gamma) } else { (self.step, 1.0) };
        for ((new_y, new_rate), (y, rate)) in new.zip(old) {
            *new_y = y + part_y * rate;
            *new_rate = part_rate * rate;
        }
    }

    /// ẏ and y where the equations are to hold.
    fn middle(&mut self, state: &State) {
        let Self { new, middle, alpha_m, alpha_f, .. } = self;
        let new = new.y.iter().zip(&new.ydot);
        let old = state.y.iter().zip(&state.ydot);
        for ((middle, (new_y, new_rate)), (y, rate)) in middle.iter_mut().zip(new).zip(old) {
            *middle = [rate + *alpha_m * (new_rate - rate), y + *alpha_f * (new_y - y)];
        }
    }

    fn correct(&mut self) {
        let Self { new: State { y, ydot }, change, .. } = self;
        let step = self.gamma * self.step;
        for ((y, rate), change) in y.iter_mut().zip(ydot).zip(change) {
            *rate += *change;
            *change *= step;
            *y += *change;
        }
    }

    /// Whether the error left is small, from how fast the changes shrink (Hairer & Wanner, Solving ordinary differential
    /// equations II, section IV.8). Beside a valve, whose resistance follows tiny differences of pressure, that holds
    /// only at the very end, and one iteration more is done.
    fn is_settled(&self, change: f64, before: f64) -> bool {
        if self.system.has_valves() {
            return change <= self.tolerance && before <= self.tolerance;
        }
        let rate = change / before;
        let shrinks = before.is_finite() && rate < 0.1 && change * rate / (1.0 - rate) <= 0.1 * self.tolerance;
        change <= self.tolerance || shrinks
    }

    /// Factorise the matrix of this iteration, unless it is that of the last one.
    fn factor(&mut self) -> Result<(), NetworkError> {
        if self.lu.is_some() && !self.system.varies {
            return Ok(());
        }
        self.system.matrix(self.alpha_m, self.alpha_f * self.gamma * self.step, &mut self.matrix);
        if let Some(lu) = &mut self.lu
            && lu.factor(&self.matrix).is_ok()
        {
            return Ok(());
        }
        let undetermined = |failure| match failure {
            Failure::Singular { row } => NetworkError::Undetermined { block: self.system.block_of(row) },
            Failure::Stale => NetworkError::Undetermined { block: self.system.block_of(0) },
        };
        let mut lu = SparseLu::analyse(&self.system.pattern, &self.matrix).map_err(undetermined)?;
        lu.factor(&self.matrix).map_err(undetermined)?;
        self.lu = Some(lu);
        Ok(())
    }

    /// Largest change of y relative to the largest pressure, flow or volume so far.
    fn relative_change(&mut self) -> f64 {
        let (mut start, mut relative) = (0, 0.0);
        for (end, scale) in self.system.ends.into_iter().zip(&mut self.scale) {
            *scale = scale.max(largest(&self.new.y[start..end]));
            let change = largest(&self.change[start..end]);
            relative = f64::max(relative, if change == 0.0 { 0.0 } else { change / scale.max(f64::MIN_POSITIVE) });
            start = end;
        }
        relative
    }
}

/// Largest magnitude; eight at a time, for the comparisons of one would wait for one another.
fn largest(values: &[f64]) -> f64 {
    let mut lanes = [0.0_f64; 8];
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = if *lane < value.abs() { value.abs() } else { *lane };
        }
    }
    lanes.iter().chain(rest).fold(0.0, |max, value| f64::max(max, value.abs()))
}
