//! Whether tissue is inside tissue deeper than contact can push it out.

use super::surfaces::{Surfaces, normal};
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::TetMesh;
use crate::mesh::box_tree::BoxTree;
use crate::mesh::bvh::closest_on_triangle;
use nalgebra::Matrix3;
use rayon::prelude::*;

/// Barycentric coordinate above which a point is inside a tetrahedron and not on its face. What lies in a plane of
/// symmetry is not judged; its neighbours are.
const INSIDE: f64 = 1e-6;

/// Cosine of the angle between a vertex's surface and another below which the other may be the way out; one that looks the
/// same way is the far side.
const AWAY: f64 = 0.5;

/// Tissue inside tissue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// The vertex that is inside.
    pub vertex: u32,
    /// Its distance to the nearest surface that does not look the same way, m.
    pub depth_m: f64,
    /// The depth from which contact could push it out, m.
    pub limit_m: f64,
}

/// The vertex of `surfaces` that is deepest inside a tetrahedron of `mesh` beyond what contact can undo, with vertices at
/// `place`, m.
pub(super) fn deepest(surfaces: &Surfaces, mesh: &TetMesh, place: impl Fn(u32) -> Vector + Sync) -> Option<Overlap> {
    let facets = &surfaces.facets;
    let corners: Vec<[Point; 3]> = facets.par_iter().map(|f| f.corners.map(|v| Point::from(place(v)))).collect();
    let normals: Vec<Vector> = corners.par_iter().map(|x| normal(&x.map(|p| p.coords))).collect();
    let around = Aabb::of(corners.as_flattened());
    // Only what is near the surfaces can hold their vertices.
    let meets = |own: &Aabb| (0..3).all(|a| around.min[a] <= own.max[a] && own.min[a] <= around.max[a]);
    let boxes: Vec<(u32, Aabb)> = (0..mesh.tets().len())
        .into_par_iter()
        .map(|tet| (tet as u32, Aabb::of(&mesh.tets()[tet].map(|v| Point::from(place(v))))))
        .filter(|(_, own)| meets(own))
        .collect();
    let tets = BoxTree::new(&boxes.iter().map(|(_, own)| *own).collect::<Vec<_>>());
    let skin = BoxTree::new(&corners.iter().map(Aabb::of).collect::<Vec<_>>());
    let mut corner_of: Vec<(u32, usize)> =
        facets.iter().enumerate().flat_map(|(n, facet)| facet.corners.map(|v| (v, n))).collect();
    corner_of.sort_unstable();
    let vertices: Vec<&[(u32, usize)]> = corner_of.chunk_by(|a, b| a.0 == b.0).collect();
    let look = |around: &&[(u32, usize)]| {
        let vertex = &around[0].0;
        let point = Point::from(place(*vertex));
        let mut inside = None;
        tets.holding(&point, |item| {
            let tet = mesh.tets()[boxes[item as usize].0 as usize];
            if !tet.contains(vertex) && holds(&tet.map(&place), &point.coords) {
                inside = Some(surfaces.body_of[tet[0] as usize]);
            }
            inside.is_some()
        });
        let body = inside?;
        let faces =
            |own: usize, other: usize| surfaces.may_touch(own, other) && normals[own].dot(&normals[other]) < AWAY;
        let squared = |other: u32| {
            let other = other as usize;
            // The way out of a body leads through its own surface.
            let wall = surfaces.body_of[facets[other].corners[0] as usize] == body;
            if !wall || !around.iter().any(|(_, own)| faces(*own, other)) {
                return f64::INFINITY;
            }
            (closest_on_triangle(&point, corners[other].each_ref()).0 - point).norm_squared()
        };
        let (nearest, squared) = skin.nearest(&point, squared)?;
        let (_, own) = around.iter().find(|(_, own)| faces(*own, nearest as usize))?;
        let limit_m = surfaces.depth_m(*own, nearest as usize);
        let found = Overlap { vertex: *vertex, depth_m: squared.sqrt(), limit_m };
        (squared.is_finite() && limit_m < found.depth_m).then_some(found)
    };
    let all: Vec<Overlap> = vertices.par_iter().filter_map(look).collect();
    all.into_iter().max_by(|a, b| a.depth_m.total_cmp(&b.depth_m))
}

/// Whether a tetrahedron holds a point in its inside.
fn holds([a, b, c, d]: &[Vector; 4], point: &Vector) -> bool {
    let edges = Matrix3::from_columns(&[b - a, c - a, d - a]);
    let Some(inverse) = edges.try_inverse() else { return false };
    let weights = inverse * (point - a);
    weights.iter().all(|w| INSIDE < *w) && weights.sum() < 1.0 - INSIDE
}
