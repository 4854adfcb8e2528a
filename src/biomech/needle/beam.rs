//! The needle as a slender beam clamped in the hand.

/// An Euler–Bernoulli beam clamped at ξ = 0, with forces across it.
///
/// ```text
/// w(ξ) by 1 N at η: a² (3 b − a) / (6 E I), a = min(ξ, η), b = max(ξ, η)      w′(ξ) = η²/(2 E I) for η ≤ ξ
/// ```
///
/// For small slopes; shear and the axial force are left out, as they are small in a needle far from buckling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beam {
    /// Bending stiffness E I, N m².
    pub bending_n_m2: f64,
    /// Length, m.
    pub length_m: f64,
}

impl Beam {
    /// Deflection at `at_m` by a force across at `from_m`, both measured from the clamp, m/N. Symmetric.
    pub fn deflection_m_per_n(&self, at_m: f64, from_m: f64) -> f64 {
        let (a, b) = (at_m.min(from_m).max(0.0), at_m.max(from_m).max(0.0));
        a * a * (3.0 * b - a) / (6.0 * self.bending_n_m2)
    }

    /// Slope at the tip by a force across at `from_m`, 1/N.
    pub fn tip_slope_per_n(&self, from_m: f64) -> f64 {
        from_m.max(0.0).powi(2) / (2.0 * self.bending_n_m2)
    }

    /// Force under which a shaft that is clamped at one end and kept on its line `free_m` further buckles, N: 2.046 π² E I
    /// over the square of the length (Timoshenko and Gere 1961).
    pub fn buckling_n(&self, free_m: f64) -> f64 {
        2.046 * std::f64::consts::PI.powi(2) * self.bending_n_m2 / free_m.max(1e-6).powi(2)
    }
}
