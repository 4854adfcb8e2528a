//! The Mooney–Rivlin solid.

use super::isochoric::{State, six, unit};
use super::limits::{Bad, above, at_least};
use nalgebra::{Matrix3, Matrix6};
use serde::{Deserialize, Serialize};

/// Two-term Mooney–Rivlin solid (Holzapfel 2000, section 6.5).
///
/// ```text
/// ψ = C₁₀ (Ī₁ − 3) + C₀₁ (Ī₂ − 3)     Ī₁ = tr C̄     Ī₂ = (Ī₁² − tr C̄²)/2     μ = 2 (C₁₀ + C₀₁)
/// S̄ = 2 C₁₀ I + 2 C₀₁ (Ī₁ I − C̄)     D̄ = 4 C₀₁ (I ⊗ I − 𝕀)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MooneyRivlin {
    /// C₁₀, Pa.
    pub c10_pa: f64,
    /// C₀₁, Pa; 0 is the neo-Hookean solid.
    pub c01_pa: f64,
}

impl MooneyRivlin {
    /// Shear modulus at small strain, Pa.
    pub fn shear_pa(&self) -> f64 {
        2.0 * (self.c10_pa + self.c01_pa)
    }

    /// Negative constants would make a solid that gives way at some stretch.
    pub(super) fn check(&self) -> Result<(), Bad> {
        at_least("Mooney's C10", self.c10_pa, 0.0, "at least 0 Pa")?;
        at_least("Mooney's C01", self.c01_pa, 0.0, "at least 0 Pa")?;
        above("Mooney's C10 + C01", self.c10_pa + self.c01_pa, 0.0, "above 0 Pa")
    }

    #[expect(non_snake_case, reason = "symbols as in the formulas above")]
    pub(super) fn state(&self, C: &Matrix3<f64>) -> State {
        let Self { c10_pa: c10, c01_pa: c01 } = *self;
        let I1 = C.trace();
        let I2 = 0.5 * (I1 * I1 - C.norm_squared());
        let I = Matrix3::identity();
        let S = 2.0 * c10 * I + 2.0 * c01 * (I1 * I - C);
        let D: Matrix6<f64> = 4.0 * c01 * (six(&I) * six(&I).transpose() - unit());
        State { energy: c10 * (I1 - 3.0) + c01 * (I2 - 3.0), S, D }
    }
}
