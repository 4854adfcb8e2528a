//! Newton's iteration to equilibrium, with load steps that halve when they fail and grow when they are easy.

use super::assemble::Assembly;
use super::boundary::LoadCase;
use super::contact::{Memory, Overlap, Touching, Wide};
use super::material::Model;
use super::problem::{Options, TissueError};
use super::solver::Solver;
use super::system::System;
use crate::base::Progress;
use crate::base::parallel::sum_blocks;
use crate::numerics::{BlockMatrix, FactorError};

/// Smallest share of the load that is tried as one step.
const STEP_MIN: f64 = 1.0 / 512.0;
/// Relative residual of the linear system when it is the whole problem.
const LINEAR_TOLERANCE: f64 = 1e-9;
/// Relative residual of the linear system of a Newton step: more would be undone by the next step anyway.
const NEWTON_TOLERANCE: f64 = 1e-4;
/// Contact comes and goes during the iteration, and its stiffness is not exact: it may take so many times as long.
const CONTACT_MORE: usize = 3;
/// Equilibria that contact may learn from in one load step.
const LESSONS: usize = 8;
/// Overlap over the size of triangles at which contact has learnt enough.
const TIGHT: f64 = 1e-3;
/// Newton iterations after which contact must have brought the residual down from what it was so many before.
const PATIENCE: usize = 10;
/// Residuals among which the highest must be undercut where there is contact (Grippo, Lampariello and Lucidi 1986).
const RECENT: usize = 5;
/// Halvings of a Newton step before the load step is given up.
const HALVINGS: i32 = 6;

/// A body in equilibrium under its whole load.
#[derive(Debug, Clone)]
pub struct Equilibrium {
    /// Displacement in m and pressure in Pa, vertex by vertex.
    pub x: Vec<f64>,
    /// Internal minus external force of every unknown, N: what the supports give where it is held, about 0 elsewhere.
    pub support_n: Vec<f64>,
    /// External force of every unknown, N.
    pub external_n: Vec<f64>,
    /// Newton iterations in all, those of failed steps included.
    pub iterations: usize,
    /// Load steps that succeeded.
    pub load_steps: usize,
    /// Residual over reaction force at the end.
    pub residual: f64,
    /// Contact that remembers; `None` where there is none.
    pub contact: Option<Touching>,
}

/// Why one load step failed.
enum Failure {
    Inverted(usize),
    NotConverged {
        iterations: usize,
        residual: f64,
    },
    /// Tissue went through tissue.
    Passed(Overlap),
    /// No factor: a smaller step may have one.
    Singular(FactorError),
    Stop(TissueError),
}

impl<E: Into<TissueError>> From<E> for Failure {
    fn from(error: E) -> Self {
        match error.into() {
            TissueError::Factor(error @ FactorError::Singular(_)) => Self::Singular(error),
            error => Self::Stop(error),
        }
    }
}

/// The forces at one displacement.
struct Balance {
    support: Vec<f64>,
    external: Vec<f64>,
    /// Contact that remembers, part of the external forces.
    contact: Option<Touching>,
    /// Norm of what is out of balance, N.
    merit: f64,
    /// Norm of the forces that act, N.
    reference: f64,
}

impl Balance {
    /// What is out of balance over the forces that act; 0 where none act.
    fn relative(&self) -> f64 {
        if self.merit == 0.0 { 0.0 } else { self.merit / self.reference.max(f64::MIN_POSITIVE) }
    }
}

/// Everything the iteration keeps between steps.
pub struct Newton<'a, S: System> {
    system: &'a S,
    case: &'a S::Case,
    options: &'a Options,
    linear: bool,
    /// Newton iterations of a load step.
    iterations_max: usize,
    solver: Solver,
    matrix: BlockMatrix,
    /// The same with contact between vertices that share no element.
    wide: Wide,
    memory: Memory,
    held: Vec<bool>,
    /// See [`System::force_per_volume`].
    force_per_volume: f64,
    iterations: usize,
    /// Forces that acted at the start, N: a body that is let go has none left to compare with.
    forces_before_n: f64,
}

impl<'a, S: System> Newton<'a, S> {
    /// Prepare the iteration.
    ///
    /// # Errors
    /// [`TissueError::Factor`].
    pub fn new(system: &'a S, case: &'a S::Case, model: Model, options: &'a Options) -> Result<Self, TissueError> {
        Ok(Self {
            system,
            case,
            options,
            linear: model == Model::LinearElastic && !system.has_contact(case),
            iterations_max: options.iterations_max * if system.has_contact(case) { CONTACT_MORE } else { 1 },
            solver: system.solver(options.solver)?,
            matrix: system.zeros(),
            wide: Wide::default(),
            memory: Memory::default(),
            held: system.held(case),
            force_per_volume: system.force_per_volume(),
            iterations: 0,
            forces_before_n: 0.0,
        })
    }

    /// What solves the linear systems.
    pub fn solver(&self) -> &Solver {
        &self.solver
    }

    /// Apply the whole load.
    ///
    /// # Errors
    /// [`TissueError::Inverted`], [`TissueError::NotConverged`], [`TissueError::Stalled`], [`TissueError::Factor`],
    /// [`TissueError::Overlap`], [`TissueError::Passed`], [`TissueError::Cancelled`].
    pub fn run(mut self, progress: &Progress) -> Result<(Equilibrium, &'static str), TissueError> {
        let mut x = vec![0.0; self.system.unknowns()];
        if let Some(Overlap { vertex, depth_m, limit_m }) = self.system.overlap(self.case, &[], &x) {
            let (depth_mm, limit_mm) = (1e3 * depth_m, 1e3 * limit_m);
            return Err(TissueError::Overlap { depth_mm, limit_mm, place_mm: self.system.rest_mm(vertex as usize) });
        }
        let mut last: Option<(Vec<f64>, f64)> = None;
        let (mut done, mut load_steps) = (0.0, 0);
        let mut width = if self.linear { 1.0 } else { 1.0 / self.options.load_steps.max(1) as f64 };
        loop {
            let load = if 1.0 - done <= width * 1.0001 { 1.0 } else { done + width };
            let mut trial =
                last.as_ref().and_then(|last| self.predict(&x, done, last, load)).unwrap_or_else(|| x.clone());
            match self.step(&mut trial, done, load, progress) {
                Ok((balance, iterations)) => {
                    load_steps += 1;
                    if load == 1.0 {
                        let residual = balance.relative();
                        let Balance { support, external, contact, .. } = balance;
                        let iterations = self.iterations;
                        let (support_n, external_n) = (support, external);
                        let end =
                            Equilibrium { x: trial, support_n, external_n, iterations, load_steps, residual, contact };
                        return Ok((end, self.solver.name()));
                    }
                    last = Some((std::mem::replace(&mut x, trial), done));
                    done = load;
                    if iterations <= 5 {
                        width *= 2.0;
                    }
                }
                Err(Failure::Stop(error)) => return Err(error),
                Err(failure) => {
                    width = 0.5 * (load - done);
                    if self.linear || width < STEP_MIN {
                        return Err(self.explain(failure, 100.0 * load));
                    }
                }
            }
        }
    }

    /// From equilibrium `x` at share `from` of the load to share `to`, which may be the same or less: in one step, or
    /// in the largest parts of the rest that converge.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn follow(
        mut self,
        mut x: Vec<f64>,
        from: f64,
        to: f64,
        progress: &Progress,
    ) -> Result<(Equilibrium, &'static str), TissueError> {
        let (mut done, mut share, mut load_steps) = (from, 1.0, 0);
        self.memory.begin_at(from, &x);
        self.forces_before_n = match self.balance(&x, from) {
            Ok(balance) => balance.reference,
            Err(failure) => return Err(self.explain(failure, 100.0 * from)),
        };
        loop {
            let load = if share == 1.0 { to } else { done + share * (to - done) };
            let mut trial = x.clone();
            match self.step(&mut trial, done, load, progress) {
                Ok((balance, _)) => {
                    load_steps += 1;
                    if share == 1.0 {
                        let residual = balance.relative();
                        let Balance { support: support_n, external: external_n, contact, .. } = balance;
                        let iterations = self.iterations;
                        let end =
                            Equilibrium { x: trial, support_n, external_n, iterations, load_steps, residual, contact };
                        return Ok((end, self.solver.name()));
                    }
                    (x, done, share) = (trial, load, 1.0);
                }
                Err(Failure::Stop(error)) => return Err(error),
                Err(failure) => {
                    share *= 0.5;
                    if self.linear || share < STEP_MIN {
                        return Err(self.explain(failure, 100.0 * load));
                    }
                }
            }
        }
    }

    fn explain(&self, failure: Failure, load_percent: f64) -> TissueError {
        match failure {
            Failure::Inverted(tet) => TissueError::Inverted { tet, place_mm: self.system.centre_mm(tet), load_percent },
            Failure::NotConverged { iterations, residual } => {
                TissueError::NotConverged { load_percent, iterations, residual, tolerance: self.options.tolerance }
            }
            Failure::Passed(Overlap { vertex, depth_m, limit_m }) => TissueError::Passed {
                depth_mm: 1e3 * depth_m,
                limit_mm: 1e3 * limit_m,
                place_mm: self.system.rest_mm(vertex as usize),
                load_percent,
            },
            Failure::Singular(error) => error.into(),
            Failure::Stop(error) => error,
        }
    }

    /// Continue the last load step in a straight line; `None` if that inverts an element.
    fn predict(&self, x: &[f64], done: f64, (before, start): &(Vec<f64>, f64), load: f64) -> Option<Vec<f64>> {
        let factor = (load - done) / (done - start);
        let mut guess: Vec<f64> = x.iter().zip(before).map(|(x, before)| x + factor * (x - before)).collect();
        self.impose(&mut guess, load);
        self.system.internal(&guess).is_ok().then_some(guess)
    }

    fn impose(&self, x: &mut [f64], load: f64) {
        self.system.impose(self.case, load, x);
    }

    fn balance(&self, x: &[f64], load: f64) -> Result<Balance, Failure> {
        let mut support = self.system.internal(x).map_err(|inverted| Failure::Inverted(inverted.0))?;
        let mut external = self.system.external(self.case, load, x);
        let contact = self.system.touching(self.case, &self.memory, load, x);
        if let Some(contact) = &contact {
            contact.add_forces(&mut external);
        }
        support.iter_mut().zip(&external).for_each(|(support, external)| *support -= external);
        let norm = |values: &[f64], held: bool| {
            let square = |n: usize| {
                let weight = if self.system.is_pressure(n) { self.force_per_volume } else { 1.0 };
                if self.held[n] == held { (weight * values[n]).powi(2) } else { 0.0 }
            };
            sum_blocks(values.len(), 4096, |range| range.map(square).sum()).sqrt()
        };
        let (merit, reaction, applied) = (norm(&support, false), norm(&support, true), norm(&external, false));
        if !merit.is_finite() {
            return Err(Failure::NotConverged { iterations: self.iterations, residual: f64::INFINITY });
        }
        Ok(Balance { support, external, contact, merit, reference: reaction.max(applied) })
    }

    /// Equilibrium at one load, and Newton iterations to the first. Where there is contact, it learns from one
    /// equilibrium for the next until bodies hardly overlap; if that fails, the last one counts with what overlap it
    /// has. `done` is only for the progress bar.
    fn step(&mut self, x: &mut [f64], done: f64, load: f64, progress: &Progress) -> Result<(Balance, usize), Failure> {
        let before = self.memory.clone();
        let found = self.learn(x, done, load, progress);
        if found.is_err() {
            self.memory = before;
        }
        found
    }

    fn learn(&mut self, x: &mut [f64], done: f64, load: f64, progress: &Progress) -> Result<(Balance, usize), Failure> {
        let (mut balance, iterations) = self.iterate(x, done, load, progress)?;
        for _ in 0..LESSONS {
            let Some(contact) = balance.contact.as_ref().filter(|contact| TIGHT < contact.looseness()) else { break };
            let before = self.memory.clone();
            self.memory.learn(contact);
            let mut trial = x.to_vec();
            match self.iterate(&mut trial, done, load, progress) {
                Ok((after, _)) => {
                    x.copy_from_slice(&trial);
                    balance = after;
                }
                Err(Failure::Stop(error)) => return Err(Failure::Stop(error)),
                Err(_) => {
                    self.memory = before;
                    break;
                }
            }
        }
        if let Some(contact) = &balance.contact {
            if let Some(overlap) = self.system.overlap(self.case, self.memory.before(), x) {
                return Err(Failure::Passed(overlap));
            }
            self.memory.end_step(contact, load, x);
        }
        Ok((balance, iterations))
    }

    /// Newton's iteration at one load.
    fn iterate(
        &mut self,
        x: &mut [f64],
        done: f64,
        load: f64,
        progress: &Progress,
    ) -> Result<(Balance, usize), Failure> {
        let mut balance = self.balance(x, load)?;
        let mut merits = vec![balance.merit];
        let mut target = x.to_vec();
        self.impose(&mut target, load);
        let mut gap = target != *x;
        for iteration in 0..=self.iterations_max {
            progress.set(load - (load - done) * 0.6_f64.powi(iteration as i32))?;
            // The floor is what rounding leaves of a body that is only moved, without any force.
            let limit = (self.options.tolerance * balance.reference.max(self.forces_before_n))
                .max(1e-14 * self.system.rounding_n(x));
            if !gap && balance.merit <= limit {
                return Ok((balance, iteration));
            }
            let hopeless = if balance.contact.is_some() {
                PATIENCE < iteration && merits[iteration - PATIENCE] < balance.merit
            } else {
                8 <= iteration && merits[0] < balance.merit && !self.linear
            };
            if iteration == self.iterations_max || hopeless {
                let residual = balance.relative();
                return Err(Failure::NotConverged { iterations: iteration, residual });
            }
            self.iterations += 1;
            // Where contact comes and goes the way down is not straight.
            let recent = if balance.contact.is_some() { RECENT } else { 1 };
            let highest = merits.iter().rev().take(recent).copied().fold(0.0, f64::max);
            let direction = self.direction(x, &target, &balance, gap, load, progress)?;
            let mut accepted = None;
            for halving in 0..=HALVINGS {
                let share = 0.5_f64.powi(halving);
                let mut trial: Vec<f64> = x.iter().zip(&direction).map(|(x, step)| x + share * step).collect();
                if gap {
                    self.impose(&mut trial, load);
                }
                match self.balance(&trial, load) {
                    // The first step of a load may raise the residual: it bends what it will stretch back later.
                    Ok(after)
                        if gap || iteration == 0 || self.linear || after.merit < highest || halving == HALVINGS =>
                    {
                        accepted = Some((trial, after));
                        break;
                    }
                    Ok(_) => {}
                    Err(failure) if gap || halving == HALVINGS => return Err(failure),
                    Err(_) => {}
                }
            }
            let Some((trial, after)) = accepted else { break };
            x.copy_from_slice(&trial);
            balance = after;
            merits.push(balance.merit);
            gap = false;
        }
        Err(Failure::NotConverged { iterations: self.iterations_max, residual: balance.relative() })
    }

    fn direction(
        &mut self,
        x: &[f64],
        target: &[f64],
        balance: &Balance,
        gap: bool,
        load: f64,
        progress: &Progress,
    ) -> Result<Vec<f64>, Failure> {
        let mut rhs: Vec<f64> =
            balance.support.iter().zip(&self.held).map(|(r, held)| if *held { 0.0 } else { -r }).collect();
        let changed = gap || !self.linear || self.iterations == 1;
        let mut changed_pattern = false;
        if changed {
            let step: Vec<f64> = target.iter().zip(x).map(|(target, x)| target - x).collect();
            self.system
                .stiffness(self.case, load, x, &self.held, &step, &mut self.matrix, &mut rhs)
                .map_err(|inverted| Failure::Inverted(inverted.0))?;
            if let Some(contact) = &balance.contact {
                changed_pattern = self.wide.prepare(&self.matrix, contact);
                self.wide.fill(&self.matrix, contact, &self.held, &step, &mut rhs);
            }
        }
        let matrix = self.wide.matrix().unwrap_or(&self.matrix);
        if changed_pattern {
            self.solver.reshape(matrix.pattern(), matrix.size(), &self.places(x, matrix.size()))?;
        }
        let tolerance = if self.linear { LINEAR_TOLERANCE } else { NEWTON_TOLERANCE };
        if let Some(contact) = balance.contact.as_ref().filter(|contact| contact.slides()) {
            let gain = |x: &[f64], y: &mut [f64]| contact.take_gain(&self.held, false, x, y);
            self.solver.solve_lopsided(matrix, gain, &mut rhs, tolerance, progress)?;
            return Ok(rhs);
        }
        self.solver.solve(matrix, changed, &mut rhs, tolerance, progress)?;
        Ok(rhs)
    }

    /// Where vertices with `fields` unknowns each are at `x`, m.
    fn places(&self, x: &[f64], fields: usize) -> Vec<[f64; 3]> {
        let place = |(v, own): (usize, &[f64])| {
            let rest = self.system.rest_mm(v);
            [0, 1, 2].map(|axis| 1e-3 * rest[axis] + own[axis])
        };
        x.chunks_exact(fields).enumerate().map(place).collect()
    }
}

/// Unknowns that are not solved for: imposed ones, and all of vertices that belong to no element.
pub fn held(assembly: &Assembly, case: &LoadCase) -> Vec<bool> {
    let pressure = assembly.formulation.has_pressure().then_some(false);
    let of_vertex = |(vertex, imposed): (usize, &[Option<f64>; 3])| {
        let loose = assembly.tets_of(vertex).next().is_none();
        imposed.map(|x| x.is_some()).into_iter().chain(pressure).map(move |held| held || loose).collect::<Vec<_>>()
    };
    case.imposed_m.iter().enumerate().flat_map(of_vertex).collect()
}
