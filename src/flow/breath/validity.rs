//! How far a breath is from a row of steady flows.

use crate::flow::bessel::bessel_j;
use nalgebra::Complex;
use std::f64::consts::PI;

/// Below this Womersley number flow is steady to all digits.
const ALPHA_MIN: f64 = 0.05;
/// Beyond it nothing is asked for: the flow is far from steady.
const ALPHA_MAX: f64 = 100.0;

/// The pressure of steady friction and inertance over the exact one, in a straight pipe with flow that oscillates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuasiSteady {
    /// Amplitude less 1.
    pub amplitude: f64,
    /// How much later, in radians.
    pub phase_rad: f64,
}

/// What steady friction and inertance make of flow that oscillates in a straight pipe with Womersley number `alpha`.
///
/// ```text
/// Z/R = 1 + i α²/6                                          here: R = 8 μ l/(π r⁴), L = 4/3 ρ l/(π r²)
/// Z/R = (i α²/8)/[1 − 2 J₁(Λ)/(Λ J₀(Λ))]     Λ = i^{3/2} α    Womersley 1955, J. Physiol. 127:553
/// ```
///
/// The inertance is that of the kinetic energy of the parabola.
pub fn straight_pipe(alpha: f64) -> QuasiSteady {
    let alpha = alpha.min(ALPHA_MAX);
    if alpha < ALPHA_MIN {
        return QuasiSteady { amplitude: 0.0, phase_rad: 0.0 };
    }
    let ratio = Complex::new(1.0, alpha * alpha / 6.0) / impedance(alpha);
    QuasiSteady { amplitude: ratio.norm() - 1.0, phase_rad: ratio.arg() }
}

/// The exact impedance of a straight pipe over its resistance to steady flow.
pub(in crate::flow) fn impedance(alpha: f64) -> Complex<f64> {
    let lambda = Complex::from_polar(alpha, 0.75 * PI);
    let bracket = 1.0 - 2.0 * bessel_j(1, lambda) / (lambda * bessel_j(0, lambda));
    Complex::new(0.0, alpha * alpha / 8.0) / bracket
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_impedance_is_the_inverse_of_the_tabulated_flow() {
        // Flow over that of steady flow at α = 2 and 5, of the project's list of flow problems (F4).
        for (alpha, amplitude, degrees) in [(2.0, 0.824_936, -33.2616), (5.0, 0.241_795, -71.3528)] {
            let z = impedance(alpha);
            assert!((z.norm() * amplitude - 1.0).abs() < 1e-5, "{z}");
            assert!((z.arg().to_degrees() + degrees).abs() < 1e-3, "{z}");
        }
    }

    /// The first term that is left out is of the fourth power.
    #[test]
    fn slow_oscillation_is_a_row_of_steady_flows() {
        let of = |alpha: f64| straight_pipe(alpha).amplitude.hypot(straight_pipe(alpha).phase_rad);
        assert!(of(2.0) < 0.02, "{}", of(2.0));
        assert!(of(0.01) == 0.0 && of(0.5) < 1e-4, "{}", of(0.5));
        let order = (of(0.8) / of(0.4)).log2();
        assert!((3.8..4.2).contains(&order), "order {order}");
        assert!(0.1 < of(10.0), "fast oscillation is not");
    }
}
