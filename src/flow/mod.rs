//! Flow in a lumen: lattice Boltzmann from a mask and its openings to pressure, speed and wall shear in SI units.
//!
//! The lattice is D3Q19 over the cells inside the lumen only, streamed in place. Lattice units stay inside; `units`
//! is the one place that knows SI too. Knows no case, no files and no tissue.
//!
//! The way of a computation: [`Lumen`] from a mask, [`find_openings`], [`Setup`], [`estimate`], [`simulate`]; for flow
//! that pulsates with the heart a [`Pulse`] besides, [`estimate_pulse`] and [`simulate_pulse`]; for air that goes in and
//! out `breath`.

pub mod along;
mod assemble;
mod beat;
mod bessel;
pub mod breath;
mod bytes;
mod cells;
mod checkpoint;
mod collect;
mod collide;
mod cut;
mod coronary;
mod coronary_bank;
mod coronary_report;
mod cycle;
mod cycle_record;
mod cycle_report;
mod cycle_result;
pub mod difference;
mod domain;
mod ends;
mod energy;
mod error;
mod fluid;
mod glimpse;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(not(feature = "gpu"))]
#[path = "no_gpu.rs"]
mod gpu;
mod inlet;
pub mod lattice;
mod links;
mod lumen;
pub mod network;
mod opening;
mod openings;
mod outlet;
mod pages;
mod pieces;
mod plan;
mod populations;
mod profile;
mod pulse;
pub mod ranks;
mod regularised;
mod report;
mod result;
mod run;
mod sample;
pub mod scalar;
mod settle;
mod settling;
mod setup;
mod shear_cycle;
mod simulation;
pub mod speed;
mod start;
mod stream;
mod streamlines;
mod sweep;
mod thinning;
mod units;
mod validity;
mod vector;
pub mod verification;
pub mod vortices;
mod wall;
mod wall_map;
mod wave;
pub mod waves;
mod windkessel;
mod womersley;

#[cfg(test)]
mod populations_tests;
#[cfg(test)]
mod pulse_tests;
#[cfg(test)]
mod tests;

pub use cells::Cells;
pub use checkpoint::{Keeper, keep_with, keeper_of_process};
pub use coronary::{CoronaryTree, Squeeze};
pub use cut::Cut;
pub use cycle::simulate_pulse;
pub use cycle_record::CycleChange;
pub use cycle_result::{Cycle, OpeningCycle, Phase, Pulsating};
pub use energy::power_lost_mw;
pub use error::FlowError;
pub use fluid::{Fluid, Thinning};
pub use glimpse::{FlowGlimpse, Stage};
pub use lumen::Lumen;
pub use opening::{Inflow, Opening, OpeningKind, Profile};
pub use openings::{Found, Search, find_openings};
pub use pulse::{Beyond, Pulse, PulseProfile, estimate_pulse};
pub use result::{FlowResult, OpeningFlow, Streamline};
pub use run::simulate;
pub use sample::sample_wall;
pub use setup::{Cost, Device, Resolution, Scheme, Setup, Split, Walls, estimate};
pub use units::Units;
pub use validity::is_of_shear;
pub use wave::Waveform;
pub use windkessel::Windkessel;
