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
