//! The triangles between regions of a tetrahedral mesh, and between a region and the outside.

use super::TetMesh;
use super::tet_mesh::FACES;
use rayon::prelude::*;

/// A face of a tetrahedron with another region, or nothing, beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegionFace {
    /// Vertices, counter-clockwise seen from beyond.
    pub triangle: [u32; 3],
    /// The tetrahedron it belongs to: that of the smaller region number, if there is one on either side.
    pub tet: u32,
    /// Which of its [`FACES`]: the one opposite this corner.
    pub corner: u8,
    /// Region of the tetrahedron.
    pub region: u8,
    /// Region beyond; `None` outside.
    pub beyond: Option<u8>,
}

/// All of them, each once, sorted by regions, then by tetrahedron; the outside comes before any region.
pub fn region_faces(mesh: &TetMesh) -> Vec<RegionFace> {
    let regions = mesh.regions();
    let mut faces: Vec<([u32; 3], u32, u8)> = mesh
        .tets()
        .par_iter()
        .enumerate()
        .flat_map_iter(|(tet, corners)| {
            [0, 1, 2, 3].map(|corner| {
                let mut key = FACES[corner].map(|n| corners[n]);
                key.sort_unstable();
                (key, tet as u32, corner as u8)
            })
        })
        .collect();
    faces.par_sort_unstable();
    let between = faces.chunk_by(|a, b| a.0 == b.0).filter_map(|run| {
        let first = run.iter().min_by_key(|(_, tet, _)| (regions[*tet as usize], *tet))?;
        let other = run.iter().find(|(_, tet, _)| *tet != first.1);
        let (region, beyond) = (regions[first.1 as usize], other.map(|(_, tet, _)| regions[*tet as usize]));
        let triangle = FACES[usize::from(first.2)].map(|n| mesh.tets()[first.1 as usize][n]);
        (beyond != Some(region)).then_some(RegionFace { triangle, tet: first.1, corner: first.2, region, beyond })
    });
    let mut between: Vec<RegionFace> = between.collect();
    between.sort_unstable_by_key(|face| (face.region, face.beyond, face.tet, face.corner));
    between
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::block::block;

    #[test]
    fn a_block_of_two_regions_has_its_outside_and_the_face_between_them() {
        let plain = block([2, 1, 1], [2.0, 1.0, 1.0]);
        let half = |tet: usize| plain.corners(tet).iter().all(|p| p.x <= 1.0 + 1e-9);
        let regions = (0..plain.tets().len()).map(|tet| if half(tet) { 1 } else { 2 }).collect();
        let mesh = TetMesh::new(plain.positions().to_vec(), plain.tets().to_vec(), regions).unwrap();
        let faces = region_faces(&mesh);
        let area = |wanted: (u8, Option<u8>)| {
            let own = faces.iter().filter(|face| (face.region, face.beyond) == wanted);
            own.map(|face| {
                let [a, b, c] = face.triangle.map(|v| mesh.positions()[v as usize]);
                0.5 * (b - a).cross(&(c - a)).norm()
            })
            .sum::<f64>()
        };
        let areas = [(1, None), (2, None), (1, Some(2))].map(area);
        assert!(areas.iter().zip([5.0, 5.0, 1.0]).all(|(got, wanted)| (got - wanted).abs() < 1e-12), "{areas:?}");
        assert_eq!(faces.len(), 22);
    }
}
