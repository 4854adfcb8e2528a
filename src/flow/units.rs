//! The only place that knows both lattice units and SI.
//!
//! In lattice units a cell, a step and the density at rest are 1.

use super::fluid::Fluid;
use super::lattice::CS2;

/// Largest relaxation time chosen by itself; beyond it wall errors grow.
const TAU_MAX: f64 = 1.0;

/// What one lattice unit is in SI.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Units {
    /// Edge of a cell in m.
    pub cell_m: f64,
    /// Time of a step in s.
    pub step_s: f64,
    /// Density at rest in kg/m³.
    pub density_kg_m3: f64,
}

impl Units {
    /// Units in which the fastest fluid, `peak_m_s`, moves at Mach number `mach` of the lattice, or slower if the
    /// relaxation time would exceed 1.
    pub fn choose(fluid: &Fluid, cell_m: f64, peak_m_s: f64, mach: f64) -> Self {
        let by_speed = mach * CS2.sqrt() * cell_m / peak_m_s;
        let by_tau = CS2 * (TAU_MAX - 0.5) * cell_m * cell_m / fluid.kinematic_m2_s();
        Self { cell_m, step_s: by_speed.min(by_tau), density_kg_m3: fluid.density_kg_m3 }
    }

    /// Relaxation time of the viscosity: τ = ν/c_s² + 1/2.
    pub fn tau(&self, fluid: &Fluid) -> f64 {
        fluid.kinematic_m2_s() * self.step_s / (self.cell_m * self.cell_m) / CS2 + 0.5
    }

    /// m/s in one cell per step.
    pub fn speed_m_s(&self) -> f64 {
        self.cell_m / self.step_s
    }

    /// Pa of one unit of stress.
    pub fn stress_pa(&self) -> f64 {
        self.density_kg_m3 * self.speed_m_s().powi(2)
    }

    /// Pa of one unit of density: p = c_s² ρ.
    pub fn pressure_pa(&self) -> f64 {
        CS2 * self.stress_pa()
    }

    /// ml/s of one cell volume per step.
    pub fn flow_ml_s(&self) -> f64 {
        self.cell_m.powi(3) / self.step_s * 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_speed_has_the_mach_number_asked_for() {
        let air = Fluid::air();
        let units = Units::choose(&air, 1e-3, 2.0, 0.1);
        assert!((2.0 / units.speed_m_s() / CS2.sqrt() - 0.1).abs() < 1e-12);
        let nu = CS2 * (units.tau(&air) - 0.5) * units.cell_m.powi(2) / units.step_s;
        assert!((nu / air.kinematic_m2_s() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn slow_flow_is_limited_by_the_relaxation_time() {
        let blood = Fluid::blood();
        assert!((Units::choose(&blood, 1e-4, 1e-6, 0.1).tau(&blood) - TAU_MAX).abs() < 1e-12);
    }
}
