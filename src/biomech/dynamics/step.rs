//! One time step: Newton's iteration on the balance of momentum in the middle of the step.

use super::element::{Forces, forces, viscous_pair};
use super::schedule::Schedule;
use super::{Damping, HALVINGS};
use crate::base::Progress;
use crate::base::parallel::sum_blocks;
use crate::biomech::assemble::Assembly;
use crate::biomech::boundary::LoadCase;
use crate::biomech::material::Model;
use crate::biomech::problem::{Options, TissueError};
use crate::biomech::solver::Solver;
use crate::biomech::system::System;
use crate::geom::Vector;
use crate::numerics::{BlockMatrix, FactorError};
use nalgebra::Matrix3;
use rayon::prelude::*;

/// Relative residual of the linear system of an iteration.
const LINEAR_TOLERANCE: f64 = 1e-6;
/// Halvings of an iteration that makes the balance worse.
const SHARES: i32 = 5;

/// A body at one moment: displacement in m, pressure in Pa and velocity in m/s in the order of unknowns, and the work
/// done on it so far, J.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) at_s: f64,
    pub(super) x: Vec<f64>,
    pub(super) v: Vec<f64>,
    pub(super) loads_j: f64,
    pub(super) supports_j: f64,
    pub(super) damped_j: f64,
    pub(super) iterations: usize,
}

/// Why a step failed.
enum Failure {
    /// A shorter one may succeed; what is out of balance over the forces that act.
    TooLong(f64),
    Stop(TissueError),
}

impl<E: Into<TissueError>> From<E> for Failure {
    fn from(error: E) -> Self {
        match error.into() {
            TissueError::Factor(FactorError::Singular(_)) => Self::TooLong(f64::INFINITY),
            error => Self::Stop(error),
        }
    }
}

/// Forces of all unknowns in the middle of a step, N (and m³).
struct Balance {
    /// Inertia, damping and elasticity less loads: what supports give where it is held, about 0 elsewhere.
    support: Vec<f64>,
    external: Vec<f64>,
    damping: Vec<f64>,
    /// Norm of what is out of balance, N.
    merit: f64,
    /// Norm of the forces that act, N.
    reference: f64,
}

/// What is kept between steps.
pub(super) struct Stepper<'a> {
    assembly: &'a Assembly<'a>,
    mass_kg: Vec<f64>,
    held: Vec<bool>,
    damping: Damping,
    options: Options,
    linear: bool,
    solver: Solver,
    matrix: BlockMatrix,
    /// The time step of the matrix, for a law whose stiffness does not change.
    matrix_of_s: Option<f64>,
    force_per_volume: f64,
    /// The largest forces that acted so far, N: where a swing passes the middle there are none to compare with.
    forces_so_far_n: f64,
}

impl<'a> Stepper<'a> {
    pub(super) fn new(
        assembly: &'a Assembly<'a>,
        schedule: &Schedule,
        damping: Damping,
        options: &Options,
    ) -> Result<Self, TissueError> {
        let mut mass_kg = vec![0.0; assembly.mesh.positions().len()];
        for (tet, corners) in assembly.mesh.tets().iter().enumerate() {
            let quarter = assembly.densities[tet] * assembly.elements[tet].volume_m3 / 4.0;
            corners.iter().for_each(|v| mass_kg[*v as usize] += quarter);
        }
        let case = schedule.case(0.0, 0.0);
        let is_linear = assembly.laws.iter().all(|law| law.model == Model::LinearElastic);
        Ok(Self {
            assembly,
            mass_kg,
            held: assembly.held(&case),
            damping,
            options: *options,
            linear: is_linear && !assembly.has_contact(&case),
            solver: Solver::new(assembly, options.solver)?,
            matrix: assembly.zeros(),
            matrix_of_s: None,
            force_per_volume: assembly.force_per_volume(),
            forces_so_far_n: 0.0,
        })
    }

    pub(super) fn assembly(&self) -> &Assembly<'a> {
        self.assembly
    }

    /// Mass of each vertex.
    pub(super) fn mass_kg(&self) -> &[f64] {
        &self.mass_kg
    }

    pub(super) fn solver_name(&self) -> &'static str {
        self.solver.name()
    }

    /// Move `state` on by `h` seconds, in halves where that is too much at once.
    ///
    /// # Errors
    /// [`TissueError::Lost`], [`TissueError::Stalled`], [`TissueError::Factor`], [`TissueError::Cancelled`].
    pub(super) fn advance(
        &mut self,
        schedule: &Schedule,
        state: &mut State,
        h: f64,
        halvings: u32,
        progress: &Progress,
    ) -> Result<(), TissueError> {
        let case = schedule.case(state.at_s + 0.5 * h, state.at_s + h);
        match self.step(state, &case, h, progress) {
            Ok(next) => {
                *state = next;
                Ok(())
            }
            Err(Failure::Stop(error)) => Err(error),
            Err(Failure::TooLong(residual)) if halvings == 0 => {
                Err(TissueError::Lost { at_s: state.at_s, step_s: h, residual, halvings: HALVINGS })
            }
            Err(Failure::TooLong(_)) => {
                self.advance(schedule, state, 0.5 * h, halvings - 1, progress)?;
                self.advance(schedule, state, 0.5 * h, halvings - 1, progress)
            }
        }
    }

    fn step(&mut self, from: &State, case: &LoadCase, h: f64, progress: &Progress) -> Result<State, Failure> {
        let fields = self.assembly.fields();
        let impose = |x: &mut [f64]| self.assembly.impose(case, 1.0, x);
        let mut x: Vec<f64> = from.x.iter().zip(&from.v).map(|(x, v)| x + h * v).collect();
        impose(&mut x);
        let mut balance = match self.balance(from, &x, case, h) {
            Ok(balance) => balance,
            Err(_) => {
                x.copy_from_slice(&from.x);
                impose(&mut x);
                self.balance(from, &x, case, h)?
            }
        };
        let mut iterations = 0;
        while self.limit(from, &x, &balance, h) < balance.merit {
            if iterations == self.options.iterations_max {
                return Err(Failure::TooLong(balance.merit / balance.reference.max(f64::MIN_POSITIVE)));
            }
            iterations += 1;
            let direction = self.direction(from, &x, case, &balance, h, progress)?;
            let mut better = None;
            for share in (0..SHARES).map(|n| 0.5_f64.powi(n)) {
                let trial: Vec<f64> = x.iter().zip(&direction).map(|(x, step)| x + share * step).collect();
                match self.balance(from, &trial, case, h) {
                    Ok(after) if after.merit < balance.merit || self.linear => {
                        better = Some((trial, after));
                        break;
                    }
                    Ok(_) | Err(Failure::TooLong(_)) => {}
                    Err(stop) => return Err(stop),
                }
            }
            let worse = || Failure::TooLong(balance.merit / balance.reference.max(f64::MIN_POSITIVE));
            (x, balance) = better.ok_or_else(worse)?;
        }
        self.forces_so_far_n = self.forces_so_far_n.max(balance.reference);
        let mut next = State { at_s: from.at_s + h, iterations: from.iterations + iterations, ..from.clone() };
        for n in (0..x.len()).filter(|n| n % fields < 3) {
            let moved = x[n] - from.x[n];
            next.v[n] = 2.0 * moved / h - from.v[n];
            next.loads_j += balance.external[n] * moved;
            next.damped_j += balance.damping[n] * moved;
            if self.held[n] {
                next.supports_j += balance.support[n] * moved;
            }
        }
        next.x = x;
        Ok(next)
    }

    /// The residual at which a step is done: a share of the forces that act, or what rounding leaves of them.
    fn limit(&self, from: &State, x: &[f64], balance: &Balance, h: f64) -> f64 {
        let fields = self.assembly.fields();
        let inertia = |n: usize| {
            let fast = (x[n].abs() + h * from.v[n].abs()) * 2.0 / (h * h);
            if n % fields < 3 { (self.mass_kg[n / fields] * fast).powi(2) } else { 0.0 }
        };
        let inertia = sum_blocks(x.len(), 4096, |range| range.map(inertia).sum()).sqrt();
        (self.options.tolerance * balance.reference.max(self.forces_so_far_n))
            .max(1e-14 * (inertia + self.assembly.rounding_n(x)))
    }

    fn balance(&self, from: &State, x: &[f64], case: &LoadCase, h: f64) -> Result<Balance, Failure> {
        let (assembly, fields) = (self.assembly, self.assembly.fields());
        let own = |tet: usize| forces(assembly, tet, &from.x, x, h, self.damping.shape_s);
        let parts: Option<Vec<Forces>> =
            (0..assembly.elements.len()).into_par_iter().with_min_len(256).map(own).collect();
        let parts = parts.ok_or(Failure::TooLong(f64::INFINITY))?;
        let (mut elastic, mut damping) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        for (corners, part) in assembly.mesh.tets().iter().zip(&parts) {
            for (corner, vertex) in corners.iter().enumerate() {
                let first = fields * *vertex as usize;
                for axis in 0..3 {
                    elastic[first + axis] += part.elastic[corner][axis];
                    damping[first + axis] += part.viscous[corner][axis];
                }
                if fields == 4 {
                    elastic[first + 3] += 0.5 * part.volume[corner];
                }
            }
        }
        let middle: Vec<f64> = from.x.iter().zip(x).map(|(a, b)| 0.5 * (a + b)).collect();
        let external = assembly.external(case, 1.0, &middle);
        let mut support = vec![0.0; x.len()];
        for (n, support) in support.iter_mut().enumerate() {
            if n % fields == 3 {
                *support = elastic[n];
                continue;
            }
            let (mass, moved) = (self.mass_kg[n / fields], x[n] - from.x[n]);
            damping[n] += self.damping.mass_per_s * mass * moved / h;
            *support = mass * 2.0 / h * (moved / h - from.v[n]) + damping[n] + elastic[n] - external[n];
        }
        let norm = |values: &[f64], wanted: &(dyn Fn(usize) -> bool + Sync)| {
            let square = |n: usize| {
                let weight = if n % fields == 3 { self.force_per_volume } else { 1.0 };
                if wanted(n) { (weight * values[n]).powi(2) } else { 0.0 }
            };
            sum_blocks(values.len(), 4096, |range| range.map(square).sum()).sqrt()
        };
        let merit = norm(&support, &|n| !self.held[n]);
        if !merit.is_finite() {
            return Err(Failure::TooLong(f64::INFINITY));
        }
        let acting = [norm(&external, &|_| true), norm(&elastic, &|n| n % fields < 3), norm(&damping, &|_| true)];
        Ok(Balance { support, external, damping, merit, reference: acting.into_iter().fold(0.0, f64::max) })
    }

    /// The step of Newton's iteration with twice the tangent in the middle: K + 2 M (2/h² + α/h) + viscosity.
    fn direction(
        &mut self,
        from: &State,
        x: &[f64],
        case: &LoadCase,
        balance: &Balance,
        h: f64,
        progress: &Progress,
    ) -> Result<Vec<f64>, Failure> {
        let mut rhs: Vec<f64> =
            balance.support.iter().zip(&self.held).map(|(r, held)| if *held { 0.0 } else { -2.0 * r }).collect();
        let changed = !self.linear || self.matrix_of_s != Some(h);
        if changed {
            let middle: Vec<f64> = from.x.iter().zip(x).map(|(a, b)| 0.5 * (a + b)).collect();
            let zeros = vec![0.0; x.len()];
            self.assembly
                .stiffness(case, 1.0, &middle, &self.held, &zeros, &mut self.matrix, &mut rhs)
                .map_err(|_| Failure::TooLong(f64::INFINITY))?;
            self.add_inertia(h);
            self.add_viscosity(&middle, h);
            self.matrix_of_s = Some(h);
            // A stiffness that stays is worth a factor of its own.
            if let (true, Solver::Direct { factor, .. }) = (self.linear, &mut self.solver) {
                *factor = None;
            }
        }
        let tolerance = if self.linear { 1e-3 * LINEAR_TOLERANCE } else { LINEAR_TOLERANCE };
        self.solver.solve(&self.matrix, changed, &mut rhs, tolerance, progress)?;
        Ok(rhs)
    }

    fn add_inertia(&mut self, h: f64) {
        let fields = self.assembly.fields();
        let per_kg = 2.0 * (2.0 / (h * h) + self.damping.mass_per_s / h);
        for (vertex, mass) in self.mass_kg.iter().enumerate() {
            let Some(slot) = self.assembly.pattern.slot(vertex, vertex as u32) else { continue };
            for axis in (0..3).filter(|axis| !self.held[fields * vertex + axis]) {
                self.matrix.block_row_mut(vertex, slot, axis)[axis] += per_kg * mass;
            }
        }
    }

    fn add_viscosity(&mut self, middle: &[f64], h: f64) {
        let (assembly, fields) = (self.assembly, self.assembly.fields());
        if self.damping.shape_s == 0.0 {
            return;
        }
        for (tet, corners) in assembly.mesh.tets().iter().enumerate() {
            let (element, law) = (&assembly.elements[tet], &assembly.laws[tet]);
            let deformation = if law.model == Model::LinearElastic {
                Matrix3::identity()
            } else {
                element.deformation(&assembly.at_corners(tet, middle).0)
            };
            let factor = 2.0 * law.mu_pa * self.damping.shape_s / h * element.volume_m3;
            for (n, slot) in assembly.slots(tet).iter().enumerate() {
                let (a, b) = (n / 4, n % 4);
                let gradients: [&Vector; 2] = [&element.gradients[a], &element.gradients[b]];
                let pair = viscous_pair(&deformation, gradients[0], gradients[1], factor);
                let (row, column) = (corners[a] as usize, corners[b] as usize);
                for r in (0..3).filter(|r| !self.held[fields * row + r]) {
                    let entries = self.matrix.block_row_mut(row, *slot as usize, r);
                    for c in (0..3).filter(|c| !self.held[fields * column + c]) {
                        entries[c] += pair[(r, c)];
                    }
                }
            }
        }
    }
}
