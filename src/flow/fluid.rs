//! What flows: density and viscosity.

use super::error::{FlowError, positive};
use serde::{Deserialize, Serialize};

/// A Newtonian fluid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fluid {
    /// What it is.
    pub name: String,
    /// Density in kg/m³.
    pub density_kg_m3: f64,
    /// Dynamic viscosity in Pa s.
    pub viscosity_pa_s: f64,
}

impl Fluid {
    /// Air in the airways: 37 °C, saturated with water.
    pub fn air() -> Self {
        Self { name: "air".into(), density_kg_m3: 1.13, viscosity_pa_s: 1.9e-5 }
    }

    /// Blood at the shear rates of large vessels, where it is nearly Newtonian.
    pub fn blood() -> Self {
        Self { name: "blood".into(), density_kg_m3: 1060.0, viscosity_pa_s: 3.5e-3 }
    }

    /// Kinematic viscosity in m²/s.
    pub fn kinematic_m2_s(&self) -> f64 {
        self.viscosity_pa_s / self.density_kg_m3
    }

    /// Reynolds number of a mean speed in a diameter.
    pub fn reynolds(&self, speed_m_s: f64, diameter_m: f64) -> f64 {
        speed_m_s * diameter_m / self.kinematic_m2_s()
    }

    pub(super) fn check(&self) -> Result<(), FlowError> {
        positive("the density", self.density_kg_m3, "kg/m³")?;
        positive("the viscosity", self.viscosity_pa_s, "Pa s").map(|_| ())
    }
}
