//! Scans of known truth: bodies made of formulas, seen as a CT scanner would see them.
//!
//! A [`Scene`] is a painter's model of implicit [`Shape`]s. It is rendered with partial volume, blurred, and given noise;
//! labels, volumes, centre lines, radii come from the formulas themselves. Every algorithm can be scored against them.
//! Knows no files: writing DICOM is somebody else's work.

mod abdomen;
mod acquire;
mod chest;
mod draw;
mod noise;
mod params;
mod phantom_scan;
mod render;
mod scene;
mod shape;
mod spine;
mod tissue;
mod tree;
mod truth;
mod tube;
mod vessel;

#[cfg(test)]
mod tests;

pub use abdomen::abdomen;
pub use chest::{ChestParams, chest};
pub use noise::noisy_labels;
pub use params::{Params, PhantomError};
pub use phantom_scan::Phantom;
pub use scene::{Part, Scene};
pub use shape::{Shape, Waist};
pub use tissue::{Tissue, VESSEL_HU, label};
pub use truth::{Branch, Stenosis, TrueVolume, Truth, Tumour};
pub use tube::{Tube, TubePoint, smooth_line};
pub use vessel::{VesselParams, VesselShape, vessel};
