//! Flow in a whole tree of vessels as a network of resistances, capacitors and inductances (0D), solved in milliseconds.
//!
//! Two ways in: [`Network::from_json`] reads what svZeroDSolver reads, in the file's own units; [`VesselTree`] is made
//! from centre lines, changed by [`VesselEdit`]s, and becomes a [`TreeNetwork`] in SI units (Pa, m³/s, s). Both are
//! solved by [`solve`]. Knows no case, no files and no lattice.
//!
//! Limits: one pressure and one flow a place, so no waves within a piece of vessel, no pressure recovery behind a
//! stenosis, and losses at bends and junctions only as [`TreeSetup`] says. Published comparisons put the error of such
//! networks at 1 to 10 % against computations in 3D (Pfaller et al. 2022, Int. J. Numer. Methods Biomed. Eng. 38:e3639).

mod activation;
mod along;
mod block;
mod build;
mod connections;
mod edit;
mod ends;
mod equations;
mod error;
mod geometry;
mod heart;
mod json;
mod lu;
mod numbering;
mod pivots;
mod profile;
mod schedule;
mod solution;
mod solve;
pub mod speed;
mod system;
mod tree;
mod waveform;

#[cfg(test)]
mod tests;

pub use activation::Activation;
pub use along::PieceMeans;
pub use block::{
    Block, BlockKind, Chamber, ChamberWall, Coronary, CoronaryBed, JunctionOutlet, Rcr, Side, Valve, Vessel,
    VesselOrder,
};
pub use build::{INFLOW, LEAK, Piece, TreeNetwork};
pub use connections::{Link, Network};
pub use edit::VesselEdit;
pub use error::NetworkError;
pub use geometry::{Elements, StenosisElements, Wall, bend_factor, cone, young_tsai};
pub use heart::{Atrium, Heart, HeartValve, Ventricle};
pub use numbering::{Quantity, Unknown};
pub use schedule::{Initial, Schedule};
pub use solution::{End, Solution};
pub use solve::solve;
pub use tree::{Outlets, TreeInflow, TreePlace, TreeSetup, VesselTree};
pub use waveform::Waveform;
