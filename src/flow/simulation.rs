//! Time stepping: populations, boundaries and the collision operator together, all in lattice units.

use super::beat::Beat;
use super::cells::Cells;
use super::collide::{Collide, Trt};
use super::gpu::Slot;
use super::inlet::Inlet;
use super::lattice::{C, Q, weight};
use super::outlet::Outlet;
use super::populations::Populations;
use super::ranks::Part;
use super::regularised::{Regularised, Thins};
use super::thinning::Thinned;
use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;
use std::sync::Arc;

/// Steps between two looks at whether a computation was cancelled.
pub(super) const STEPS_AT_ONCE: usize = 20;

/// The collision operator of a run.
#[derive(Debug, Clone)]
pub(super) enum Operator {
    Trt(Trt),
    Regularised(Regularised),
    /// Regularised, for a fluid that thins with shear.
    Thins(Arc<Thinned>),
}

/// Macroscopic state of one cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct State {
    /// Deviation of the density from 1.
    pub rho: f32,
    pub velocity: [f32; 3],
    /// Viscous stress: xx, yy, zz, xy, xz, yz.
    pub stress: [f32; 6],
}

impl State {
    /// The sum of two.
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            rho: self.rho + other.rho,
            velocity: std::array::from_fn(|a| self.velocity[a] + other.velocity[a]),
            stress: std::array::from_fn(|n| self.stress[n] + other.stress[n]),
        }
    }

    /// All of it `factor` times.
    pub fn times(&self, factor: f32) -> Self {
        let Self { rho, velocity, stress } = *self;
        Self { rho: rho * factor, velocity: velocity.map(|u| u * factor), stress: stress.map(|s| s * factor) }
    }
}

/// One flow problem on its way.
pub(super) struct Simulation {
    pub cells: Cells,
    pub populations: Populations,
    pub inlets: Vec<Inlet>,
    pub outlets: Vec<Outlet>,
    pub operator: Operator,
    /// Relaxation time of the viscosity.
    pub tau: f64,
    /// Body force per volume.
    pub force: [f64; 3],
    /// Steps over which the inflow grows from nothing to its full value.
    pub ramp: usize,
    pub steps: usize,
    /// What changes during a heart cycle; none for steady flow.
    pub beat: Option<Beat>,
    /// The graphics card that steps, if one does.
    pub gpu: Slot,
    /// What this rank holds of the lattice, if there are others; the populations are of that part only.
    pub part: Option<Part>,
}

impl Simulation {
    /// Two time steps: after them every cell's own slots hold what has arrived.
    pub fn two_steps(&mut self) {
        self.pairs(1);
    }

    /// Two time steps `pairs` times.
    pub fn pairs(&mut self, pairs: usize) {
        self.advance(2 * pairs, &mut |_| true);
    }

    /// One time step.
    pub fn one_step(&mut self) {
        if !self.steps_on_gpu(1) {
            self.step_or_ahead(false);
        }
    }

    /// Steps of the processor up to step `end`, adding the flow out of every outlet to `sums`. Nobody asks for cells in
    /// between, so that each step but the last before `keep_going` is asked runs into the next; the result has the same
    /// bits.
    pub(super) fn on_processor(&mut self, end: usize, keep_going: &mut dyn FnMut(usize) -> bool, sums: &mut [f64]) {
        let begin = self.steps;
        if !self.populations.is_held() {
            let inlets = self.inlets.iter().flat_map(Inlet::bounces);
            self.populations.hold(inlets.chain(self.outlets.iter().flat_map(Outlet::bounces)));
        }
        while self.steps < end {
            let stop = end.min((self.steps / STEPS_AT_ONCE + 1) * STEPS_AT_ONCE);
            while self.steps < stop {
                self.step_or_ahead(self.steps + 1 < stop && !self.ends_at_halo());
                sums.iter_mut().zip(&self.outlets).for_each(|(sum, outlet)| *sum += outlet.outflow());
            }
            let wish = keep_going(self.steps - begin);
            if !self.all_go_on(wish) {
                break;
            }
        }
        self.tell_outlets(sums);
    }

    fn step_or_ahead(&mut self, is_ahead: bool) {
        match self.operator.clone() {
            Operator::Trt(operator) => self.step(operator, is_ahead),
            Operator::Regularised(operator) => match operator.plain() {
                Some(plain) => self.step(plain, is_ahead),
                None => self.step(operator, is_ahead),
            },
            Operator::Thins(table) => self.step(Thins(&table), is_ahead),
        }
    }

    fn step(&mut self, operator: impl Collide, is_ahead: bool) {
        self.refresh_halo();
        if is_ahead {
            self.populations.step_ahead(operator);
        } else {
            self.populations.step(operator);
        }
        for outlet in self.outlets.iter_mut().filter(|outlet| outlet.is_here()) {
            outlet.read(&self.populations);
        }
        if self.beat.as_ref().is_some_and(|beat| beat.bank.is_some() || beat.beds.is_some()) {
            // Windkessels and coronary beds look at all outlets at once, in every step.
            self.tell_outlets(&mut []);
        }
        let share = self.share();
        let turns = match &mut self.beat {
            None => Vec::new(),
            Some(beat) => {
                beat.advance(&mut self.outlets, self.steps);
                beat.turns(self.steps)
            }
        };
        for inlet in &self.inlets {
            inlet.apply(&mut self.populations, share, &turns);
        }
        for outlet in self.outlets.iter_mut().filter(|outlet| outlet.is_here()) {
            outlet.apply(&mut self.populations, share);
        }
        self.steps += 1;
        if let Some(part) = &mut self.part {
            part.since += 1;
        }
    }

    /// Share of the full inflow at this step: a smooth ramp, so that no sound wave is started; of a pulse, the flow over
    /// its mean.
    pub fn share(&self) -> f32 {
        if let Some(beat) = &self.beat {
            return beat.share(self.steps);
        }
        if self.ramp <= self.steps {
            return 1.0;
        }
        let part = self.steps as f32 / self.ramp as f32;
        0.5 * (1.0 - (std::f32::consts::PI * part).cos())
    }

    /// Flow out of all outlets, cells per step.
    pub fn outflow(&self) -> f64 {
        self.outlets.iter().map(Outlet::outflow).sum()
    }

    /// Velocities of all cells.
    pub fn velocities(&self) -> Vec<[f32; 3]> {
        self.velocities_on_gpu().unwrap_or_else(|| self.map(|g| velocity(g, self.force)))
    }

    /// Velocities of the cells of this rank.
    pub fn own_velocities(&self) -> Vec<[f32; 3]> {
        self.map_own(|g| velocity(g, self.force))
    }

    /// State of all cells.
    pub fn states(&self) -> Vec<State> {
        let relaxes = match &self.operator {
            Operator::Trt(_) => Relaxes::At(self.tau),
            Operator::Regularised(operator) => Relaxes::WithEddies(self.tau, operator.eddy()),
            Operator::Thins(table) => Relaxes::Thinned(table),
        };
        self.states_on_gpu().unwrap_or_else(|| self.map(|g| state(g, relaxes, self.force)))
    }

    /// Set the state of all cells; only between pairs of steps.
    pub fn set(&mut self, states: &[State]) {
        for (cell, state) in states.iter().enumerate() {
            if !self.populations.has(cell) {
                continue;
            }
            // The inverse of what `state` says of the stress, without eddies.
            let moment = state.stress.map(|s| s * (-self.tau / (self.tau - 0.5)) as f32);
            let populations = std::array::from_fn(|i| population(i, state.rho, state.velocity, &moment));
            self.populations.set(cell, populations);
        }
        if let Some(part) = &mut self.part {
            // The halo was set too.
            part.since = 0;
        }
        self.set_on_gpu();
    }

    /// Sum over all cells of the density deviation, in double precision.
    pub fn mass(&self) -> f64 {
        let of_cells = || self.map(|g| g.iter().map(|g| f64::from(*g)).sum::<f64>()).iter().sum();
        self.mass_on_gpu().unwrap_or_else(of_cells)
    }

    fn map<T: Send + Pod>(&self, f: impl Fn(&[f32; Q]) -> T + Sync) -> Vec<T> {
        let own = self.map_own(f);
        match &self.part {
            None => own,
            Some(part) => part.all(&own),
        }
    }

    fn map_own<T: Send>(&self, f: impl Fn(&[f32; Q]) -> T + Sync) -> Vec<T> {
        let of = |cell: usize| f(&self.populations.arrived(cell));
        match &self.part {
            None => (0..self.cells.len()).into_par_iter().with_min_len(4096).map(of).collect(),
            Some(part) => part.mine().par_iter().with_min_len(4096).map(|cell| of(*cell as usize)).collect(),
        }
    }
}

/// What decides the relaxation time of a cell.
#[derive(Debug, Clone, Copy)]
enum Relaxes<'a> {
    At(f64),
    /// Relaxation time of the fluid, and what the norm of the stress adds to its square.
    WithEddies(f64, f64),
    Thinned(&'a Thinned),
}

impl Relaxes<'_> {
    /// The relaxation times of the fluid and of fluid and eddies, where the second moment out of equilibrium over the
    /// density has this norm.
    fn taus(self, moment: f64) -> [f64; 2] {
        match self {
            Self::At(tau) => [tau; 2],
            Self::WithEddies(tau, eddy) => [tau, 0.5 * (tau + (tau * tau + eddy * moment).sqrt())],
            Self::Thinned(table) => [f64::from(table.tau(moment as f32)); 2],
        }
    }
}

/// Entries of a symmetric tensor and how often each occurs.
pub(super) const SECOND: [(usize, usize, f32); 6] =
    [(0, 0, 1.0), (1, 1, 1.0), (2, 2, 1.0), (0, 1, 2.0), (0, 2, 2.0), (1, 2, 2.0)];

/// The shifted population in direction `i` of fluid with density deviation `rho`, velocity `u` and `second` moment out
/// of equilibrium (xx, yy, zz, xy, xz, yz).
pub(super) fn population(i: usize, rho: f32, u: [f32; 3], second: &[f32; 6]) -> f32 {
    let cu: f32 = (0..3).map(|a| C[i][a] as f32 * u[a]).sum();
    let square = u[0] * u[0] + u[1] * u[1] + u[2] * u[2];
    let along: f32 = (0..6).map(|n| SECOND[n].2 * second[n] * (C[i][SECOND[n].0] * C[i][SECOND[n].1]) as f32).sum();
    let viscous = 4.5 * along - 1.5 * (second[0] + second[1] + second[2]);
    // Fourth moments that do not depend on the axes of the lattice, see `collide::fourth`.
    let aside: f32 = (0..3).map(|a| (1 - C[i][a].abs()) as f32 * u[a] * u[a]).sum();
    let fourth = match C[i].iter().filter(|c| **c != 0).count() {
        0 => 0.5 * square,
        1 => -1.5 * aside,
        _ => 1.5 * aside,
    };
    weight(i) * (rho + (1.0 + rho) * (3.0 * cu + 4.5 * cu * cu - 1.5 * square + fourth) + viscous)
}

fn velocity(g: &[f32; Q], force: [f64; 3]) -> [f32; 3] {
    let mut j = force.map(|f| 0.5 * f as f32);
    let mut rho = 1.0;
    for i in 0..Q {
        rho += g[i];
        for a in 0..3 {
            j[a] += C[i][a] as f32 * g[i];
        }
    }
    j.map(|j| j / rho)
}

/// Density, velocity, and the viscous stress from the part of the second moment that is not in equilibrium.
///
/// ```text
/// σ = −(τ − 1/2)/τ_t Σ c c (g − g_eq)        (traceless part)
/// ```
///
/// τ belongs to the viscosity of the fluid; τ_t, with which the second moment relaxes, also to that of the eddies.
fn state(g: &[f32; Q], relaxes: Relaxes<'_>, force: [f64; 3]) -> State {
    let (mut rho, mut j, mut second) = (0.0_f64, force.map(|f| 0.5 * f), [0.0_f64; 6]);
    for i in 0..Q {
        let (value, c) = (f64::from(g[i]), C[i].map(f64::from));
        rho += value;
        for a in 0..3 {
            j[a] += c[a] * value;
        }
        for (n, (a, b)) in [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)].into_iter().enumerate() {
            second[n] += c[a] * c[b] * value;
        }
    }
    let u = j.map(|j| j / (1.0 + rho));
    let mut stress = [0.0; 6];
    let mut square = 0.0;
    for (n, (a, b)) in [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)].into_iter().enumerate() {
        let isotropic = if a == b { rho / 3.0 } else { 0.0 };
        // Guo's force contributes (u F + F u)/2 to the second moment.
        let forcing = 0.5 * (u[a] * force[b] + force[a] * u[b]);
        stress[n] = second[n] - isotropic - j[a] * u[b] + forcing;
        square += if a == b { 1.0 } else { 2.0 } * stress[n] * stress[n];
    }
    let [tau, tau_total] = relaxes.taus(square.sqrt() / (1.0 + rho));
    let stress = stress.map(|moment| -(tau - 0.5) / tau_total * moment);
    let mean = (stress[0] + stress[1] + stress[2]) / 3.0;
    let [xx, yy, zz, xy, xz, yz] = stress;
    let stress = [xx - mean, yy - mean, zz - mean, xy, xz, yz];
    State { rho: rho as f32, velocity: u.map(|u| u as f32), stress: stress.map(|s| s as f32) }
}
