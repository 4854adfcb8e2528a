//! Voxel data: volumes, scans, label maps, and filters on them.
//!
//! Knows no files and no meshes.

pub mod carry;
pub mod colormap;
pub mod components;
pub mod curved;
pub mod filter;
pub mod foreground;
pub mod label_map;
pub mod measure;
pub mod phantom;
pub mod region;
pub mod resample;
pub mod scan;
pub mod segment;
pub mod slice;
pub mod terminology;
pub mod texels;
pub mod transfer;
pub mod volume;

pub use carry::{carry, finer_grid};
pub use colormap::Colormap;
pub use components::{Component, Components, Neighbours};
pub use foreground::{foreground, width_min};
pub use label_map::{BRICK, BrickLabels, LabelMap, VoxelBox};
pub use measure::{Measure, Reading};
pub use scan::{Modality, Scan, Voxels, Window};
pub use segment::{Segment, SegmentStatus};
pub use slice::{Interpolation, OverlayStyle, SliceImage, SlicePlane};
pub use volume::{Volume, VolumeError};
