//! Pulse waves in one dimension against closed forms and a published benchmark.

mod benchmark;
mod boileau;
mod lumped;
mod pulse;

pub(super) use benchmark::{bifurcation, carotid, thoracic};
pub(super) use lumped::{discharge, lumped};
pub(super) use pulse::{junctions, pulse, simple_wave, tapered};

use crate::flow::Fluid;
use crate::flow::network::{NetworkError, Waveform};

/// Blood of the benchmark: density in kg/m³ and viscosity in Pa s.
fn blood(density_kg_m3: f64, viscosity_pa_s: f64) -> Fluid {
    Fluid { density_kg_m3, viscosity_pa_s, ..Fluid::blood() }
}

/// A cycle of a function of time, so finely that the straight lines between its points are not seen.
fn sampled(period: f64, value: impl Fn(f64) -> f64) -> Result<Waveform, NetworkError> {
    let bad = |problem| NetworkError::BadWaveform { block: "the inflow".into(), problem };
    Waveform::sampled(period, 4000, value).map_err(bad)
}

/// Lowest and highest of a series.
fn extremes(values: &[f64]) -> [f64; 2] {
    values.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(*x), high.max(*x)])
}
