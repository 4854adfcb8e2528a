//! Patient-space geometry in DICOM LPS millimetres: grids of voxels, boxes, planes, rays, orientation letters.
//!
//! Knows no images and no meshes.

pub mod aabb;
pub mod grid;
pub mod measure;
pub mod orientation;
pub mod plane;
pub mod spread;

pub use aabb::Aabb;
pub use grid::{Grid, GridError};
pub use orientation::Orientation;
pub use plane::{Plane, Ray};

/// A point of patient space (LPS) in millimetres.
pub type Point = nalgebra::Point3<f64>;
/// A direction or offset in patient space (LPS).
pub type Vector = nalgebra::Vector3<f64>;
