//! Choosing vertices: near a point, on a side of a plane, or touching another segment.

use crate::geom::{Plane, Point};
use crate::image::Volume;
use crate::mesh::TetMesh;

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

/// Boundary vertices at most `reach_mm` from a voxel of `mask` that is not 0, ascending. The voxels' axes must be
/// perpendicular, as in CT.
///
/// With the mask of a neighbouring organ this is the contact area of the two; empty if they do not touch.
pub fn vertices_touching(mesh: &TetMesh, mask: &Volume<u8>, reach_mm: f64) -> Vec<u32> {
    let grid = mask.grid();
    let (dims, spacing) = (grid.dims(), grid.spacing_mm());
    let touches = |v: &u32| {
        let index = grid.index_from_patient(mesh.positions()[*v as usize]);
        // Voxels whose boxes may be in reach, along one axis.
        let range = |axis: usize| {
            let reach = reach_mm / spacing[axis] + 0.5;
            let low = (index[axis] - reach).ceil().max(0.0) as usize;
            let high = (index[axis] + reach).floor() + 1.0;
            low..(high.max(0.0) as usize).min(dims[axis])
        };
        let gap = |axis: usize, n: usize| ((index[axis] - n as f64).abs() - 0.5).max(0.0) * spacing[axis];
        let near = |i, j, k| gap(0, i).powi(2) + gap(1, j).powi(2) + gap(2, k).powi(2) <= reach_mm * reach_mm;
        range(2).any(|k| range(1).any(|j| range(0).any(|i| mask.at([i, j, k]) != 0 && near(i, j, k))))
    };
    boundary_vertices(mesh).into_iter().filter(touches).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biomech::verification::shapes::straight_box;
    use crate::geom::{Grid, Vector};

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
    fn contact_is_where_the_other_organ_is_in_reach() {
        let mesh = straight_box([4, 4, 4], [40.0; 3]);
        // A slab of voxels beyond x = 42 mm: centres at 44, boxes from 42 to 46.
        let grid = Grid::aligned([1, 11, 11], Point::new(44.0, 0.0, 0.0), [4.0; 3]).unwrap();
        let slab = Volume::new(grid, vec![1_u8; 121]).unwrap();
        assert_eq!(vertices_touching(&mesh, &slab, 2.5).len(), 25);
        assert!(vertices_touching(&mesh, &slab, 1.5).is_empty());
    }
}
