//! The wall of an artery: a soft matrix with two families of fibres.

use super::fibre::Fibre;
use super::isochoric::{State, six};
use super::limits::{Bad, above, at_least, between};
use nalgebra::{Matrix3, Matrix6};
use serde::{Deserialize, Serialize};

/// Neo-Hookean matrix with two families of fibres that only resist tension (Holzapfel, Gasser and Ogden 2000, J
/// Elasticity 61:1, equations 62 to 66).
///
/// ```text
/// ψ = μ/2 (Ī₁ − 3) + Σ_a k₁/2k₂ (e^(k₂ e_a²) − 1)     e_a = max(0, Ī₄ₐ − 1)     Ī₄ₐ = a · C̄ a
/// S̄ = μ I + Σ_a 2 ψ' a ⊗ a     ψ' = k₁ e_a e^(k₂ e_a²)
/// D̄ = Σ_a 4 ψ'' a⊗a⊗a⊗a     ψ'' = k₁ (1 + 2 k₂ e_a²) e^(k₂ e_a²)
/// ```
///
/// The families lie at plus and minus `angle_deg` from the fibre direction, in the plane of the layer. Fibres see C̄,
/// not C, as in the source: choose ν near 0.5, else a body under tension on all sides shows no fibres (Sansour 2008,
/// Eur J Mech A 27:28).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Holzapfel {
    /// Shear modulus μ of the matrix, Pa (c in the source).
    pub mu_pa: f64,
    /// Stiffness k₁ of the fibres, Pa.
    pub k1_pa: f64,
    /// How fast they stiffen, k₂, 1.
    pub k2: f64,
    /// Angle of each family to the fibre direction, degrees, 0 to 90.
    pub angle_deg: f64,
}

impl Holzapfel {
    /// Shear modulus of the matrix, Pa; what fibres add depends on the direction.
    pub fn shear_pa(&self) -> f64 {
        self.mu_pa
    }

    pub(super) fn check(&self) -> Result<(), Bad> {
        above("Holzapfel's mu", self.mu_pa, 0.0, "above 0 Pa")?;
        at_least("Holzapfel's k1", self.k1_pa, 0.0, "at least 0 Pa")?;
        between("Holzapfel's k2", self.k2, 1e-9, 1000.0, "above 0 and at most 1000")?;
        between("fibre angle", self.angle_deg, 0.0, 90.0, "between 0 and 90 degrees")
    }

    #[expect(non_snake_case, reason = "symbols as in the formulas above")]
    pub(super) fn state(&self, fibre: &Fibre, C: &Matrix3<f64>) -> State {
        let Self { mu_pa: mu, k1_pa: k1, k2, angle_deg } = *self;
        let (sin, cos) = angle_deg.to_radians().sin_cos();
        let mut energy = 0.5 * mu * (C.trace() - 3.0);
        let (mut S, mut D) = (Matrix3::from_diagonal_element(mu), Matrix6::zeros());
        for side in [1.0, -1.0] {
            let a = cos * fibre.along + side * sin * fibre.across;
            let e = (a.dot(&(C * a)) - 1.0).max(0.0);
            let exp = (k2 * e * e).exp();
            let own = a * a.transpose();
            energy += 0.5 * k1 / k2 * (k2 * e * e).exp_m1();
            S += own * (2.0 * k1 * e * exp);
            if 0.0 < e {
                D += six(&own) * six(&own).transpose() * (4.0 * k1 * (1.0 + 2.0 * k2 * e * e) * exp);
            }
        }
        State { energy, S, D }
    }
}
