//! The answer: where every vertex went, what the tissue bears, and what the supports give.

use super::assemble::{Assembly, InvertedTet};
use super::boundary::LoadCase;
use super::material::Fibre;
use super::newton::Equilibrium;
use super::problem::{Formulation, Problem, TissueError};
use super::stress::{ElementState, at_vertices, element_states, principal, von_mises};
use super::units::{offset_m, offset_mm};
use crate::base::{ContentHash, ContentHasher};
use crate::geom::{Point, Vector};
use crate::mesh::{Field, TetMesh};

/// A body in equilibrium. Vertex arrays are in the order of the mesh.
#[derive(Debug, Clone, PartialEq)]
pub struct TissueResult {
    /// The body at rest.
    pub mesh: TetMesh,
    /// Displacement of each vertex, mm.
    pub displacement_mm: Vec<Vector>,
    /// Von Mises stress of the averaged Cauchy stress at each vertex, Pa.
    pub von_mises_pa: Vec<f64>,
    /// Principal Cauchy stresses at each vertex, the largest (most tensile) first, Pa.
    pub principal_pa: Vec<[f64; 3]>,
    /// Von Mises stress of each tetrahedron, Pa.
    pub tet_von_mises_pa: Vec<f64>,
    /// Volume over rest volume of each tetrahedron.
    pub tet_volume_ratio: Vec<f64>,
    /// Force of whatever holds or moves each vertex on the body, N; zero up to rounding where it is free.
    pub support_n: Vec<Vector>,
    /// Total force of the supports (fixed vertices) on the body, N.
    pub reaction_n: Vector,
    /// Total force of whatever moves the moved vertices on the body, N: what the hand at the grasper feels, reversed.
    pub grip_n: Vector,
    /// Total of forces, pressures, weight and what a soft bed gives, N.
    pub applied_n: Vector,
    /// Sum of all forces over the largest of them; rounding only.
    pub imbalance: f64,
}

impl TissueResult {
    /// Collect the answer from an equilibrium and the states of its elements.
    pub(super) fn new(assembly: &Assembly, fixed: &[u32], end: &Equilibrium, states: &[ElementState]) -> Self {
        let fields = assembly.fields();
        let vector = |values: &[f64], v: usize| Vector::from_column_slice(&values[fields * v..][..3]);
        let count = assembly.mesh.positions().len();
        let total = |values: &[f64]| (0..count).map(|v| vector(values, v)).sum::<Vector>();
        let size: f64 = (0..count).map(|v| vector(&end.support_n, v).norm() + vector(&end.external_n, v).norm()).sum();
        let stress = at_vertices(assembly, states);
        let mut is_fixed = vec![false; count];
        fixed.iter().for_each(|v| is_fixed[*v as usize] = true);
        let support = |wanted: bool| {
            (0..count).filter(|v| is_fixed[*v] == wanted).map(|v| vector(&end.support_n, v)).sum::<Vector>()
        };
        let applied_n = total(&end.external_n);
        let imbalance = (total(&end.support_n) + applied_n).norm() / size.max(f64::MIN_POSITIVE);
        Self {
            mesh: assembly.mesh.clone(),
            displacement_mm: (0..count).map(|v| offset_mm(&vector(&end.x, v))).collect(),
            von_mises_pa: stress.iter().map(von_mises).collect(),
            principal_pa: stress.iter().map(|stress| principal(stress).into()).collect(),
            tet_von_mises_pa: states.iter().map(|state| von_mises(&state.cauchy_pa)).collect(),
            tet_volume_ratio: states.iter().map(|state| state.volume_ratio).collect(),
            support_n: (0..count).map(|v| vector(&end.support_n, v)).collect(),
            reaction_n: support(true),
            grip_n: support(false),
            applied_n,
            imbalance,
        }
    }

    /// The state of a body at a displacement that came from elsewhere (a live body, a motion), one vector in mm per vertex,
    /// with `fibres` as in [`super::quasi_static_with_fibres`]: as
    /// [`super::quasi_static()`] gives it, with the volume averaged at vertices. Forces are those that would hold it there.
    ///
    /// # Errors
    /// [`TissueError`]: something is wrong with the problem, or an element is inside out there.
    pub fn of_displacement(
        problem: &Problem,
        fibres: &[Fibre],
        displacement_mm: &[Vector],
    ) -> Result<Self, TissueError> {
        let Problem { mesh, materials, model, .. } = *problem;
        let count = mesh.positions().len();
        if displacement_mm.len() != count {
            return Err(TissueError::Offsets { load: 0, vertices: count, offsets: displacement_mm.len() });
        }
        let assembly = Assembly::with_fibres(mesh, materials, fibres, model, Formulation::Mixed)?;
        let volumes_m3: Vec<f64> = assembly.elements.iter().map(|element| element.volume_m3).collect();
        let case = LoadCase::new(problem, &volumes_m3, &assembly.densities)?;
        case.check_fibres(problem, fibres)?;
        let mut x: Vec<f64> =
            displacement_mm.iter().flat_map(|u| [offset_m(u).x, offset_m(u).y, offset_m(u).z, 0.0]).collect();
        let dry = element_states(&assembly, &x);
        for v in 0..count {
            let (mut mean_pa, mut volume) = (0.0, 0.0);
            for tet in assembly.tets_of(v) {
                volume += volumes_m3[tet];
                mean_pa += volumes_m3[tet] * assembly.laws[tet].bulk_pa * (dry[tet].volume_ratio - 1.0);
            }
            x[4 * v + 3] = if 0.0 < volume { mean_pa / volume } else { 0.0 };
        }
        let inside_out = |inverted: InvertedTet| TissueError::Inverted {
            tet: inverted.0,
            place_mm: assembly.middle_mm(inverted.0),
            load_percent: 100.0,
        };
        let mut support_n = assembly.internal(&x).map_err(inside_out)?;
        let external_n = assembly.external(&case, 1.0, &x);
        support_n.iter_mut().zip(&external_n).for_each(|(support, external)| *support -= external);
        let mut states = element_states(&assembly, &x);
        assembly.add_active_stress(&case, 1.0, &x, &mut states);
        let end =
            Equilibrium { x, support_n, external_n, iterations: 0, load_steps: 0, residual: f64::NAN, contact: None };
        Ok(Self::new(&assembly, problem.fixed, &end, &states))
    }

    /// Where the vertices are now, mm.
    pub fn positions_mm(&self) -> Vec<Point> {
        self.mesh.positions().iter().zip(&self.displacement_mm).map(|(point, offset)| point + offset).collect()
    }

    /// Length of the displacement, for colouring.
    pub fn displacement_field(&self) -> Field {
        Field::new("displacement", "mm", self.displacement_mm.iter().map(Vector::norm).collect())
    }

    /// Von Mises stress in kPa, for colouring.
    pub fn von_mises_field(&self) -> Field {
        Field::new("von Mises stress", "kPa", self.von_mises_pa.iter().map(|pa| pa / 1e3).collect())
    }

    /// The hash of the mesh and of everything computed.
    pub fn content_hash(&self) -> ContentHash {
        let mut hasher = ContentHasher::default();
        hasher.text(&self.mesh.content_hash().to_hex());
        self.displacement_mm.iter().chain(&self.support_n).for_each(|vector| {
            hasher.array(vector.as_slice());
        });
        hasher.array(&self.von_mises_pa).array(self.principal_pa.as_flattened());
        hasher.array(&self.tet_von_mises_pa).array(&self.tet_volume_ratio);
        [self.reaction_n, self.grip_n, self.applied_n].iter().for_each(|total| {
            hasher.array(total.as_slice());
        });
        hasher.real(self.imbalance).finish()
    }

    /// Memory in bytes, the shared mesh included.
    pub fn bytes(&self) -> usize {
        self.mesh.bytes()
            + size_of_val(self.displacement_mm.as_slice())
            + size_of_val(self.support_n.as_slice())
            + size_of_val(self.von_mises_pa.as_slice())
            + size_of_val(self.principal_pa.as_slice())
            + size_of_val(self.tet_von_mises_pa.as_slice())
            + size_of_val(self.tet_volume_ratio.as_slice())
    }
}
