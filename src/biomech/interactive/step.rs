//! One frame: from what acts to where the body is a sixtieth of a second later.
//!
//! Implicit Euler as a minimum (Gast et al. 2015, IEEE TVCG 21:1103, section 3):
//!
//! ```text
//! E(x) = Σ m/2h² |x − xₙ − h vₙ|² + Σ c m/2h |x − xₙ|² − (m g + f)·(x − xₙ) + Ψ(x) + springs(x)      v = (x − xₙ)/h
//! ```
//!
//! The start is xₙ + h vₙ, never the place that gravity would lead to: a body whose iterations are cut short would hang
//! too low. Where that start has more energy than standing still, standing still is the start. A step that raises E is
//! halved. So E never rises above its value at xₙ, whatever the load and however few the iterations: kinetic and
//! potential energy cannot grow on their own.

use super::body::{Body, Settings};
use super::coarse::Coarse;
use super::conjugate::End;
use super::evaluate::Energy;
use super::health::{Health, Note};
use super::tools::Tool;
use crate::geom::Vector;

/// Halvings of a step before it is given up.
const HALVINGS: i32 = 10;
/// Further steps of a frame in which the body ran into a tool.
const IMPACTS: usize = 2;

/// What acts on the body in one frame, besides graspers and springs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inputs<'a> {
    /// Weight, m/s²; a supine patient feels 9.81 towards posterior (+y).
    pub gravity_m_s2: Vector,
    /// Pressure of the gas around the whole body, Pa; it follows the surface. 12 mmHg of pneumoperitoneum are 1600 Pa.
    pub gas_pa: f64,
    /// Forces on vertices, N.
    pub forces_n: &'a [(u32, Vector)],
    /// Tools, in the same order every frame.
    pub tools: &'a [Tool],
}

impl Body {
    /// Compute the next frame.
    pub fn step(&mut self, inputs: &Inputs) -> Health {
        let (mut note, clean) = self.check(inputs);
        self.move_tools(inputs.tools, &mut note);
        self.move_grasps(&mut note);
        self.draw_ties();
        self.move_needle();
        self.set_load(inputs, clean);
        let (h, gas) = (self.settings.step_s, if clean { inputs.gas_pa as f32 } else { 0.0 });
        self.list_near();
        self.watch_self();

        // Standing still, and going on as before.
        self.forget_contacts();
        self.trial.copy_from_slice(&self.u);
        let tissue = self.known.unwrap_or_else(|| self.deform(gas));
        let still = self.energy_with(tissue, gas);
        for (x, (u, v)) in self.trial.iter_mut().zip(self.u.iter().zip(&self.v)) {
            *x = std::array::from_fn(|i| u[i] + h * v[i]);
        }
        let mut best = self.energy(gas);
        if !best.at_most(&still) {
            self.trial.copy_from_slice(&self.u);
            best = self.energy(gas);
        }
        let (mut end, mut share) = (End::default(), 1.0);
        for _ in 0..self.settings.newton_steps.max(1) {
            let (after, gone, linear) = self.newton_step(best, &still, gas);
            (best, share) = (after, gone);
            end = End { iterations: end.iterations + linear.iterations, ..linear };
        }
        if !(best.total.is_finite() && self.trial.as_flattened().iter().all(|x| x.is_finite())) {
            self.forget_contacts();
            self.trial.copy_from_slice(&self.u);
            self.v.fill([0.0; 3]);
            best = self.energy(gas);
            note = Some(Note::TakenBack);
        } else if share < 1.0 {
            note = note.or(Some(Note::Shortened { share }));
        }
        self.forces(gas);
        let residual = self.account();
        for ((u, v), x) in self.u.iter_mut().zip(&mut self.v).zip(&self.trial) {
            *v = std::array::from_fn(|i| (x[i] - u[i]) / h);
            *u = *x;
        }
        self.known = best.tissue.terms.is_finite().then_some(best.tissue);
        self.show();
        self.health = self.report(&best, residual, end, note);
        self.health
    }

    /// Which of `inputs` to leave out, and whether gravity and gas are numbers.
    fn check(&self, inputs: &Inputs) -> (Option<Note>, bool) {
        let finite = |v: &Vector| v.norm_squared().is_finite();
        let clean = finite(&inputs.gravity_m_s2) && inputs.gas_pa.abs() < 1e30;
        let forces = inputs.forces_n.iter().all(|(v, f)| finite(f) && (*v as usize) < self.u.len());
        let good = clean && forces && inputs.tools.iter().all(Tool::is_finite);
        (if good { None } else { Some(Note::BadInput) }, clean)
    }

    fn set_load(&mut self, inputs: &Inputs, clean: bool) {
        let g = if clean { inputs.gravity_m_s2 } else { Vector::zeros() };
        for (load, mass) in self.load.iter_mut().zip(&self.mass) {
            *load = (g * *mass).into();
        }
        for (v, force) in inputs.forces_n.iter().filter(|(_, force)| force.norm_squared().is_finite()) {
            if let Some(load) = self.load.get_mut(*v as usize) {
                load.iter_mut().zip(force.iter()).for_each(|(load, force)| *load += force);
            }
        }
    }

    /// One step of Newton's method from `trial`, where the energy is `before`; the energy at its end, the share of the
    /// way that was gone, and how its linear system ended.
    ///
    /// A full step that raises the energy because its contacts changed will do if it stays below that of standing
    /// `still`: the next frame mends it. Otherwise the new contacts are taken in and another step is made from there,
    /// for going a share of the way would stop the body in front of the tool.
    fn newton_step(&mut self, mut before: Energy, still: &Energy, gas: f32) -> (Energy, f64, End) {
        self.start.copy_from_slice(&self.trial);
        self.fix_contacts();
        before.rub = self.rub_energy();
        let mut whole = End::default();
        let mut gain = 0.0;
        for attempt in 0..=IMPACTS {
            let contacts = self.contacts.len() + self.own.contacts.len();
            self.assemble(gas);
            let end = self.solve(gas);
            if attempt == 0 {
                gain = self.gain();
            }
            whole = End { iterations: whole.iterations + end.iterations, ..end };
            for (x, step) in self.trial.iter_mut().zip(&self.solver.x) {
                *x = std::array::from_fn(|i| x[i] + f64::from(step[i]));
            }
            let after = self.energy(gas);
            let touches = self.touches.len() + self.own.touches.len();
            let changed = touches != contacts;
            if after.at_most(&before) || (changed && after.at_most(still)) {
                return (after, 1.0, whole);
            }
            if attempt == 0 {
                self.first.copy_from_slice(&self.trial);
            }
            if attempt == IMPACTS || touches <= contacts || !after.total.is_finite() {
                break;
            }
            self.fix_contacts();
        }
        self.trial.copy_from_slice(&self.first);
        let (after, share) = self.descend(&before, gas);
        // Where rounding decides there is nothing to gain and nothing to say.
        (after, if share == 0.0 && gain <= 8.0 * before.rounding { 1.0 } else { share }, whole)
    }

    pub(super) fn solve(&mut self, gas: f32) -> End {
        if let Some(end) = self.solve_on_gpu(gas) {
            return end;
        }
        let Settings { tolerance, iterations_max, two_levels, .. } = self.settings;
        let Self { solver, coarse, stiffness, topology, free, pieces, mass, rest, shares, trial, .. } = self;
        if two_levels && coarse.is_none() {
            let volume_m3 = shares.iter().map(|(volume_m3, _)| volume_m3).sum();
            *coarse = Some(Coarse::new(rest, volume_m3, stiffness, topology, free));
        }
        let mut coarse = coarse.as_mut().filter(|coarse| two_levels && coarse.helps());
        if let Some(coarse) = &mut coarse {
            coarse.turn(rest, trial);
        }
        let iterations_max = if coarse.is_some() { Coarse::iterations(iterations_max) } else { iterations_max };
        solver.solve(stiffness, topology, free, (pieces, mass), coarse, tolerance, iterations_max)
    }

    /// What the linear system expects to gain, J, twice.
    fn gain(&self) -> f64 {
        let of = |(gradient, step): (&[f64; 3], &[f32; 4])| -> f64 {
            (0..3).map(|i| -gradient[i] * f64::from(step[i])).sum()
        };
        self.gradient.iter().zip(&self.solver.x).map(of).sum()
    }

    /// Go from `start` towards `trial` as far as the energy does not rise; the energy there and the share.
    fn descend(&mut self, before: &Energy, gas: f32) -> (Energy, f64) {
        for halving in 1..=HALVINGS {
            for (x, start) in self.trial.iter_mut().zip(&self.start) {
                *x = std::array::from_fn(|i| 0.5 * (start[i] + x[i]));
            }
            let after = self.energy(gas);
            if after.at_most(before) {
                return (after, 0.5_f64.powi(halving));
            }
        }
        self.trial.copy_from_slice(&self.start);
        (self.energy(gas), 0.0)
    }

    fn report(&self, best: &Energy, residual: f64, end: End, note: Option<Note>) -> Health {
        let worst = self.sums.iter().map(|sum| sum.worst).reduce(|a, b| if b.1 < a.1 { b } else { a });
        Health {
            steps: self.health.steps + 1,
            time_s: (self.health.steps + 1) as f64 * self.settings.step_s,
            kinetic_j: self.mass.iter().zip(&self.v).map(|(m, v)| 0.5 * m * Vector::from(*v).norm_squared()).sum(),
            elastic_j: best.tissue.elastic,
            residual,
            iterations: end.iterations,
            linear_residual: end.residual,
            worst_element: worst.unwrap_or_default(),
            inverted: self.sums.iter().map(|sum| sum.inverted as usize).sum(),
            contacts: self.touches.len(),
            depth_mm: self.touches.iter().map(|touch| 1e3 * touch.depth).fold(0.0, f64::max),
            self_contacts: self.own.touches.len(),
            self_depth_mm: 1e3 * self.own.deepest,
            note,
        }
    }
}
