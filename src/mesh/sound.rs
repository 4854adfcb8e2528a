//! Whether a tetrahedral mesh is fit for a solver: positive, without gaps, doubled or unused vertices, in one piece.

use super::TetMesh;
use super::quality::components;
use super::tet_mesh::FACES;

/// What is wrong with a mesh, if anything.
///
/// # Errors
/// One sentence about the first thing found.
pub fn check_sound(mesh: &TetMesh) -> Result<(), String> {
    if let Some(tet) = (0..mesh.tets().len()).find(|tet| !(0.0 < mesh.tet_mm3(*tet))) {
        return Err(format!("tetrahedron {tet} has a volume of {:.3e} mm³; it must be positive", mesh.tet_mm3(tet)));
    }
    let mut faces: Vec<[u32; 3]> = Vec::with_capacity(4 * mesh.tets().len());
    for tet in mesh.tets() {
        faces.extend(FACES.map(|face| {
            let mut key = face.map(|n| tet[n]);
            key.sort_unstable();
            key
        }));
    }
    faces.sort_unstable();
    if let Some(run) = faces.chunk_by(|a, b| a == b).find(|run| 2 < run.len()) {
        return Err(format!("{} tetrahedra meet at the face of vertices {:?}; two can", run.len(), run[0]));
    }
    let (surface, _) = mesh.boundary();
    let open = surface.open_edges();
    if 0 < open {
        return Err(format!("the boundary has {open} open edges; a closed one has none"));
    }
    // Overlapping tetrahedra would hold more than their boundary does.
    let (inner, outer) = (mesh.volume_ml(), surface.volume_ml());
    if 1e-9 * inner < (inner - outer).abs() {
        return Err(format!("the tetrahedra hold {inner} ml and their boundary {outer} ml; these must be equal"));
    }
    let (number, count) = components(mesh.positions().len(), mesh.tets());
    if let Some(vertex) = number.iter().position(|n| *n == u32::MAX) {
        return Err(format!("no tetrahedron uses vertex {vertex}"));
    }
    if 1 < count {
        return Err(format!("the mesh falls into {count} pieces"));
    }
    let mut places: Vec<[u64; 3]> = mesh.positions().iter().map(|p| [p.x, p.y, p.z].map(f64::to_bits)).collect();
    places.sort_unstable();
    if let Some(pair) = places.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("two vertices lie at {:?} mm", pair[0].map(f64::from_bits)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;
    use crate::mesh::block::block;

    #[test]
    fn what_is_wrong_is_said() {
        let whole = block([2, 1, 1], [2.0, 1.0, 1.0]);
        assert_eq!(check_sound(&whole), Ok(()));
        let with = |positions: Vec<Point>, tets: Vec<[u32; 4]>| {
            let regions = vec![1; tets.len()];
            check_sound(&TetMesh::new(positions, tets, regions).unwrap()).unwrap_err()
        };
        let mut more = whole.positions().to_vec();
        more.push(Point::new(9.0, 9.0, 9.0));
        assert!(with(more, whole.tets().to_vec()).starts_with("no tetrahedron uses vertex 12"));
        // The same tetrahedra over vertices of their own: a crack that cannot be seen.
        let apart: Vec<Point> = whole.tets().as_flattened().iter().map(|v| whole.positions()[*v as usize]).collect();
        let tets = (0..whole.tets().len() as u32).map(|n| [0, 1, 2, 3].map(|c| 4 * n + c)).collect();
        assert!(with(apart, tets).contains("pieces"));
        let mut twice = whole.tets().to_vec();
        twice.push(twice[0]);
        assert!(!with(whole.positions().to_vec(), twice).is_empty());
    }
}
