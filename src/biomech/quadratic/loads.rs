//! Loads and supports of a body of quadratic elements: what the vertices are told, their edges follow.

use super::Quadratic;
use super::face;
use crate::biomech::boundary::LoadCase;
use crate::biomech::material::Model;
use crate::biomech::problem::{Axis, Load, Problem, TissueError};
use crate::geom::Vector;

/// Loads at full strength, per unknown of displacement.
#[derive(Debug, Clone)]
pub struct QuadraticCase {
    /// Imposed displacement, m.
    pub imposed_m: Vec<Option<f64>>,
    /// Forces of constant direction, N.
    pub force_n: Vec<f64>,
    /// Faces under pressure that follows the surface, Pa.
    pub follower: Vec<([u32; face::NODES], f64)>,
    /// As [`LoadCase::tension_pa`].
    pub tension_pa: Vec<f64>,
}

impl QuadraticCase {
    /// The loads of `problem`, which passed the checks of `case`.
    ///
    /// # Errors
    /// [`TissueError::NoFace`], [`TissueError::NoContact`].
    pub fn new(body: &Quadratic, problem: &Problem, case: &LoadCase) -> Result<Self, TissueError> {
        let count = 3 * body.nodes_m.len();
        let mut own = Self {
            imposed_m: vec![None; count],
            force_n: vec![0.0; count],
            follower: vec![],
            tension_pa: case.tension_pa.clone(),
        };
        own.imposed_m.iter_mut().zip(case.imposed_m.as_flattened()).for_each(|(own, vertex)| *own = *vertex);
        let (surface, _) = problem.mesh.boundary();
        let faces = surface.triangles();
        own.hold_edges(body, problem.fixed, [true; 3], faces);
        for (load, number) in problem.loads.iter().zip(1..) {
            match load {
                Load::Move { vertices, .. } | Load::MoveEach { vertices, .. } => {
                    own.hold_edges(body, vertices, [true; 3], faces);
                }
                Load::Slide { vertices, axis, .. } => {
                    let axes = [Axis::X, Axis::Y, Axis::Z].map(|other| other == *axis);
                    own.hold_edges(body, vertices, axes, faces);
                }
                Load::Force { vertices, total_n } => own.pull(body, vertices, total_n, faces),
                Load::Pressure { triangles, pa } => own.press(body, problem.model, number, triangles, *pa)?,
                Load::Gravity { m_s2 } => own.weigh(body, m_s2),
                Load::Contract { .. } => {}
                Load::Bed { .. } | Load::Touch { .. } | Load::Contact { .. } => return Err(TissueError::NoContact),
            }
        }
        Ok(own)
    }

    fn add(&mut self, node: u32, force: &Vector) {
        let out = &mut self.force_n[3 * node as usize..][..3];
        out.iter_mut().zip(force.iter()).for_each(|(out, force)| *out += force);
    }

    /// Hold the middles of edges of boundary triangles that lie in a patch with all corners: half way between the ends.
    fn hold_edges(&mut self, body: &Quadratic, patch: &[u32], axes: [bool; 3], faces: &[[u32; 3]]) {
        for face in inside(body, patch, faces) {
            for n in 0..3 {
                let (a, b) = (face[n], face[(n + 1) % 3]);
                let Some(middle) = body.middle(a, b) else { continue };
                for axis in (0..3).filter(|axis| axes[*axis]) {
                    let end = |v: u32| self.imposed_m[3 * v as usize + axis].unwrap_or(0.0);
                    self.imposed_m[3 * middle as usize + axis] = Some(0.5 * (end(a) + end(b)));
                }
            }
        }
    }

    /// Spread a force by area: a third of each triangle's share to each of its middles; without triangles, equally.
    fn pull(&mut self, body: &Quadratic, patch: &[u32], total_n: &Vector, faces: &[[u32; 3]]) {
        let faces: Vec<[u32; 3]> = inside(body, patch, faces).collect();
        let area = |face: &[u32; 3]| {
            let [a, b, c] = face.map(|v| body.nodes_m[v as usize]);
            (b - a).cross(&(c - a)).norm()
        };
        let total: f64 = faces.iter().map(area).sum();
        if total <= 0.0 {
            patch.iter().for_each(|v| self.add(*v, &(total_n / patch.len() as f64)));
        }
        for face in &faces {
            let share = total_n * (area(face) / total / 3.0);
            (0..3).filter_map(|n| body.middle(face[n], face[(n + 1) % 3])).for_each(|middle| self.add(middle, &share));
        }
    }

    fn press(
        &mut self,
        body: &Quadratic,
        model: Model,
        load: usize,
        triangles: &[[u32; 3]],
        pa: f64,
    ) -> Result<(), TissueError> {
        for triangle in triangles {
            let nodes = body.face_of(*triangle).ok_or(TissueError::NoFace { load, triangle: *triangle })?;
            if model == Model::LinearElastic {
                let forces = face::forces_n(&nodes.map(|n| body.nodes_m[n as usize]), pa);
                nodes.iter().zip(&forces).for_each(|(node, force)| self.add(*node, force));
            } else {
                self.follower.push((nodes, pa));
            }
        }
        Ok(())
    }

    fn weigh(&mut self, body: &Quadratic, m_s2: &Vector) {
        for (tet, element) in body.elements.iter().enumerate() {
            let force = m_s2 * body.assembly.densities[tet];
            let shares = element.shares_m3();
            body.cells[tet].iter().zip(shares).for_each(|(node, share)| self.add(*node, &(force * share)));
        }
    }
}

/// Boundary triangles whose three corners are in `patch`.
fn inside<'a>(body: &Quadratic, patch: &[u32], faces: &'a [[u32; 3]]) -> impl Iterator<Item = [u32; 3]> + use<'a> {
    let mut marked = vec![false; body.nodes_m.len()];
    patch.iter().for_each(|v| marked[*v as usize] = true);
    faces.iter().copied().filter(move |face| face.iter().all(|v| marked[*v as usize]))
}
