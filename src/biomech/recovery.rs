//! How far off is the stress? Smooth stress from that of the elements, and the error that the difference estimates.

use super::assemble::Assembly;
use super::stress::ElementState;
use super::units::m_from_mm;
use nalgebra::{Matrix3, Matrix4, Vector4};
use rayon::prelude::*;

/// Tetrahedra from which the four constants of a linear stress are fitted, rather than from a second ring of them.
const PATCH_MIN: usize = 8;
/// Smallest over largest eigenvalue of a fit, in units of the patch: below it the patch says nothing of some direction.
const SPREAD_MIN: f64 = 1e-3;

/// An estimate of the error of a solution with linear elements.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorEstimate {
    /// Error over solution, both in the norm of energy, 1; 0 where nothing is strained.
    pub relative: f64,
    /// Energy of the estimated error of each tetrahedron, J: where it is large, a finer mesh pays.
    pub tet_j: Vec<f64>,
}

/// The estimate of Zienkiewicz and Zhu (1992, Int J Numer Meth Eng 33:1331 and 1365): σ* is a linear stress fitted to
/// the elements around each vertex ("superconvergent patch recovery"), continuous within a region but not across its
/// border, and
///
/// ```text
/// ‖e‖² = ½ ∫ (σ* − σ) : D⁻¹ : (σ* − σ)     relative = ‖e‖ / √(‖σ‖² + ‖e‖²)
/// ```
///
/// with D the elasticity at small strain. Elements with pressure carry a continuous pressure already: only the error
/// of the deviator is estimated for them, beside the energy of shape. For elements of constant stress, as in `states`;
/// not for quadratic ones. Large strains: Cauchy stress over the deformed volume, which makes it an indicator.
pub fn estimate(assembly: &Assembly, states: &[ElementState]) -> ErrorEstimate {
    let smooth: Vec<Vec<(u8, Matrix3<f64>)>> =
        (0..assembly.mesh.positions().len()).into_par_iter().map(|v| recover(assembly, states, v)).collect();
    let regions = assembly.mesh.regions();
    let energies = |tet: usize| {
        let (own, volume) =
            (states[tet].cauchy_pa, assembly.elements[tet].volume_m3 * states[tet].volume_ratio.max(0.0));
        let at = |vertex: u32| {
            let found = smooth[vertex as usize].iter().find(|(region, _)| *region == regions[tet]);
            found.map_or_else(Matrix3::zeros, |(_, stress)| stress - own)
        };
        let corners = assembly.mesh.tets()[tet].map(at);
        let sum: Matrix3<f64> = corners.iter().sum();
        // ∫ of a product of linear functions: V/20 (Σ aₙ bₙ + Σ aₙ Σ bₙ).
        let squares = corners.iter().map(|off| energy_pa(assembly, tet, off)).sum::<f64>();
        (volume / 20.0 * (squares + energy_pa(assembly, tet, &sum)), volume * energy_pa(assembly, tet, &own))
    };
    let (tet_j, own): (Vec<f64>, Vec<f64>) =
        (0..states.len()).into_par_iter().with_min_len(256).map(energies).collect::<Vec<_>>().into_iter().unzip();
    let (error, whole) = (tet_j.iter().sum::<f64>(), own.iter().sum::<f64>());
    let relative = if 0.0 < whole { (error / (whole + error)).sqrt() } else { 0.0 };
    ErrorEstimate { relative, tet_j }
}

/// ½ σ : D⁻¹ : σ, Pa: s : s / 4 μ with s the deviator, and (tr σ/3)² / 2 K for elements without pressure.
pub(super) fn energy_pa(assembly: &Assembly, tet: usize, stress: &Matrix3<f64>) -> f64 {
    let (law, mean) = (&assembly.laws[tet], stress.trace() / 3.0);
    let shape = (stress - Matrix3::from_diagonal_element(mean)).norm_squared() / (4.0 * law.mu_pa);
    if assembly.formulation.has_pressure() { shape } else { shape + mean * mean / (2.0 * law.bulk_pa) }
}

/// The smooth stress at a vertex in each region that meets there, Pa.
fn recover(assembly: &Assembly, states: &[ElementState], vertex: usize) -> Vec<(u8, Matrix3<f64>)> {
    let regions = assembly.mesh.regions();
    let mut found: Vec<(u8, Matrix3<f64>)> = Vec::new();
    for region in assembly.tets_of(vertex).map(|tet| regions[tet]) {
        if found.iter().any(|(known, _)| *known == region) {
            continue;
        }
        let near: Vec<usize> = assembly.tets_of(vertex).filter(|tet| regions[*tet] == region).collect();
        let stress = fit(assembly, states, vertex, &near, PATCH_MIN).or_else(|| {
            let corners = near.iter().flat_map(|tet| assembly.mesh.tets()[*tet]);
            let mut wide: Vec<usize> =
                corners.flat_map(|v| assembly.tets_of(v as usize).filter(|tet| regions[*tet] == region)).collect();
            wide.sort_unstable();
            wide.dedup();
            fit(assembly, states, vertex, &wide, 4)
        });
        found.push((region, stress.unwrap_or_else(|| mean(assembly, states, &near))));
    }
    found
}

fn mean(assembly: &Assembly, states: &[ElementState], tets: &[usize]) -> Matrix3<f64> {
    let volume = |tet: &usize| assembly.elements[*tet].volume_m3;
    tets.iter().map(|tet| states[*tet].cauchy_pa * volume(tet)).sum::<Matrix3<f64>>()
        / tets.iter().map(volume).sum::<f64>()
}

/// The value at `vertex` of the linear stress that is nearest to that of `tets` at their middles, weighted by volume;
/// `None` if they are fewer than `count` or lie too flat.
fn fit(
    assembly: &Assembly,
    states: &[ElementState],
    vertex: usize,
    tets: &[usize],
    count: usize,
) -> Option<Matrix3<f64>> {
    if tets.len() < count {
        return None;
    }
    let centre = m_from_mm(&assembly.mesh.positions()[vertex]);
    let offsets: Vec<_> = tets.iter().map(|tet| m_from_mm(&assembly.middle_mm(*tet)) - centre).collect();
    let size = offsets.iter().map(|offset| offset.norm()).fold(f64::MIN_POSITIVE, f64::max);
    let total: f64 = tets.iter().map(|tet| assembly.elements[*tet].volume_m3).sum();
    let terms: Vec<(Vector4<f64>, f64)> = offsets
        .iter()
        .zip(tets)
        .map(|(x, tet)| {
            (Vector4::new(1.0, x.x / size, x.y / size, x.z / size), assembly.elements[*tet].volume_m3 / total)
        })
        .collect();
    let normal: Matrix4<f64> = terms.iter().map(|(term, weight)| term * term.transpose() * *weight).sum();
    let spread = normal.symmetric_eigenvalues();
    if !(SPREAD_MIN * spread.max() < spread.min()) {
        return None;
    }
    let row = normal.try_inverse()?.column(0).into_owned();
    Some(terms.iter().zip(tets).map(|((term, weight), tet)| states[*tet].cauchy_pa * (row.dot(term) * weight)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biomech::verification::shapes::mapped_box;
    use crate::biomech::{Formulation, Hyperelastic, Material, Model};
    use crate::geom::Point;
    use crate::mesh::TetMesh;

    const SOFT: Material = Material {
        young_pa: 5000.0,
        poisson: 0.3,
        density_kg_m3: 1060.0,
        strain_max: 1.0,
        law: Hyperelastic::NeoHookean,
    };

    fn mesh() -> TetMesh {
        mapped_box([4, 3, 3], |[x, y, z]| Point::new(40.0 * x + 3.0 * y * z, 30.0 * y, 30.0 * z + 2.0 * x * x))
    }

    fn linear_stress(assembly: &Assembly, tet: usize) -> Matrix3<f64> {
        let x = m_from_mm(&assembly.middle_mm(tet));
        let shear = 3.0 + 100.0 * x.y;
        Matrix3::new(5.0 + 200.0 * x.x - 70.0 * x.z, shear, 0.0, shear, -4.0 * x.z, 1.0, 0.0, 1.0, 2.0)
    }

    fn states(of: impl Fn(usize) -> Matrix3<f64>, count: usize) -> Vec<ElementState> {
        (0..count).map(|tet| ElementState { cauchy_pa: of(tet), volume_ratio: 1.0, strain: 0.0 }).collect()
    }

    /// Linear stress is recovered exactly, so its estimate is the true error of its element means.
    #[test]
    fn the_error_of_a_linear_stress_is_exact_and_of_a_constant_one_zero() {
        let mesh = mesh();
        let materials = [(1, SOFT)];
        let assembly = Assembly::new(&mesh, &materials, Model::LinearElastic, Formulation::Displacement).unwrap();
        let count = mesh.tets().len();
        let slope = |tet: usize| {
            let corners = mesh.corners(tet).map(m_from_mm);
            let middle = m_from_mm(&assembly.middle_mm(tet));
            corners.map(|x| {
                let d = x - middle;
                Matrix3::new(200.0 * d.x - 70.0 * d.z, 100.0 * d.y, 0.0, 100.0 * d.y, -4.0 * d.z, 0.0, 0.0, 0.0, 0.0)
            })
        };
        let found = estimate(&assembly, &states(|tet| linear_stress(&assembly, tet), count));
        for tet in 0..count {
            // The mean of the differences is 0: only the sum of squares is left.
            let exact = slope(tet).iter().map(|off| energy_pa(&assembly, tet, off)).sum::<f64>() / 20.0
                * assembly.elements[tet].volume_m3;
            assert!((found.tet_j[tet] - exact).abs() < 1e-9 * exact, "{tet}: {} against {exact}", found.tet_j[tet]);
        }
        assert!(0.01 < found.relative && found.relative < 1.0, "{}", found.relative);
        let even = estimate(&assembly, &states(|_| Matrix3::new(1.0, 2.0, 0.0, 2.0, 4.0, 0.0, 0.0, 0.0, 7.0), count));
        assert!(even.relative < 1e-12, "{}", even.relative);
        assert_eq!(estimate(&assembly, &states(|_| Matrix3::zeros(), count)).relative, 0.0);
    }

    /// Stress may jump where tissue changes; that is no error.
    #[test]
    fn a_jump_between_regions_is_no_error() {
        let plain = mesh();
        let regions: Vec<u8> = (0..plain.tets().len()).map(|tet| if tet < 6 * 18 { 1 } else { 2 }).collect();
        let mesh = TetMesh::new(plain.positions().to_vec(), plain.tets().to_vec(), regions).unwrap();
        let materials = [(1, SOFT), (2, Material { young_pa: 9000.0, ..SOFT })];
        let assembly = Assembly::new(&mesh, &materials, Model::LinearElastic, Formulation::Displacement).unwrap();
        let of = |tet: usize| Matrix3::identity() * f64::from(mesh.regions()[tet]);
        assert!(estimate(&assembly, &states(of, mesh.tets().len())).relative < 1e-12);
    }
}
