//! The compressible neo-Hookean solid.

use super::law::Local;
use crate::geom::Vector;
use nalgebra::Matrix3;

/// Neo-Hookean solid with its volume apart (Bonet and Wood 2008, sections 6.4.3 and 6.5; the same as `NEO HOOKE` of
/// CalculiX with C10 = μ/2 and D1 = 2/K).
///
/// ```text
/// J = det F     θ = J − 1     ψ = μ/2 (J^(−2/3) tr FᵀF − 3) + K/2 θ²
/// P = μ J^(−2/3) (F − I₁/3 G) + K θ J G     G = F⁻ᵀ     I₁ = tr FᵀF     ∂J/∂F = J G = cof F
/// ```
#[expect(non_snake_case, reason = "symbols as in the formulas above")]
pub struct At {
    /// μ J^(−2/3), Pa.
    mu_bar: f64,
    F: Matrix3<f64>,
    G: Matrix3<f64>,
    I1: f64,
    J: f64,
}

/// μ/2 (J^(−2/3) I₁ − 3), Pa; `None` if J ≤ 0.
#[expect(non_snake_case, reason = "symbols as in the formulas above")]
pub fn shape_energy(mu: f64, F: &Matrix3<f64>) -> Option<f64> {
    let J = F.determinant();
    (0.0 < J).then(|| 0.5 * mu * (F.norm_squared() / J.cbrt().powi(2) - 3.0))
}

#[expect(non_snake_case, reason = "symbols as in the formulas above")]
impl At {
    /// The law with shear modulus `mu` in Pa at `F`; `None` for an inverted element (J ≤ 0).
    pub fn new(mu: f64, F: &Matrix3<f64>) -> Option<Self> {
        let J = F.determinant();
        let G = F.try_inverse().filter(|_| 0.0 < J)?.transpose();
        Some(Self { mu_bar: mu / J.cbrt().powi(2), F: *F, G, I1: F.norm_squared(), J })
    }
}

impl Local for At {
    fn shape_stress(&self) -> Matrix3<f64> {
        self.mu_bar * (self.F - self.G * (self.I1 / 3.0))
    }

    fn theta(&self) -> f64 {
        self.J - 1.0
    }

    fn theta_gradient(&self) -> Matrix3<f64> {
        self.J * self.G
    }

    /// ```text
    /// ∂P/∂F = μ J^(−2/3) [δ_ik δ_jl − 2/3 (F_ij G_kl + G_ij F_kl) + 2/9 I₁ G_ij G_kl + 1/3 I₁ G_il G_kj]
    /// ```
    fn pair_shape(&self, a: &Vector, b: &Vector) -> Matrix3<f64> {
        let (fa, fb, ga, gb) = (self.F * a, self.F * b, self.G * a, self.G * b);
        // F_ij G_kl a_j b_l = fa ⊗ gb and so on; the first two terms and the third share the right factor.
        let left = (2.0 / 9.0 * self.I1) * ga - (2.0 / 3.0) * fa;
        let mut pair =
            left * gb.transpose() - (2.0 / 3.0) * ga * fb.transpose() + (self.I1 / 3.0) * gb * ga.transpose();
        let diagonal = a.dot(b);
        (0..3).for_each(|i| pair[(i, i)] += diagonal);
        self.mu_bar * pair
    }

    /// ∂²J/∂F∂F = J (G_ij G_kl − G_il G_kj).
    fn pair_theta(&self, a: &Vector, b: &Vector) -> Matrix3<f64> {
        let (ga, gb) = (self.G * a, self.G * b);
        self.J * (ga * gb.transpose() - gb * ga.transpose())
    }
}
