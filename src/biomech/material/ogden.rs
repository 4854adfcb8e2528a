//! The Ogden solid.

use super::isochoric::{State, six};
use super::limits::{Bad, above};
use nalgebra::{Matrix3, Matrix6};
use serde::{Deserialize, Serialize};

/// Ogden solid of one to three terms in the principal stretches (Ogden 1984, section 7.2; Holzapfel 2000, section 6.5).
///
/// ```text
/// ψ = Σ_p μ_p/α_p (λ̄₁^α_p + λ̄₂^α_p + λ̄₃^α_p − 3)     μ = ½ Σ μ_p α_p     c_i = λ̄_i²,  N_i eigenvectors of C̄
/// β(c) = Σ_p μ_p c^n     n = α_p/2 − 1     S̄ = Σ_i β(c_i) N_i ⊗ N_i
/// D̄ = Σ_i 2 β'(c_i) N_i⊗N_i⊗N_i⊗N_i + Σ_{i<j} (β(c_i) − β(c_j))/(c_i − c_j) w_ij ⊗ w_ij     w_ij = N_i⊗N_j + N_j⊗N_i
/// ```
///
/// The quotient is written with c_i, c_j = m e^±h as Σ μ_p m^(n − 1) sinh(n h)/sinh h, which is exact to rounding for
/// equal and nearly equal stretches alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ogden {
    /// μ_p, Pa; 0 where there are fewer terms.
    pub mu_pa: [f64; 3],
    /// α_p, 1; any number where μ_p is 0.
    pub alpha: [f64; 3],
}

impl Ogden {
    /// One term with the shear modulus `shear_pa` at small strain.
    pub fn one_term(shear_pa: f64, alpha: f64) -> Self {
        Self { mu_pa: [2.0 * shear_pa / alpha, 0.0, 0.0], alpha: [alpha, 2.0, 2.0] }
    }

    fn terms(&self) -> impl Iterator<Item = (f64, f64)> {
        std::iter::zip(self.mu_pa, self.alpha).filter(|(mu, _)| *mu != 0.0)
    }

    /// Shear modulus at small strain, Pa.
    pub fn shear_pa(&self) -> f64 {
        self.terms().map(|(mu, alpha)| 0.5 * mu * alpha).sum()
    }

    /// μ_p α_p > 0 in every term is enough for a stable solid (Ogden 1984, section 7.2.3).
    pub(super) fn check(&self) -> Result<(), Bad> {
        const ALPHA_MAX: f64 = 50.0;
        for (mu, alpha) in self.terms() {
            above("Ogden's mu times alpha", mu * alpha, 0.0, "above 0 Pa in every term")?;
            if !(alpha.abs() <= ALPHA_MAX) {
                return Err(Bad { name: "Ogden's alpha", value: alpha, limit: "between -50 and 50" });
            }
        }
        above("shear modulus of Ogden's terms", self.shear_pa(), 0.0, "above 0 Pa")
    }

    #[expect(non_snake_case, reason = "symbols as in the formulas above")]
    pub(super) fn state(&self, C: &Matrix3<f64>) -> State {
        let eigen = C.symmetric_eigen();
        // Rounding may leave a squeezed direction at zero or below; its stretch is then as small as numbers go.
        let c = eigen.eigenvalues.map(|c| c.max(f64::MIN_POSITIVE));
        let N = |i: usize| eigen.eigenvectors.column(i);
        let power = |weight: fn(f64, f64) -> f64, less: f64, c: f64| {
            self.terms().map(|(mu, alpha)| mu * weight(alpha, 0.5 * alpha - 1.0) * c.powf(0.5 * alpha - less)).sum()
        };
        let energy = c.iter().map(|c| power(|alpha, _| 1.0 / alpha, 0.0, *c)).sum::<f64>()
            - 3.0 * power(|alpha, _| 1.0 / alpha, 0.0, 1.0);
        let (mut S, mut D) = (Matrix3::zeros(), Matrix6::zeros());
        for i in 0..3 {
            let own = N(i) * N(i).transpose();
            S += own * power(|_, _| 1.0, 1.0, c[i]);
            let slope: f64 = power(|_, n| n, 2.0, c[i]);
            D += six(&own) * six(&own).transpose() * (2.0 * slope);
            for j in 0..i {
                let both = N(i) * N(j).transpose();
                let w = six(&(both + both.transpose()));
                D += w * w.transpose() * self.quotient(c[i], c[j]);
            }
        }
        State { energy, S, D }
    }

    /// (β(x) − β(y))/(x − y).
    fn quotient(&self, x: f64, y: f64) -> f64 {
        let (m, h) = ((x * y).sqrt(), 0.5 * ((x - y) / y).ln_1p());
        let of = |(mu, alpha): (f64, f64)| {
            let n = 0.5 * alpha - 1.0;
            mu * m.powf(n - 1.0) * if h == 0.0 { n } else { (n * h).sinh() / h.sinh() }
        };
        self.terms().map(of).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quotient_is_right_for_equal_nearly_equal_and_different_stretches() {
        let law = Ogden { mu_pa: [630.0, 1.2, -10.0], alpha: [1.3, 5.0, -2.0] };
        let beta = |c: f64| law.terms().map(|(mu, alpha)| mu * c.powf(0.5 * alpha - 1.0)).sum::<f64>();
        let slope =
            |c: f64| law.terms().map(|(mu, alpha)| mu * (0.5 * alpha - 1.0) * c.powf(0.5 * alpha - 2.0)).sum::<f64>();
        assert!((law.quotient(1.4, 0.6) - (beta(1.4) - beta(0.6)) / 0.8).abs() < 1e-10);
        assert!((law.quotient(1.3, 1.3) - slope(1.3)).abs() < 1e-10);
        for gap in [1e-4, 1e-8, 1e-12, 1e-15] {
            let error = law.quotient(1.3, 1.3 + gap) - slope(1.3 + 0.5 * gap);
            assert!(error.abs() < 100.0 * gap * gap + 1e-9, "gap {gap:e}: {error:e}");
        }
    }
}
