//! Whose tissue is between a point of the surface and a vertex behind it.

use crate::biomech::interactive::topology::{Topology, neighbour_across};
use crate::geom::Vector;
use crate::mesh::tet_mesh::FACES;
use nalgebra::Matrix3;

/// Tetrahedra walked through before one gives up; a vertex is at most an edge deep.
const STEPS: usize = 64;
/// Share of a tetrahedron's height that counts as on its face.
const ON_FACE: f64 = 1e-9;

/// Where a vertex is that lies behind a triangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Inside tissue of others.
    Within,
    /// The tissue between is its own: it lies on the back of it.
    Own,
    /// Outside, or none can say because a tetrahedron between is inside out.
    Outside,
}

/// Walk from the point `from` on the outer face of tetrahedron `tet` straight to vertex `v`; places in m.
pub fn side(
    tets: &[[u32; 4]],
    topology: &Topology,
    place: impl Fn(u32) -> Vector,
    mut tet: u32,
    from: &Vector,
    v: u32,
) -> Side {
    let to = place(v);
    let mut entry = None;
    for _ in 0..STEPS {
        let corners = tets[tet as usize];
        if corners.contains(&v) {
            return Side::Own;
        }
        let [origin, a, b, c] = corners.map(&place);
        let edges = Matrix3::from_columns(&[a - origin, b - origin, c - origin]);
        let Some(inverse) = edges.try_inverse().filter(|_| 0.0 < edges.determinant()) else {
            return Side::Outside;
        };
        let shares = |point: &Vector| {
            let [x, y, z]: [f64; 3] = (inverse * (point - origin)).into();
            [1.0 - x - y - z, x, y, z]
        };
        let (here, there) = (shares(from), shares(&to));
        let mut exit: Option<(f64, usize)> = None;
        for n in (0..4).filter(|n| there[*n] < -ON_FACE) {
            let when = here[n].max(0.0) / (here[n].max(0.0) - there[n]);
            if entry != Some(n) && exit.is_none_or(|(first, _)| when < first) {
                exit = Some((when, n));
            }
        }
        let Some((_, exit)) = exit else {
            let behind = entry.is_some_and(|n: usize| there[n] < -ON_FACE);
            return if behind { Side::Outside } else { Side::Within };
        };
        let Some(face) = FACES.into_iter().find(|face| !face.contains(&exit)) else { return Side::Outside };
        let face = face.map(|n| corners[n]);
        let Some(next) = neighbour_across(topology, tets, tet, face) else { return Side::Outside };
        entry = tets[next as usize].iter().position(|corner| !face.contains(corner));
        tet = next;
    }
    Side::Outside
}
