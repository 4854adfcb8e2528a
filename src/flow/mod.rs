//! Flow in a lumen: lattice Boltzmann from a mask and its openings to pressure, speed and wall shear in SI units.
//!
//! The lattice is D3Q19 over the cells inside the lumen only, streamed in place. Lattice units stay inside; `units`
//! is the one place that knows SI too. Knows no case, no files and no tissue.
//!
//! The way of a computation: [`Lumen`] from a mask, [`find_openings`], [`Setup`], [`estimate`], [`simulate`].

mod assemble;
mod boundary;
mod cells;
mod collect;
mod collide;
mod domain;
mod ends;
mod error;
mod fluid;
pub mod lattice;
mod links;
mod lumen;
mod opening;
mod openings;
mod plan;
mod populations;
mod profile;
mod report;
mod result;
mod run;
mod sample;
mod settle;
mod setup;
mod simulation;
pub mod speed;
mod start;
mod stream;
mod streamlines;
mod units;
pub mod verification;
mod wall;

#[cfg(test)]
mod tests;

pub use cells::Cells;
pub use error::FlowError;
pub use fluid::Fluid;
pub use lumen::Lumen;
pub use opening::{Inflow, Opening, OpeningKind, Profile};
pub use openings::{Found, Search, find_openings};
pub use result::{FlowResult, OpeningFlow, Streamline};
pub use run::simulate;
pub use sample::sample_wall;
pub use setup::{Cost, Resolution, Scheme, Setup, Split, Walls, estimate};
pub use units::Units;
