//! The organ as the ground of a needle: linear elastic, held by its supports, factorised once.

use super::ground::Ground;
use super::locate::{Locator, Weights};
use super::{Insertion, NeedleError};
use crate::base::Progress;
use crate::biomech::assemble::Assembly;
use crate::biomech::boundary::LoadCase;
use crate::biomech::newton::{Equilibrium, held};
use crate::biomech::rigid::check_held;
use crate::biomech::solver::Solver;
use crate::biomech::stress::{ElementState, element_states};
use crate::biomech::system::System;
use crate::biomech::{Formulation, LinearSolver, Model, Problem, TissueError, TissueResult};
use crate::geom::{Point, Vector};
use crate::numerics::BlockMatrix;
use nalgebra::Matrix3;

/// Unknowns up to which the organ is factorised: a needle asks for hundreds of solutions, which pays for the factor.
const DIRECT_UNKNOWNS_MAX: usize = 150_000;
/// Relative residual of each solution.
const TOLERANCE: f64 = 1e-10;
/// Radius of the ball over which a place is averaged, mm: in a linear material a force at a point sinks in without end.
/// No less than the cells' edge, so that a needle does not feel whether it passes a vertex or the middle of a cell.
const BALL_MM: f64 = 5.0;
/// Radius of the shaft as the mesh sees it, over that of the ball: a line force averaged as above moves the tissue as one
/// on a rigid shaft of this radius would. In a cylinder of tissue, with the ball one to two cells wide and ν of 0.3 and
/// 0.49, it lay between 0.63 and 0.85, compared with plane strain; only its logarithm counts.
const SEEN_RADIUS: f64 = 0.75;

/// An organ that a needle is pushed into.
#[derive(Debug)]
pub struct TissueGround<'a> {
    assembly: Assembly<'a>,
    locator: Locator<'a>,
    solver: Solver,
    matrix: BlockMatrix,
    held: Vec<bool>,
    factorised: bool,
    radius_mm: f64,
    cell_mm: f64,
    points: Vec<Weights>,
    /// Displacement in m and pressure in Pa of every vertex since the last [`Ground::settle`].
    x: Vec<f64>,
    /// The forces of that, N.
    external_n: Vec<f64>,
}

impl<'a> TissueGround<'a> {
    /// Prepare the organ of `insertion`; `way` are places on the planned path, whose cells count.
    ///
    /// # Errors
    /// [`NeedleError::Tissue`] for a body that cannot be or is not held.
    pub fn new(insertion: &Insertion<'a>, way: &[Point], progress: &Progress) -> Result<Self, NeedleError> {
        let Insertion { mesh, materials, fixed, needle, .. } = *insertion;
        let assembly = Assembly::new(mesh, materials, Model::LinearElastic, Formulation::Mixed)?;
        let volumes_m3: Vec<f64> = assembly.elements.iter().map(|element| element.volume_m3).collect();
        let problem = Problem { mesh, materials, fixed, loads: &[], model: Model::LinearElastic };
        let case = LoadCase::new(&problem, &volumes_m3, &assembly.densities)?;
        check_held(mesh, &case.imposed_m)?;
        progress.set(0.2)?;
        let choice =
            if assembly.unknowns() <= DIRECT_UNKNOWNS_MAX { LinearSolver::Direct } else { LinearSolver::Iterative };
        let solver = Solver::new(&assembly, choice)?;
        progress.set(0.5)?;
        let held = held(&assembly, &case);
        let (mut matrix, zeros) = (System::zeros(&assembly), vec![0.0; assembly.unknowns()]);
        let mut rhs = zeros.clone();
        assembly.stiffness(&case, 0.0, &zeros, &held, &zeros, &mut matrix, &mut rhs).map_err(|inverted| {
            TissueError::Inverted {
                tet: inverted.0,
                place_mm: System::centre_mm(&assembly, inverted.0),
                load_percent: 0.0,
            }
        })?;
        let locator = Locator::new(mesh);
        let on_way: Vec<f64> = way.iter().filter_map(|at| locator.find(at)).map(|(tet, _)| mesh.tet_mm3(tet)).collect();
        let mean_mm3 = on_way.iter().sum::<f64>() / on_way.len().max(1) as f64;
        // The edge of a regular tetrahedron of that volume.
        let cell_mm = (6.0 * 2.0_f64.sqrt() * mean_mm3).cbrt();
        Ok(Self {
            assembly,
            locator,
            solver,
            matrix,
            held,
            factorised: false,
            radius_mm: 0.5 * needle.outer_mm,
            cell_mm,
            points: Vec::new(),
            external_n: zeros.clone(),
            x: zeros,
        })
    }

    /// Whether a place lies in the organ.
    pub fn holds(&self, place: &Point) -> bool {
        self.locator.find(place).is_some()
    }

    /// The edge of the cells along the path, mm.
    pub fn cell_mm(&self) -> f64 {
        self.cell_mm
    }

    /// What solves the equations.
    pub fn solver(&self) -> &'static str {
        self.solver.name()
    }

    /// Unknowns of the equations.
    pub fn unknowns(&self) -> usize {
        self.assembly.unknowns()
    }

    fn weights(&self, at: &Point) -> Option<Weights> {
        self.locator.around(at, self.detail_mm())
    }

    /// Displacement in m and pressure in Pa of every vertex under forces in N on every unknown.
    fn solve(&mut self, forces_n: &[f64], progress: &Progress) -> Result<Vec<f64>, NeedleError> {
        let mut x = forces_n.to_vec();
        x.iter_mut().zip(&self.held).filter(|(_, held)| **held).for_each(|(x, _)| *x = 0.0);
        self.solver.solve(&self.matrix, !self.factorised, &mut x, TOLERANCE, progress)?;
        self.factorised = true;
        x.iter_mut().zip(&self.held).filter(|(_, held)| **held).for_each(|(x, _)| *x = 0.0);
        Ok(x)
    }

    fn displacement_m(&self, weights: &Weights, x: &[f64]) -> Vector {
        let fields = self.assembly.fields();
        weights.iter().map(|(v, w)| Vector::from_column_slice(&x[fields * *v as usize..][..3]) * *w).sum()
    }

    fn spread_n(&self, weights: &Weights, force_n: &Vector, into: &mut [f64]) {
        let fields = self.assembly.fields();
        for (vertex, share) in weights {
            let own = &mut into[fields * *vertex as usize..][..3];
            own.iter_mut().zip(force_n.iter()).for_each(|(own, part)| *own += share * part);
        }
    }

    /// How every one of `points` moves, in m/N, under a unit force at `at` along each axis; none outside.
    ///
    /// # Errors
    /// [`NeedleError::Tissue`].
    fn columns(
        &mut self,
        at: &Weights,
        points: &[Weights],
        progress: &Progress,
    ) -> Result<Vec<Matrix3<f64>>, NeedleError> {
        let mut columns = vec![Matrix3::zeros(); points.len()];
        for axis in 0..3 {
            let mut forces = vec![0.0; self.assembly.unknowns()];
            let mut unit = Vector::zeros();
            unit[axis] = 1.0;
            self.spread_n(at, &unit, &mut forces);
            let x = self.solve(&forces, progress)?;
            for (column, point) in columns.iter_mut().zip(points) {
                column.set_column(axis, &self.displacement_m(point, &x));
            }
        }
        Ok(columns)
    }

    /// The compliance that links `at` to a force at `from`, m/N; none outside.
    ///
    /// # Errors
    /// [`NeedleError::Tissue`].
    pub fn compliance_m_per_n(
        &mut self,
        at: &Point,
        from: &Point,
        progress: &Progress,
    ) -> Result<Option<Matrix3<f64>>, NeedleError> {
        let (Some(at), Some(from)) = (self.weights(at), self.weights(from)) else { return Ok(None) };
        Ok(self.columns(&from, &[at], progress)?.pop())
    }

    /// The organ since the last [`Ground::settle`] as a result of its own, and the state of each tetrahedron.
    ///
    /// # Errors
    /// [`NeedleError::Tissue`].
    pub fn result(&self, fixed: &[u32]) -> Result<(TissueResult, Vec<ElementState>), NeedleError> {
        let internal = self.assembly.internal(&self.x).map_err(|inverted| TissueError::Inverted {
            tet: inverted.0,
            place_mm: System::centre_mm(&self.assembly, inverted.0),
            load_percent: 100.0,
        })?;
        let support_n: Vec<f64> = internal.iter().zip(&self.external_n).map(|(a, b)| a - b).collect();
        let states = element_states(&self.assembly, &self.x);
        let end = Equilibrium {
            x: self.x.clone(),
            support_n,
            external_n: self.external_n.clone(),
            iterations: 1,
            load_steps: 1,
            residual: 0.0,
            contact: None,
        };
        Ok((TissueResult::new(&self.assembly, fixed, &end, &states), states))
    }

    /// The part of the organ's volume, 0 to 1, in tetrahedra for which `wanted` holds.
    pub fn share(&self, wanted: impl Fn(usize) -> bool) -> f64 {
        let volume = |tet: usize| self.assembly.elements[tet].volume_m3;
        let count = self.assembly.elements.len();
        let whole: f64 = (0..count).map(volume).sum();
        (0..count).filter(|tet| wanted(*tet)).map(volume).sum::<f64>() / whole
    }

    /// Energy stored in the organ since the last [`Ground::settle`], J: half of force times way.
    pub fn stored_j(&self) -> f64 {
        0.5 * self.x.iter().zip(&self.external_n).map(|(x, n)| x * n).sum::<f64>()
    }
}

impl Ground for TissueGround<'_> {
    fn add(&mut self, at: &Point, progress: &Progress) -> Result<Option<Vec<Matrix3<f64>>>, NeedleError> {
        let Some(weights) = self.weights(at) else { return Ok(None) };
        let mut points = std::mem::take(&mut self.points);
        points.push(weights.clone());
        let columns = self.columns(&weights, &points, progress);
        self.points = points;
        Ok(Some(columns?))
    }

    fn drop_last(&mut self) {
        self.points.pop();
    }

    fn settle(&mut self, forces_n: &[Vector], progress: &Progress) -> Result<(), NeedleError> {
        let mut external = vec![0.0; self.assembly.unknowns()];
        for (weights, force) in self.points.iter().zip(forces_n) {
            self.spread_n(weights, force, &mut external);
        }
        self.x = self.solve(&external, progress)?;
        self.external_n = external;
        Ok(())
    }

    fn moved_m(&self, at: &Point) -> Option<Vector> {
        Some(self.displacement_m(&self.weights(at)?, &self.x))
    }

    /// What a rigid shaft of the needle's radius moves more, in plane strain, than one of the radius that the mesh sees:
    /// (3 − 4 ν) ln(R/r) / (8 π μ (1 − ν)), the logarithm of the line force (Love 1927, section 148).
    fn beside_m2_per_n(&self, at: &Point) -> f64 {
        let Some((tet, _)) = self.locator.find(at) else { return 0.0 };
        let law = &self.assembly.laws[tet];
        let nu = (3.0 * law.bulk_pa - 2.0 * law.mu_pa) / (2.0 * (3.0 * law.bulk_pa + law.mu_pa));
        let unseen = (SEEN_RADIUS * self.detail_mm() / self.radius_mm).ln().max(0.0);
        (3.0 - 4.0 * nu) * unseen / (8.0 * std::f64::consts::PI * law.mu_pa * (1.0 - nu))
    }

    fn detail_mm(&self) -> f64 {
        BALL_MM.max(self.cell_mm)
    }
}
