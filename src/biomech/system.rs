//! What Newton's iteration must know about the equations of a body, whatever its elements.

use super::assemble::{Assembly, InvertedTet};
use super::boundary::LoadCase;
use super::contact::{Memory, Overlap, Touching};
use super::newton::held;
use super::problem::{LinearSolver, TissueError};
use super::solver::Solver;
use crate::base::parallel::sum_blocks;
use crate::geom::Point;
use crate::numerics::BlockMatrix;

/// The equations of a body at rest: internal forces = external forces, in N, and volume equations, in m³.
pub trait System: Sync {
    /// Loads and supports.
    type Case: Sync;
    /// All unknowns.
    fn unknowns(&self) -> usize;
    /// A stiffness matrix of zeros.
    fn zeros(&self) -> BlockMatrix;
    /// What solves systems with such matrices.
    ///
    /// # Errors
    /// [`TissueError::Factor`].
    fn solver(&self, choice: LinearSolver) -> Result<Solver, TissueError>;
    /// Unknowns that are not solved for.
    fn held(&self, case: &Self::Case) -> Vec<bool>;
    /// Put held unknowns exactly where share `load` of the load has them.
    fn impose(&self, case: &Self::Case, load: f64, x: &mut [f64]);
    /// Whether unknown `n` is a pressure, so that its equation is one of volume.
    fn is_pressure(&self, n: usize) -> bool;
    /// What turns a volume equation in m³ into a force in N: μ over an edge length.
    fn force_per_volume(&self) -> f64;
    /// Internal forces at `x`.
    ///
    /// # Errors
    /// The first inverted element.
    fn internal(&self, x: &[f64]) -> Result<Vec<f64>, InvertedTet>;
    /// External forces at share `load` of the load on the body displaced by `x`.
    fn external(&self, case: &Self::Case, load: f64, x: &[f64]) -> Vec<f64>;
    /// The stiffness at `x`, as [`Assembly::stiffness`].
    ///
    /// # Errors
    /// The first inverted element.
    fn stiffness(
        &self,
        case: &Self::Case,
        load: f64,
        x: &[f64],
        held: &[bool],
        step: &[f64],
        matrix: &mut BlockMatrix,
        rhs: &mut [f64],
    ) -> Result<(), InvertedTet>;
    /// Whether contact makes the equations of a linear body nonlinear.
    fn has_contact(&self, case: &Self::Case) -> bool;
    /// Contact that remembers, at `x` and share `load` after what `memory` has seen; none by default.
    fn touching(&self, _case: &Self::Case, _memory: &Memory, _load: f64, _x: &[f64]) -> Option<Touching> {
        None
    }
    /// Tissue that is inside tissue deeper than contact can push it out, at `x` or on the straight way there from `from`
    /// (from rest, if that is empty); nowhere by default.
    fn overlap(&self, _case: &Self::Case, _from: &[f64], _x: &[f64]) -> Option<Overlap> {
        None
    }
    /// Where a vertex is at rest.
    fn rest_mm(&self, vertex: usize) -> Point;
    /// Size of the forces that cancel in the residual, N: (μ + K) h |u| of every element.
    fn rounding_n(&self, x: &[f64]) -> f64;
    /// The middle of an element at rest.
    fn centre_mm(&self, tet: usize) -> Point;
}

impl Assembly<'_> {
    /// μ over an edge length, both as means over the elements, N/m³.
    pub(super) fn mean_force_per_volume(&self) -> f64 {
        let volume: f64 = self.elements.iter().map(|element| element.volume_m3).sum();
        let count = self.elements.len() as f64;
        let mu = self.laws.iter().map(|law| law.mu_pa).sum::<f64>() / count;
        mu / (volume / count).cbrt()
    }

    /// The middle of an element at rest.
    pub(super) fn middle_mm(&self, tet: usize) -> Point {
        let sum: nalgebra::Vector3<f64> = self.mesh.corners(tet).iter().map(|p| p.coords).sum();
        Point::from(sum / 4.0)
    }
}

impl System for Assembly<'_> {
    type Case = LoadCase;

    fn unknowns(&self) -> usize {
        self.unknowns()
    }

    fn zeros(&self) -> BlockMatrix {
        BlockMatrix::zeros(self.pattern.clone(), self.fields())
    }

    fn solver(&self, choice: LinearSolver) -> Result<Solver, TissueError> {
        Solver::new(self, choice)
    }

    fn held(&self, case: &LoadCase) -> Vec<bool> {
        held(self, case)
    }

    fn impose(&self, case: &LoadCase, load: f64, x: &mut [f64]) {
        for (x, imposed) in x.chunks_exact_mut(self.fields()).zip(&case.imposed_m) {
            for (x, imposed) in x.iter_mut().zip(imposed) {
                *x = imposed.map_or(*x, |value| load * value);
            }
        }
    }

    fn is_pressure(&self, n: usize) -> bool {
        n % self.fields() == 3
    }

    fn force_per_volume(&self) -> f64 {
        self.mean_force_per_volume()
    }

    fn internal(&self, x: &[f64]) -> Result<Vec<f64>, InvertedTet> {
        self.internal(x)
    }

    fn external(&self, case: &LoadCase, load: f64, x: &[f64]) -> Vec<f64> {
        self.external(case, load, x)
    }

    fn stiffness(
        &self,
        case: &LoadCase,
        load: f64,
        x: &[f64],
        held: &[bool],
        step: &[f64],
        matrix: &mut BlockMatrix,
        rhs: &mut [f64],
    ) -> Result<(), InvertedTet> {
        self.stiffness(case, load, x, held, step, matrix, rhs)
    }

    fn has_contact(&self, case: &LoadCase) -> bool {
        !case.bed.is_empty() || !case.touches.is_empty() || !case.contacts.is_empty()
    }

    fn touching(&self, case: &LoadCase, memory: &Memory, load: f64, x: &[f64]) -> Option<Touching> {
        self.touching(case, memory, load, x)
    }

    fn overlap(&self, case: &LoadCase, from: &[f64], x: &[f64]) -> Option<Overlap> {
        self.overlap(case, from, x)
    }

    fn rest_mm(&self, vertex: usize) -> Point {
        self.mesh.positions()[vertex]
    }

    fn rounding_n(&self, x: &[f64]) -> f64 {
        let square = |tet: usize| {
            let (law, edge_m) = (&self.laws[tet], self.elements[tet].volume_m3.cbrt());
            let moved_m = self.at_corners(tet, x).0.iter().map(|u| u.norm()).fold(0.0, f64::max);
            ((law.mu_pa + law.bulk_pa) * edge_m * moved_m).powi(2)
        };
        sum_blocks(self.elements.len(), 2048, |range| range.map(square).sum()).sqrt()
    }

    fn centre_mm(&self, tet: usize) -> Point {
        self.middle_mm(tet)
    }
}
