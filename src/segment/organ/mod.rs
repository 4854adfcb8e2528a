//! Whole organs of a CT at one click: classical pipelines with a stated confidence.
//!
//! Each preset works on a coarse copy of the scan (voxels of about 1.5 mm), decides there what belongs to the organ, and
//! draws the border on the voxels of the scan itself.

mod airway;
mod body;
mod bone;
mod chest;
mod coarse;
mod contrast;
mod discs;
mod edge;
mod evidence;
mod kidneys;
mod liver;
mod lungs;
mod marrow;
mod preset;
mod quiet;
mod solid;
mod spleen;
mod trunk;
mod vessel;

pub use preset::{Organ, PRESETS, Preset, preset};

#[cfg(test)]
mod tests;
