//! Oscillating flow in a round pipe (Womersley 1955, J. Physiol. 127:553).

use super::bessel::bessel_j;
use super::wave::Waveform;
use nalgebra::Complex;
use std::f64::consts::{PI, TAU as TURN};

/// Harmonics of the heart rate that are followed.
pub(super) const HARMONICS: usize = 20;
/// Values of the waveform over a cycle from which harmonics are computed.
const SAMPLES: usize = 1024;

/// Velocity over mean velocity of flow that oscillates as e^{iωt} in a circle, at `part` of the radius (0 to 1).
///
/// ```text
/// u(y)/ū = [1 − J₀(Λ y)/J₀(Λ)] / [1 − 2 J₁(Λ)/(Λ J₀(Λ))]        Λ = i^{3/2} α,   α = R √(ω/ν)
/// ```
///
/// α = 0 gives the parabola.
pub(super) fn velocity(alpha: f64, part: f64) -> Complex<f64> {
    if alpha < ALPHA_MIN {
        return Complex::new(2.0 * (1.0 - part * part), 0.0);
    }
    let lambda = argument(alpha);
    (1.0 - ratio(alpha, part)) / (1.0 - 2.0 * bessel_j(1, lambda) / (lambda * bessel_j(0, lambda)))
}

/// Wall shear over that of steady flow of the same mean velocity, 4 μ ū/R: with the velocity above,
///
/// ```text
/// τ/τ_steady = Λ J₁(Λ)/(4 J₀(Λ)) / [2 J₁(Λ)/(Λ J₀(Λ)) − 1]
/// ```
pub(super) fn wall_shear(alpha: f64) -> Complex<f64> {
    if alpha < ALPHA_MIN {
        return Complex::new(1.0, 0.0);
    }
    let lambda = argument(alpha);
    let quotient = bessel_j(1, lambda) / bessel_j(0, lambda);
    lambda * quotient * 0.25 / (2.0 * quotient / lambda - 1.0)
}

/// Womersley numbers below this are steady flow to all digits.
const ALPHA_MIN: f64 = 1e-3;
/// Beyond this the layer at the wall is so thin that J₀ is replaced by its growth, e^{−iz}.
const ALPHA_MAX: f64 = 600.0;

fn argument(alpha: f64) -> Complex<f64> {
    Complex::from_polar(alpha.min(ALPHA_MAX), 0.75 * PI)
}

/// J₀(Λ y)/J₀(Λ).
fn ratio(alpha: f64, part: f64) -> Complex<f64> {
    let lambda = argument(alpha);
    bessel_j(0, lambda * part.clamp(0.0, 1.0)) / bessel_j(0, lambda)
}

/// The harmonics of a waveform over its mean: `1 + Σ Re c_n e^{2πi n t/T}`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Harmonics(pub Vec<Complex<f64>>);

impl Harmonics {
    /// The first harmonics of `wave` (trapezoid rule, exact to the aliases beyond half the samples).
    pub fn of(wave: &Waveform) -> Self {
        let mean = wave.mean_ml_s();
        let values: Vec<f64> =
            (0..SAMPLES).map(|k| wave.at(wave.period_s() * k as f64 / SAMPLES as f64) / mean).collect();
        let coefficient = |n: usize| -> Complex<f64> {
            let turned = |(k, value): (usize, &f64)| {
                Complex::from_polar(*value, -TURN * (n * k % SAMPLES) as f64 / SAMPLES as f64)
            };
            values.iter().enumerate().map(turned).sum::<Complex<f64>>() * (2.0 / SAMPLES as f64)
        };
        Self((1..=HARMONICS).map(coefficient).collect())
    }

    /// The sum of the mean, 1, and the harmonics at `part` of the cycle.
    pub fn at(&self, part: f64) -> f64 {
        1.0 + self.0.iter().enumerate().map(|(n, c)| (c * turn(n + 1, part)).re).sum::<f64>()
    }
}

/// e^{2πi n t/T} at `part` of the cycle.
pub(super) fn turn(n: usize, part: f64) -> Complex<f64> {
    Complex::from_polar(1.0, TURN * (n as f64 * part).fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Flow over the flow that the same pressure gradient would drive steadily.
    ///
    /// ```text
    /// Q/Q_steady = (8/(i α²)) [1 − 2 J₁(Λ)/(Λ J₀(Λ))]
    /// ```
    fn flow(alpha: f64) -> Complex<f64> {
        let lambda = argument(alpha);
        let bracket = 1.0 - 2.0 * bessel_j(1, lambda) / (lambda * bessel_j(0, lambda));
        bracket * 8.0 / Complex::new(0.0, alpha * alpha)
    }

    /// Computed independently for the project's list of flow problems (F4).
    #[test]
    fn flow_and_wall_shear_have_the_tabulated_amplitudes_and_phases() {
        for (alpha, amplitude, degrees, shear) in [
            (2.0, 0.824_936, -33.2616, 0.847_162),
            (5.0, 0.241_795, -71.3528, 0.372_904),
            (10.0, 0.069_468, -81.3066, 0.193_090),
            (20.0, 0.018_635, -85.8032, 0.098_250),
        ] {
            let q = flow(alpha);
            assert!(
                (q.norm() - amplitude).abs() < 1e-6 && (q.arg().to_degrees() - degrees).abs() < 1e-4,
                "{alpha}: {q}"
            );
            let tau = wall_shear(alpha) * q;
            assert!((tau.norm() - shear).abs() < 1e-6, "{alpha}: {}", tau.norm());
        }
    }

    #[test]
    fn the_velocity_has_mean_one_and_rests_at_the_wall() {
        for alpha in [0.0, 1.0, 4.0, 25.0, 90.0, 400.0] {
            assert!(velocity(alpha, 1.0).norm() < 1e-12);
            let n = 20_000;
            let ring = |k: i32| (f64::from(k) + 0.5) / f64::from(n);
            let mean: Complex<f64> = (0..n).map(|k| velocity(alpha, ring(k)) * 2.0 * ring(k) / f64::from(n)).sum();
            assert!((mean - 1.0).norm() < 1e-6, "{alpha}: {mean}");
        }
    }

    #[test]
    fn the_harmonics_of_a_waveform_give_it_back_but_for_its_corners() {
        let wave = Waveform::half_sine(0.9, 5.0, 20.0, 0.4).unwrap();
        let harmonics = Harmonics::of(&wave);
        for k in 0..50 {
            let part = f64::from(k) / 50.0;
            let (sum, given) = (harmonics.at(part), wave.at(0.9 * part) / 5.0);
            // A corner of 31 mean flows a cycle leaves up to 31/(20 π²) of a mean flow beyond the twentieth harmonic.
            assert!((sum - given).abs() < 0.16, "{sum} instead of {given} at {part}");
        }
    }
}
