//! Choosing vertices: near a point, on a side of a plane, or touching a neighbour.

use crate::geom::{Plane, Point};
use crate::mesh::{Bvh, Surface, TetMesh};
use rayon::prelude::*;

/// The vertices on the boundary of `mesh`, ascending.
pub fn boundary_vertices(mesh: &TetMesh) -> Vec<u32> {
    let (surface, _) = mesh.boundary();
    let mut vertices: Vec<u32> = surface.triangles().as_flattened().to_vec();
    vertices.sort_unstable();
    vertices.dedup();
    vertices
}

/// Boundary vertices at most `radius_mm` from `centre`, ascending; the nearest one if none is so near.
pub fn vertices_within(mesh: &TetMesh, centre: &Point, radius_mm: f64) -> Vec<u32> {
    let boundary = boundary_vertices(mesh);
    let distance = |v: &u32| (mesh.positions()[*v as usize] - centre).norm();
    let inside: Vec<u32> = boundary.iter().copied().filter(|v| distance(v) <= radius_mm).collect();
    if inside.is_empty() {
        return boundary.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).into_iter().collect();
    }
    inside
}

/// Boundary vertices on the positive side of `plane` or less than `tolerance_mm` behind it, ascending.
pub fn vertices_on_side(mesh: &TetMesh, plane: &Plane, tolerance_mm: f64) -> Vec<u32> {
    let positive = |v: &u32| -tolerance_mm <= plane.distance_mm(&mesh.positions()[*v as usize]);
    boundary_vertices(mesh).into_iter().filter(positive).collect()
}

/// Boundary vertices at most `reach_mm` from `surface`, on either side of it, ascending; and how near any comes, mm
/// (infinite where the surface has no triangles).
pub fn vertices_near(mesh: &TetMesh, surface: &Surface, reach_mm: f64) -> (Vec<u32>, f64) {
    let tree = Bvh::new(surface);
    let boundary = boundary_vertices(mesh);
    let away = |v: &u32| tree.closest(&mesh.positions()[*v as usize]).map_or(f64::INFINITY, |near| near.distance_mm);
    let away: Vec<f64> = boundary.par_iter().with_min_len(256).map(away).collect();
    let near = boundary.into_iter().zip(&away).filter(|(_, away)| **away <= reach_mm).map(|(v, _)| v).collect();
    (near, away.into_iter().fold(f64::INFINITY, f64::min))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biomech::verification::shapes::straight_box;
    use crate::geom::Vector;

    #[test]
    fn patches_lie_on_the_boundary_where_they_were_asked_for() {
        let mesh = straight_box([4, 4, 4], [40.0; 3]);
        let at = |v: &u32| mesh.positions()[*v as usize];
        assert_eq!(boundary_vertices(&mesh).len(), 125 - 27);
        let corner = vertices_within(&mesh, &Point::origin(), 10.0);
        assert_eq!(corner.len(), 4);
        assert_eq!(vertices_within(&mesh, &Point::new(0.0, 0.0, -90.0), 1.0), [0], "the nearest when none is in reach");
        let plane = Plane::new(Point::new(0.0, 0.0, 40.0), Vector::z()).unwrap();
        let top = vertices_on_side(&mesh, &plane, 0.1);
        assert!(top.len() == 25 && top.iter().all(|v| at(v).z == 40.0));
    }

    #[test]
    fn a_neighbour_holds_what_is_near_to_it() {
        let mesh = straight_box([4, 4, 4], [40.0; 3]);
        let (neighbour, _) = straight_box([1, 1, 1], [40.0; 3]).boundary();
        let away = |gap: f64| {
            let places = neighbour.positions().iter().map(|p| p + Vector::new(40.0 + gap, 0.0, 0.0)).collect();
            vertices_near(&mesh, &neighbour.with_positions(places).unwrap(), 3.0)
        };
        let (near, distance) = away(2.5);
        assert!(near.len() == 25 && near.iter().all(|v| mesh.positions()[*v as usize].x == 40.0));
        assert!((distance - 2.5).abs() < 1e-12);
        assert!(away(3.5).0.is_empty() && (away(3.5).1 - 3.5).abs() < 1e-12);
    }
}
