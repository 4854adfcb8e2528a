//! Filters on volumes and masks: smoothing, exact distances, morphology in millimetres, holes.
//!
//! Masks have one byte per voxel, 0 outside; results hold 0 and 1 only.

mod ball;
mod bits;
pub mod distance;
pub mod distance_signed;
pub mod gaussian;
pub mod holes;
pub mod median;
pub mod median_box;
pub mod morphology;

pub(super) use bits::word_of;
pub use distance::squared_distance;
pub use distance_signed::signed_distance;
pub use gaussian::{gaussian, reach_of_gaussian};
pub use holes::{Hole, fill_holes, fill_holes_in_slices};
pub use median::median_in_slices;
pub use median_box::median;
pub use morphology::{close, dilate, erode, grow, open, shrink};
