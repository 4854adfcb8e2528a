//! The linear system of one Newton step: factorised up to a size, iterated beyond it.

use super::assemble::Assembly;
use super::problem::{LinearSolver, TissueError};
use crate::base::Progress;
use crate::numerics::{BlockMatrix, BlockPattern, Factor, Symbolic, gmres, minres, nested_dissection};
use nalgebra::{Matrix3, Vector3};
use rayon::prelude::*;
use std::sync::Arc;

/// Unknowns up to which [`LinearSolver::BySize`] factorises; the two cost the same at about 10 000.
pub const DIRECT_UNKNOWNS_MAX: usize = 10_000;
/// Unknowns up to which a stalled iteration is followed by a factorisation; beyond, the factor may not fit.
const RESCUE_UNKNOWNS_MAX: usize = 150_000;
/// Iterations of the iterative solver.
const ITERATIONS_MAX: usize = 20_000;
/// Iterations after which a factorisation is cheaper, where one may be had.
const PATIENCE: usize = 2500;
/// Iterations for what is not symmetric, which is smaller by the coefficient of friction.
const LOPSIDED_MAX: usize = 30;
/// Iterations with the factor of an earlier matrix: as many cost about as much as a new factor.
const RECYCLED_MAX: usize = 14;

/// A linear solver that keeps what can be kept between systems on one mesh.
#[derive(Debug)]
pub enum Solver {
    /// Sparse factorisation; the pattern of the factor is found once.
    Direct {
        /// The pattern.
        symbolic: Arc<Symbolic>,
        /// The last factor.
        factor: Option<Factor>,
    },
    /// Minimum residuals with the inverse of each vertex block.
    Iterative {
        /// ∫ N/μ of each vertex, m³/Pa: the size of the pressure block of the preconditioner.
        pressure_m3_per_pa: Vec<f64>,
        /// Inverse blocks of the last matrix.
        blocks: Vec<(Matrix3<f64>, f64)>,
        /// The order of elimination, should it have to give way to a factorisation.
        rescue: Option<Vec<u32>>,
    },
}

impl Solver {
    /// A solver for matrices of `assembly`.
    ///
    /// # Errors
    /// [`TissueError::Factor`] if the factor does not fit into memory.
    pub fn new(assembly: &Assembly, choice: LinearSolver) -> Result<Self, TissueError> {
        let direct = match choice {
            LinearSolver::BySize => assembly.unknowns() <= DIRECT_UNKNOWNS_MAX,
            LinearSolver::Direct => true,
            LinearSolver::Iterative => false,
        };
        let order = || {
            let coordinates: Vec<[f64; 3]> = assembly.mesh.positions().iter().map(|p| [p.x, p.y, p.z]).collect();
            nested_dissection(&coordinates, &assembly.pattern)
        };
        if direct {
            let order = order();
            let symbolic = Arc::new(Symbolic::new(&assembly.pattern, assembly.fields(), &order)?);
            return Ok(Self::Direct { symbolic, factor: None });
        }
        let share = |tet: usize| assembly.elements[tet].volume_m3 / 4.0 / assembly.laws[tet].mu_pa;
        let vertices = 0..assembly.mesh.positions().len();
        let pressure_m3_per_pa = vertices.map(|v| assembly.tets_of(v).map(share).sum()).collect();
        let may_rescue = choice == LinearSolver::BySize && assembly.unknowns() <= RESCUE_UNKNOWNS_MAX;
        Ok(Self::Iterative { pressure_m3_per_pa, blocks: Vec::new(), rescue: may_rescue.then(order) })
    }

    /// Be ready for matrices on another `pattern` with blocks of `size`, whose vertices are at `coordinates`.
    ///
    /// # Errors
    /// [`TissueError::Factor`] if the factor does not fit into memory.
    pub fn reshape(
        &mut self,
        pattern: &BlockPattern,
        size: usize,
        coordinates: &[[f64; 3]],
    ) -> Result<(), TissueError> {
        match self {
            Self::Direct { symbolic, factor } => {
                let order = nested_dissection(coordinates, pattern);
                (*symbolic, *factor) = (Arc::new(Symbolic::new(pattern, size, &order)?), None);
            }
            // The blocks are found anew for each matrix, and a factorisation takes the pattern it then meets.
            Self::Iterative { blocks, .. } => blocks.clear(),
        }
        Ok(())
    }

    /// As [`Self::solve`] with another matrix, for the sum of `matrix` and of what `lopsided` adds to a product, which is
    /// smaller and not symmetric. The iterative solver leaves `lopsided` out.
    ///
    /// # Errors
    /// As [`Self::solve`].
    pub fn solve_lopsided(
        &mut self,
        matrix: &BlockMatrix,
        lopsided: impl Fn(&[f64], &mut [f64]),
        rhs: &mut [f64],
        tolerance: f64,
        progress: &Progress,
    ) -> Result<(), TissueError> {
        let Self::Direct { symbolic, factor } = self else {
            return self.solve(matrix, true, rhs, tolerance, progress);
        };
        let apply = |x: &[f64], y: &mut [f64]| {
            matrix.multiply(x, y);
            lopsided(x, y);
        };
        let b = rhs.to_vec();
        for fresh in [false, true] {
            match factor {
                Some(factor) if fresh => factor.refactor(matrix)?,
                Some(_) => {}
                None => *factor = Some(Factor::new(Arc::clone(symbolic), matrix)?),
            }
            let Some(factor) = factor else { continue };
            rhs.copy_from_slice(&b);
            if gmres(apply, |r: &mut [f64]| factor.solve(r), &b, rhs, tolerance, LOPSIDED_MAX, progress)?.converged {
                break;
            }
        }
        Ok(())
    }

    /// What it is, for the methods list.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Direct { .. } => "sparse L D L^T factorisation with nested dissection",
            Self::Iterative { .. } => "minimum residuals with vertex blocks as preconditioner",
        }
    }

    /// Solve `matrix` x = `rhs` in place to a relative residual of about `tolerance`; `changed` says whether the matrix is
    /// another than in the last call.
    ///
    /// A factor of an earlier matrix preconditions a few iterations; only when these do not suffice is the new matrix
    /// factorised.
    ///
    /// # Errors
    /// [`TissueError::Factor`], [`TissueError::Stalled`], [`TissueError::Cancelled`].
    pub fn solve(
        &mut self,
        matrix: &BlockMatrix,
        changed: bool,
        rhs: &mut [f64],
        tolerance: f64,
        progress: &Progress,
    ) -> Result<(), TissueError> {
        progress.check()?;
        let apply = |x: &[f64], y: &mut [f64]| matrix.multiply(x, y);
        match self {
            Self::Direct { factor: Some(factor), .. } => {
                if changed {
                    let b = rhs.to_vec();
                    let precondition = |r: &mut [f64]| factor.solve(r);
                    if gmres(apply, precondition, &b, rhs, tolerance, RECYCLED_MAX, progress)?.converged {
                        return Ok(());
                    }
                    rhs.copy_from_slice(&b);
                    factor.refactor(matrix)?;
                }
                factor.solve(rhs);
            }
            Self::Direct { symbolic, factor } => {
                factor.insert(Factor::new(Arc::clone(symbolic), matrix)?).solve(rhs);
            }
            Self::Iterative { pressure_m3_per_pa, blocks, rescue } => {
                if changed || blocks.is_empty() {
                    *blocks = inverse_blocks(matrix, pressure_m3_per_pa);
                }
                let precondition = |r: &[f64], z: &mut [f64]| {
                    let size = matrix.size();
                    let vertices = z.par_chunks_mut(size).zip(r.par_chunks(size)).zip(&*blocks).with_min_len(512);
                    vertices.for_each(|((z, r), (inverse, pressure))| {
                        z[..3].copy_from_slice((inverse * Vector3::from_column_slice(&r[..3])).as_slice());
                        z[3..].iter_mut().zip(&r[3..]).for_each(|(z, r)| *z = pressure * r);
                    });
                };
                let b = rhs.to_vec();
                let most = if rescue.is_some() { PATIENCE } else { ITERATIONS_MAX };
                let end = minres(apply, precondition, &b, rhs, tolerance, most, progress)?;
                if let (false, Some(order)) = (end.converged, rescue) {
                    let symbolic = Arc::new(Symbolic::new(matrix.pattern(), matrix.size(), order)?);
                    *self = Self::Direct { symbolic, factor: None };
                    rhs.copy_from_slice(&b);
                    return self.solve(matrix, true, rhs, tolerance, progress);
                }
                if !end.converged {
                    return Err(TissueError::Stalled { iterations: end.iterations, residual: end.residual });
                }
            }
        }
        Ok(())
    }
}

/// The inverse of each diagonal block, made positive where the stiffness is not.
fn inverse_blocks(matrix: &BlockMatrix, pressure_m3_per_pa: &[f64]) -> Vec<(Matrix3<f64>, f64)> {
    let invert = |vertex: usize| {
        let slot = matrix.pattern().slot(vertex, vertex as u32).expect("diagonal blocks are stored");
        let block = Matrix3::from_fn(|r, c| matrix.block_row(vertex, slot, r)[c]);
        let inverse = block.cholesky().map_or_else(
            || Matrix3::from_diagonal(&block.diagonal().map(|d| 1.0 / d.abs().max(f64::MIN_POSITIVE))),
            |cholesky| cholesky.inverse(),
        );
        let pressure = if matrix.size() == 4 {
            1.0 / (matrix.block_row(vertex, slot, 3)[3].abs() + pressure_m3_per_pa[vertex])
        } else {
            0.0
        };
        (inverse, pressure)
    };
    (0..matrix.pattern().rows()).into_par_iter().map(invert).collect()
}
