//! Every voxel around a few painted seeds joins the seed it is most like: fast GrowCut, with updates after a stroke.

mod brick;
mod grow;
mod region;
mod terrain;

#[cfg(test)]
mod tests;

pub use grow::{GrowWorkspace, grow_from_seeds};
pub use region::{region_around, region_around_segments};
pub use terrain::Terrain;
