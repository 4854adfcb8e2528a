//! Voxel data: volumes, scans, label maps, and filters on them.
//!
//! Knows no files and no meshes.

pub mod label_map;
pub mod scan;
pub mod volume;

pub use label_map::{LabelMap, Segment};
pub use scan::{Modality, Scan, Voxels, Window};
pub use volume::{Volume, VolumeError};
