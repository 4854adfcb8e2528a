//! The brain of a T1-weighted MR without a model: a deformable surface takes the skull away, then grey matter, white
//! matter and fluid are told apart.
//!
//! Works in millimetres on grids of any orientation; knows MR values only by their order and their histogram.

mod coarse;
mod expectation;
mod head;
mod labels;
mod raster;
mod run;
mod sphere;
mod surface;

pub use run::brain;
