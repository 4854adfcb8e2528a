//! Voxel data: volumes, scans, label maps, and filters on them.
//!
//! Knows no files and no meshes.

pub mod colormap;
pub mod label_map;
pub mod scan;
pub mod volume;

pub use colormap::Colormap;
pub use label_map::{LabelMap, Segment};
pub use scan::{Modality, Scan, Voxels, Window};
pub use volume::{Volume, VolumeError};
