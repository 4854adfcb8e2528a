//! The Bessel functions J₀ and J₁ of a complex argument, for oscillating flow in a pipe.

use nalgebra::Complex;

/// Below this size of the argument the power series is summed: it loses e^{0.3|z|} of 16 digits.
const SERIES_MAX: f64 = 30.0;
/// Terms of the asymptotic expansion; beyond |z| = 30 the next is less than 1e-16.
const TERMS: usize = 14;

/// J_ν(z) for ν 0 or 1 and z with 0 ≤ arg z ≤ π, where |J| grows: on the line of oscillating flow, z = i^{3/2} α.
///
/// Power series (Abramowitz and Stegun 9.1.10) for |z| ≤ 30, Hankel's expansion beyond (9.2.7 to 9.2.10) without the part
/// that decays as e^{−2 Im z}: Im z must be large there. Not finite beyond |z| ≈ 1000.
pub(super) fn bessel_j(nu: u32, z: Complex<f64>) -> Complex<f64> {
    if z.norm() <= SERIES_MAX { series(nu, z) } else { expansion(nu, z) }
}

fn series(nu: u32, z: Complex<f64>) -> Complex<f64> {
    let quarter = -(z * z) * 0.25;
    let mut term = if nu == 0 { Complex::new(1.0, 0.0) } else { z * 0.5 };
    let mut sum = term;
    for k in 1..200 {
        term = term * quarter / f64::from(k * (k + nu));
        sum += term;
        if term.norm() <= 1e-17 * sum.norm() {
            break;
        }
    }
    sum
}

fn expansion(nu: u32, z: Complex<f64>) -> Complex<f64> {
    let i = Complex::new(0.0, 1.0);
    let order = 4.0 * f64::from(nu * nu);
    let (mut term, mut sum) = (Complex::new(1.0, 0.0), Complex::new(1.0, 0.0));
    for k in 1..=TERMS {
        let odd = (2 * k - 1) as f64;
        term = term * (-i) * (order - odd * odd) / (8.0 * k as f64) / z;
        sum += term;
    }
    let phase = z - 0.5 * std::f64::consts::PI * f64::from(nu) - 0.25 * std::f64::consts::PI;
    (2.0 / (std::f64::consts::PI * z)).sqrt() * (-i * phase).exp() * sum * 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Abramowitz and Stegun, tables 9.1 (real) and 9.12 (ber and bei: J₀(i^{3/2} x) = ber x + i bei x).
    #[test]
    fn tabulated_values_are_met() {
        let real = |nu, x: f64| bessel_j(nu, Complex::new(x, 0.0)).re;
        for (nu, x, value) in [
            (0, 1.0, 0.765_197_686_557_967),
            (0, 5.0, -0.177_596_771_314_338),
            (1, 1.0, 0.440_050_585_744_934),
            (1, 5.0, -0.327_579_137_591_465),
        ] {
            assert!((real(nu, x) - value).abs() < 1e-13, "J{nu}({x}) = {}", real(nu, x));
        }
        let diagonal = Complex::from_polar(1.0, 0.75 * std::f64::consts::PI);
        let kelvin = bessel_j(0, diagonal);
        assert!((kelvin.re - 0.984_381_781_213).abs() < 1e-12 && (kelvin.im - 0.249_566_040_036).abs() < 1e-12);
        let kelvin = bessel_j(0, diagonal * 5.0);
        assert!((kelvin.re + 6.230_082_478_7).abs() < 1e-9 && (kelvin.im - 0.116_034_381_6).abs() < 1e-9, "{kelvin}");
    }

    #[test]
    fn series_and_expansion_agree_where_they_meet() {
        for size in [26.0, 30.0, 34.0] {
            let z = Complex::from_polar(size, 0.75 * std::f64::consts::PI);
            for nu in [0, 1] {
                let (a, b) = (series(nu, z), expansion(nu, z));
                assert!((a - b).norm() < 1e-10 * a.norm(), "J{nu}({z}): {a} and {b}");
            }
        }
    }
}
