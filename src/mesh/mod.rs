//! Surfaces and tetrahedra, and how they are made and mended.
//!
//! Knows images, because meshes come from label maps; knows no files.

pub mod arrange;
pub mod balance;
pub mod block;
pub mod box_tree;
pub mod bvh;

pub mod centre_lines;
pub mod chunk;
pub mod clip;
pub mod clip_curve;
pub mod compare;
pub mod contour;
pub mod decimate;
pub mod deviation;
pub mod distance_field;
pub mod doctor;
pub mod doubt;
pub mod embed;
pub mod field;
pub mod geodesic;
pub mod neighbours;
pub mod nets;
pub mod picture;
pub mod quality;
pub mod region_faces;
pub mod remesh;
pub mod section;
pub mod shapes;
pub mod smooth;
pub mod solid;
pub mod sound;
pub mod surface;
pub mod tet_mesh;
pub mod tetrahedralise;
pub mod thickness;
pub mod tube;
pub mod warp;
pub mod weld;
pub mod winding;

pub use bvh::{Bvh, SurfacePoint};
pub use centre_lines::{CentreBranch, CentreLineError, CentreLines};
pub use contour::{ContourError, iso_surface, mask_surface, segment_surface};
pub use decimate::{DecimateError, decimate};
pub use deviation::deviation;
pub use doubt::Doubt;
pub use embed::Embedding;
pub use field::Field;
pub use geodesic::{PathError, Paths};
pub use neighbours::Neighbours;
pub use nets::{JointSurface, joint_surface};
pub use quality::{SurfaceQuality, TetQuality, surface_quality, tet_quality};
pub use smooth::{SmoothError, Smoothing, smooth};
pub use surface::{Surface, SurfaceError};
pub use tet_mesh::{TetMesh, TetMeshError};
pub use tetrahedralise::{CellSize, Sizing, TetrahedraliseError, tetrahedralise, tetrahedralise_segments};
pub use weld::weld;
