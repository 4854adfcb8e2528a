//! Filters on volumes and masks: smoothing, exact distances, morphology in millimetres, holes.
//!
//! Masks have one byte per voxel, 0 outside; results hold 0 and 1 only.

pub mod distance;
pub mod gaussian;
pub mod holes;
pub mod median;
pub mod morphology;

pub use distance::squared_distance;
pub use gaussian::gaussian;
pub use holes::{Hole, fill_holes, fill_holes_in_slices};
pub use median::median_in_slices;
pub use morphology::{close, dilate, erode, open};
