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
    carved_box(cells, |_| true, place)
}

/// As [`mapped_box`], with only the cubes that `keep` wants; vertices are numbered in the same order without gaps.
pub fn carved_box(
    [nx, ny, nz]: [usize; 3],
    keep: impl Fn([usize; 3]) -> bool,
    place: impl Fn([f64; 3]) -> Point,
) -> TetMesh {
    let number = |at: [usize; 3]| at[0] + (nx + 1) * (at[1] + (ny + 1) * at[2]);
    let mut corners: Vec<[usize; 4]> = Vec::with_capacity(6 * nx * ny * nz);
    for (k, j, i) in (0..nz).flat_map(|k| (0..ny).flat_map(move |j| (0..nx).map(move |i| (k, j, i)))) {
        for (n, path) in PATHS.iter().enumerate().filter(|_| keep([i, j, k])) {
            let mut at = [i, j, k];
            let mut tet = [number(at); 4];
            for (corner, axis) in path.iter().enumerate() {
                at[*axis] += 1;
                tet[corner + 1] = number(at);
            }
            if 3 <= n {
                tet.swap(2, 3); // odd permutations run the other way round
            }
            corners.push(tet);
        }
    }
    let mut new_number = vec![u32::MAX; (nx + 1) * (ny + 1) * (nz + 1)];
    corners.as_flattened().iter().for_each(|v| new_number[*v] = 0);
    let mut positions = Vec::new();
    for (old, new) in new_number.iter_mut().enumerate().filter(|(_, new)| **new == 0) {
        *new = positions.len() as u32;
        let (i, j, k) = (old % (nx + 1), old / (nx + 1) % (ny + 1), old / ((nx + 1) * (ny + 1)));
        positions.push(place([i as f64 / nx as f64, j as f64 / ny as f64, k as f64 / nz as f64]));
    }
    let tets: Vec<[u32; 4]> = corners.iter().map(|tet| tet.map(|v| new_number[v])).collect();
    let regions = vec![1; tets.len()];
    TetMesh::new(positions, tets, regions).expect("the map keeps the handedness")
}

/// The radial map of a square or cube onto a quarter disc or an octant: direction of `at`, and its largest coordinate.
fn radial<const N: usize>(at: [f64; N]) -> ([f64; N], f64) {
    let size = at.iter().copied().fold(0.0, f64::max);
    // tan makes equal steps along an edge equal angles.
    let bent = at.map(|x| if 0.0 < size { (x / size * std::f64::consts::FRAC_PI_4).tan() } else { 0.0 });
    let length = bent.iter().map(|x| x * x).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    (bent.map(|x| x / length), size)
}

/// The octant x, y, z ≥ 0 of a hollow sphere with outer radius twice `inner_mm`, `layers` cells thick.
pub fn hollow_octant(layers: usize, inner_mm: f64) -> TetMesh {
    carved_box(
        [2 * layers; 3],
        |cell| cell.iter().any(|n| layers <= *n),
        |unit| {
            let (direction, size) = radial(unit);
            Point::from(direction.map(|x| 2.0 * inner_mm * size * x))
        },
    )
}

/// A slice of the quarter x, y ≥ 0 of a tube with outer radius twice `inner_mm`, `layers` cells thick, one cell high.
pub fn hollow_quarter(layers: usize, inner_mm: f64) -> TetMesh {
    carved_box(
        [2 * layers, 2 * layers, 1],
        |[i, j, _]| layers <= i || layers <= j,
        |[x, y, z]| {
            let ([x, y], size) = radial([x, y]);
            Point::new(2.0 * inner_mm * size * x, 2.0 * inner_mm * size * y, z * inner_mm / layers as f64)
        },
    )
}

/// A cylinder along z with `n` cells from the axis to the rim: squares inside, circles outside.
pub fn disc_prism(n: usize, radius_mm: f64, length_mm: f64) -> TetMesh {
    mapped_box([2 * n, 2 * n, 2 * n], |[x, y, z]| {
        let (x, y) = (2.0 * x - 1.0, 2.0 * y - 1.0);
        let ([cx, cy], size) = radial([x.abs(), y.abs()]);
        // From the square in the middle to the circle at the rim.
        let blend = |straight: f64, round: f64| {
            straight.signum() * radius_mm * ((1.0 - size) * straight.abs() * 0.75 + size * size * round)
        };
        Point::new(blend(x, cx), blend(y, cy), z * length_mm)
    })
}

/// A straight box of `size_mm` with one corner at the origin.
pub fn straight_box(cells: [usize; 3], size_mm: [f64; 3]) -> TetMesh {
    mapped_box(cells, |[x, y, z]| Point::new(x * size_mm[0], y * size_mm[1], z * size_mm[2]))
}

/// Several bodies as parts of one mesh, their vertices one after the other; the tetrahedra of part n are of region n + 1.
pub fn together(parts: &[TetMesh]) -> TetMesh {
    let (mut positions, mut tets, mut regions) = (Vec::new(), Vec::new(), Vec::new());
    for (part, region) in parts.iter().zip(1..) {
        let first = positions.len() as u32;
        positions.extend_from_slice(part.positions());
        tets.extend(part.tets().iter().map(|tet| tet.map(|v| first + v)));
        regions.extend(vec![region; part.tets().len()]);
    }
    TetMesh::new(positions, tets, regions).expect("parts are meshes")
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
