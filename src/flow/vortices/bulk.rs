//! What is said of all of a flow in a few numbers: helicity, vorticity, the share that turns.

use super::{BLOCK, Vortices, normalised_helicity};
use crate::flow::{FlowResult, Fluid};
use crate::geom::Vector;
use rayon::prelude::*;

/// Sums over all cells of a flow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bulk {
    /// Volume of the cells in ml.
    pub volume_ml: f64,
    /// Mean helicity h₁ = 1/V ∫ u · ω dV in m/s² (Gallo et al. 2012, J. Biomech. 45:2398; here of one moment, or of the mean
    /// flow): 0 where flows that turn right and left balance.
    pub helicity_m_s2: f64,
    /// Helicity intensity h₂ = 1/V ∫ |u · ω| dV in m/s² (the same source).
    pub intensity_m_s2: f64,
    /// Mean of the size of the local normalised helicity.
    pub normalised: f64,
    /// Mean size of the vorticity in 1/s.
    pub vorticity_per_s: f64,
    /// Root mean square of the rate of shear in 1/s.
    pub rate_per_s: f64,
    /// Share of the volume in which Q is positive.
    pub turning: f64,
    /// Kinetic energy ∫ ½ρu² dV in mJ.
    pub kinetic_mj: f64,
    /// Power that viscosity takes, ∫ 2μ S:S dV, in mW.
    pub dissipated_mw: f64,
}

impl Bulk {
    /// The balance of helicities h₃ = h₁/h₂, −1 to 1: the sign of the sense in which most of the flow turns.
    pub fn balance(&self) -> f64 {
        if 0.0 < self.intensity_m_s2 { self.helicity_m_s2 / self.intensity_m_s2 } else { 0.0 }
    }

    /// The sums over `result`, in blocks of a fixed order.
    pub fn of(result: &FlowResult, vortices: &Vortices, fluid: &Fluid) -> Self {
        let of_block = |block: usize| {
            let mut sums = [0.0; 8];
            for cell in block * BLOCK..result.cells.len().min((block + 1) * BLOCK) {
                let velocity = Vector::from(result.velocity_m_s[cell].map(f64::from));
                let vorticity = Vector::from(vortices.vorticity_per_s[cell].map(f64::from));
                let helicity = velocity.dot(&vorticity);
                let rate = f64::from(vortices.rate_per_s[cell]);
                let values = [
                    helicity,
                    helicity.abs(),
                    normalised_helicity(&velocity, &vorticity).abs(),
                    vorticity.norm(),
                    f64::from(u8::from(0.0 < vortices.q_per_s2[cell])),
                    velocity.norm_squared(),
                    fluid.viscosity_at(rate) * rate * rate,
                    rate * rate,
                ];
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
            sums
        };
        let blocks: Vec<[f64; 8]> = (0..result.cells.len().div_ceil(BLOCK)).into_par_iter().map(of_block).collect();
        let mut sums = [0.0; 8];
        for block in blocks {
            sums.iter_mut().zip(block).for_each(|(sum, value)| *sum += value);
        }
        let count = result.cells.len().max(1) as f64;
        let volume_m3 = 1e-9 * result.cells.cell_mm().powi(3) * result.cells.len() as f64;
        let mean = sums.map(|sum| sum / count);
        Self {
            volume_ml: 1e6 * volume_m3,
            helicity_m_s2: mean[0],
            intensity_m_s2: mean[1],
            normalised: mean[2],
            vorticity_per_s: mean[3],
            rate_per_s: mean[7].sqrt(),
            turning: mean[4],
            kinetic_mj: 1e3 * 0.5 * fluid.density_kg_m3 * mean[5] * volume_m3,
            dissipated_mw: 1e3 * mean[6] * volume_m3,
        }
    }
}
