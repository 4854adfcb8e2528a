//! The mesh doctor: what is wrong with a surface or a mesh, and how good its elements are.

use super::{Surface, TetMesh};
use crate::base::Summary;
use crate::geom::Point;
use rayon::prelude::*;

/// Components, holes and bad triangles of a surface.
#[derive(Debug, Clone, PartialEq)]
pub struct SurfaceQuality {
    /// Parts that share no vertex.
    pub components: usize,
    /// Edges used by one triangle only, or twice in the same direction.
    pub open_edges: usize,
    /// Triangles with two equal corners or an area below 10⁻⁹ mm².
    pub degenerate_triangles: usize,
    /// Smallest angle of any other triangle, degrees.
    pub angle_deg_min: f64,
}

/// Look at every triangle.
pub fn surface_quality(surface: &Surface) -> SurfaceQuality {
    let angles: Vec<f64> = surface.triangles().par_iter().map(|t| smallest_angle_deg(surface.corners(*t))).collect();
    SurfaceQuality {
        components: components(surface.positions().len(), surface.triangles()).1,
        open_edges: surface.open_edges(),
        degenerate_triangles: angles.iter().filter(|angle| angle.is_nan()).count(),
        angle_deg_min: angles.iter().copied().fold(f64::INFINITY, f64::min),
    }
}

impl SurfaceQuality {
    /// The same for people, with volume and area of `surface`.
    pub fn summary(&self, surface: &Surface) -> Summary {
        let mut summary = Summary::default()
            .fact("vertices", surface.positions().len() as f64, "1")
            .fact("triangles", surface.triangles().len() as f64, "1")
            .fact("volume", surface.volume_ml(), "ml")
            .fact("area", surface.area_cm2(), "cm²")
            .fact("parts", self.components as f64, "1")
            .fact("open edges", self.open_edges as f64, "1")
            .fact("degenerate triangles", self.degenerate_triangles as f64, "1");
        if self.angle_deg_min.is_finite() {
            summary = summary.fact("smallest angle", self.angle_deg_min, "°");
        }
        if 0 < self.open_edges {
            summary =
                summary.warning(format!("the surface has {} open edges, so its volume means little", self.open_edges));
        } else if surface.volume_ml() < 0.0 {
            summary = summary.warning("the surface is inside out");
        }
        summary
    }
}

/// Shapes of the tetrahedra of a mesh.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TetQuality {
    /// Smallest and largest dihedral angle of any tetrahedron, degrees.
    pub dihedral_deg: [f64; 2],
    /// Largest aspect ratio: longest edge over smallest height, 1.22 for a regular tetrahedron.
    pub aspect_max: f64,
    /// Smallest volume, mm³.
    pub volume_mm3_min: f64,
}

/// Look at every tetrahedron.
pub fn tet_quality(mesh: &TetMesh) -> TetQuality {
    let start = TetQuality { dihedral_deg: [180.0, 0.0], aspect_max: 0.0, volume_mm3_min: f64::INFINITY };
    (0..mesh.tets().len()).into_par_iter().map(|tet| shape(mesh.corners(tet))).reduce(
        || start,
        |a, b| TetQuality {
            dihedral_deg: [a.dihedral_deg[0].min(b.dihedral_deg[0]), a.dihedral_deg[1].max(b.dihedral_deg[1])],
            aspect_max: a.aspect_max.max(b.aspect_max),
            volume_mm3_min: a.volume_mm3_min.min(b.volume_mm3_min),
        },
    )
}

/// Upper ends of the classes of aspect ratios that [`TetQuality::summary`] counts.
const ASPECT_CLASSES: [f64; 4] = [2.0, 3.0, 5.0, 10.0];

impl TetQuality {
    /// The same for people, with counts, volume, a histogram of aspect ratios and the place of the worst tetrahedron of `mesh`.
    pub fn summary(&self, mesh: &TetMesh) -> Summary {
        let n = mesh.tets().len();
        let mut summary = Summary::default()
            .fact("tetrahedra", n as f64, "1")
            .fact("vertices", mesh.positions().len() as f64, "1")
            .fact("volume", mesh.volume_ml(), "ml")
            .fact("smallest dihedral angle", self.dihedral_deg[0], "°")
            .fact("largest dihedral angle", self.dihedral_deg[1], "°")
            .fact("smallest tetrahedron", self.volume_mm3_min, "mm³")
            .fact("largest aspect ratio", self.aspect_max, "1");
        let aspects: Vec<f64> = (0..n).into_par_iter().map(|tet| shape(mesh.corners(tet)).aspect_max).collect();
        let mut from = 1.0;
        for to in ASPECT_CLASSES.into_iter().chain([f64::INFINITY]) {
            let count = aspects.iter().filter(|aspect| from <= **aspect && **aspect < to).count();
            let name = if to.is_finite() {
                format!("aspect ratio {from} to {to}")
            } else {
                format!("aspect ratio above {from}")
            };
            summary = summary.fact(&name, 100.0 * count as f64 / n as f64, "%");
            from = to;
        }
        let worst = (0..n).max_by(|a, b| aspects[*a].total_cmp(&aspects[*b]).then(b.cmp(a))).unwrap_or(0);
        let sum = mesh.corners(worst).iter().map(|p| p.coords).sum::<nalgebra::Vector3<f64>>();
        for (axis, x) in ["left", "back", "up"].into_iter().zip((sum / 4.0).iter()) {
            summary = summary.fact(&format!("worst tetrahedron, {axis}"), *x, "mm");
        }
        summary
    }
}

/// Shape of one tetrahedron.
pub fn shape(corners: [&Point; 4]) -> TetQuality {
    let [a, b, c, d] = corners;
    let volume_mm3 = (b - a).dot(&(c - a).cross(&(d - a))) / 6.0;
    // Outward normals, twice the area long, of the faces opposite to a, b, c, d.
    let normals = [(c - b).cross(&(d - b)), (d - a).cross(&(c - a)), (b - a).cross(&(d - a)), (c - a).cross(&(b - a))];
    let mut dihedral_deg = [180.0_f64, 0.0_f64];
    let mut longest = 0.0_f64;
    for m in 0..4 {
        for n in m + 1..4 {
            let sine = normals[m].cross(&normals[n]).norm();
            let angle = sine.atan2(-normals[m].dot(&normals[n])).to_degrees();
            dihedral_deg = [dihedral_deg[0].min(angle), dihedral_deg[1].max(angle)];
            longest = longest.max((corners[m] - corners[n]).norm());
        }
    }
    let largest_area = normals.iter().map(|n| n.norm()).fold(0.0, f64::max) / 2.0;
    let height_min = 3.0 * volume_mm3 / largest_area;
    TetQuality { dihedral_deg, aspect_max: longest / height_min, volume_mm3_min: volume_mm3 }
}

/// The component of every vertex and how many there are; vertices that no cell uses belong to none.
///
/// Components are numbered in the order of their first vertex; unused vertices have number `u32::MAX`.
pub fn components<const N: usize>(n_vertices: usize, cells: &[[u32; N]]) -> (Vec<u32>, usize) {
    let mut parent: Vec<u32> = (0..n_vertices as u32).collect();
    let mut used = vec![false; n_vertices];
    for cell in cells {
        for vertex in cell {
            used[*vertex as usize] = true;
            let (a, b) = (root(&mut parent, cell[0]), root(&mut parent, *vertex));
            // The smaller number becomes the root, so that the result does not depend on the order of cells.
            parent[a.max(b) as usize] = a.min(b);
        }
    }
    let mut number = vec![u32::MAX; n_vertices];
    let mut count = 0;
    for vertex in 0..n_vertices {
        if used[vertex] {
            let root = root(&mut parent, vertex as u32) as usize;
            if root == vertex {
                number[vertex] = count;
                count += 1;
            } else {
                number[vertex] = number[root];
            }
        }
    }
    (number, count as usize)
}

/// The root of `node` in a forest, halving the path on the way.
pub(super) fn root(parent: &mut [u32], mut node: u32) -> u32 {
    while parent[node as usize] != node {
        parent[node as usize] = parent[parent[node as usize] as usize];
        node = parent[node as usize];
    }
    node
}

fn smallest_angle_deg([a, b, c]: [&Point; 3]) -> f64 {
    let angle =
        |p: &Point, q: &Point, r: &Point| (q - p).cross(&(r - p)).norm().atan2((q - p).dot(&(r - p))).to_degrees();
    if 0.5 * (b - a).cross(&(c - a)).norm() < 1e-9 {
        f64::NAN
    } else {
        angle(a, b, c).min(angle(b, c, a)).min(angle(c, a, b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_tetrahedron_has_the_known_angles() {
        let p = [[1.0, 1.0, 1.0], [-1.0, -1.0, 1.0], [-1.0, 1.0, -1.0], [1.0, -1.0, -1.0]].map(Point::from);
        let mesh = TetMesh::new(p.to_vec(), vec![[0, 1, 2, 3]], vec![1])
            .or_else(|_| TetMesh::new(p.to_vec(), vec![[1, 0, 2, 3]], vec![1]))
            .unwrap();
        let quality = tet_quality(&mesh);
        let exact = (1.0_f64 / 3.0).acos().to_degrees();
        assert!(quality.dihedral_deg.iter().all(|angle| (angle - exact).abs() < 1e-9), "{quality:?}");
        assert!((quality.aspect_max - 1.5_f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn parts_holes_and_bad_triangles_are_counted() {
        let positions: Vec<Point> =
            (0..8).map(|n| Point::new(f64::from(n % 2), f64::from(n / 2 % 2), f64::from(n / 4))).collect();
        let surface = Surface::new(positions, vec![[0, 1, 2], [1, 3, 2], [4, 5, 6], [4, 4, 6]]).unwrap();
        let quality = surface_quality(&surface);
        assert_eq!((quality.components, quality.degenerate_triangles), (2, 1));
        assert!((quality.angle_deg_min - 45.0).abs() < 1e-9);
        assert_eq!(quality.open_edges, 4 + 3);
        assert_eq!(quality.summary(&surface).warnings.len(), 1);
    }
}
