//! Newton's iteration to equilibrium, with load steps that halve when they fail and grow when they are easy.

use super::assemble::Assembly;
use super::boundary::LoadCase;
use super::material::Model;
use super::problem::{Formulation, Options, TissueError};
use super::solver::Solver;
use crate::base::Progress;
use crate::base::parallel::sum_blocks;
use crate::geom::Point;
use crate::numerics::BlockMatrix;

/// Smallest share of the load that is tried as one step.
const STEP_MIN: f64 = 1.0 / 512.0;
/// Relative residual of the linear system when it is the whole problem.
const LINEAR_TOLERANCE: f64 = 1e-9;
/// Relative residual of the linear system of a Newton step: more would be undone by the next step anyway.
const NEWTON_TOLERANCE: f64 = 1e-4;
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
}

/// Why one load step failed.
enum Failure {
    Inverted(usize),
    NotConverged { iterations: usize, residual: f64 },
    Stop(TissueError),
}

impl<E: Into<TissueError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Stop(error.into())
    }
}

/// The forces at one displacement.
struct Balance {
    support: Vec<f64>,
    external: Vec<f64>,
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
pub struct Newton<'a> {
    assembly: &'a Assembly<'a>,
    case: &'a LoadCase,
    options: &'a Options,
    linear: bool,
    solver: Solver,
    matrix: BlockMatrix,
    held: Vec<bool>,
    /// What turns a volume equation in m³ into a force in N: μ over an edge length.
    force_per_volume: f64,
    iterations: usize,
}

impl<'a> Newton<'a> {
    /// Prepare the iteration.
    ///
    /// # Errors
    /// [`TissueError::Factor`].
    pub fn new(
        assembly: &'a Assembly<'a>,
        case: &'a LoadCase,
        model: Model,
        options: &'a Options,
    ) -> Result<Self, TissueError> {
        let volume: f64 = assembly.elements.iter().map(|element| element.volume_m3).sum();
        let count = assembly.elements.len() as f64;
        let mu = assembly.laws.iter().map(|law| law.mu_pa).sum::<f64>() / count;
        Ok(Self {
            assembly,
            case,
            options,
            linear: model == Model::LinearElastic,
            solver: Solver::new(assembly, options.solver)?,
            matrix: BlockMatrix::zeros(assembly.pattern.clone(), assembly.fields()),
            held: held(assembly, case),
            force_per_volume: mu / (volume / count).cbrt(),
            iterations: 0,
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
    /// [`TissueError::Cancelled`].
    pub fn run(mut self, progress: &Progress) -> Result<(Equilibrium, &'static str), TissueError> {
        let mut x = vec![0.0; self.assembly.unknowns()];
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
                        let Balance { support, external, .. } = balance;
                        let iterations = self.iterations;
                        let (support_n, external_n) = (support, external);
                        let end = Equilibrium { x: trial, support_n, external_n, iterations, load_steps, residual };
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

    fn explain(&self, failure: Failure, load_percent: f64) -> TissueError {
        match failure {
            Failure::Inverted(tet) => {
                let sum: nalgebra::Vector3<f64> = self.assembly.mesh.corners(tet).iter().map(|p| p.coords).sum();
                TissueError::Inverted { tet, place_mm: Point::from(sum / 4.0), load_percent }
            }
            Failure::NotConverged { iterations, residual } => {
                TissueError::NotConverged { load_percent, iterations, residual, tolerance: self.options.tolerance }
            }
            Failure::Stop(error) => error,
        }
    }

    /// Continue the last load step in a straight line; `None` if that inverts an element.
    fn predict(&self, x: &[f64], done: f64, (before, start): &(Vec<f64>, f64), load: f64) -> Option<Vec<f64>> {
        let factor = (load - done) / (done - start);
        let mut guess: Vec<f64> = x.iter().zip(before).map(|(x, before)| x + factor * (x - before)).collect();
        self.impose(&mut guess, load);
        self.assembly.internal(&guess).is_ok().then_some(guess)
    }

    /// Put held unknowns exactly where share `load` of the load has them.
    fn impose(&self, x: &mut [f64], load: f64) {
        for (x, imposed) in x.chunks_exact_mut(self.assembly.fields()).zip(&self.case.imposed_m) {
            for (x, imposed) in x.iter_mut().zip(imposed) {
                *x = imposed.map_or(*x, |value| load * value);
            }
        }
    }

    fn balance(&self, x: &[f64], load: f64) -> Result<Balance, Failure> {
        let mut support = self.assembly.internal(x).map_err(|inverted| Failure::Inverted(inverted.0))?;
        let external = self.assembly.external(self.case, load, x);
        support.iter_mut().zip(&external).for_each(|(support, external)| *support -= external);
        let fields = self.assembly.fields();
        let norm = |values: &[f64], held: bool| {
            let square = |n: usize| {
                let weight = if n % fields == 3 { self.force_per_volume } else { 1.0 };
                if self.held[n] == held { (weight * values[n]).powi(2) } else { 0.0 }
            };
            sum_blocks(values.len(), 4096, |range| range.map(square).sum()).sqrt()
        };
        let (merit, reaction, applied) = (norm(&support, false), norm(&support, true), norm(&external, false));
        if !merit.is_finite() {
            return Err(Failure::NotConverged { iterations: self.iterations, residual: f64::INFINITY });
        }
        Ok(Balance { support, external, merit, reference: reaction.max(applied) })
    }

    /// Newton's iteration at one load. `done` is only for the progress bar.
    fn step(&mut self, x: &mut [f64], done: f64, load: f64, progress: &Progress) -> Result<(Balance, usize), Failure> {
        let mut balance = self.balance(x, load)?;
        let first = balance.merit;
        let mut target = x.to_vec();
        self.impose(&mut target, load);
        let mut gap = target != *x;
        for iteration in 0..=self.options.iterations_max {
            progress.set(load - (load - done) * 0.6_f64.powi(iteration as i32))?;
            // The floor is what rounding leaves of a body that is only moved, without any force.
            let limit = (self.options.tolerance * balance.reference).max(1e-14 * self.rounding_n(x));
            if !gap && balance.merit <= limit {
                return Ok((balance, iteration));
            }
            let hopeless = 8 <= iteration && first < balance.merit && !self.linear;
            if iteration == self.options.iterations_max || hopeless {
                let residual = balance.relative();
                return Err(Failure::NotConverged { iterations: iteration, residual });
            }
            self.iterations += 1;
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
                        if gap
                            || iteration == 0
                            || self.linear
                            || after.merit < balance.merit
                            || halving == HALVINGS =>
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
            gap = false;
        }
        Err(Failure::NotConverged { iterations: self.options.iterations_max, residual: balance.relative() })
    }

    /// Size of the forces that cancel in the residual, N: (μ + K) h |u| of every element.
    fn rounding_n(&self, x: &[f64]) -> f64 {
        let square = |tet: usize| {
            let (law, edge_m) = (&self.assembly.laws[tet], self.assembly.elements[tet].volume_m3.cbrt());
            let moved_m = self.assembly.at_corners(tet, x).0.iter().map(|u| u.norm()).fold(0.0, f64::max);
            ((law.mu_pa + law.bulk_pa) * edge_m * moved_m).powi(2)
        };
        sum_blocks(self.assembly.elements.len(), 2048, |range| range.map(square).sum()).sqrt()
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
        if changed {
            let step: Vec<f64> = target.iter().zip(x).map(|(target, x)| target - x).collect();
            self.assembly
                .stiffness(self.case, load, x, &self.held, &step, &mut self.matrix, &mut rhs)
                .map_err(|inverted| Failure::Inverted(inverted.0))?;
        }
        let tolerance = if self.linear { LINEAR_TOLERANCE } else { NEWTON_TOLERANCE };
        self.solver.solve(&self.matrix, changed, &mut rhs, tolerance, progress)?;
        Ok(rhs)
    }
}

/// Unknowns that are not solved for: imposed ones, and all of vertices that belong to no element.
pub fn held(assembly: &Assembly, case: &LoadCase) -> Vec<bool> {
    let pressure = (assembly.formulation == Formulation::Mixed).then_some(false);
    let of_vertex = |(vertex, imposed): (usize, &[Option<f64>; 3])| {
        let loose = assembly.tets_of(vertex).next().is_none();
        imposed.map(|x| x.is_some()).into_iter().chain(pressure).map(move |held| held || loose).collect::<Vec<_>>()
    };
    case.imposed_m.iter().enumerate().flat_map(of_vertex).collect()
}
