//! From the shape of a vessel to resistance, inductance, capacitance and losses, in SI units.

use super::error::{NetworkError, positive};
use crate::flow::Fluid;
use std::f64::consts::PI;

/// How a vessel's wall gives way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wall {
    /// It does not.
    Rigid,
    /// A thin elastic wall: C' = 3 π r³/(2 E h) per length.
    Elastic {
        /// E in Pa.
        youngs_modulus_pa: f64,
        /// h over r.
        thickness_over_radius: f64,
    },
    /// A wall in which the pulse wave has a measured speed c: C' = π r²/(ρ c²) per length.
    WaveSpeed {
        /// c in m/s.
        speed_m_s: f64,
    },
}

impl Wall {
    pub(super) fn check(&self) -> Result<(), NetworkError> {
        match *self {
            Self::Rigid => Ok(()),
            Self::Elastic { youngs_modulus_pa, thickness_over_radius } => {
                positive("the wall", "Young's modulus", youngs_modulus_pa)?;
                positive("the wall", "the thickness over the radius", thickness_over_radius).map(|_| ())
            }
            Self::WaveSpeed { speed_m_s } => positive("the wall", "the speed of the pulse wave", speed_m_s).map(|_| ()),
        }
    }

    /// Capacitance over ∫ r² dl, in 1/Pa.
    fn per_r2(&self, fluid: &Fluid) -> f64 {
        match *self {
            Self::Rigid => 0.0,
            Self::Elastic { youngs_modulus_pa, thickness_over_radius } => {
                1.5 * PI / (youngs_modulus_pa * thickness_over_radius)
            }
            Self::WaveSpeed { speed_m_s } => PI / (fluid.density_kg_m3 * speed_m_s * speed_m_s),
        }
    }
}

/// R in Pa s/m³, L in Pa s²/m³, C in m³/Pa of a piece of vessel.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Elements {
    /// R = 8 μ ∫ dl/(π r⁴).
    pub resistance: f64,
    /// L = ρ ∫ dl/(π r²).
    pub inductance: f64,
    /// C by [`Wall`].
    pub capacitance: f64,
}

/// Elements of a cone from radius `a_m` to `b_m`, both above 0; the integrals are exact.
///
/// ```text
/// ∫ dl/r⁴ = l (a² + ab + b²)/(3 a³ b³),   ∫ dl/r² = l/(ab),   ∫ r² dl = l (a² + ab + b²)/3
/// ```
pub fn cone(fluid: &Fluid, wall: &Wall, length_m: f64, a_m: f64, b_m: f64) -> Elements {
    let (sum, product) = (a_m * a_m + a_m * b_m + b_m * b_m, a_m * b_m);
    Elements {
        resistance: 8.0 * fluid.viscosity_pa_s / PI * length_m * sum / (3.0 * product.powi(3)),
        inductance: fluid.density_kg_m3 / PI * length_m / product,
        capacitance: wall.per_r2(fluid) * length_m * sum / 3.0,
    }
}

/// A stenosis as elements: Δp = `resistance` Q + `quadratic` Q|Q| + `inductance` dQ/dt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StenosisElements {
    /// In Pa s/m³.
    pub resistance: f64,
    /// In Pa s²/m⁶.
    pub quadratic: f64,
    /// In Pa s²/m³.
    pub inductance: f64,
}

/// Pressure loss of a stenosis of diameter `narrow_m` and length `length_m` in a vessel of diameter `wide_m` (Young &
/// Tsai 1973, J. Biomech. 6:395).
///
/// ```text
/// Δp = K_v μ U/D₀ + K_t ρ/2 (A₀/A_s − 1)² U|U| + K_u ρ l dU/dt          U = Q/A₀
/// K_v = 32 (0.83 l + 1.64 D_s)/D₀ (A₀/A_s)²,  K_t = 1.52,  K_u = 1.2
/// ```
pub fn young_tsai(fluid: &Fluid, wide_m: f64, narrow_m: f64, length_m: f64) -> StenosisElements {
    const K_T: f64 = 1.52;
    const K_U: f64 = 1.2;
    let area = 0.25 * PI * wide_m * wide_m;
    let ratio = (wide_m / narrow_m).powi(2);
    let k_v = 32.0 * (0.83 * length_m + 1.64 * narrow_m) / wide_m * ratio * ratio;
    StenosisElements {
        resistance: k_v * fluid.viscosity_pa_s / (wide_m * area),
        quadratic: K_T * 0.5 * fluid.density_kg_m3 * (ratio - 1.0).powi(2) / (area * area),
        inductance: K_U * fluid.density_kg_m3 * length_m / area,
    }
}

/// Resistance of a bent tube over that of a straight one in laminar flow (White 1929, Proc. R. Soc. A 123:645).
///
/// ```text
/// 1/(1 − (1 − (11.6/De)^0.45)^(1/0.45))   for Dean numbers De = Re √(r/R_bend) above 11.6
/// ```
pub fn bend_factor(dean: f64) -> f64 {
    if dean <= 11.6 {
        return 1.0;
    }
    1.0 / (1.0 - (1.0 - (11.6 / dean).powf(0.45)).powf(1.0 / 0.45))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cone_cut_anywhere_is_the_sum_of_its_parts() {
        let (blood, wall) = (Fluid::blood(), Wall::Elastic { youngs_modulus_pa: 4e5, thickness_over_radius: 0.1 });
        let whole = cone(&blood, &wall, 0.1, 3e-3, 1e-3);
        let [left, right] = [cone(&blood, &wall, 0.03, 3e-3, 2.4e-3), cone(&blood, &wall, 0.07, 2.4e-3, 1e-3)];
        let same = |sum: f64, whole: f64| assert!((sum / whole - 1.0).abs() < 1e-12, "{sum} {whole}");
        same(left.resistance + right.resistance, whole.resistance);
        same(left.inductance + right.inductance, whole.inductance);
        same(left.capacitance + right.capacitance, whole.capacitance);
        let tube = cone(&blood, &wall, 0.1, 2e-3, 2e-3);
        same(8.0 * 3.5e-3 * 0.1 / (PI * 2e-3_f64.powi(4)), tube.resistance);
        same(3.0 * PI * 2e-3_f64.powi(3) * 0.1 / (2.0 * 4e5 * 2e-4), tube.capacitance);
    }

    #[test]
    fn a_measured_wave_speed_is_that_of_the_elements() {
        let (blood, wall) = (Fluid::blood(), Wall::WaveSpeed { speed_m_s: 6.0 });
        let tube = cone(&blood, &wall, 0.2, 4e-3, 4e-3);
        let speed = 0.2 / (tube.inductance * tube.capacitance).sqrt();
        assert!((speed - 6.0).abs() < 1e-12, "{speed}");
    }

    #[test]
    fn bends_raise_the_resistance_steadily_from_one() {
        assert_eq!(bend_factor(11.6), 1.0);
        let factors: Vec<f64> = [12.0, 50.0, 100.0, 500.0, 2000.0].map(bend_factor).into();
        assert!(factors.windows(2).all(|pair| pair[0] < pair[1]) && 1.0 < factors[0]);
        // Another correlation (Ito 1969) with the boundary layer's own form.
        for dean in [100.0_f64, 300.0, 1000.0] {
            let part = (1.729 / dean).sqrt();
            let ito = 0.1033 * dean.sqrt() * ((1.0 + 1.729 / dean).sqrt() - part).powi(-3);
            assert!((bend_factor(dean) / ito - 1.0).abs() < 0.03, "De {dean}: {} {ito}", bend_factor(dean));
        }
    }
}
