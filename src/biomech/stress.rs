//! Stress and strain of a displaced body, per tetrahedron and averaged to vertices.

use super::assemble::Assembly;
use super::material::{Law, Local, Model, linear, neo_hookean};
use nalgebra::{Matrix3, Vector3};
use rayon::prelude::*;

/// Stress and strain of one element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ElementState {
    /// Cauchy stress, Pa.
    pub cauchy_pa: Matrix3<f64>,
    /// Volume over rest volume.
    pub volume_ratio: f64,
    /// Largest principal strain by size, |λ − 1| of the principal stretches λ.
    pub strain: f64,
}

/// The state of every element at `x` (displacement in m and pressure in Pa, vertex by vertex).
///
/// ```text
/// large: σ = P Fᵀ / J, λ² = eig FᵀF, J = det F       linear: σ = P, λ − 1 = eig ε, J = 1 + tr ε
/// ```
///
/// An inverted element gives zero stress and its true volume ratio; equilibria have none.
pub fn element_states(assembly: &Assembly, x: &[f64]) -> Vec<ElementState> {
    (0..assembly.elements.len()).into_par_iter().with_min_len(256).map(|tet| element_state(assembly, tet, x)).collect()
}

fn element_state(assembly: &Assembly, tet: usize, x: &[f64]) -> ElementState {
    let (u, p) = assembly.at_corners(tet, x);
    let mean_pa = assembly.formulation.has_pressure().then(|| p.iter().sum::<f64>() / 4.0);
    state_of(&assembly.laws[tet], &assembly.elements[tet].deformation(&u), mean_pa)
}

/// The state of a material at the deformation gradient `F` and mean stress `mean_pa` (tension positive), which is K θ
/// if not given.
#[expect(non_snake_case, reason = "symbols as in the formulas above")]
pub fn state_of(law: &Law, F: &Matrix3<f64>, mean_pa: Option<f64>) -> ElementState {
    fn whole<L: Local>(local: &L, law: &Law, mean_pa: Option<f64>) -> Matrix3<f64> {
        local.shape_stress() + mean_pa.unwrap_or_else(|| law.bulk_pa * local.theta()) * local.theta_gradient()
    }
    let J = F.determinant();
    let P = match law.model {
        Model::LinearElastic => {
            let cauchy_pa = whole(&linear::At::new(law.mu_pa, F), law, mean_pa);
            let strain = linear::strain(F);
            return ElementState { cauchy_pa, volume_ratio: 1.0 + strain.trace(), strain: principal(&strain).amax() };
        }
        Model::NeoHookean => neo_hookean::At::new(law.mu_pa, F).map(|at| whole(&at, law, mean_pa)),
        Model::Hyperelastic => law.hyperelastic_at(F).map(|at| whole(&at, law, mean_pa)),
    };
    let stretches = principal(&(F.transpose() * F)).map(|square| square.max(0.0).sqrt() - 1.0);
    let cauchy_pa = P.map_or_else(Matrix3::zeros, |P| P * F.transpose() / J);
    ElementState { cauchy_pa, volume_ratio: J, strain: stretches.amax() }
}

/// Cauchy stress in Pa of a second Piola–Kirchhoff stress `S` in Pa, see [`super::active`].
#[expect(non_snake_case, reason = "symbols as in the formulas above")]
pub fn added_stress(law: &Law, F: &Matrix3<f64>, S: &Matrix3<f64>) -> Matrix3<f64> {
    if law.model == Model::LinearElastic { *S } else { F * S * F.transpose() / F.determinant() }
}

/// Cauchy stress at the vertices, Pa: the mean of the elements around each, weighted by rest volume. Where regions
/// meet, both count.
pub fn at_vertices(assembly: &Assembly, states: &[ElementState]) -> Vec<Matrix3<f64>> {
    let average = |vertex: usize| {
        let mut sum = Matrix3::zeros();
        let mut weight = 0.0;
        for tet in assembly.tets_of(vertex) {
            let volume = assembly.elements[tet].volume_m3;
            sum += states[tet].cauchy_pa * volume;
            weight += volume;
        }
        if 0.0 < weight { sum / weight } else { sum }
    };
    (0..assembly.mesh.positions().len()).into_par_iter().with_min_len(256).map(average).collect()
}

/// Von Mises stress √(3/2 s : s), s the deviator, in the unit of `stress`.
pub fn von_mises(stress: &Matrix3<f64>) -> f64 {
    let [xx, yy, zz] = [stress[(0, 0)], stress[(1, 1)], stress[(2, 2)]];
    let shear = stress[(0, 1)].powi(2) + stress[(1, 2)].powi(2) + stress[(2, 0)].powi(2);
    (0.5 * ((xx - yy).powi(2) + (yy - zz).powi(2) + (zz - xx).powi(2)) + 3.0 * shear).sqrt()
}

/// Eigenvalues of a symmetric tensor, the largest first.
pub fn principal(tensor: &Matrix3<f64>) -> Vector3<f64> {
    let mut values = (0.5 * (tensor + tensor.transpose())).symmetric_eigenvalues();
    values.as_mut_slice().sort_by(|a, b| b.total_cmp(a));
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn von_mises_is_the_tension_of_a_bar_and_blind_to_pressure() {
        let bar = Matrix3::from_diagonal(&Vector3::new(7.0, 0.0, 0.0));
        assert!((von_mises(&bar) - 7.0).abs() < 1e-15);
        assert!(von_mises(&Matrix3::from_diagonal_element(-3.0)) < 1e-15);
        let shear = Matrix3::new(0.0, 2.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        assert!((von_mises(&shear) - 2.0 * 3.0_f64.sqrt()).abs() < 1e-15);
        assert!((principal(&shear) - Vector3::new(2.0, 0.0, -2.0)).norm() < 1e-14);
    }
}
