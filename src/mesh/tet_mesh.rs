//! Tetrahedral meshes in patient space.

use super::Surface;
use crate::base::{ContentHash, ContentHasher};
use crate::geom::Point;
use nalgebra::Matrix3;
use rayon::prelude::*;
use std::sync::Arc;

/// Tetrahedra in LPS millimetres, every one with positive volume, and a region per tetrahedron. Cloning shares the arrays.
#[derive(Debug, Clone, PartialEq)]
pub struct TetMesh {
    positions: Arc<Vec<Point>>,
    tets: Arc<Vec<[u32; 4]>>,
    regions: Arc<Vec<u8>>,
}

/// Why a tetrahedral mesh cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TetMeshError {
    /// No tetrahedron at all.
    #[error("the mesh has no tetrahedron")]
    Empty,
    /// A tetrahedron names a vertex that is not there.
    #[error("tetrahedron {tet} uses vertex {vertex}, but there are only {count}")]
    BadIndex {
        /// Which tetrahedron.
        tet: usize,
        /// The vertex it names.
        vertex: u32,
        /// Vertices there are.
        count: usize,
    },
    /// A tetrahedron is flat or inside out, or a coordinate is not a number.
    #[error("tetrahedron {tet} has a volume of {volume_mm3:.3e} mm³; it must be positive")]
    NotPositive {
        /// Which tetrahedron.
        tet: usize,
        /// Its signed volume.
        volume_mm3: f64,
    },
    /// Regions and tetrahedra differ in number.
    #[error("{regions} region numbers for {tets} tetrahedra")]
    Regions {
        /// Region numbers given.
        regions: usize,
        /// Tetrahedra given.
        tets: usize,
    },
}

/// Faces of tetrahedron `[0, 1, 2, 3]`, counter-clockwise seen from outside; face `n` is opposite corner `n`.
pub const FACES: [[usize; 3]; 4] = [[1, 2, 3], [0, 3, 2], [0, 1, 3], [0, 2, 1]];

impl TetMesh {
    /// A mesh of `positions` (N points, mm), `tets` (four vertex indices each, `(b−a)·((c−a)×(d−a)) > 0`) and one region
    /// number per tetrahedron.
    ///
    /// # Errors
    /// [`TetMeshError`] if any invariant does not hold.
    pub fn new(positions: Vec<Point>, tets: Vec<[u32; 4]>, regions: Vec<u8>) -> Result<Self, TetMeshError> {
        if tets.is_empty() {
            return Err(TetMeshError::Empty);
        }
        if regions.len() != tets.len() {
            return Err(TetMeshError::Regions { regions: regions.len(), tets: tets.len() });
        }
        let count = positions.len();
        for (tet, corners) in tets.iter().enumerate() {
            if let Some(vertex) = corners.iter().copied().find(|v| count <= *v as usize) {
                return Err(TetMeshError::BadIndex { tet, vertex, count });
            }
        }
        let mesh = Self { positions: Arc::new(positions), tets: Arc::new(tets), regions: Arc::new(regions) };
        let bad = (0..mesh.tets.len()).into_par_iter().find_first(|tet| !(0.0 < mesh.tet_mm3(*tet)));
        match bad {
            Some(tet) => Err(TetMeshError::NotPositive { tet, volume_mm3: mesh.tet_mm3(tet) }),
            None => Ok(mesh),
        }
    }

    /// Vertices, mm.
    pub fn positions(&self) -> &[Point] {
        &self.positions
    }

    /// Four vertex indices per tetrahedron.
    pub fn tets(&self) -> &[[u32; 4]] {
        &self.tets
    }

    /// One region number (segment label) per tetrahedron.
    pub fn regions(&self) -> &[u8] {
        &self.regions
    }

    /// The corners of a tetrahedron.
    #[inline]
    pub fn corners(&self, tet: usize) -> [&Point; 4] {
        self.tets[tet].map(|v| &self.positions[v as usize])
    }

    /// Volume of one tetrahedron in mm³.
    pub fn tet_mm3(&self, tet: usize) -> f64 {
        let [a, b, c, d] = self.corners(tet);
        (b - a).dot(&(c - a).cross(&(d - a))) / 6.0
    }

    /// Volume of all in ml.
    pub fn volume_ml(&self) -> f64 {
        (0..self.tets.len()).map(|tet| self.tet_mm3(tet)).sum::<f64>() / crate::base::units::MM3_PER_ML
    }

    /// The outer faces as a surface over the same vertices (index `n` of the surface is vertex `n` of the mesh).
    ///
    /// Second, for each triangle the tetrahedron it belongs to.
    pub fn boundary(&self) -> (Surface, Vec<u32>) {
        let mut faces: Vec<([u32; 3], [u32; 3], u32)> = self
            .tets
            .par_iter()
            .enumerate()
            .flat_map_iter(|(tet, corners)| {
                FACES.map(|face| {
                    let oriented = face.map(|n| corners[n]);
                    let mut key = oriented;
                    key.sort_unstable();
                    (key, oriented, tet as u32)
                })
            })
            .collect();
        faces.par_sort_unstable();
        let mut outer: Vec<([u32; 3], u32)> =
            faces.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() == 1).map(|run| (run[0].1, run[0].2)).collect();
        outer.sort_unstable_by_key(|(triangle, tet)| (*tet, *triangle));
        let (triangles, owners) = outer.into_iter().unzip();
        let surface = Surface::new(self.positions.to_vec(), triangles).expect("faces use mesh vertices");
        (surface, owners)
    }

    /// The hash of vertices, tetrahedra and regions.
    pub fn content_hash(&self) -> ContentHash {
        let mut hasher = ContentHasher::default();
        hasher.number(self.positions.len() as u64);
        for point in self.positions.iter() {
            hasher.array(point.coords.as_slice());
        }
        hasher.array(self.tets.as_flattened()).array(&self.regions).finish()
    }

    /// Whether both hold the same vertices, tetrahedra and regions; at once where they share them in memory.
    pub fn is_same(&self, other: &Self) -> bool {
        fn same<T: PartialEq>(a: &Arc<Vec<T>>, b: &Arc<Vec<T>>) -> bool {
            Arc::ptr_eq(a, b) || a == b
        }
        same(&self.positions, &other.positions) && same(&self.tets, &other.tets) && same(&self.regions, &other.regions)
    }

    /// Memory in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.positions.as_slice()) + size_of_val(self.tets.as_slice()) + self.regions.len()
    }
}

/// Barycentric coordinates of `point` in a tetrahedron, which sum to 1; `None` in one without volume.
pub fn barycentric(point: &Point, [a, b, c, d]: [&Point; 4]) -> Option<[f64; 4]> {
    let part = Matrix3::from_columns(&[b - a, c - a, d - a]).try_inverse()? * (point - a);
    Some([1.0 - part.x - part.y - part.z, part.x, part.y, part.z])
}

/// A face by the places of its corners, in any order, to the last bit: the same for faces that share places but not
/// vertices, as those of a cut do.
pub fn face_key(face: &[u32; 3], places: &[Point]) -> [[u64; 3]; 3] {
    let mut key = face.map(|v| {
        let place = &places[v as usize];
        [place.x, place.y, place.z].map(f64::to_bits)
    });
    key.sort_unstable();
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundary_of_two_tetrahedra_is_closed_and_has_their_volume() {
        let positions = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 1.0]];
        let positions = positions.map(Point::from).to_vec();
        let mesh = TetMesh::new(positions.clone(), vec![[0, 1, 2, 3], [1, 2, 3, 4]], vec![1, 1]).unwrap();
        let (surface, owners) = mesh.boundary();
        assert_eq!((surface.triangles().len(), owners.len(), surface.open_edges()), (6, 6, 0));
        assert!((surface.volume_ml() - mesh.volume_ml()).abs() < 1e-15);
        let inverted = TetMesh::new(positions, vec![[1, 0, 2, 3]], vec![1]);
        assert!(matches!(inverted, Err(TetMeshError::NotPositive { tet: 0, .. })));
    }
}
