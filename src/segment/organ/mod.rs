//! Whole organs of a CT at one click: classical pipelines with a stated confidence.
//!
//! Each preset works on a coarse copy of the scan (voxels of about 1.5 mm), decides there what belongs to the organ, and
//! draws the border on the voxels of the scan itself.

mod airway;
mod aorta;
mod body;
mod bone;
mod bones;
mod chest;
mod coarse;
mod composition;
mod contrast;
mod discs;
mod edge;
mod evidence;
mod fissure;
mod heart;
mod kidney;
mod kidneys;
mod liver;
mod liver_vessels;
mod lobes;
mod lungs;
mod marrow;
mod nodule;
mod plate;
mod preset;
mod spine;
mod quiet;
mod solid;
mod spleen;
mod trunk;
mod vessel;
mod wall;

pub(in crate::segment) use evidence::Evidence;
pub use preset::{Organ, PRESETS, Preset, preset};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_chest;
