//! Structured tetrahedral meshes of simple bodies, for verification.

use super::TetMesh;
use crate::geom::Point;

/// A box from the origin, `size_mm` large, of nx × ny × nz cells of six Kuhn tetrahedra each.
///
/// Vertex (i, j, k) is number `(k (ny + 1) + j) (nx + 1) + i`. All tetrahedra of a cell share its main diagonal, so neighbouring
/// cells fit.
///
/// # Panics
/// If a number of cells is 0 or a size is not positive: test bodies are not user input.
pub fn block([nx, ny, nz]: [usize; 3], size_mm: [f64; 3]) -> TetMesh {
    assert!(0 < nx * ny * nz && size_mm.iter().all(|size| 0.0 < *size), "a block needs cells and a size");
    let step = [size_mm[0] / nx as f64, size_mm[1] / ny as f64, size_mm[2] / nz as f64];
    let mut positions = Vec::with_capacity((nx + 1) * (ny + 1) * (nz + 1));
    for k in 0..=nz {
        for j in 0..=ny {
            for i in 0..=nx {
                positions.push(Point::new(i as f64 * step[0], j as f64 * step[1], k as f64 * step[2]));
            }
        }
    }
    let strides = [1, nx + 1, (nx + 1) * (ny + 1)];
    // Walk from corner 0 to the far corner along the axes in each order; odd orders turn the tetrahedron inside out.
    const ORDERS: [([usize; 3], bool); 6] = [
        ([0, 1, 2], true),
        ([1, 2, 0], true),
        ([2, 0, 1], true),
        ([0, 2, 1], false),
        ([1, 0, 2], false),
        ([2, 1, 0], false),
    ];
    let mut tets = Vec::with_capacity(6 * nx * ny * nz);
    for k in 0..nz {
        for j in 0..ny {
            for i in 0..nx {
                let a = i * strides[0] + j * strides[1] + k * strides[2];
                for ([x, y, z], even) in ORDERS {
                    let b = a + strides[x];
                    let c = b + strides[y];
                    let d = c + strides[z];
                    let [b, c] = if even { [b, c] } else { [c, b] };
                    tets.push([a, b, c, d].map(|v| v as u32));
                }
            }
        }
    }
    let regions = vec![1; tets.len()];
    TetMesh::new(positions, tets, regions).expect("Kuhn tetrahedra are positive")
}

/// A cylinder along z from the origin: `rings` hexagonal rings across the radius, `layers` along the length.
///
/// The discs are triangulated in rings of 6, 12, 18 … points, so all triangles are nearly regular; each prism becomes three
/// tetrahedra, its quadrilaterals cut from the smaller vertex number.
///
/// # Panics
/// If a number is 0 or a size is not positive: test bodies are not user input.
pub fn cylinder(rings: usize, layers: usize, radius_mm: f64, length_mm: f64) -> TetMesh {
    assert!(0 < rings * layers && 0.0 < radius_mm && 0.0 < length_mm, "a cylinder needs rings, layers and a size");
    let per_disc = 1 + 3 * rings * (rings + 1);
    let mut positions = Vec::with_capacity(per_disc * (layers + 1));
    for layer in 0..=layers {
        let z = length_mm * layer as f64 / layers as f64;
        positions.push(Point::new(0.0, 0.0, z));
        for ring in 1..=rings {
            let radius = radius_mm * ring as f64 / rings as f64;
            for n in 0..6 * ring {
                let (sine, cosine) = (std::f64::consts::TAU * n as f64 / (6 * ring) as f64).sin_cos();
                positions.push(Point::new(radius * cosine, radius * sine, z));
            }
        }
    }
    let triangles = disc_triangles(rings);
    let mut tets = Vec::with_capacity(3 * triangles.len() * layers);
    for layer in 0..layers {
        for triangle in &triangles {
            let low = triangle.map(|v| v + layer * per_disc);
            tets.extend(prism(low, low.map(|v| v + per_disc)));
        }
    }
    let regions = vec![1; tets.len()];
    TetMesh::new(positions, tets, regions).expect("prisms of a disc are positive")
}

/// Counter-clockwise triangles of the disc of hexagonal rings.
fn disc_triangles(rings: usize) -> Vec<[usize; 3]> {
    // Point n of ring r, going around; ring 0 is the centre.
    let point = |ring: usize, n: usize| if ring == 0 { 0 } else { 1 + 3 * ring * (ring - 1) + n % (6 * ring) };
    let mut triangles = Vec::new();
    for ring in 1..=rings {
        for sector in 0..6 {
            for n in 0..ring {
                let (outer, inner) = (sector * ring + n, sector * (ring - 1) + n);
                triangles.push([point(ring, outer), point(ring, outer + 1), point(ring - 1, inner)]);
                if n + 1 < ring {
                    triangles.push([point(ring - 1, inner), point(ring, outer + 1), point(ring - 1, inner + 1)]);
                }
            }
        }
    }
    triangles
}

/// Three tetrahedra of the prism over counter-clockwise `low`, cut from the smallest numbers (Dompierre et al. 1999).
fn prism(low: [usize; 3], high: [usize; 3]) -> [[u32; 4]; 3] {
    // Turn it so that the smallest vertex of the lower face comes first; upper numbers are all larger.
    let first = (0..3).min_by_key(|n| low[*n]).unwrap_or(0);
    let turned = |face: [usize; 3]| [face[first], face[(first + 1) % 3], face[(first + 2) % 3]].map(|v| v as u32);
    let ([a, b, c], [d, e, f]) = (turned(low), turned(high));
    if b < c { [[a, b, c, f], [a, b, f, e], [a, e, f, d]] } else { [[a, b, c, e], [a, e, c, f], [a, e, f, d]] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::quality::tet_quality;

    #[test]
    fn a_block_is_whole() {
        let mesh = block([3, 4, 5], [30.0, 20.0, 10.0]);
        assert_eq!((mesh.positions().len(), mesh.tets().len()), (4 * 5 * 6, 6 * 60));
        assert!((mesh.volume_ml() - 6.0).abs() < 1e-12);
        let (surface, _) = mesh.boundary();
        assert_eq!((surface.open_edges(), surface.triangles().len()), (0, 4 * (12 + 15 + 20)));
        assert!((surface.area_cm2() - 22.0).abs() < 1e-9);
    }

    #[test]
    fn a_cylinder_is_whole_and_fills_its_polygon() {
        let mesh = cylinder(4, 20, 10.0, 50.0);
        let (surface, _) = mesh.boundary();
        assert_eq!(surface.open_edges(), 0);
        let polygon_mm2 = 24.0 / 2.0 * 100.0 * (std::f64::consts::TAU / 24.0).sin();
        assert!((mesh.volume_ml() - polygon_mm2 * 50.0 / 1000.0).abs() < 1e-9);
        let outer_mm2 = surface.area_cm2() * 100.0;
        let expected = 2.0 * polygon_mm2 + 50.0 * 24.0 * 2.0 * 10.0 * (std::f64::consts::PI / 24.0).sin();
        assert!((outer_mm2 - expected).abs() < 1e-6, "{outer_mm2} against {expected}: inner faces do not fit");
        assert!(20.0 < tet_quality(&mesh).dihedral_deg[0]);
    }
}
