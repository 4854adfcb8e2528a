//! Meshes of simple bodies for problems with known answers.

use crate::geom::Point;
use crate::mesh::TetMesh;

/// Corner paths of the six tetrahedra of a cube (Kuhn 1960): from 000 to 111 along the axes in every order.
const PATHS: [[usize; 3]; 6] = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0], [1, 0, 2]];

/// A box of `cells` cubes, six tetrahedra each, whose unit coordinates (0 to 1) are mapped to mm by `place`.
///
/// `place` must keep the handedness. All tetrahedra are of region 1. Vertex (i, j, k) is number
/// i + (nx + 1) (j + (ny + 1) k).
pub fn mapped_box(cells: [usize; 3], place: impl Fn([f64; 3]) -> Point) -> TetMesh {
    let [nx, ny, nz] = cells;
    let mut positions = Vec::with_capacity((nx + 1) * (ny + 1) * (nz + 1));
    for k in 0..=nz {
        for j in 0..=ny {
            for i in 0..=nx {
                positions.push(place([i as f64 / nx as f64, j as f64 / ny as f64, k as f64 / nz as f64]));
            }
        }
    }
    let number = |at: [usize; 3]| (at[0] + (nx + 1) * (at[1] + (ny + 1) * at[2])) as u32;
    let mut tets = Vec::with_capacity(6 * nx * ny * nz);
    for k in 0..nz {
        for j in 0..ny {
            for i in 0..nx {
                for (n, path) in PATHS.iter().enumerate() {
                    let mut at = [i, j, k];
                    let mut tet = [number(at); 4];
                    for (corner, axis) in path.iter().enumerate() {
                        at[*axis] += 1;
                        tet[corner + 1] = number(at);
                    }
                    if 3 <= n {
                        tet.swap(2, 3); // odd permutations run the other way round
                    }
                    tets.push(tet);
                }
            }
        }
    }
    let regions = vec![1; tets.len()];
    TetMesh::new(positions, tets, regions).expect("the map keeps the handedness")
}

/// A straight box of `size_mm` with one corner at the origin.
pub fn straight_box(cells: [usize; 3], size_mm: [f64; 3]) -> TetMesh {
    mapped_box(cells, |[x, y, z]| Point::new(x * size_mm[0], y * size_mm[1], z * size_mm[2]))
}

/// Vertices for which `wanted` holds, ascending.
pub fn vertices_where(mesh: &TetMesh, wanted: impl Fn(&Point) -> bool) -> Vec<u32> {
    (0..).zip(mesh.positions()).filter(|(_, point)| wanted(point)).map(|(vertex, _)| vertex).collect()
}

/// Boundary triangles whose three corners satisfy `wanted`.
pub fn faces_where(mesh: &TetMesh, wanted: impl Fn(&Point) -> bool) -> Vec<[u32; 3]> {
    let (surface, _) = mesh.boundary();
    let all = |triangle: &&[u32; 3]| triangle.iter().all(|v| wanted(&mesh.positions()[*v as usize]));
    surface.triangles().iter().filter(all).copied().collect()
}
