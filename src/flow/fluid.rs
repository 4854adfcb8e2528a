//! What flows: density and viscosity.

use super::error::{FlowError, positive};
use serde::{Deserialize, Serialize};

/// How viscosity changes with the rate of shear.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub enum Thinning {
    /// Not at all: Newtonian.
    #[default]
    None,
    /// Carreau and Yasuda: μ = μ_∞ + (μ₀ − μ_∞) (1 + (λγ̇)^a)^((n − 1)/a), μ_∞ the viscosity of the fluid.
    CarreauYasuda {
        /// Viscosity at rest μ₀ in Pa s.
        rest_pa_s: f64,
        /// λ in s.
        time_s: f64,
        /// n.
        power: f64,
        /// a.
        yasuda: f64,
    },
    /// Casson: √μ = √μ_c + √(τ_y/γ̇), μ_c the viscosity of the fluid.
    Casson {
        /// Yield stress τ_y in Pa.
        yield_pa: f64,
    },
}

/// Rates of shear below this, 1/s, count as this: Casson's viscosity has no bound at rest, and none is measured there.
const RATE_MIN_PER_S: f64 = 0.1;

/// A fluid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fluid {
    /// What it is.
    pub name: String,
    /// Density in kg/m³.
    pub density_kg_m3: f64,
    /// Dynamic viscosity in Pa s; of a fluid that thins, at high rates of shear.
    pub viscosity_pa_s: f64,
    /// How it thins.
    #[serde(default)]
    pub thinning: Thinning,
}

impl Fluid {
    /// Air in the airways: 37 °C, saturated with water.
    pub fn air() -> Self {
        Self { name: "air".into(), density_kg_m3: 1.13, viscosity_pa_s: 1.9e-5, thinning: Thinning::None }
    }

    /// Blood at the shear rates of large vessels, where it is nearly Newtonian.
    pub fn blood() -> Self {
        Self { name: "blood".into(), density_kg_m3: 1060.0, viscosity_pa_s: 3.5e-3, thinning: Thinning::None }
    }

    /// Blood that thins with shear (Cho and Kensey 1991, Biorheology 28:241).
    pub fn thinning_blood() -> Self {
        let thinning = Thinning::CarreauYasuda { rest_pa_s: 0.056, time_s: 3.313, power: 0.3568, yasuda: 2.0 };
        Self { viscosity_pa_s: 3.45e-3, thinning, ..Self::blood() }
    }

    /// Blood after Casson, with a yield stress of 0.005 Pa (Fung 1993, Biomechanics: Mechanical Properties of Living
    /// Tissues, chapter 3: 0.05 dyn/cm²).
    pub fn casson_blood() -> Self {
        Self { thinning: Thinning::Casson { yield_pa: 5e-3 }, ..Self::blood() }
    }

    /// Viscosity in Pa s at a rate of shear γ̇ = √(2 S:S) in 1/s.
    pub fn viscosity_at(&self, rate_per_s: f64) -> f64 {
        let rate = rate_per_s.max(RATE_MIN_PER_S);
        let high = self.viscosity_pa_s;
        match self.thinning {
            Thinning::None => high,
            Thinning::CarreauYasuda { rest_pa_s, time_s, power, yasuda } => {
                high + (rest_pa_s - high) * (1.0 + (time_s * rate).powf(yasuda)).powf((power - 1.0) / yasuda)
            }
            Thinning::Casson { yield_pa } => (high.sqrt() + (yield_pa / rate).sqrt()).powi(2),
        }
    }

    /// Kinematic viscosity in m²/s; of a fluid that thins, at high rates of shear.
    pub fn kinematic_m2_s(&self) -> f64 {
        self.viscosity_pa_s / self.density_kg_m3
    }

    /// Reynolds number of a mean speed in a diameter.
    pub fn reynolds(&self, speed_m_s: f64, diameter_m: f64) -> f64 {
        speed_m_s * diameter_m / self.kinematic_m2_s()
    }

    /// How it flows, for methods; none of a Newtonian fluid.
    pub(super) fn told(&self) -> Option<String> {
        let high = 1e3 * self.viscosity_pa_s;
        match self.thinning {
            Thinning::None => None,
            Thinning::CarreauYasuda { rest_pa_s, time_s, power, yasuda } => Some(format!(
                "viscosity by the rate of shear after Carreau and Yasuda: {high} mPa s at high rates, {} at rest, λ {time_s} s, n {power}, a {yasuda} (Cho and Kensey 1991)",
                1e3 * rest_pa_s
            )),
            Thinning::Casson { yield_pa } => Some(format!(
                "viscosity by the rate of shear after Casson: {high} mPa s at high rates, yield stress {yield_pa} Pa, constant below {RATE_MIN_PER_S}/s"
            )),
        }
    }

    /// What a limit calls it.
    pub(super) fn kind(&self) -> &'static str {
        if self.thinning == Thinning::None {
            "Newtonian fluid"
        } else {
            "fluid that thins with shear and has no memory"
        }
    }

    pub(super) fn check(&self) -> Result<(), FlowError> {
        positive("the density", self.density_kg_m3, "kg/m³")?;
        positive("the viscosity", self.viscosity_pa_s, "Pa s")?;
        match self.thinning {
            Thinning::None => Ok(()),
            Thinning::CarreauYasuda { rest_pa_s, time_s, power, yasuda } => {
                positive("the viscosity at rest less that at high shear", rest_pa_s - self.viscosity_pa_s, "Pa s")?;
                positive("the time constant of the thinning", time_s, "s")?;
                positive("Yasuda's exponent", yasuda, "")?;
                positive("the power of the thinning", power, "")?;
                positive("1 less the power of the thinning", 1.0 - power, "").map(|_| ())
            }
            Thinning::Casson { yield_pa } => positive("the yield stress", yield_pa, "Pa").map(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blood_thins_between_its_two_viscosities() {
        let blood = Fluid::thinning_blood();
        blood.check().unwrap();
        assert!((blood.viscosity_at(1e7) / 3.45e-3 - 1.0).abs() < 0.01);
        // (1 + (3.313 · 100)²)^(−0.3216) = 0.02398 by hand.
        let expected = 3.45e-3 + (0.056 - 3.45e-3) * 0.023_98;
        assert!((blood.viscosity_at(100.0) / expected - 1.0).abs() < 1e-3, "{}", blood.viscosity_at(100.0));
        let rates = [0.1, 1.0, 10.0, 100.0, 1000.0];
        assert!(rates.windows(2).all(|pair| blood.viscosity_at(pair[1]) < blood.viscosity_at(pair[0])));
        let casson = Fluid::casson_blood();
        let expected = (3.5e-3_f64.sqrt() + 5e-5_f64.sqrt()).powi(2);
        assert!((casson.viscosity_at(100.0) / expected - 1.0).abs() < 1e-12);
        assert_eq!(Fluid::blood().viscosity_at(1.0), 3.5e-3);
        let upside_down = Thinning::CarreauYasuda { rest_pa_s: 1e-3, time_s: 1.0, power: 0.5, yasuda: 2.0 };
        assert!(Fluid { thinning: upside_down, ..Fluid::blood() }.check().is_err());
    }
}
