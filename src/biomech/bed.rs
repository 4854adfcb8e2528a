//! Neighbours as a soft bed: what an organ lies on yields a little and pushes back, but never pulls.
//!
//! A Winkler foundation on the boundary at rest: where a vertex with the outward unit normal n moves by u, the bed
//! pushes with −k A ⟨u·n⟩ n, A its share of the area and ⟨x⟩ = max(x, 0). Along the surface the organ slides freely, as
//! on wet peritoneum. Fit for movements that are small against the roundness of the surface: the bed keeps the place and
//! direction it had at rest.

use super::units::m_from_mm;
use crate::geom::Vector;
use crate::mesh::TetMesh;

/// What the bed is to one vertex.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BedSpring {
    /// The vertex.
    pub vertex: u32,
    /// Outward unit normal at rest.
    pub normal: Vector,
    /// Stiffness, N/m.
    pub stiffness_n_m: f64,
}

impl BedSpring {
    /// How deep the vertex is in the bed when it moved by `u` m; negative where it left it.
    #[inline]
    pub fn depth_m(&self, u: &Vector) -> f64 {
        u.dot(&self.normal)
    }

    /// Force on the vertex when it moved by `u` m, N.
    #[inline]
    pub fn force_n(&self, u: &Vector) -> Vector {
        self.normal * (-self.stiffness_n_m * self.depth_m(u).max(0.0))
    }

    /// Whether it resists when the vertex moved by `u` m. At rest it does: the first guess of a solver is a body that
    /// lies, not one that floats.
    #[inline]
    pub fn resists(&self, u: &Vector) -> bool {
        0.0 <= self.depth_m(u)
    }

    /// Stiffness against movements, N/m, where it resists.
    #[inline]
    pub fn block(&self) -> [[f64; 3]; 3] {
        let n = &self.normal;
        std::array::from_fn(|i| std::array::from_fn(|j| self.stiffness_n_m * n[i] * n[j]))
    }
}

/// The bed beneath boundary `triangles` (counter-clockwise seen from outside): `stiffness_pa_m` in Pa of pressure per m
/// it yields. A vertex gets a third of the area of each triangle around it, along their mean normal; where they face each
/// other and leave no area, nothing.
pub fn bed_springs(mesh: &TetMesh, triangles: &[[u32; 3]], stiffness_pa_m: f64) -> Vec<BedSpring> {
    let mut areas = vec![Vector::zeros(); mesh.positions().len()];
    for triangle in triangles {
        let [a, b, c] = triangle.map(|v| m_from_mm(&mesh.positions()[v as usize]));
        let third = (b - a).cross(&(c - a)) / 6.0;
        triangle.iter().for_each(|v| areas[*v as usize] += third);
    }
    let spring = |(vertex, area): (u32, &Vector)| {
        let size = area.norm();
        let spring = BedSpring { vertex, normal: area / size, stiffness_n_m: stiffness_pa_m * size };
        (0.0 < size).then_some(spring)
    };
    (0..).zip(&areas).filter_map(spring).collect()
}

/// Boundary triangles that face `down`, be it ever so little: what has neighbours beneath and beside it. With the flat
/// parts alone an organ slides off its bed.
pub fn facing(mesh: &TetMesh, down: &Vector) -> Vec<[u32; 3]> {
    let (surface, _) = mesh.boundary();
    let faces = |triangle: &&[u32; 3]| {
        let [a, b, c] = surface.corners(**triangle);
        let normal = (b - a).cross(&(c - a));
        1e-9 * normal.norm() * down.norm() < normal.dot(down)
    };
    surface.triangles().iter().filter(faces).copied().collect()
}
