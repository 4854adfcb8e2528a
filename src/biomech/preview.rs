//! Pulling on an organ at the speed of the hand: the small-deformation answer, prepared once per grip.

use super::assemble::Assembly;
use super::boundary::LoadCase;
use super::material::Model;
use super::newton::held;
use super::problem::{LinearSolver, Load, Options, Problem, TissueError};
use super::rigid::check_held;
use super::solver::Solver;
use super::stress::{at_vertices, element_states, von_mises};
use super::units::offset_mm;
use crate::base::Progress;
use crate::geom::Vector;
use crate::numerics::BlockMatrix;
use nalgebra::Matrix3;
use rayon::prelude::*;

/// Unknowns up to which a preview factorises.
const DIRECT_UNKNOWNS_MAX: usize = 60_000;
/// Unit moves along x, y, z, and the loads that act whatever the hand does.
const BASIS: usize = 4;

/// A held and gripped body whose linear answer to any movement of the grip is known in advance.
///
/// Linear elasticity answers a movement d of the grip with u = u₀ + d_x u_x + d_y u_y + d_z u_z. One factorisation and
/// four substitutions give the four fields; after that a frame is a sum of four vectors. True for small strains and
/// rotations only: let [`super::quasi_static()`] with [`Model::NeoHookean`] have the last word.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearPreview {
    /// Displacement of each vertex for each field, mm (per mm of grip for the first three).
    displacement: Vec<[Vector; BASIS]>,
    /// Cauchy stress at each vertex for each field, Pa (per mm of grip for the first three).
    stress: Vec<[Matrix3<f64>; BASIS]>,
}

/// One answer of a preview; arrays in the order of the mesh.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PreviewFrame {
    /// Displacement of each vertex, mm.
    pub displacement_mm: Vec<Vector>,
    /// Von Mises stress at each vertex, Pa.
    pub von_mises_pa: Vec<f64>,
}

impl LinearPreview {
    /// Prepare `problem` with the vertices `grip` in hand; `problem.model` does not matter.
    ///
    /// # Errors
    /// As [`super::quasi_static()`].
    pub fn new(problem: &Problem, grip: &[u32], options: &Options, progress: &Progress) -> Result<Self, TissueError> {
        let loads: Vec<Load> = [Load::Move { vertices: grip.to_vec(), by_mm: Vector::zeros() }]
            .into_iter()
            .chain(problem.loads.iter().cloned())
            .collect();
        let problem = Problem { loads: &loads, model: Model::LinearElastic, ..*problem };
        let assembly = Assembly::new(problem.mesh, problem.materials, problem.model, options.formulation)?;
        progress.set(0.1)?;
        let volumes_m3: Vec<f64> = assembly.elements.iter().map(|element| element.volume_m3).collect();
        let case = LoadCase::new(&problem, &volumes_m3, &assembly.densities)?;
        check_held(problem.mesh, &case.imposed_m)?;
        let held = held(&assembly, &case);
        // Four right-hand sides pay for a factorisation where one would not.
        let direct = options.solver == LinearSolver::BySize && assembly.unknowns() <= DIRECT_UNKNOWNS_MAX;
        let mut solver = Solver::new(&assembly, if direct { LinearSolver::Direct } else { options.solver })?;
        let mut matrix = BlockMatrix::zeros(assembly.pattern.clone(), assembly.fields());
        let zeros = vec![0.0; assembly.unknowns()];
        let never = "a linear law has no inverted elements";
        assembly.stiffness(&case, 1.0, &zeros, &held, &zeros, &mut matrix, &mut zeros.clone()).expect(never);
        progress.set(0.2)?;
        let mut fields = Vec::with_capacity(BASIS);
        for field in 0..BASIS {
            progress.step(4 + field, 4 + BASIS)?;
            fields.push(solve_field(&assembly, &case, &held, &mut solver, &matrix, grip, field, progress)?);
        }
        let stresses: Vec<Vec<Matrix3<f64>>> =
            fields.iter().map(|x| at_vertices(&assembly, &element_states(&assembly, x))).collect();
        let width = assembly.fields();
        let offset = |x: &[f64], v: usize| offset_mm(&Vector::from_column_slice(&x[width * v..][..3]));
        let vertices = 0..problem.mesh.positions().len();
        Ok(Self {
            displacement: vertices.clone().map(|v| std::array::from_fn(|n| offset(&fields[n], v))).collect(),
            stress: vertices.map(|v| std::array::from_fn(|n| stresses[n][v])).collect(),
        })
    }

    /// The body with its grip moved by `by_mm`.
    pub fn solve(&self, by_mm: &Vector) -> PreviewFrame {
        let weights = [by_mm.x, by_mm.y, by_mm.z, 1.0];
        let displacement = |fields: &[Vector; BASIS]| fields.iter().zip(weights).map(|(u, w)| u * w).sum();
        let stress = |fields: &[Matrix3<f64>; BASIS]| von_mises(&fields.iter().zip(weights).map(|(s, w)| s * w).sum());
        PreviewFrame {
            displacement_mm: self.displacement.par_iter().with_min_len(1024).map(displacement).collect(),
            von_mises_pa: self.stress.par_iter().with_min_len(1024).map(stress).collect(),
        }
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.displacement.as_slice()) + size_of_val(self.stress.as_slice())
    }
}

/// The answer to a move of the grip by 1 mm along axis `field`, or for field 3 to the loads with the grip at rest.
fn solve_field(
    assembly: &Assembly,
    case: &LoadCase,
    held: &[bool],
    solver: &mut Solver,
    matrix: &BlockMatrix,
    grip: &[u32],
    field: usize,
    progress: &Progress,
) -> Result<Vec<f64>, TissueError> {
    let width = assembly.fields();
    let mut x = vec![0.0; assembly.unknowns()];
    if field < 3 {
        grip.iter().for_each(|v| x[width * *v as usize + field] = 1e-3);
    } else {
        for (x, imposed) in x.chunks_exact_mut(width).zip(&case.imposed_m) {
            x.iter_mut().zip(imposed).for_each(|(x, imposed)| *x = imposed.unwrap_or(0.0));
        }
    }
    let internal = assembly.internal(&x).expect("a linear law has no inverted elements");
    let external = assembly.external(case, if field < 3 { 0.0 } else { 1.0 }, &x);
    let mut rhs: Vec<f64> = (0..x.len()).map(|n| if held[n] { 0.0 } else { external[n] - internal[n] }).collect();
    solver.solve(matrix, false, &mut rhs, 1e-9, progress)?;
    x.iter_mut().zip(&rhs).for_each(|(x, step)| *x += step);
    Ok(x)
}
