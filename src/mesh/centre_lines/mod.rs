//! Centre lines of vessels and airways: the lines themselves, and how they are found in a mask.
//!
//! A voxel tree of shortest paths that keep to the middle (TEASAR, Sato et al. 2000) is moved onto the ridge of the
//! distance map between the voxels, smoothed, and cut into branches at its junctions.

mod error;
mod find;
mod lines;
mod lumen;
mod paths;
mod reroot;
mod ridge;
#[cfg(test)]
mod tests;

pub use error::CentreLineError;
pub use find::{Found, Wish, centre_lines};
pub use lines::{CentreBranch, CentreLines, LinePlace};
pub use reroot::Rerooted;
