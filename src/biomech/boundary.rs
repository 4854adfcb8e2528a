//! From loads as people say them to numbers per unknown, with everything checked on the way.

use super::bed::{BedSpring, bed_springs};
use super::contact::Surfaces;
use super::material::{Fibre, Model};
use super::problem::{Axis, Load, Problem, TissueError};
use super::touch::Touches;
use super::units::{m_from_mm, offset_m};
use crate::geom::Vector;
use crate::mesh::TetMesh;
use nalgebra::Matrix3;

/// Loads of a problem at full strength, in SI.
#[derive(Debug, Clone)]
pub struct LoadCase {
    /// Displacement imposed on each component of each vertex, m; `None` where it is free.
    pub imposed_m: Vec<[Option<f64>; 3]>,
    /// Forces of constant direction per vertex, N.
    pub force_n: Vec<Vector>,
    /// Faces under pressure that follows the surface, Pa.
    pub follower: Vec<([u32; 3], f64)>,
    /// Active tension along the fibres of each tetrahedron, Pa; empty if nothing contracts.
    pub tension_pa: Vec<f64>,
    /// Second Piola–Kirchhoff stress that each tetrahedron remembers, Pa, whole at any share of the load; empty if
    /// tissue is elastic.
    pub memory_pa: Vec<Matrix3<f64>>,
    /// What the body lies on, whole at any share of the load.
    pub bed: Vec<BedSpring>,
    /// Rigid instruments, on their way at any share of the load.
    pub touches: Touches,
    /// Tissue that touches tissue, at any share of the load.
    pub contacts: Vec<Surfaces>,
}

impl LoadCase {
    /// Collect the loads of `problem`; volumes of its tetrahedra in m³ are given.
    ///
    /// # Errors
    /// [`TissueError`] for a load that cannot be.
    pub fn new(problem: &Problem, volumes_m3: &[f64], densities: &[f64]) -> Result<Self, TissueError> {
        let count = problem.mesh.positions().len();
        let mut case = Self {
            imposed_m: vec![[None; 3]; count],
            force_n: vec![Vector::zeros(); count],
            follower: vec![],
            tension_pa: vec![],
            memory_pa: vec![],
            bed: vec![],
            touches: Touches::default(),
            contacts: vec![],
        };
        let mut clashes: Vec<u32> = Vec::new();
        check_vertices(0, "fixed", problem.fixed, count)?;
        let zeros = vec![Vector::zeros(); problem.fixed.len()];
        case.impose(problem.fixed, &zeros, &mut clashes);
        for (load, number) in problem.loads.iter().zip(1..) {
            let kind = kind(load);
            let finite = |ok: bool, what| if ok { Ok(()) } else { Err(TissueError::NotFinite { load: number, what }) };
            let all_finite = |v: &Vector| v.iter().all(|x| x.is_finite());
            match load {
                Load::Move { vertices, by_mm } => {
                    check_patch(number, kind, vertices, count)?;
                    finite(all_finite(by_mm), "offset")?;
                    case.impose(vertices, &vec![offset_m(by_mm); vertices.len()], &mut clashes);
                }
                Load::MoveEach { vertices, by_mm } => {
                    check_patch(number, kind, vertices, count)?;
                    if vertices.len() != by_mm.len() {
                        let (vertices, offsets) = (vertices.len(), by_mm.len());
                        return Err(TissueError::Offsets { load: number, vertices, offsets });
                    }
                    finite(by_mm.iter().all(all_finite), "offset")?;
                    let offsets: Vec<Vector> = by_mm.iter().map(offset_m).collect();
                    case.impose(vertices, &offsets, &mut clashes);
                }
                Load::Slide { vertices, axis, by_mm } => {
                    check_patch(number, kind, vertices, count)?;
                    finite(by_mm.is_finite(), "offset")?;
                    let mut offset = [None; 3];
                    offset[axis_index(*axis)] = Some(*by_mm * offset_m(&Vector::x()).x);
                    vertices.iter().for_each(|v| case.impose_components(*v, offset, &mut clashes));
                }
                Load::Force { vertices, total_n } => {
                    check_patch(number, kind, vertices, count)?;
                    finite(all_finite(total_n), "force")?;
                    for (vertex, share) in area_shares(problem.mesh, vertices) {
                        case.force_n[vertex as usize] += total_n * share;
                    }
                }
                Load::Pressure { triangles, pa } => {
                    check_patch(number, kind, triangles.as_flattened(), count)?;
                    finite(pa.is_finite(), "pressure")?;
                    case.press(problem, triangles, *pa);
                }
                Load::Gravity { m_s2 } => {
                    finite(all_finite(m_s2), "acceleration")?;
                    for (corners, (volume, density)) in problem.mesh.tets().iter().zip(volumes_m3.iter().zip(densities))
                    {
                        corners.iter().for_each(|v| case.force_n[*v as usize] += m_s2 * (volume * density / 4.0));
                    }
                }
                Load::Bed { triangles, stiffness_pa_m } => {
                    check_patch(number, kind, triangles.as_flattened(), count)?;
                    finite(stiffness_pa_m.is_finite(), "stiffness")?;
                    if *stiffness_pa_m < 0.0 {
                        return Err(TissueError::BadBed { load: number, stiffness_pa_m: *stiffness_pa_m });
                    }
                    case.bed.extend(bed_springs(problem.mesh, triangles, *stiffness_pa_m));
                }
                Load::Touch { tool, from_mm } => {
                    finite(tool.is_finite() && from_mm.iter().all(|x| x.is_finite()), "instrument")?;
                    case.touches.add(problem, *tool, *from_mm);
                }
                Load::Contact { sides, friction } => {
                    for side in sides.iter().flatten() {
                        check_patch(number, kind, side.as_flattened(), count)?;
                    }
                    case.contacts.push(Surfaces::new(problem, number, sides.as_ref(), *friction)?);
                }
                Load::Contract { region, tension_pa } => {
                    finite(tension_pa.is_finite(), "tension")?;
                    if !problem.mesh.regions().contains(region) {
                        return Err(TissueError::EmptyPatch { load: number, kind });
                    }
                    case.tension_pa.resize(problem.mesh.tets().len(), 0.0);
                    let tensions = case.tension_pa.iter_mut().zip(problem.mesh.regions());
                    tensions.filter(|(_, own)| *own == region).for_each(|(tension, _)| *tension += tension_pa);
                }
            }
        }
        clashes.sort_unstable();
        clashes.dedup();
        match clashes.first() {
            Some(first) => Err(TissueError::Contradiction { count: clashes.len(), first: *first }),
            None => Ok(case),
        }
    }

    /// Whether contact remembers something from load step to load step.
    pub(super) fn has_memory(&self) -> bool {
        !self.contacts.is_empty() || self.touches.have_friction()
    }

    /// Tension needs a direction.
    ///
    /// # Errors
    /// [`TissueError::NoFibres`].
    pub(super) fn check_fibres(&self, problem: &Problem, fibres: &[Fibre]) -> Result<(), TissueError> {
        match self.tension_pa.iter().position(|tension| *tension != 0.0) {
            Some(tet) if fibres.is_empty() => {
                Err(TissueError::NoFibres { region: problem.mesh.regions()[tet], what: "load" })
            }
            _ => Ok(()),
        }
    }

    fn impose(&mut self, vertices: &[u32], offsets_m: &[Vector], clashes: &mut Vec<u32>) {
        for (vertex, offset) in vertices.iter().zip(offsets_m) {
            self.impose_components(*vertex, [Some(offset.x), Some(offset.y), Some(offset.z)], clashes);
        }
    }

    fn impose_components(&mut self, vertex: u32, offset_m: [Option<f64>; 3], clashes: &mut Vec<u32>) {
        for (imposed, value) in self.imposed_m[vertex as usize].iter_mut().zip(offset_m) {
            if let Some(value) = value
                && *imposed.get_or_insert(value) != value
            {
                clashes.push(vertex);
            }
        }
    }

    fn press(&mut self, problem: &Problem, triangles: &[[u32; 3]], pa: f64) {
        if problem.model != Model::LinearElastic {
            self.follower.extend(triangles.iter().map(|triangle| (*triangle, pa)));
            return;
        }
        for triangle in triangles {
            let corners = triangle.map(|v| m_from_mm(&problem.mesh.positions()[v as usize]));
            let share = face_force_n(&corners, pa);
            triangle.iter().for_each(|v| self.force_n[*v as usize] += share);
        }
    }
}

/// Force of a pressure on each corner of a face with `corners` in m: −p/6 (x₂ − x₁) × (x₃ − x₁).
pub fn face_force_n(corners: &[Vector; 3], pa: f64) -> Vector {
    (corners[1] - corners[0]).cross(&(corners[2] - corners[0])) * (-pa / 6.0)
}

/// Index of an axis.
fn axis_index(axis: Axis) -> usize {
    match axis {
        Axis::X => 0,
        Axis::Y => 1,
        Axis::Z => 2,
    }
}

fn kind(load: &Load) -> &'static str {
    match load {
        Load::Move { .. } | Load::MoveEach { .. } => "move",
        Load::Slide { .. } => "slide",
        Load::Force { .. } => "force",
        Load::Pressure { .. } => "pressure",
        Load::Gravity { .. } => "gravity",
        Load::Contract { .. } => "contract",
        Load::Bed { .. } => "bed",
        Load::Touch { .. } => "touch",
        Load::Contact { .. } => "contact",
    }
}

fn check_patch(load: usize, kind: &'static str, vertices: &[u32], count: usize) -> Result<(), TissueError> {
    if vertices.is_empty() {
        return Err(TissueError::EmptyPatch { load, kind });
    }
    check_vertices(load, kind, vertices, count)
}

fn check_vertices(load: usize, kind: &'static str, vertices: &[u32], count: usize) -> Result<(), TissueError> {
    match vertices.iter().copied().find(|v| count <= *v as usize) {
        Some(vertex) => Err(TissueError::BadVertex { load, kind, vertex, count }),
        None => Ok(()),
    }
}

/// The share of each vertex of a patch: a third of the boundary triangles that lie in the patch with all corners.
/// Equal shares if there is no such triangle.
fn area_shares(mesh: &TetMesh, patch: &[u32]) -> Vec<(u32, f64)> {
    let mut inside = vec![false; mesh.positions().len()];
    patch.iter().for_each(|v| inside[*v as usize] = true);
    let mut area = vec![0.0; inside.len()];
    let (surface, _) = mesh.boundary();
    for triangle in surface.triangles().iter().filter(|t| t.iter().all(|v| inside[*v as usize])) {
        let [a, b, c] = surface.corners(*triangle);
        let third = (b - a).cross(&(c - a)).norm() / 6.0;
        triangle.iter().for_each(|v| area[*v as usize] += third);
    }
    let total: f64 = area.iter().sum();
    let count = inside.iter().filter(|x| **x).count() as f64;
    let share = |v: usize| if 0.0 < total { area[v] / total } else { 1.0 / count };
    (0..inside.len()).filter(|v| inside[*v]).map(|v| (v as u32, share(v))).collect()
}
