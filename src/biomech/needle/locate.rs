//! Where points lie in a mesh of tetrahedra, and how a force at a point is shared by vertices.

use crate::geom::{Aabb, Point, Vector};
use crate::mesh::TetMesh;
use crate::mesh::box_tree::BoxTree;
use crate::mesh::tet_mesh::barycentric;

/// Barycentric coordinates this far below 0 still count as inside: rounding at faces.
const SLACK: f64 = 1e-9;
/// Directions of the points over which a place is averaged, each with its opposite: axes and diagonals of a cube.
const DIRECTIONS: [[f64; 3]; 7] = [
    [1.0, 0.0, 0.0],
    [0.0, 1.0, 0.0],
    [0.0, 0.0, 1.0],
    [1.0, 1.0, 1.0],
    [1.0, 1.0, -1.0],
    [1.0, -1.0, 1.0],
    [-1.0, 1.0, 1.0],
];

/// Vertices and their weights, which sum to 1: a displacement there is the sum of the vertices', and a force there is
/// shared among them by the same weights, so that compliances are symmetric.
pub(super) type Weights = Vec<(u32, f64)>;

/// Finds points in a mesh.
#[derive(Debug)]
pub(super) struct Locator<'a> {
    mesh: &'a TetMesh,
    tree: BoxTree,
}

impl<'a> Locator<'a> {
    /// Prepare to find points in `mesh`.
    pub fn new(mesh: &'a TetMesh) -> Self {
        // Boxes a little wider than the tetrahedra, for points on outer faces.
        let boxes: Vec<Aabb> = (0..mesh.tets().len())
            .map(|tet| {
                let own = Aabb::of(mesh.corners(tet));
                let margin = Vector::repeat(1e-9 * own.size().norm());
                Aabb { min: own.min - margin, max: own.max + margin }
            })
            .collect();
        Self { mesh, tree: BoxTree::new(&boxes) }
    }

    /// The tetrahedron that holds `point` and the barycentric coordinates there; none outside.
    pub fn find(&self, point: &Point) -> Option<(usize, [f64; 4])> {
        let mut found = None;
        self.tree.holding(point, |tet| {
            let weights = barycentric(point, self.mesh.corners(tet as usize));
            let inside = weights.is_some_and(|weights| weights.iter().all(|w| -SLACK <= *w));
            if inside {
                found = weights.map(|weights| (tet as usize, weights));
            }
            inside
        });
        found
    }

    /// Weights of `point` averaged over a ball of `radius_mm`; none outside.
    ///
    /// Points of the ball count in opposite pairs, and only where both lie in the mesh: linear fields stay exact, and a
    /// point at the surface stands for itself.
    pub fn around(&self, point: &Point, radius_mm: f64) -> Option<Weights> {
        let mut found = vec![self.find(point)?];
        for direction in DIRECTIONS {
            let offset = Vector::from(direction).normalize() * radius_mm;
            found.extend(
                self.find(&(point + offset)).zip(self.find(&(point - offset))).into_iter().flat_map(<[_; 2]>::from),
            );
        }
        let share = 1.0 / found.len() as f64;
        let mut weights: Weights = found
            .iter()
            .flat_map(|(tet, own)| self.mesh.tets()[*tet].into_iter().zip(own.map(|w| w * share)))
            .collect();
        weights.sort_by_key(|(vertex, _)| *vertex);
        weights.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        Some(weights)
    }
}
