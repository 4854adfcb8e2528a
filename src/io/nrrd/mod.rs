//! NRRD: scans and label maps, and segmentations as 3D Slicer writes them (`.seg.nrrd`).
//!
//! Format: <https://teem.sourceforge.net/nrrd/format.html>; header fields of segmentations: 3D Slicer's manual, "Segmentation
//! file (.seg.nrrd)". Header and voxels must be in one file, raw or gzip; detached headers are refused by name.

mod header;
mod read;
mod segments;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_times;
mod times;
mod write;

pub use read::{is_nrrd, read_labels, read_scan, read_times};
pub use write::{encode_labels, write_labels};
